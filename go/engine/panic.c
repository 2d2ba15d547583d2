/* What a Rust guest said when it panicked. Without a panic hook the message goes
 * nowhere on wasm32-unknown-unknown; but when the guest has stopped, its dead frames
 * still lie on its stack: among them a PanicInfo, with the addresses of the message
 * (fmt::Arguments) and, in the next word, of the place (Location). The guest's own
 * formatter, where it has one, makes text of the former.
 *
 * All of it is guesswork about a dead guest's memory: every address is checked, and
 * what does not look right is not told. Seen with rustc 1.63 to 1.96. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store.h"

#define SEARCHED_BYTES 1024 /* of the stack, from its top */
#define MOST_FILE_BYTES 512
#define MOST_TEXT_BYTES (64 * 1024)

typedef struct {
  const char* text;
  uint32_t bytes;
} span;

static bool load(wg_store* s, uint32_t at, uint32_t* word) {
  if (!wg_in_memory(s, at, sizeof *word)) return false;
  memcpy(word, s->memory_base + at, sizeof *word);
  return true;
}

/* Text of a &str at two words; false if it cannot be one. */
static bool load_text(wg_store* s, uint32_t ptr, uint32_t bytes, uint32_t most, span* out) {
  if (bytes > most || ptr == 0 || !wg_in_memory(s, ptr, bytes)) return false;
  out->text = (const char*)s->memory_base + ptr;
  out->bytes = bytes;
  for (uint32_t i = 0; i < bytes; i++) {
    unsigned char c = (unsigned char)out->text[i];
    if (c < 0x20 && c != '\n' && c != '\t' && c != '\r' && c != 0x1b) return false;
  }
  return true;
}

/* Location: file (ptr, length), line, column. */
static bool load_location(wg_store* s, uint32_t at, span* file, uint32_t* line, uint32_t* column) {
  uint32_t ptr, bytes;
  if (at % 4 != 0 || !load(s, at, &ptr) || !load(s, at + 4, &bytes) || !load(s, at + 8, line) ||
      !load(s, at + 12, column)) {
    return false;
  }
  return bytes >= 4 && load_text(s, ptr, bytes, MOST_FILE_BYTES, file) &&
         memcmp(file->text + bytes - 3, ".rs", 3) == 0 && *line > 0 && *line < 10000000 && *column > 0 &&
         *column < 1000000;
}

/* Arguments without parameters: a literal. From 1.89 on its second word is the
 * length, doubled, plus 1; before, the two are a list of one &str. */
static bool load_literal(wg_store* s, uint32_t arguments, span* out) {
  uint32_t first, second, ptr, bytes;
  if (!load(s, arguments, &first) || !load(s, arguments + 4, &second)) return false;
  if ((second & 1) != 0 && second > 1 && load_text(s, first, second >> 1, MOST_TEXT_BYTES, out)) return true;
  return second == 1 && load(s, first, &ptr) && load(s, first + 4, &bytes) && bytes > 0 &&
         load_text(s, ptr, bytes, MOST_TEXT_BYTES, out);
}

/* Lets the guest's formatter work below the dead frames. Its result, a String, is
 * three words, of which the last is the length; which of the others is the address
 * differs: that is the larger one. */
static bool format(wg_store* s, uint32_t arguments, uint32_t stack, span* out) {
  if (!s->has_format || stack < 64) return false;
  uint32_t area = (stack - 32) & ~15u, words[3];
  wasmtime_val_t below = {.kind = WASMTIME_I32, .of.i32 = (int32_t)area};
  wasmtime_error_t* error = wasmtime_global_set(s->context, &s->stack_pointer, &below);
  if (error != NULL) {
    wasmtime_error_delete(error);
    return false;
  }
  uint32_t first = 0, second = 0;
  if (!load(s, arguments, &first) || !load(s, arguments + 4, &second)) return false;
  wg_raw slots[3] = {{.i32 = (int32_t)area}, {.i32 = (int32_t)arguments}, {0}};
  if (s->format_args == 3) {
    slots[1].i32 = (int32_t)first;
    slots[2].i32 = (int32_t)second;
  }
  bool was_quiet = s->quiet;
  s->quiet = true;
  wasm_trap_t* trap = NULL;
  error = wasmtime_func_call_unchecked(s->context, &s->format_func, (wasmtime_val_raw_t*)slots, s->format_args, &trap);
  s->quiet = was_quiet;
  bool done = error == NULL && trap == NULL;
  if (error != NULL) wasmtime_error_delete(error);
  if (trap != NULL) wasm_trap_delete(trap);
  for (uint32_t i = 0; i < 3; i++) done = done && load(s, area + 4 * i, &words[i]);
  if (!done || words[2] == 0) return false;
  uint32_t ptr = words[0] > words[1] ? words[0] : words[1];
  return load_text(s, ptr, words[2], MOST_TEXT_BYTES, out);
}

bool wg_panic_text(wg_store* s, uint32_t stack, bool surely, wg_error* error) {
  if (!s->has_memory || !s->has_stack_pointer || stack % 4 != 0) return false;
  span file, place = {0};
  uint32_t line = 0, column = 0, place_line = 0, place_column = 0;
  span text = {0};
  for (uint32_t at = stack; at < stack + SEARCHED_BYTES; at += 4) {
    uint32_t location, message;
    if (!load(s, at, &location)) break;
    if (!load_location(s, location, &file, &line, &column)) continue;
    if (place.bytes == 0) {
      place = file;
      place_line = line;
      place_column = column;
    }
    if (at == stack || !load(s, at - 4, &message) || message % 4 != 0 || message == 0) continue;
    if (load_literal(s, message, &text) || format(s, message, stack, &text)) {
      place = file;
      place_line = line;
      place_column = column;
      break;
    }
  }
  if (place.bytes == 0 || (text.bytes == 0 && !surely)) return false;
  static const char unknown[] =
      "(its message cannot be told: the guest has nothing that makes text of it, or its names were "
      "stripped; console_error_panic_hook would tell)";
  if (text.bytes == 0) text = (span){unknown, sizeof unknown - 1};
  size_t most = place.bytes + text.bytes + 64;
  char* all = malloc(most);
  if (all == NULL) return false;
  int n = snprintf(all, most, "panicked at %.*s:%u:%u:\n%.*s", (int)place.bytes, place.text, place_line, place_column,
                   (int)text.bytes, text.text);
  if (n > 0) wg_error_set(error, WG_ERR_PANIC, all, (size_t)n < most ? (size_t)n : most - 1);
  free(all);
  return n > 0;
}
