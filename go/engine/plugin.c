/* Host functions of plugins: the way from the guest into a library and back. What is per
 * call here is C alone. The services of wasmgate_plugin.h that deal with references and with
 * calls of the guest stand in plugin_refs.c and plugin_guest.c. */
#include "plugin.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static_assert(sizeof(wasmgate_value) == sizeof(wg_raw), "a plugin's values are slots of the engine");

_Thread_local char wg_here;

/* ---- Errors */

int wg_plugin_note(wg_plugins* p, int status, const char* format, ...) {
  char text[1500];
  int start = snprintf(text, sizeof text, "%.300s: ", p->frame->func->import);
  va_list args;
  va_start(args, format);
  int n = vsnprintf(text + start, sizeof text - (size_t)start, format, args);
  va_end(args);
  size_t bytes = n < 0 ? (size_t)start : (size_t)(start + n);
  if (bytes >= sizeof text) bytes = sizeof text - 1;
  wg_error_set(&p->error, WG_ERR_PLUGIN, text, bytes);
  return status;
}

/* Stops the guest with what the last service left, or the guest itself. */
static wasm_trap_t* stop(wg_plugins* p, const wg_plugin_func* f, int status) {
  wg_store* s = p->s;
  if (p->error.code == WG_OK) wg_plugin_note(p, status, "the plugin's function failed with status %d", status);
  if (p->error.code == WG_ERR_PLUGIN) {
    char detail[1200]; /* neither name has a character that would have to be escaped */
    int n = snprintf(detail, sizeof detail, "{\"plugin\":\"%s\",\"import\":\"%s\",\"status\":%d}", f->plugin->name,
                     f->import, status);
    free(p->error.detail);
    p->error.detail = n > 0 && (size_t)n < sizeof detail ? strdup(detail) : NULL;
  }
  wg_error_free(&s->plugin_error);
  s->plugin_error = p->error;
  memset(&p->error, 0, sizeof p->error);
  return wg_stop(s, s->plugin_error.code, NULL);
}

/* ---- Guest memory */

static uint8_t* at_memory(wg_plugins* p, uint64_t at, uint64_t bytes) {
  wg_store* s = p->s;
  if (!s->has_memory) {
    wg_plugin_note(p, WASMGATE_MISSING, "the guest exports no memory");
    return NULL;
  }
  if (wg_in_memory(s, at, bytes) && s->memory_base != NULL) return s->memory_base + at;
  wg_plugin_note(p, WASMGATE_BOUNDS, "%llu bytes at %llu do not lie in the guest's memory of %zu bytes",
                 (unsigned long long)bytes, (unsigned long long)at, s->memory_known);
  return NULL;
}

static void* memory_at(wasmgate_ctx* ctx, uint64_t at, uint64_t bytes) {
  return wg_plugin_now(ctx) == NULL ? NULL : at_memory((wg_plugins*)ctx, at, bytes);
}

static uint64_t memory_bytes(wasmgate_ctx* ctx) {
  wg_plugins* p = (wg_plugins*)ctx;
  if (wg_plugin_now(ctx) == NULL) return 0;
  wg_look_at_memory(p->s);
  return p->s->memory_known;
}

static int no_memory_at(const wg_plugins* p) { return p->s->has_memory ? WASMGATE_BOUNDS : WASMGATE_MISSING; }

static int memory_read(wasmgate_ctx* ctx, uint64_t at, void* into, size_t bytes) {
  if (wg_plugin_now(ctx) == NULL) return WASMGATE_STALE;
  const uint8_t* from = at_memory((wg_plugins*)ctx, at, bytes);
  if (from == NULL) return no_memory_at((wg_plugins*)ctx);
  if (bytes > 0) memcpy(into, from, bytes);
  return WASMGATE_OK;
}

static int memory_write(wasmgate_ctx* ctx, uint64_t at, const void* from, size_t bytes) {
  if (wg_plugin_now(ctx) == NULL) return WASMGATE_STALE;
  uint8_t* into = at_memory((wg_plugins*)ctx, at, bytes);
  if (into == NULL) return no_memory_at((wg_plugins*)ctx);
  if (bytes > 0) memcpy(into, from, bytes);
  return WASMGATE_OK;
}

