/* Calls into the guest. The whole of it is what a string call pays for: keep
 * every function here free of locks, allocation and anything of Go. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "store.h"

static_assert(sizeof(wg_raw) == sizeof(wasmtime_val_raw_t), "wg_raw mirrors wasmtime_val_raw_t");
static_assert(sizeof(wg_func) == sizeof(wasmtime_func_t), "wg_func mirrors wasmtime_func_t");

static int refuse(wg_store* s) {
  switch (s->head.state) {
    case WG_CALLING:
      return wg_fail(s, WG_ERR_BUSY, "the instance is in the middle of a call");
    case WG_POISONED:
      return wg_fail(s, WG_ERR_POISONED, "an earlier trap left the guest in an unknown state; make a new instance");
    default:
      return wg_fail(s, WG_ERR_CLOSED, "the instance is closed");
  }
}

/* The engine's heap of references would grow long before it is collected, and it
 * does not see the memory behind a reference at all. */
#define REFS_BEFORE_COLLECTION 1000

static void collect(wg_store* s) {
  s->refs_made = 0;
  wasmtime_error_t* error = wasmtime_context_gc(s->context);
  if (error != NULL) wasmtime_error_delete(error);
}

/* 0 if the guest may be entered now, from here: it is idle, or waits for an
 * import that JavaScript provides. */
static inline int may_enter(wg_store* s) {
  if (s->head.state != WG_OPEN && !(s->head.state == WG_CALLING && s->in_host)) return refuse(s);
  if ((uintptr_t)__builtin_frame_address(0) < s->stack_floor) return wg_fail_stack(s);
  return WG_OK;
}

/* The shadow stack pointer of a guest that was stopped stays where the dead
 * frames left it; a guest that goes on needs it back. That is one which imports
 * JavaScript: whatever else stops a Rust guest ends it. */
static void set_stack_pointer(wg_store* s, const wasmtime_val_t* value) {
  wasmtime_val_t dead;
  wasmtime_global_get(s->context, &s->stack_pointer, &dead);
  s->dead_stack = (uint32_t)dead.of.i32;
  if (s->host.call == NULL) return;
  wasmtime_error_t* error = wasmtime_global_set(s->context, &s->stack_pointer, value);
  if (error != NULL) wasmtime_error_delete(error);
}

static int enter_nested(wg_store* s, const wg_func* func, wg_raw* slots, size_t slot_count);

static inline int enter(wg_store* s, const wg_func* func, wg_raw* slots, size_t slot_count) {
  if (s->in_host) return enter_nested(s, func, slots, slot_count);
  s->head.state = WG_CALLING;
  s->running = true;
  /* What was asked while there was no call is not for this one; see wg_begin. */
  if (s->spans == 0) {
    atomic_store_explicit(&s->asked, WG_OK, memory_order_relaxed);
    s->stopping = WG_OK;
  }
  WG_COUNT_GUEST_ENTRY();
  wasm_trap_t* trap = NULL;
  wasmtime_error_t* error = wasmtime_func_call_unchecked(s->context, (const wasmtime_func_t*)func,
                                                         (wasmtime_val_raw_t*)slots, slot_count, &trap);
  s->running = false;
  /* A call that an import made may have left it poisoned. */
  if (s->head.state == WG_CALLING) s->head.state = WG_OPEN;
  if (s->refs_made > REFS_BEFORE_COLLECTION && s->space == NULL) collect(s);
  if (error == NULL && trap == NULL) {
    if (!wg_fuel_exceeded(s)) return WG_OK;
    s->stopping = WG_ERR_FUEL; /* by what came after the last place that looks */
    return wg_fail_stop(s, NULL);
  }
  /* All frames of an outermost call are dead: the stack is empty. */
  if (s->has_stack_pointer) set_stack_pointer(s, &s->stack_top);
  return wg_fail_engine(s, error, trap);
}

/* Calls the guest from within an import of a call. */
static int enter_nested(wg_store* s, const wg_func* func, wg_raw* slots, size_t slot_count) {
  wasmtime_val_t stack = {0};
  if (s->has_stack_pointer) wasmtime_global_get(s->context, &s->stack_pointer, &stack);
  s->in_host = false;
  s->depth++;
  WG_COUNT_GUEST_ENTRY();
  wasm_trap_t* trap = NULL;
  wasmtime_error_t* error = wasmtime_func_call_unchecked(s->context, (const wasmtime_func_t*)func,
                                                         (wasmtime_val_raw_t*)slots, slot_count, &trap);
  s->depth--;
  s->in_host = true;
  if (error == NULL && trap == NULL && !wg_fuel_exceeded(s)) return WG_OK;
  if (error == NULL && trap == NULL) {
    s->stopping = WG_ERR_FUEL;
    return wg_fail_stop(s, NULL);
  }
  if (s->has_stack_pointer) set_stack_pointer(s, &stack);
  return wg_fail_engine(s, error, trap);
}

