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

static wasm_trap_t* stop(wg_store* s, int code, wg_value* value) {
  static const char text[] = "stopped by the host";
  wg_value_free(s->thrown);
  s->thrown = value;
  s->thrown_code = code;
  return wasmtime_trap_new(text, sizeof text - 1);
}

static wasm_trap_t* stop_text(wg_store* s, int code, const char* text) {
  return stop(s, code, wg_value_text(WG_VALUE_ERROR, (const uint8_t*)text, strlen(text)));
}

/* Longest text of an error or panic, and the most that all values of a guest may
 * take of the host's memory. */
#define MOST_MESSAGE_BYTES ((uint64_t)1 << 20)
#define MOST_VALUE_BYTES ((uint64_t)256 << 20)

/* Guest text at slots[0], slots[1]; NULL if it does not lie in memory or the
 * guest keeps too much already. Messages are cut where a character begins. */
static wg_value* guest_text(wg_store* s, int32_t kind, const wg_raw* slots) {
  uint64_t ptr = (uint32_t)slots[0].i32, bytes = (uint32_t)slots[1].i32;
  if (!wg_in_memory(s, ptr, bytes)) return NULL;
  const uint8_t* text = s->memory_base + ptr;
  if (kind == WG_VALUE_ERROR && bytes > MOST_MESSAGE_BYTES) {
    bytes = MOST_MESSAGE_BYTES;
    while (bytes > 0 && (text[bytes] & 0xC0) == 0x80) bytes--;
  }
  if (s->value_bytes + bytes > MOST_VALUE_BYTES) return NULL;
  wg_value* value = wg_value_text(kind, text, bytes);
  if (value != NULL) {
    value->account = &s->value_bytes;
    s->value_bytes += bytes;
  }
  return value;
}

/* Hands a value to the guest, as an externref or an index of the slab. */
static wasm_trap_t* give(wg_store* s, const import_env* env, wg_value* value, wg_raw* slots) {
  if (value == NULL && s->value_bytes + (uint32_t)slots[1].i32 > MOST_VALUE_BYTES) {
    return stop_text(s, WG_ERR_OUT_OF_MEMORY, "the guest keeps more than 256 MiB of texts outside its memory");
  }
  if (value == NULL) return stop_text(s, WG_ERR_RESULT_BOUNDS, "the guest named a text outside its memory");
  if (env->result_ref) {
    if (wg_ref_new(s, value, &slots[0].ref)) return NULL;
  } else {
    slots[0].i32 = (int32_t)wg_slab_add(&s->slab, value);
    if (slots[0].i32 != 0) return NULL;
    wg_value_free(value);
  }
  return stop_text(s, WG_ERR_OUT_OF_MEMORY, "the guest keeps too many JavaScript values");
}

static const wg_value* look(wg_store* s, const import_env* env, const wg_raw* slots) {
  if (env->param_ref) return wg_ref_get(s->context, slots[0].ref);
  return wg_slab_get(&s->slab, (uint32_t)slots[0].i32);
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
  return stop_text(s, WG_ERR_OUT_OF_MEMORY, "the guest's table of references cannot grow");
}

static wasm_trap_t* new_number(wg_store* s, const import_env* env, wg_raw* slots) {
  wg_value* value = wg_value_new(env->intrinsic == WG_INTRINSIC_NUMBER_NEW ? WG_VALUE_NUMBER : WG_VALUE_BIGINT);
  if (value != NULL) {
    value->number = slots[0].f64;
    value->integer = slots[0].i64;
  }
  return give(s, env, value, slots);
}

static wasm_trap_t* called_stub(wg_store* s, const import_env* env) {
  char text[512];
  snprintf(text, sizeof text, "the guest called its JavaScript import %s, which nobody provides", env->name);
  return stop_text(s, WG_ERR_IMPORT_CALLED, text);
}

static wasm_trap_t* on_import(void* data, wasmtime_caller_t* caller, wasmtime_val_raw_t* raw, size_t count) {
  (void)count;
  const import_env* env = data;
  wg_raw* slots = (wg_raw*)raw;
  wg_store* s = wasmtime_context_get_data(wasmtime_caller_context(caller));
  switch (env->intrinsic) {
    case WG_INTRINSIC_THROW:
      return stop(s, WG_ERR_GUEST_ERROR, guest_text(s, WG_VALUE_ERROR, slots));
    case WG_INTRINSIC_RETHROW:
      return stop(s, WG_ERR_GUEST_ERROR, wg_value_copy(look(s, env, slots)));
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
      return give(s, env, wg_value_copy(look(s, env, slots)), slots);
    case WG_INTRINSIC_DROP_REF:
      if (!env->param_ref) wg_value_free(wg_slab_take(&s->slab, (uint32_t)slots[0].i32));
      return NULL;
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
    case WG_INTRINSIC_EXIT:
      s->exit_status = slots[0].i32;
      return stop(s, WG_ERR_EXIT, NULL);
    default:
      return called_stub(s, env);
  }
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
      wasmtime_linker_define_func_unchecked(linker, module, module_bytes, name, name_bytes, type, on_import, env, free);
  wasm_functype_delete(type);
  return error;
}