static int fail(wasmgate_ctx* ctx, const char* message) {
  if (wg_plugin_now(ctx) == NULL) return WASMGATE_STALE;
  return wg_plugin_note((wg_plugins*)ctx, WASMGATE_FAILED, "%.1000s", message == NULL ? "failed" : message);
}

/* ---- Data of a plugin */

static wg_plugin_data* data_of(wg_plugins* p) {
  for (size_t i = 0; i < p->data_count; i++) {
    if (p->data[i].plugin == p->frame->func->plugin) return &p->data[i];
  }
  return NULL;
}

static void* data_get(wasmgate_ctx* ctx) {
  wg_plugin_data* found = wg_plugin_now(ctx) == NULL ? NULL : data_of((wg_plugins*)ctx);
  return found == NULL ? NULL : found->data;
}

static int data_set(wasmgate_ctx* ctx, void* data, void (*destroy)(void*)) {
  wg_plugins* p = (wg_plugins*)ctx;
  if (wg_plugin_now(ctx) == NULL) return WASMGATE_STALE;
  wg_plugin_data* place = data_of(p);
  if (place == NULL) {
    wg_plugin_data* more = realloc(p->data, (p->data_count + 1) * sizeof *more);
    if (more == NULL) return wg_plugin_note(p, WASMGATE_MEMORY, "no memory for the plugin's data");
    p->data = more;
    place = &more[p->data_count++];
    *place = (wg_plugin_data){.plugin = p->frame->func->plugin};
  }
  wg_plugin_data before = *place;
  place->data = data;
  place->destroy = destroy;
  if (before.destroy != NULL && before.data != data) before.destroy(before.data);
  return WASMGATE_OK;
}

const wasmgate_host* wg_plugin_services(void) {
  static const wasmgate_host services = {
      .abi = WASMGATE_PLUGIN_ABI,
      .size = sizeof services,
      .memory_bytes = memory_bytes,
      .memory_at = memory_at,
      .memory_read = memory_read,
      .memory_write = memory_write,
      .fail = fail,
      .ref_kind = wg_plugin_ref_kind,
      .object_new = wg_plugin_object_new,
      .object_get = wg_plugin_object_get,
      .number_new = wg_plugin_number_new,
      .number_get = wg_plugin_number_get,
      .string_new = wg_plugin_string_new,
      .string_get = wg_plugin_string_get,
      .export_get = wg_plugin_export_get,
      .func_check = wg_plugin_func_check,
      .call = wg_plugin_guest_call,
      .data_get = data_get,
      .data_set = data_set,
  };
  return &services;
}

/* ---- Plain functions */

#if (defined(__x86_64__) && !defined(_WIN32)) || defined(__aarch64__)
/* Integers and floating-point numbers are passed in registers of their own, each kind in its order. So
 * one call that fills all of both does for every function; those beyond its parameters are not looked at. */
#define REGISTERS                                                                                                     \
  uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, double, double, double, double, double, double, double, \
      double
#define FILLED i[0], i[1], i[2], i[3], i[4], i[5], d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7]

static void call_plain(const wg_plugin_func* f, const uint64_t* i, const double* d, wasmgate_value* result) {
  if (f->result_count == 0) {
    ((void (*)(REGISTERS))f->native)(FILLED);
    return;
  }
  switch (f->results[0]) {
    case WG_PLUGIN_F64:
      result->f64 = ((double (*)(REGISTERS))f->native)(FILLED);
      return;
    case WG_PLUGIN_F32:
      result->f32 = ((float (*)(REGISTERS))f->native)(FILLED);
      return;
    case WG_PLUGIN_I64:
      result->words[0] = ((uint64_t(*)(REGISTERS))f->native)(FILLED);
      return;
    default:
      result->i32 = (int32_t)((uint64_t(*)(REGISTERS))f->native)(FILLED);
  }
}
#else
static void call_plain(const wg_plugin_func* f, const uint64_t* i, const double* d, wasmgate_value* result) {
  (void)f, (void)i, (void)d, (void)result; /* go/plugin refuses them */
}
#endif

