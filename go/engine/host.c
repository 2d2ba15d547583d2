/* Imports that JavaScript provides: the way out of the guest and, for closures,
 * back in. What stands behind them is the shim's (wg_host). */
#include <stdlib.h>
#include <string.h>

#include "store.h"

/* Most words that a guest tells of one closure or cast. */
#define MOST_WORDS 16384

/* Whatever JavaScript does, the guest is found as it is. */
int wg_leave(wg_store* s, uint32_t import, wg_raw* slots) {
  uint64_t began = wg_host_begin(s), waited = s->waited_ns;
  s->in_host = s->shown = true;
  int code = s->host.call(s->host.context, &s->head, import, slots);
  s->in_host = false;
  wg_host_end(s, began, waited);
  /* A call that the import made has failed and nobody told the guest. */
  return code == WG_OK && s->head.state != WG_CALLING ? WG_ERR_POISONED : code;
}

static wasm_trap_t* leave(wg_store* s, uint32_t import, wg_raw* slots) {
  if (s->quiet) return wg_stop_text(s, WG_ERR_ALLOCATOR, "the guest's allocator called an import of JavaScript");
  int code = wg_leave(s, import, slots);
  if (code == WG_ERR_POISONED) {
    return wg_stop_text(s, code, "a call that an import made left the guest in an unknown state");
  }
  return code == WG_OK ? NULL : wg_stop(s, code, NULL);
}

wasm_trap_t* wg_host_import(wg_store* s, uint32_t import, wg_raw* slots) { return leave(s, import, slots); }

wasm_trap_t* wg_host_tell(wg_store* s, uint32_t word) {
  wg_casts* casts = &s->casts;
  if (casts->words == NULL) casts->words = malloc(MOST_WORDS * sizeof *casts->words);
  if (casts->words == NULL) return wg_stop_text(s, WG_ERR_OUT_OF_MEMORY, "no memory for what the guest tells");
  if (casts->word_count == MOST_WORDS) {
    casts->word_count = 0;
    return wg_stop_text(s, WG_ERR_RESULT_INVALID, "the guest describes a type without end");
  }
  casts->words[casts->word_count++] = word;
  return NULL;
}

static uint32_t known_cast(const wg_casts* casts, uint32_t func) {
  for (uint32_t i = 0; i < casts->count; i++) {
    if (casts->known[i].func == func) return casts->known[i].answer;
  }
  return WG_CAST_UNKNOWN;
}

/* Most casts that an instance remembers the answer of. */
#define MOST_KNOWN 4096

static int learn_cast(wg_store* s, uint32_t func, uint32_t* answer) {
  wg_casts* casts = &s->casts;
  if (s->host.cast == NULL) return WG_ERR_IMPORT_CALLED;
  s->shown = true;
  int code = s->host.cast(s->host.context, &s->head, func, casts->words, casts->word_count, answer);
  if (code != WG_OK || casts->count == MOST_KNOWN) return code;
  if (casts->count == casts->capacity) {
    uint32_t capacity = casts->capacity == 0 ? 8 : casts->capacity * 2;
    void* known = realloc(casts->known, capacity * sizeof *casts->known);
    if (known == NULL) return WG_OK; /* to be asked again */
    casts->known = known;
    casts->capacity = capacity;
  }
  casts->known[casts->count].func = func;
  casts->known[casts->count++].answer = *answer;
  return WG_OK;
}

/* A value out of the words at `at`, made without JavaScript. */
static wg_value* cast_value(wg_store* s, uint32_t answer, const uint8_t* at) {
  wg_raw words[2];
  memcpy(words, at, 8);
  if (answer == WG_CAST_STRING) {
    uint32_t bytes;
    memcpy(&bytes, at + 4, sizeof bytes);
    return wg_guest_text(s, WG_VALUE_STRING, (uint32_t)words[0].i32, bytes);
  }
  static const int32_t kinds[] = {WG_VALUE_NUMBER, WG_VALUE_BIGINT, WG_VALUE_UBIGINT};
  wg_value* value = wg_value_new(kinds[answer - WG_CAST_NUMBER]);
  if (value == NULL) return NULL;
  value->number = words[0].f64;
  value->integer = words[0].i64;
  return value;
}

/* (function, address of the words) -> address of the reply. Source: the
 * wasm-bindgen binary interface, "Marker imports served at run time". */
