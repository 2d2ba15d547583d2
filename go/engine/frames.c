/* The stack of a failed call as text: one frame a line, innermost first,
 *
 *   0: 0x1f - module::function
 *
 * Names come from the guest. They are cut, and only Rust's are made readable:
 * the grammar of C++ names lets a short one stand for gigabytes. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store.h"

#define MOST_NAME 256
#define LINE (MOST_NAME + 64)

bool wg_is_adapter(const wg_store* s, const wasm_frame_vec_t* frames, size_t i) {
  return i < frames->size && wasm_frame_func_index(frames->data[i]) >= s->func_count;
}

/* Rust's older mangling: _ZN, then length and text of each part, then E. The last
 * part is a hash. False if the name is not of that form. */
static bool demangle(const char* name, size_t bytes, char* out) {
  const char *at = name + 3, *end = name + bytes;
  size_t used = 0, last = 0;
  if (bytes < 5 || memcmp(name, "_ZN", 3) != 0) return false;
  while (at < end && isdigit((unsigned char)*at)) {
    size_t part = 0;
    while (at < end && isdigit((unsigned char)*at) && part < MOST_NAME) part = part * 10 + (size_t)(*at++ - '0');
    if (part == 0 || part > (size_t)(end - at) || used + part + 2 > MOST_NAME) return false;
    last = used;
    if (used > 0) {
      memcpy(out + used, "::", 2);
      used += 2;
    }
    memcpy(out + used, at, part);
    used += part;
    at += part;
  }
  if (at == end || *at != 'E') return false;
  bool hash = used - last == 19 && out[last + 2] == 'h';
  out[hash ? last : used] = 0;
  return used > 0;
}

/* Where code of the guest is in the module as it was loaded. */
static size_t place_of(const wg_store* s, size_t at) {
  size_t low = 0, high = s->move_count; /* the last with moves[i].at <= at is before `high` */
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (s->moves[middle].at <= at) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == 0) return at;
  const wg_move* move = &s->moves[low - 1];
  return move->added ? move->was : at - move->at + move->was;
}

static int line_of(const wg_store* s, size_t number, const wasm_frame_t* frame, char* out) {
  char text[MOST_NAME + 1];
  const wasm_name_t* name = wasmtime_frame_func_name(frame);
  if (name == NULL || name->size == 0) {
    snprintf(text, sizeof text, "<wasm function %u>", wasm_frame_func_index(frame));
  } else if (!demangle(name->data, name->size, text)) {
    size_t bytes = name->size;
    if (bytes > MOST_NAME) {
      bytes = MOST_NAME;
      while (bytes > 0 && (name->data[bytes] & 0xC0) == 0x80) bytes--;
    }
    memcpy(text, name->data, bytes);
    text[bytes] = 0;
  }
  for (char* c = text; *c != 0; c++) {
    if (iscntrl((unsigned char)*c)) *c = '?'; /* a line is a frame */
  }
  size_t place = place_of(s, wasm_frame_module_offset(frame));
  return snprintf(out, LINE, "%zu: %#6zx - %s\n", number, place, text);
}

/* A function that was added to one of a namespace's modules, which frames do not tell. A
 * guest that takes the name hides a line of its own stack. */
static bool is_ours(const wg_store* s, const wasm_frame_t* frame) {
  static const char ours[] = "wasmgate:function"; /* OurName in go/wasmbin/open.go */
  const wasm_name_t* name = s->space == NULL ? NULL : wasmtime_frame_func_name(frame);
  return name != NULL && name->size == sizeof ours - 1 && memcmp(name->data, ours, sizeof ours - 1) == 0;
}

/* NULL where no guest was running. The functions that we added are left out. */
char* wg_stack_text(const wg_store* s, const wasm_frame_vec_t* frames) {
  if (frames->size == 0) return NULL;
  char* stack = malloc(frames->size * LINE + 1);
  if (stack == NULL) return NULL;
  size_t used = 0, number = 0;
  for (size_t i = 0; i < frames->size; i++) {
    if (wg_is_adapter(s, frames, i) || is_ours(s, frames->data[i])) continue;
    int bytes = line_of(s, number++, frames->data[i], stack + used);
    if (bytes > 0) used += (size_t)bytes < LINE ? (size_t)bytes : LINE - 1;
  }
  stack[used > 0 ? used - 1 : 0] = 0;
  return stack;
}
