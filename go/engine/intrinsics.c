/* The few functions of wasm-bindgen's JavaScript that guests need although no
 * JavaScript is involved: throwing, making error values, setting up the table
 * of references. Source: the wasm-bindgen binary interface, intrinsics. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store.h"

typedef struct {
  int intrinsic;   /* enum wg_intrinsic */
  bool result_ref; /* the result is an externref, not a slab index */
  bool param_ref;  /* so is the first parameter */
  char name[];     /* "module.name", for the stub's message */
} import_env;

wasm_trap_t* wg_stop(wg_store* s, int code, wg_value* value) {
  static const char text[] = "stopped by the host";
  wg_value_free(s->thrown);
  s->thrown = value;
  s->thrown_code = code;
  return wasmtime_trap_new(text, sizeof text - 1);
}

wasm_trap_t* wg_stop_text(wg_store* s, int code, const char* text) {
  return wg_stop(s, code, wg_value_text(WG_VALUE_ERROR, (const uint8_t*)text, strlen(text)));
}

/* Longest text of an error or panic. */
#define MOST_MESSAGE_BYTES ((uint64_t)1 << 20)

/* Guest text; NULL if it does not lie in memory or the guest keeps too much
 * already. Messages are cut where a character begins. */
wg_value* wg_guest_text(wg_store* s, int32_t kind, uint32_t ptr, uint32_t length) {
  uint64_t bytes = length;
  if (!wg_in_memory(s, ptr, bytes)) return NULL;
  const uint8_t* text = s->memory_base + ptr;
  if (kind == WG_VALUE_ERROR && bytes > MOST_MESSAGE_BYTES) {
    bytes = MOST_MESSAGE_BYTES;
    while (bytes > 0 && (text[bytes] & 0xC0) == 0x80) bytes--;
  }
  if (s->value_bytes + bytes > WG_MOST_VALUE_BYTES) return NULL;
  wg_value* value = wg_value_text(kind, text, bytes);
  if (value != NULL) {
    value->account = &s->value_bytes;
    s->value_bytes += bytes;
  }
  return value;
}

static wg_value* guest_text(wg_store* s, int32_t kind, const wg_raw* slots) {
  return wg_guest_text(s, kind, (uint32_t)slots[0].i32, (uint32_t)slots[1].i32);
}

static wasm_trap_t* too_many(wg_store* s) {
  return wg_stop_text(s, WG_ERR_OUT_OF_MEMORY, "the guest keeps too many JavaScript values");
}

/* Puts a value into the slab; NULL is what wg_guest_text gave for a bad text. */
wasm_trap_t* wg_give_value(wg_store* s, wg_value* value, uint32_t* index) {
  if (value == NULL && s->value_bytes > WG_MOST_VALUE_BYTES / 2) {
    return wg_stop_text(s, WG_ERR_OUT_OF_MEMORY, "the guest keeps more than 256 MiB of texts outside its memory");
  }
  if (value == NULL) return wg_stop_text(s, WG_ERR_RESULT_BOUNDS, "the guest named a text outside its memory");
  *index = wg_slab_add(s, wg_item_value(value));
  return *index != 0 ? NULL : too_many(s);
}

/* Hands a value to the guest, as an externref or an index of the slab. */
static wasm_trap_t* give(wg_store* s, const import_env* env, wg_value* value, wg_raw* slots) {
  if (env->result_ref && value != NULL) return wg_ref_new(s, value, &slots[0].ref) ? NULL : too_many(s);
  uint32_t index = 0;
  wasm_trap_t* trap = wg_give_value(s, value, &index);
  slots[0].i32 = (int32_t)index;
  return trap;
}

/* A copy of a parameter, to be thrown. */
static wg_value* thrown_value(wg_store* s, const import_env* env, const wg_raw* slots) {
  if (env->param_ref) return wg_value_copy(wg_ref_get(s, slots[0].ref));
  wg_seen seen;
  wg_value_look(&s->head, (uint32_t)slots[0].i32, true, &seen);
  if (seen.kind != WG_VALUE_HANDLE) {
    wg_value* taken = s->looked;
    s->looked = NULL;
    if (taken != NULL) return taken;
  }
  wg_value* value = wg_value_new(seen.kind == WG_VALUE_NONE ? WG_VALUE_UNDEFINED : seen.kind);
  if (value != NULL) {
    value->number = seen.number;
    value->integer = seen.integer;
  }
  return value;
}