static const char* text_at(wg_plugins* p, uint64_t at) {
  const uint8_t* text = at_memory(p, at, 1);
  if (text == NULL) return NULL;
  wg_look_at_memory(p->s);
  if (memchr(text, 0, p->s->memory_known - at) != NULL) return (const char*)text;
  wg_plugin_note(p, WASMGATE_BOUNDS, "the text at %llu has no NUL at its end", (unsigned long long)at);
  return NULL;
}

static int run_plain(wg_plugins* p, const wg_plugin_func* f, const wg_raw* slots, wasmgate_value* results) {
  uint64_t integers[6] = {0};
  double floats[8] = {0};
  size_t ni = 0, nf = 0;
  for (size_t k = 0; k < f->argument_count; k++, slots++) {
    const void* pointer;
    switch (f->arguments[k]) {
      case WG_PLUGIN_I32:
        integers[ni++] = (uint64_t)(int64_t)slots->i32;
        break;
      case WG_PLUGIN_U32:
        integers[ni++] = (uint32_t)slots->i32;
        break;
      case WG_PLUGIN_F64:
        floats[nf++] = slots->f64;
        break;
      case WG_PLUGIN_F32:
        memcpy(&floats[nf++], &slots->f32, sizeof slots->f32); /* the lower half of the register */
        break;
      case WG_PLUGIN_BYTES:
        pointer = at_memory(p, (uint32_t)slots[0].i32, (uint32_t)slots[1].i32);
        if (pointer == NULL) return WASMGATE_BOUNDS;
        integers[ni++] = (uintptr_t)pointer;
        integers[ni++] = (uint32_t)slots[1].i32;
        slots++;
        break;
      case WG_PLUGIN_CSTRING:
        pointer = text_at(p, (uint32_t)slots->i32);
        if (pointer == NULL) return WASMGATE_BOUNDS;
        integers[ni++] = (uintptr_t)pointer;
        break;
      default:
        integers[ni++] = (uint64_t)slots->i64;
    }
  }
  call_plain(f, integers, floats, results);
  return WASMGATE_OK;
}

/* ---- Calls */

/* References in the arguments are roots of the frame for the length of the call. */
static int run_with_refs(wg_plugins* p, const wg_plugin_func* f, const wg_raw* slots, wasmgate_value* results) {
  wasmgate_value args[WG_PLUGIN_PARAMS];
  memcpy(args, slots, f->param_count * sizeof *args);
  for (size_t i = 0; i < f->param_count; i++) {
    if (!wg_plugin_lift(p, f->params[i], &slots[i], &args[i])) return WASMGATE_MEMORY;
  }
  int status = f->callback(&p->head, args, results);
  for (size_t i = 0; i < f->result_count && status == WASMGATE_OK; i++) {
    wg_raw raw;
    memcpy(&raw, &results[i], sizeof raw);
    if (!wg_plugin_lower(p, f->results[i], &results[i], &raw)) return WASMGATE_TYPE;
    memcpy(&results[i], &raw, sizeof raw);
  }
  return status;
}

static wasm_trap_t* finish(wg_plugins* p, const wg_plugin_func* f, int status, bool poisoned) {
  if (status != WASMGATE_OK) return stop(p, f, status);
  wg_error_free(&p->error); /* it went on in spite of that */
  /* A call that the plugin made has failed and nobody told the guest. */
  if (!poisoned) return NULL;
  return wg_stop_text(p->s, WG_ERR_POISONED, "a call that a plugin made left the guest in an unknown state");
}

/* As wide as the plugin has written it: to read more than that just afterwards makes the
 * processor wait, for as long as all the rest of a call takes. */