/* Guests see the same calls in the same order as if results were freed at once. */
static int settle(wg_store* s) {
  uint32_t bytes = s->owed_bytes;
  s->owed_bytes = 0;
  return wg_guest_free(&s->head, s->owed_ptr, bytes, s->owed_align);
}

int wg_check(wg_instance* instance) { return may_enter(wg_store_of(instance)); }

int wg_call(wg_instance* instance, const wg_func* func, wg_raw* slots, size_t slot_count) {
  wg_store* s = wg_store_of(instance);
  int code = may_enter(s);
  if (code == WG_OK && s->owed_bytes != 0) code = settle(s);
  return code != WG_OK ? code : enter(s, func, slots, slot_count);
}

/* A program's _start, as one call. */
int wg_program(wg_instance* instance) {
  static const char name[] = "_start";
  wg_func func;
  wg_raw slot = {0};
  wg_span span;
  wg_begin(instance, NULL, &span);
  instance->calls++;
  int code = wg_export_func(instance, name, sizeof name - 1, &func);
  if (code == WG_OK) code = wg_call(instance, &func, &slot, 1);
  wg_end(instance, &span, code);
  return code;
}

int wg_call_adapter(wg_instance* instance, const wg_func* func, wg_raw* slots, size_t slot_count) {
  wg_store* s = wg_store_of(instance);
  int code = may_enter(s);
  if (code != WG_OK) return code;
  slots[0].i32 = (int32_t)s->owed_ptr;
  slots[1].i32 = (int32_t)s->owed_bytes;
  slots[2].i32 = (int32_t)s->owed_align;
  s->owed_bytes = 0;
  return enter(s, func, slots, slot_count);
}

/* Memory never shrinks and never moves (go/engine/profile.go). So what was
 * inside once is inside for good, and only what is not needs a look at the
 * engine. */
bool wg_in_memory(wg_store* s, uint64_t ptr, uint64_t bytes) {
  if (ptr + bytes < ptr) return false;
  if (ptr + bytes > s->memory_known) wg_look_at_memory(s);
  return ptr + bytes <= s->memory_known;
}

void wg_look_at_memory(wg_store* s) {
  if (!s->has_memory || s->head.state == WG_CLOSED) return;
  s->memory_known = wasmtime_memory_data_size(s->context, &s->memory);
  s->memory_base = wasmtime_memory_data(s->context, &s->memory);
  s->memory_peak = s->memory_known;
}

/* A call in which no import of JavaScript's may run. Such calls nest: what the
 * last call owes is freed before memory is taken. */
int wg_call_quietly(wg_instance* instance, const wg_func* func, wg_raw* slots, size_t slot_count) {
  wg_store* s = wg_store_of(instance);
  int code = may_enter(s);
  if (code == WG_OK && s->owed_bytes != 0) code = settle(s);
  if (code != WG_OK) return code;
  bool quiet = s->quiet;
  s->quiet = true;
  code = enter(s, func, slots, slot_count);
  s->quiet = quiet;
  return code;
}

/* There is none, or not yet: the module's start function is running. */
static int no_allocator(wg_store* s) {
  return wg_fail(s, WG_ERR_ALLOCATOR, "the guest has no allocator that could be called now");
}

int wg_guest_alloc(wg_instance* instance, size_t bytes, size_t align, uint32_t* ptr, uint8_t** at) {
  wg_store* s = wg_store_of(instance);
  if (bytes >= (size_t)1 << 31) {
    return wg_fail(s, WG_ERR_ALLOCATOR, "an argument of %zu bytes is larger than the 2 GiB that a guest can take",
                   bytes);
  }
  if (!s->has_malloc) return no_allocator(s);
  wg_raw slots[2] = {{0}};
  slots[0].i32 = (int32_t)bytes;
  slots[1].i32 = (int32_t)align;
  int code = wg_call_quietly(instance, (const wg_func*)&s->malloc_func, slots, s->malloc_args);
  if (code != WG_OK) return code;
  *ptr = (uint32_t)slots[0].i32;
  if (bytes > 0 && (*ptr == 0 || !wg_in_memory(s, *ptr, bytes))) {
    return wg_fail(s, WG_ERR_ALLOCATOR, "the guest's allocator answered %u for %zu bytes, in a memory of %zu bytes",
                   *ptr, bytes, s->memory_known);
  }
  *at = s->memory_base + *ptr;
  return WG_OK;
}

