/* Values as externrefs, and what a guest throws. */
#include <stdlib.h>
#include <string.h>

#include "store.h"

/* Takes `value` over. False: the store's heap of references is full. */
bool wg_ref_new(wg_store* s, wg_value* value, uint32_t* raw) {
  wasmtime_externref_t ref;
  if (!wasmtime_externref_new(s->context, value, wg_value_free, &ref)) return false;
  s->refs_made++;
  *raw = wasmtime_externref_to_raw(s->context, &ref);
  wasmtime_externref_unroot(&ref);
  return true;
}

const wg_value* wg_ref_get(wasmtime_context_t* context, uint32_t raw) {
  static const wg_value undefined = {.kind = WG_VALUE_UNDEFINED};
  if (raw == 0) return &undefined;
  wasmtime_externref_t ref;
  wasmtime_externref_from_raw(context, raw, &ref);
  const wg_value* value = wasmtime_externref_data(context, &ref);
  wasmtime_externref_unroot(&ref);
  return value;
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