static wasm_trap_t* clone_ref(wg_store* s, const import_env* env, wg_raw* slots) {
  if (env->param_ref) return give(s, env, wg_value_copy(wg_ref_get(s, slots[0].ref)), slots);
  slots[0].i32 = (int32_t)wg_slab_copy(s, (uint32_t)slots[0].i32);
  return slots[0].i32 != 0 ? NULL : too_many(s);
}

/* Grows the table of references by undefined, null, true and false, which Rust
 * expects there, and makes entry 0 undefined. */
static wasm_trap_t* init_table(wg_store* s) {
  static const int32_t kinds[4] = {WG_VALUE_UNDEFINED, WG_VALUE_NULL, WG_VALUE_BOOL, WG_VALUE_BOOL};
  if (!s->has_externrefs) return NULL;
  wasmtime_val_t val = {.kind = WASMTIME_EXTERNREF};
  wasmtime_externref_set_null(&val.of.externref);
  uint64_t base = 0;
  wasmtime_error_t* error = wasmtime_table_grow(s->context, &s->externrefs, 4, &val, &base);
  for (int i = 0; i < 4 && error == NULL; i++) {
    wg_value* value = wg_value_new(kinds[i]);
    if (value == NULL) break;
    value->number = i == 2;
    if (!wasmtime_externref_new(s->context, value, wg_value_free, &val.of.externref)) break;
    error = wasmtime_table_set(s->context, &s->externrefs, base + (uint64_t)i, &val);
    wasmtime_val_unroot(&val);
  }
  if (error == NULL) return NULL;
  wasmtime_error_delete(error);
  return wg_stop_text(s, WG_ERR_OUT_OF_MEMORY, "the guest's table of references cannot grow");
}

static wasm_trap_t* new_number(wg_store* s, const import_env* env, wg_raw* slots) {
  static const int32_t kinds[] = {WG_VALUE_NUMBER, WG_VALUE_BIGINT, WG_VALUE_UBIGINT};
  wg_value* value = wg_value_new(kinds[env->intrinsic - WG_INTRINSIC_NUMBER_NEW]);
  if (value != NULL) {
    value->number = slots[0].f64;
    value->integer = slots[0].i64;
  }
  return give(s, env, value, slots);
}

static wasm_trap_t* called_stub(wg_store* s, const import_env* env) {
  char text[512];
  snprintf(text, sizeof text, "the guest called its JavaScript import %s, which nobody provides", env->name);
  return wg_stop_text(s, WG_ERR_IMPORT_CALLED, text);
}

static wasm_trap_t* on_import(void* data, wasmtime_caller_t* caller, wasmtime_val_raw_t* raw, size_t count) {
  const import_env* env = data;
  wg_raw* slots = (wg_raw*)raw;
  wg_store* s = wasmtime_context_get_data(wasmtime_caller_context(caller));
  switch (env->intrinsic) {
    case WG_INTRINSIC_THROW:
      return wg_stop(s, WG_ERR_GUEST_ERROR, guest_text(s, WG_VALUE_ERROR, slots));
    case WG_INTRINSIC_RETHROW:
      return wg_stop(s, WG_ERR_GUEST_ERROR, thrown_value(s, env, slots));
    case WG_INTRINSIC_INIT_TABLE:
      return init_table(s);
    case WG_INTRINSIC_STRING_NEW:
      return give(s, env, guest_text(s, WG_VALUE_STRING, slots), slots);
    case WG_INTRINSIC_ERROR_NEW:
      return give(s, env, guest_text(s, WG_VALUE_ERROR, slots), slots);
    case WG_INTRINSIC_NUMBER_NEW:
    case WG_INTRINSIC_BIGINT_I64:
    case WG_INTRINSIC_BIGINT_U64:
      return new_number(s, env, slots);
    case WG_INTRINSIC_CLONE_REF:
      return clone_ref(s, env, slots);
    case WG_INTRINSIC_DROP_REF:
      if (!env->param_ref) wg_item_free(s, wg_slab_take(s, (uint32_t)slots[0].i32));
      return NULL;
    case WG_INTRINSIC_DESCRIBE:
      return wg_host_tell(s, (uint32_t)slots[0].i32);
    case WG_INTRINSIC_CAST:
      return wg_host_cast(s, slots);
    case WG_INTRINSIC_CLOSURE:
      return wg_host_closure(s, slots);
    case WG_INTRINSIC_PANIC_TEXT:
      wg_value_free(s->panic);
      s->panic = guest_text(s, WG_VALUE_ERROR, slots);
      return NULL;
    case WG_INTRINSIC_EMPTY_ERROR:
      return give(s, env, wg_value_text(WG_VALUE_ERROR, (const uint8_t*)"", 0), slots);
    case WG_INTRINSIC_EMPTY_STACK: {
      /* An empty String at the address given: a dangling pointer and no bytes. */
      uint64_t at = (uint32_t)slots[0].i32;
      const uint32_t empty[2] = {1, 0};
      if (wg_in_memory(s, at, sizeof empty)) memcpy(s->memory_base + at, empty, sizeof empty);
      return NULL;
    }
    case WG_INTRINSIC_STATICS_END:
      slots[0].i32 = (int32_t)s->slab.offset + 4; /* after the constants, see slab.c */
      return NULL;
    case WG_INTRINSIC_STUB:
      return called_stub(s, env);
    default: /* WG_INTRINSIC_WASI and more, WG_INTRINSIC_HOST and more */
      if (env->intrinsic < WG_INTRINSIC_HOST) {
        return wg_wasi(s, env->intrinsic - WG_INTRINSIC_WASI, caller, slots, count);
      }
      if (s->host.call == NULL) return called_stub(s, env);
      return wg_host_import(s, (uint32_t)(env->intrinsic - WG_INTRINSIC_HOST), slots);
  }
}

