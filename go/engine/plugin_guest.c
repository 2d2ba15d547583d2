/* Services of plugins: calling the guest. */
#include <string.h>

#include "plugin.h"

/* Names of enum wg_plugin_kind, as far as they are types of wasm. */
static const char* const names[] = {"i32", "i64", "f32", "f64", "externref", "funcref"};
enum { NAMES = sizeof names / sizeof names[0] };

static const char* skip(const char* at) {
  while (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r') at++;
  return at;
}

static const char* read_kind(const char* at, uint8_t* kind) {
  at = skip(at);
  for (size_t k = 0; k < NAMES; k++) {
    size_t bytes = strlen(names[k]);
    if (strncmp(at, names[k], bytes) != 0) continue;
    *kind = (uint8_t)k;
    return at + bytes;
  }
  return NULL;
}

/* "(a, b)"; NULL if it is none. */
static const char* read_list(const char* at, uint8_t* kinds, size_t most, uint8_t* count) {
  at = skip(at);
  if (*at++ != '(') return NULL;
  *count = 0;
  for (at = skip(at); *at != ')'; at = skip(at)) {
    if (*count > 0 && *at++ != ',') return NULL;
    if (*count == most) return NULL;
    at = read_kind(at, &kinds[(*count)++]);
    if (at == NULL) return NULL;
  }
  return at + 1;
}

static bool read_signature(const char* text, wg_plugin_item* item) {
  item->result_count = 0;
  if (text == NULL) return false;
  const char* at = read_list(text, item->params, WG_PLUGIN_PARAMS, &item->param_count);
  if (at == NULL) return false;
  at = skip(at);
  if (strncmp(at, "->", 2) == 0) {
    at = skip(at + 2);
    if (*at == '(') {
      at = read_list(at, item->results, WG_PLUGIN_RESULTS, &item->result_count);
    } else {
      at = read_kind(at, &item->results[0]);
      item->result_count = 1;
    }
  }
  return at != NULL && *skip(at) == 0;
}

static uint8_t kind_of(const wasm_valtype_t* type) {
  switch (wasm_valtype_kind(type)) {
    case WASM_I32:
      return WG_PLUGIN_I32;
    case WASM_I64:
      return WG_PLUGIN_I64;
    case WASM_F32:
      return WG_PLUGIN_F32;
    case WASM_F64:
      return WG_PLUGIN_F64;
    case WASM_EXTERNREF:
      return WG_PLUGIN_EXTERNREF;
    case WASM_FUNCREF:
      return WG_PLUGIN_FUNCREF;
    default:
      return WG_PLUGIN_KINDS;
  }
}

static bool same(const wasm_valtype_vec_t* types, const uint8_t* kinds, size_t count, bool* refs) {
  if (types->size != count) return false;
  for (size_t i = 0; i < count; i++) {
    if (kind_of(types->data[i]) != kinds[i]) return false;
    if (kinds[i] >= WG_PLUGIN_EXTERNREF) *refs = true;
  }
  return true;
}

/* The engine calls whatever it is given, so the type is checked before. */
static int check(wg_plugins* p, wg_plugin_item* item, const char* signature) {
  item->checked = item->has_refs = false;
  if (!read_signature(signature, item)) {
    return wg_plugin_note(p, WASMGATE_TYPE, "\"%.200s\" is no signature", signature == NULL ? "" : signature);
  }
  if (p->s->odd_types) return wg_plugin_note(p, WASMGATE_TYPE, "the guest's types are not those of plugins");
  wasm_functype_t* type = wasmtime_func_type(p->s->context, &item->func);
  item->checked = same(wasm_functype_params(type), item->params, item->param_count, &item->has_refs) &&
                  same(wasm_functype_results(type), item->results, item->result_count, &item->has_refs);
  wasm_functype_delete(type);
  if (item->checked) return WASMGATE_OK;
  return wg_plugin_note(p, WASMGATE_TYPE, "the guest's function is not of type %.200s", signature);
}

/* Of the instance; while that is being made, of the module that calls. An import that is exported
 * again has no caller. */
static bool find(const wg_plugins* p, const char* name, wasmtime_extern_t* export) {
  wg_store* s = p->s;
  if (name == NULL) return false;
  if (!s->instantiated) return wasmtime_caller_export_get(p->frame->caller, name, strlen(name), export);
  return wasmtime_instance_export_get(s->context, &s->instance, name, strlen(name), export);
}

int wg_plugin_export_get(wasmgate_ctx* ctx, const char* name, const char* signature, wasmgate_ref* out) {
  wg_plugins* p = (wg_plugins*)ctx;
  if (wg_plugin_now(ctx) == NULL) return WASMGATE_STALE;
  wasmtime_extern_t export;
  if (!find(p, name, &export)) {
    return wg_plugin_note(p, WASMGATE_MISSING, "the guest exports no \"%.200s\"", name == NULL ? "" : name);
  }
  bool is_func = export.kind == WASMTIME_EXTERN_FUNC;
  wasmtime_func_t func = {0};
  if (is_func) func = export.of.func;
  wasmtime_extern_delete(&export);
  if (!is_func) return wg_plugin_note(p, WASMGATE_MISSING, "the export \"%.200s\" is no function", name);
  wasmgate_ref ref;
  wg_plugin_item* item = wg_plugin_item_new(p, &ref);
  if (item == NULL) return WASMGATE_MEMORY;
  item->is_func = true;
  item->func = func;
  int status = check(p, item, signature);
  if (status == WASMGATE_OK) *out = ref;
  return status;
}

int wg_plugin_func_check(wasmgate_ctx* ctx, wasmgate_ref func, const char* signature) {
  wg_plugins* p = (wg_plugins*)ctx;
  if (wg_plugin_now(ctx) == NULL) return WASMGATE_STALE;
  if (func == 0) return wg_plugin_note(p, WASMGATE_TYPE, "expected a function, got null");
  wg_plugin_item* item = wg_plugin_item_of(p, func);
  if (item == NULL) return WASMGATE_STALE;
  if (!item->is_func) return wg_plugin_note(p, WASMGATE_TYPE, "expected a function, got an externref");
  return check(p, item, signature);
}

/* Enters the guest; what it did wrong becomes the error of the plugin's call. */
static int enter(wg_plugins* p, const wg_plugin_item* item, wg_raw* slots, size_t count) {
  wg_store* s = p->s;
  wg_plugin_frame* frame = p->frame;
  s->in_host = true;
  int code = wg_call(&s->head, (const wg_func*)&item->func, slots, count);
  s->in_host = false;
  p->head.user = frame->func->user;
  if (code == WG_OK) return WASMGATE_OK;
  wg_error_free(&p->error);
  wg_last_error(&s->head, &p->error);
  return WASMGATE_STOPPED;
}

int wg_plugin_guest_call(wasmgate_ctx* ctx, wasmgate_ref func, wasmgate_value* values, size_t count) {
  wg_plugins* p = (wg_plugins*)ctx;
  if (wg_plugin_now(ctx) == NULL) return WASMGATE_STALE;
  if (func == 0) return wg_plugin_note(p, WASMGATE_TYPE, "a null function is called");
  wg_plugin_item* item = wg_plugin_item_of(p, func);
  if (item == NULL) return WASMGATE_STALE;
  if (!item->checked) return wg_plugin_note(p, WASMGATE_TYPE, "a function is called whose type has not been checked");
  size_t needed = item->param_count > item->result_count ? item->param_count : item->result_count;
  if (count < needed) {
    return wg_plugin_note(p, WASMGATE_TYPE, "a function that needs room for %zu values is called with %zu", needed,
                          count);
  }
  if (p->s->quiet)
    return wg_plugin_note(p, WASMGATE_FAILED, "the guest's allocator is running, the guest cannot be called");
  if (!item->has_refs && needed > 0) return enter(p, item, (wg_raw*)values, needed);

  wg_raw slots[WG_PLUGIN_PARAMS]; /* also for a function without any, because host functions have one in any case */
  for (size_t i = 0; i < item->param_count; i++) {
    memcpy(&slots[i], &values[i], sizeof slots[i]);
    if (!wg_plugin_lower(p, item->params[i], &values[i], &slots[i])) return WASMGATE_TYPE;
  }
  int status = enter(p, item, slots, needed);
  for (size_t i = 0; i < item->result_count && status == WASMGATE_OK; i++) {
    memcpy(&values[i], &slots[i], sizeof values[i]);
    if (!wg_plugin_lift(p, item->results[i], &slots[i], &values[i])) status = WASMGATE_MEMORY;
  }
  return status;
}