wasm_trap_t* wg_host_cast(wg_store* s, wg_raw* slots) {
  uint32_t func = (uint32_t)slots[0].i32, words = (uint32_t)slots[1].i32, area = 0;
  uint32_t answer = known_cast(&s->casts, func);
  if (answer == WG_CAST_UNKNOWN) {
    int code = learn_cast(s, func, &answer);
    if (code != WG_OK) return wg_stop(s, code, NULL);
  }
  s->casts.word_count = 0;
  s->in_host = true;
  int code = wg_cast_area(&s->head, &area);
  s->in_host = false;
  if (code != WG_OK) return wg_stop_text(s, code, "the guest has no memory for a cast");
  if (answer >= WG_CAST_FIRST) {
    wasm_trap_t* trap = leave(s, WG_IMPORT_CAST | (answer - WG_CAST_FIRST), slots);
    slots[0].i32 = (int32_t)area;
    return trap;
  }
  if (!wg_in_memory(s, words, 8)) return wg_stop_text(s, WG_ERR_RESULT_BOUNDS, "the guest casts what is not in memory");
  uint32_t index = 0;
  wasm_trap_t* trap = wg_give_value(s, cast_value(s, answer, s->memory_base + words), &index);
  memcpy(s->memory_base + area, &index, sizeof index);
  slots[0].i32 = (int32_t)area;
  return trap;
}

int wg_cast_area(wg_instance* instance, uint32_t* ptr) {
  wg_store* s = wg_store_of(instance);
  if (s->casts.area == 0) {
    uint8_t* at;
    int code = wg_guest_alloc(instance, WG_CAST_BYTES + 7, 8, &s->casts.area, &at);
    if (code != WG_OK) {
      s->casts.area = 0;
      return code;
    }
    s->casts.area = (s->casts.area + 7) & ~(uint32_t)7;
  }
  *ptr = s->casts.area;
  return WG_OK;
}

/* (a, b, describing function) -> index of a JavaScript function, up to 0.2.101. */
wasm_trap_t* wg_host_closure(wg_store* s, wg_raw* slots) {
  if (s->host.call == NULL) return wg_stop_text(s, WG_ERR_IMPORT_CALLED, "the guest made a closure for JavaScript");
  return leave(s, WG_IMPORT_CLOSURE, slots);
}

int wg_describe(wg_instance* instance, uint32_t index, const uint32_t** words, size_t* count) {
  wg_store* s = wg_store_of(instance);
  wg_func func;
  if (!wg_table_func(instance, index, ">", &func)) {
    return wg_fail(s, WG_ERR_RESULT_INVALID, "the guest describes a closure by a function that does not exist");
  }
  wg_raw slot = {0};
  s->casts.word_count = 0;
  int code = wg_call_quietly(instance, &func, &slot, 1);
  *words = s->casts.words;
  *count = s->casts.word_count;
  s->casts.word_count = 0;
  return code;
}

/* Calls trust the caller with the function's type, and this one the guest chose. */
static bool has_shape(wg_store* s, const wasmtime_func_t* func, const char* shape) {
  static const char letters[] = {[WASM_I32] = 'w', [WASM_I64] = 'l', [WASM_F32] = 'f', [WASM_F64] = 'd'};
  if (s->odd_types) return false;
  wasm_functype_t* type = wasmtime_func_type(s->context, func);
  const wasm_valtype_vec_t* lists[] = {wasm_functype_params(type), wasm_functype_results(type)};
  bool same = true;
  for (int l = 0; l < 2 && same; l++) {
    for (size_t i = 0; i < lists[l]->size && same; i++) {
      wasm_valkind_t kind = wasm_valtype_kind(lists[l]->data[i]);
      same = kind < sizeof letters && letters[kind] == *shape && *shape++ != 0;
    }
    if (l == 0) same = same && *shape++ == '>';
  }
  wasm_functype_delete(type);
  return same && *shape == 0;
}

bool wg_table_func(wg_instance* instance, uint32_t index, const char* shape, wg_func* func) {
  wg_store* s = wg_store_of(instance);
  wasmtime_val_t val;
  if (!s->has_table || s->head.state == WG_CLOSED || !wasmtime_table_get(s->context, &s->table, index, &val)) {
    return false;
  }
  bool found = val.kind == WASMTIME_FUNCREF && !wasmtime_funcref_is_null(&val.of.funcref) &&
               has_shape(s, &val.of.funcref, shape);
  if (found) memcpy(func, &val.of.funcref, sizeof *func);
  wasmtime_val_unroot(&val);
  return found;
}

int wg_store_exception(wg_instance* instance, uint32_t index) {
  wg_store* s = wg_store_of(instance);
  if (!s->has_exn_store) return wg_fail(s, WG_ERR_INTERNAL, "the guest exports nothing that takes an exception");
  wg_raw slot = {.i32 = (int32_t)index};
  return wg_call_quietly(instance, (const wg_func*)&s->exn_store_func, &slot, 1);
}

void* wg_host_context(wg_instance* instance) { return wg_store_of(instance)->host.context; }

void wg_host_free(wg_store* s) {
  free(s->casts.known);
  free(s->casts.words);
  memset(&s->casts, 0, sizeof s->casts);
  free(s->areas.at);
  memset(&s->areas, 0, sizeof s->areas);
}