/* The start function is running: the exports of the instance are known to the engine only. */
static void memory_early(wg_store* s, wasmtime_caller_t* caller) {
  wasmtime_extern_t item;
  if (s->early_memory == NULL) return;
  if (!wasmtime_caller_export_get(caller, s->early_memory, strlen(s->early_memory), &item)) return;
  if (item.kind == WASMTIME_EXTERN_MEMORY) {
    s->memory = item.of.memory;
    s->has_memory = true;
    wg_look_at_memory(s);
  }
  wasmtime_extern_delete(&item);
}

/* An import that was bound when the instance was opened. */
static wasm_trap_t* on_late(void* data, wasmtime_caller_t* caller, wasmtime_val_raw_t* raw, size_t count) {
  const import_env* env = data;
  wg_store* s = wasmtime_context_get_data(wasmtime_caller_context(caller));
  uint32_t number = (uint32_t)(env->intrinsic - WG_INTRINSIC_LATE);
  const wg_late* late = number < s->late_count ? &s->late[number] : NULL;
  (void)count;
  if (!s->instantiated && !s->has_memory) memory_early(s, caller);
  if (late != NULL && late->kind == WG_LATE_PLUGIN) return wg_plugin_call(s, late->func, caller, (wg_raw*)raw);
  if (late != NULL && late->kind == WG_LATE_JS) return wg_host_import(s, late->number, (wg_raw*)raw);
  return called_stub(s, env);
}

static void to_valtypes(const uint8_t* kinds, size_t count, wasm_valtype_vec_t* out) {
  wasm_valtype_vec_new_uninitialized(out, count);
  for (size_t i = 0; i < count; i++) out->data[i] = wasm_valtype_new(kinds[i]);
}

wasmtime_error_t* wg_define_intrinsic(wasmtime_linker_t* linker, const char* module, const char* name,
                                      const uint8_t* params, size_t param_count, const uint8_t* results,
                                      size_t result_count, int intrinsic) {
  size_t module_bytes = strlen(module), name_bytes = strlen(name);
  import_env* env = malloc(sizeof *env + module_bytes + name_bytes + 2);
  if (env == NULL) return wasmtime_error_new("no memory for an import");
  env->intrinsic = intrinsic;
  env->param_ref = param_count > 0 && params[0] == WASM_EXTERNREF;
  env->result_ref = result_count > 0 && results[0] == WASM_EXTERNREF;
  memcpy(env->name, module, module_bytes);
  env->name[module_bytes] = '.';
  memcpy(env->name + module_bytes + 1, name, name_bytes + 1);
  wasm_valtype_vec_t param_types, result_types;
  to_valtypes(params, param_count, &param_types);
  to_valtypes(results, result_count, &result_types);
  wasm_functype_t* type = wasm_functype_new(&param_types, &result_types);
  wasmtime_error_t* error =
      wasmtime_linker_define_func_unchecked(linker, module, module_bytes, name, name_bytes, type,
                                            intrinsic >= WG_INTRINSIC_LATE ? on_late : on_import, env, free);
  wasm_functype_delete(type);
  return error;
}