static inline void hand_over(bool wide, const wasmgate_value* result, wg_raw* slot) {
  if (wide) {
    slot->i64 = result->i64;
  } else {
    slot->i32 = result->i32;
  }
}

static int run(wg_plugins* p, const wg_plugin_func* f, const wg_raw* slots, wasmgate_value* results) {
  for (size_t i = 0; i < f->result_count; i++) results[i].i64 = 0;
  if (f->native != NULL) return run_plain(p, f, slots, results);
  if (f->has_refs) return run_with_refs(p, f, slots, results);
  return f->callback(&p->head, (const wasmgate_value*)slots, results);
}

/* Calls with references, several results, limits or meters, and plain functions. */
static __attribute__((noinline)) int run_any(wg_plugins* p, const wg_plugin_func* f, wg_raw* slots) {
  wg_store* s = p->s;
  wasmgate_value results[WG_PLUGIN_RESULTS];
  bool timed = s->head.metered || s->timeout_ns != 0;
  uint64_t began = timed ? wg_host_begin(s) : 0, waited = s->waited_ns;
  int status = run(p, f, slots, results);
  if (timed) wg_host_end(s, began, waited);
  for (size_t i = 0; i < f->result_count && status == WASMGATE_OK; i++) {
    uint8_t kind = f->results[i];
    hand_over(kind == WG_PLUGIN_I64 || kind == WG_PLUGIN_F64 || kind == WG_PLUGIN_FUNCREF, &results[i], &slots[i]);
  }
  return status;
}

wasm_trap_t* wg_plugin_call(wg_store* s, const wg_plugin_func* f, wasmtime_caller_t* caller, wg_raw* slots) {
  wg_plugins* p = s->plugins;
  wg_plugin_frame frame;
  frame.outer = p->frame;
  frame.func = f;
  frame.caller = caller;
  frame.items = NULL;
  frame.count = frame.capacity = 0;
  p->frame = &frame;
  p->head.user = f->user;

  int status;
  if (f->simple && !s->head.metered && s->timeout_ns == 0) {
    wasmgate_value result;
    result.i64 = 0;
    status = f->callback(&p->head, (const wasmgate_value*)slots, &result);
    if (f->result_count > 0) hand_over(f->wide, &result, &slots[0]);
  } else {
    status = run_any(p, f, slots);
  }

  bool poisoned = s->head.state != WG_CALLING;
  wasm_trap_t* trap = NULL;
  if (__builtin_expect(status != WASMGATE_OK || p->error.code != WG_OK || poisoned, 0)) {
    trap = finish(p, f, status, poisoned);
  }
  if (__builtin_expect(frame.items != NULL, 0)) wg_plugin_items_free(&frame);
  p->frame = frame.outer;
  if (frame.outer != NULL) p->head.user = frame.outer->func->user;
  return trap;
}

/* ---- Instances */

bool wg_plugins_open(wg_store* s) {
  const wg_plugin_func* any = NULL;
  for (uint32_t i = 0; i < s->late_count && any == NULL; i++) {
    if (s->late[i].kind == WG_LATE_PLUGIN) any = s->late[i].func;
  }
  if (any == NULL) return true;
  s->plugins = calloc(1, sizeof *s->plugins);
  if (s->plugins == NULL) return false;
  s->plugins->head.host = any->plugin->host;
  s->plugins->s = s;
  s->plugins->collect_at = 1000;
  s->plugins->thread = wg_thread();
  return true;
}

void wg_plugins_adopt(wg_store* s) {
  if (s->plugins != NULL) s->plugins->thread = wg_thread();
}

/* After the store, whose references end with it. */
void wg_plugins_close(wg_store* s) {
  wg_plugins* p = s->plugins;
  if (p == NULL) return;
  s->plugins = NULL;
  p->frame = NULL;
  wg_natives_end(p);
  while (p->data_count > 0) {
    wg_plugin_data last = p->data[--p->data_count];
    if (last.destroy != NULL) last.destroy(last.data);
  }
  free(p->data);
  wg_error_free(&p->error);
  free(p);
}
