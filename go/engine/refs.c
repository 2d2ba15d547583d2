/* Values of the guest's JavaScript world, in its slab or as externrefs. */
#include <stdlib.h>
#include <string.h>

#include "store.h"

wg_value* wg_value_new(int32_t kind) {
  wg_value* v = calloc(1, sizeof *v);
  if (v != NULL) v->kind = kind;
  return v;
}

wg_value* wg_value_text(int32_t kind, const uint8_t* text, size_t bytes) {
  wg_value* v = wg_value_new(kind);
  if (v == NULL) return NULL;
  v->text = malloc(bytes + 1);
  if (v->text == NULL) {
    free(v);
    return NULL;
  }
  memcpy(v->text, text, bytes);
  v->text[bytes] = 0;
  v->text_bytes = bytes;
  return v;
}

wg_value* wg_value_copy(const wg_value* value) {
  wg_value* v;
  if (value == NULL) return wg_value_new(WG_VALUE_UNDEFINED);
  if (value->text != NULL) {
    v = wg_value_text(value->kind, (const uint8_t*)value->text, value->text_bytes);
  } else {
    v = wg_value_new(value->kind);
  }
  if (v != NULL) {
    v->number = value->number;
    v->integer = value->integer;
    v->account = value->account;
    if (v->account != NULL) *v->account += v->text_bytes;
  }
  return v;
}

void wg_value_free(void* value) {
  wg_value* v = value;
  if (v == NULL) return;
  if (v->account != NULL) *v->account -= v->text_bytes;
  free(v->text);
  free(v);
}

void wg_error_take_value(wg_error* error, const wg_value* value) {
  if (value == NULL) {
    error->value_kind = WG_VALUE_UNDEFINED;
    return;
  }
  if (value->text != NULL) wg_error_set(error, error->code, value->text, value->text_bytes);
  error->value_kind = value->kind;
  error->number = value->number;
  error->integer = value->integer;
}

/* Constants that are compiled into the guest as slab indices 0 to 3 past the offset. */
static const wg_value constants[4] = {
    {.kind = WG_VALUE_UNDEFINED},
    {.kind = WG_VALUE_NULL},
    {.kind = WG_VALUE_BOOL, .number = 1},
    {.kind = WG_VALUE_BOOL, .number = 0},
};

/* Most values a guest may keep; what leaks past it is refused. */
#define SLAB_MOST (1u << 22)

uint32_t wg_slab_add(wg_slab* slab, wg_value* value) {
  uint32_t i;
  if (slab->first_free != 0) {
    i = slab->first_free - 1;
    slab->first_free = slab->slots[i].next_free;
  } else {
    if (slab->count == slab->capacity) {
      uint32_t capacity = slab->capacity == 0 ? 8 : slab->capacity * 2;
      wg_slot* slots = capacity > SLAB_MOST ? NULL : realloc(slab->slots, capacity * sizeof *slots);
      if (slots == NULL) return 0;
      slab->slots = slots;
      slab->capacity = capacity;
    }
    i = slab->count++;
  }
  slab->slots[i] = (wg_slot){.value = value};
  return slab->offset + 4 + i;
}

const wg_value* wg_slab_get(const wg_slab* slab, uint32_t index) {
  if (index < slab->offset) return &constants[0];
  if (index < slab->offset + 4) return &constants[index - slab->offset];
  uint32_t i = index - slab->offset - 4;
  return i < slab->count ? slab->slots[i].value : NULL;
}

wg_value* wg_slab_take(wg_slab* slab, uint32_t index) {
  uint32_t i = index - slab->offset - 4;
  if (index < slab->offset + 4 || i >= slab->count || slab->slots[i].value == NULL) return NULL;
  wg_value* value = slab->slots[i].value;
  slab->slots[i] = (wg_slot){.next_free = slab->first_free};
  slab->first_free = i + 1;
  return value;
}

void wg_slab_free(wg_slab* slab) {
  for (uint32_t i = 0; i < slab->count; i++) wg_value_free(slab->slots[i].value);
  free(slab->slots);
  memset(slab, 0, sizeof *slab);
}

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
  if (raw == 0) return &constants[0];
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
    const wg_value* value = wg_slab_get(&s->slab, index);
    wg_error_take_value(&s->error, value);
    wg_value_free(wg_slab_take(&s->slab, index));
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
