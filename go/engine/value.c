/* Values of the guest's JavaScript world that never reach JavaScript. */
#include <stdlib.h>
#include <string.h>

#include "store.h"

wg_value* wg_value_new(int32_t kind) {
  wg_value* v = malloc(sizeof *v); /* glibc's calloc takes a slower way */
  if (v != NULL) *v = (wg_value){.kind = kind};
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
    v->owner = value->owner;
    if (v->owner != NULL) wg_handle_use(v->owner, (uint32_t)v->integer);
    v->native = value->native;
    if (v->native != NULL) wg_native_use(v->native);
  }
  return v;
}

void wg_value_free(void* value) {
  wg_value* v = value;
  if (v == NULL) return;
  if (v->account != NULL) *v->account -= v->text_bytes;
  if (v->owner != NULL) wg_handle_drop(&v->owner->head, (uint32_t)v->integer);
  if (v->native != NULL) wg_native_drop(v->native);
  if (v->home != NULL) wg_ref_unnote(v);
  free(v->text);
  free(v);
}

void wg_error_take_seen(wg_error* error, const wg_seen* seen) {
  if (seen->text != NULL) wg_error_set(error, error->code, seen->text, seen->text_bytes);
  error->value_kind = seen->kind == WG_VALUE_NONE ? WG_VALUE_UNDEFINED : seen->kind;
  error->number = seen->number;
  error->integer = seen->integer;
}

void wg_error_take_value(wg_error* error, const wg_value* value) {
  wg_seen seen = {0};
  if (value != NULL) seen = (wg_seen){value->kind, value->number, value->integer, value->text, value->text_bytes};
  /* Whoever makes the error of a handle lets a use of it go. */
  if (value != NULL && value->owner != NULL) wg_handle_use(value->owner, (uint32_t)value->integer);
  wg_error_take_seen(error, &seen);
}