int wg_guest_free(wg_instance* instance, uint32_t ptr, size_t bytes, size_t align) {
  wg_store* s = wg_store_of(instance);
  if (bytes == 0) return WG_OK;
  if (!s->has_free) return no_allocator(s);
  wg_raw slots[3] = {{0}};
  slots[0].i32 = (int32_t)ptr;
  slots[1].i32 = (int32_t)bytes;
  slots[2].i32 = (int32_t)align;
  return wg_call_quietly(instance, (const wg_func*)&s->free_func, slots, s->free_args);
}

/* What an instance may keep of its guest's memory between calls. */
#define MOST_OWED 4096

int wg_guest_owe(wg_instance* instance, uint32_t ptr, size_t bytes, size_t align) {
  wg_store* s = wg_store_of(instance);
  if (bytes > MOST_OWED || s->owed_bytes != 0) return wg_guest_free(instance, ptr, bytes, align);
  s->owed_ptr = ptr;
  s->owed_bytes = (uint32_t)bytes;
  s->owed_align = (uint32_t)align;
  return WG_OK;
}

static int area_at(wg_store* s, uint32_t depth, uint32_t* ptr);

int wg_scratch(wg_instance* instance, uint32_t* ptr, uint8_t** at) {
  int code = area_at(wg_store_of(instance), 0, ptr);
  if (code != WG_OK) return code;
  *ptr += WG_AREA_BYTES;
  *at = wg_store_of(instance)->memory_base + *ptr;
  return WG_OK;
}

static int area_at(wg_store* s, uint32_t depth, uint32_t* ptr) {
  int code = may_enter(s);
  if (code != WG_OK) return code;
  wg_areas* areas = &s->areas;
  if (depth >= areas->capacity) {
    uint32_t capacity = depth + 4;
    uint32_t* at = realloc(areas->at, capacity * sizeof *at);
    if (at == NULL) return wg_fail(s, WG_ERR_OUT_OF_MEMORY, "no memory for a return area");
    memset(at + areas->capacity, 0, (capacity - areas->capacity) * sizeof *at);
    areas->at = at;
    areas->capacity = capacity;
  }
  if (areas->at[depth] == 0) {
    /* 15 spare bytes: allocators up to wasm-bindgen 0.2.86 align to 4 only. */
    size_t bytes = WG_AREA_BYTES + (depth == 0 ? WG_SCRATCH_BYTES : 0) + 15;
    uint32_t got = 0;
    uint8_t* at;
    code = wg_guest_alloc(&s->head, bytes, 16, &got, &at);
    if (code != WG_OK) return code;
    areas->at[depth] = (got + 15) & ~(uint32_t)15;
  }
  *ptr = areas->at[depth];
  return WG_OK;
}

/* Calls that imports make come while their caller's area is in use. */
int wg_return_area(wg_instance* instance, uint32_t* ptr) {
  wg_store* s = wg_store_of(instance);
  return area_at(s, s->in_host ? s->depth + 1 : 0, ptr);
}

const uint8_t* wg_memory_at(wg_instance* instance, uint64_t ptr, uint64_t bytes) {
  wg_store* s = wg_store_of(instance);
  if (s->memory_base == NULL || !wg_in_memory(s, ptr, bytes)) return NULL;
  return s->memory_base + ptr;
}

uint8_t* wg_memory(wg_instance* instance, size_t* bytes) {
  wg_store* s = wg_store_of(instance);
  wg_look_at_memory(s);
  *bytes = s->memory_known;
  return s->memory_base;
}

int wg_export_func(wg_instance* instance, const char* name, size_t name_bytes, wg_func* func) {
  wg_store* s = wg_store_of(instance);
  if (s->head.state == WG_CLOSED) return refuse(s);
  wasmtime_extern_t item;
  if (!wasmtime_instance_export_get(s->context, &s->instance, name, name_bytes, &item)) {
    return wg_fail(s, WG_ERR_EXPORT_MISSING, "no export named \"%.*s\"", (int)name_bytes, name);
  }
  int code = WG_OK;
  if (item.kind == WASMTIME_EXTERN_FUNC) {
    memcpy(func, &item.of.func, sizeof *func);
  } else {
    code = wg_fail(s, WG_ERR_EXPORT_MISSING, "the export \"%.*s\" is not a function", (int)name_bytes, name);
  }
  wasmtime_extern_delete(&item);
  return code;
}
