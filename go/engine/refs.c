/* Values as externrefs, functions as funcrefs, and what a guest throws.
 *
 * A raw reference is not seen by the engine's collector until the guest has it, and after
 * the guest has let go of it. So what a guest gives is read, and what it gets is made,
 * with nothing in between that might collect: no entry into the guest, and of several
 * references all are made before the first becomes raw. */
#include <stdlib.h>
#include <string.h>

#include "store.h"

/* Takes `value` over. False: the store's heap of references is full, although the engine has
 * collected. It has freed the value then, as always when it does not make a reference of one. */
bool wg_ref_new(wg_store* s, wg_value* value, uint32_t* raw) {
  wasmtime_externref_t ref;
  if (!wasmtime_externref_new(s->context, value, wg_value_free, &ref)) return false;
  s->head.refs_made++;
  *raw = wasmtime_externref_to_raw(s->context, &ref);
  wasmtime_externref_unroot(&ref);
  wg_ref_note(s, value, *raw);
  return true;
}

/* The engine takes three calls and a root to tell what is behind an externref. So values are
 * noted by the bits of theirs, which are the externref's alone while it is there: objects of
 * the engine's heap do not move, and the value is freed before its place is used again. */
static wg_value** noted_at(wg_store* s, uint32_t raw) { return &s->noted[(raw >> 4) % WG_NOTED_REFS]; }

void wg_ref_note(wg_store* s, wg_value* value, uint32_t raw) {
  value->raw = raw;
  value->home = s;
  *noted_at(s, raw) = value;
}

void wg_ref_unnote(const wg_value* value) {
  wg_value** at = noted_at(value->home, value->raw);
  if (*at == value) *at = NULL;
}

wg_value* wg_ref_get(wg_store* s, uint32_t raw) {
  if (raw == 0) return NULL;
  wg_value* value = *noted_at(s, raw);
  if (value != NULL && value->raw == raw) return value;
  wasmtime_externref_t ref;
  wasmtime_externref_from_raw(s->context, raw, &ref);
  value = wasmtime_externref_data(s->context, &ref);
  wasmtime_externref_unroot(&ref);
  if (value != NULL) wg_ref_note(s, value, raw);
  return value;
}

void wg_ref_look(wg_instance* instance, uint32_t ref, wg_seen* seen) {
  const wg_value* value = wg_ref_get(wg_store_of(instance), ref);
  memset(seen, 0, sizeof *seen);
  if (ref == 0) seen->kind = WG_VALUE_NULL;
  if (value != NULL) *seen = (wg_seen){value->kind, value->number, value->integer, value->text, value->text_bytes};
}

void wg_ref_hold(wg_instance* instance, uint32_t ref, uint32_t handle) {
  wg_store* s = wg_store_of(instance);
  wg_value* value = wg_ref_get(s, ref);
  if (value == NULL || value->owner != NULL) {
    wg_handle_drop(instance, handle);
    return;
  }
  if (value->account != NULL) *value->account -= value->text_bytes;
  free(value->text);
  *value = (wg_value){.kind = WG_VALUE_HANDLE, .integer = handle, .owner = s, .raw = value->raw, .home = value->home};
}

void wg_refs_collect(wg_instance* instance) {
  wg_store* s = wg_store_of(instance);
  if (s->head.state == WG_CLOSED) return;
  s->head.refs_made = 0;
  wasmtime_error_t* error = wasmtime_context_gc(s->context);
  if (error != NULL) wasmtime_error_delete(error);
}

/* The value of a reference to be; NULL if there is no memory for it. */
static wg_value* given_value(wg_store* s, const wg_given* given) {
  wg_value* value = wg_value_new(given->kind);
  if (value == NULL) return NULL;
  value->number = given->number;
  if (given->kind == WG_VALUE_HANDLE) {
    value->integer = (int64_t)given->number;
    value->owner = s;
  }
  if (given->kind == WG_VALUE_NATIVE) {
    value->native = given->native;
    wg_native_use(value->native);
  }
  return value;
}

/* Lets go of those that never became values. */
static void drop_given(wg_store* s, const wg_given* given, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (given[i].kind == WG_VALUE_HANDLE) wg_handle_drop(&s->head, (uint32_t)given[i].number);
  }
}

int wg_refs_give(wg_instance* instance, const wg_given* given, size_t count, wg_raw* slots) {
  wg_store* s = wg_store_of(instance);
  wasmtime_externref_t few[4], *made = few;
  wg_value* values[4];
  size_t done = 0, freed = 0; /* a value that the engine freed, with its use of a handle */
  int code = wg_check(instance);
  if (code == WG_OK) code = wg_settle(s);
  if (code == WG_OK && count > 4 && (made = malloc(count * sizeof *made)) == NULL) {
    code = wg_fail(s, WG_ERR_OUT_OF_MEMORY, "no memory for references");
  }
  for (; code == WG_OK && done < count; done++) {
    wg_value* value = given_value(s, &given[done]);
    if (value == NULL) break;
    if (done < 4) values[done] = value;
    if (wasmtime_externref_new(s->context, value, wg_value_free, &made[done])) continue;
    code = WG_ERR_OUT_OF_MEMORY;
    freed = 1;
    break;
  }
  if (done < count) {
    if (code == WG_OK || code == WG_ERR_OUT_OF_MEMORY) {
      code = wg_fail(s, WG_ERR_OUT_OF_MEMORY, "the guest keeps too many references");
    }
    drop_given(s, given + done + freed, count - done - freed);
  }
  for (size_t i = 0; i < done; i++) {
    if (code == WG_OK) {
      slots[given[i].slot].i64 = 0;
      slots[given[i].slot].ref = wasmtime_externref_to_raw(s->context, &made[i]);
      if (i < 4) wg_ref_note(s, values[i], slots[given[i].slot].ref);
    }
    wasmtime_externref_unroot(&made[i]);
  }
  if (made != few) free(made);
  s->head.refs_made += (uint32_t)done;
  return code;
}

int64_t wg_func_ref(wg_instance* instance, const wg_func* func) {
  return (int64_t)(uintptr_t)wasmtime_func_to_raw(wg_store_of(instance)->context, (const wasmtime_func_t*)func);
}

void wg_func_look(wg_instance* instance, int64_t ref, wg_func* func, char* shape, size_t room) {
  static const char letters[] = {
      [WASM_I32] = 'w', [WASM_I64] = 'l', [WASM_F32] = 'f', [WASM_F64] = 'd', [WASMTIME_V128] = 'v'};
  wg_store* s = wg_store_of(instance);
  wasmtime_func_from_raw(s->context, (void*)(uintptr_t)ref, (wasmtime_func_t*)func);
  if (s->odd_types) {
    memcpy(shape, "?", 2);
    return;
  }
  wasm_functype_t* type = wasmtime_func_type(s->context, (const wasmtime_func_t*)func);
  const wasm_valtype_vec_t* lists[] = {wasm_functype_params(type), wasm_functype_results(type)};
  size_t at = 0;
  for (int l = 0; l < 2; l++) {
    for (size_t i = 0; i < lists[l]->size && at + 2 < room; i++) {
      wasm_valkind_t kind = wasm_valtype_kind(lists[l]->data[i]);
      shape[at++] = kind < sizeof letters    ? letters[kind]
                    : kind == WASM_EXTERNREF ? 'x'
                    : kind == WASM_FUNCREF   ? 'r'
                                             : '?';
    }
    if (l == 0 && at + 1 < room) shape[at++] = '>';
  }
  shape[at < room ? at : room - 1] = 0;
  wasm_functype_delete(type);
}

int wg_take_thrown(wg_instance* instance, uint32_t index) {
  wg_store* s = wg_store_of(instance);
  wg_error_free(&s->error);
  if (!s->has_externrefs) {
    wg_seen seen;
    wg_value_look(instance, index, true, &seen);
    wg_error_take_seen(&s->error, &seen);
  } else {
    wasmtime_val_t val;
    if (!wasmtime_table_get(s->context, &s->externrefs, index, &val)) {
      return wg_fail(s, WG_ERR_RESULT_INVALID, "the guest threw entry %u, past the end of its table", index);
    }
    const wg_value* value = NULL;
    if (val.kind == WASMTIME_EXTERNREF && !wasmtime_externref_is_null(&val.of.externref)) {
      value = wasmtime_externref_data(s->context, &val.of.externref);
    }
    wg_error_take_value(&s->error, value);
    wasmtime_val_unroot(&val);
    if (s->has_dealloc) {
      wg_error kept = s->error;
      memset(&s->error, 0, sizeof s->error);
      wg_raw slot = {.i32 = (int32_t)index};
      int code = wg_call(instance, (const wg_func*)&s->dealloc_func, &slot, 1);
      if (code != WG_OK) {
        wg_error_free(&kept);
        return code;
      }
      s->error = kept;
    }
  }
  s->error.code = WG_ERR_GUEST_ERROR;
  return WG_ERR_GUEST_ERROR;
}
