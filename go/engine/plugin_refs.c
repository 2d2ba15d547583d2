/* Services of plugins: references. A plugin sees numbers that stand for roots of the call's
 * frame, so that what it has cannot be collected under it, and what is over is told. */
#include <stdlib.h>
#include <string.h>

#include "plugin.h"

/* Most references of one call of a plugin. */
#define MOST_ITEMS (1u << 20)

wg_plugin_item* wg_plugin_item_new(wg_plugins* p, wasmgate_ref* out) {
  wg_plugin_frame* frame = p->frame;
  if (frame->count == frame->capacity) {
    uint32_t capacity = frame->capacity == 0 ? 8 : frame->capacity * 2;
    wg_plugin_item** items = capacity > MOST_ITEMS ? NULL : realloc(frame->items, capacity * sizeof(wg_plugin_item*));
    if (items == NULL) {
      wg_plugin_note(p, WASMGATE_MEMORY, "too many references in one call");
      return NULL;
    }
    if (frame->capacity == 0) frame->serial = ++p->serial;
    frame->items = items;
    frame->capacity = capacity;
  }
  wg_plugin_item* item = calloc(1, sizeof *item);
  if (item == NULL) {
    wg_plugin_note(p, WASMGATE_MEMORY, "no memory for a reference");
    return NULL;
  }
  frame->items[frame->count++] = item;
  *out = (uint64_t)frame->serial << 32 | frame->count;
  return item;
}

/* The last one again, which has come to nothing. */
static void take_back(wg_plugins* p) { free(p->frame->items[--p->frame->count]); }

void wg_plugin_items_free(wg_plugin_frame* frame) {
  for (uint32_t i = 0; i < frame->count; i++) {
    if (!frame->items[i]->is_func) wasmtime_externref_unroot(&frame->items[i]->ref);
    free(frame->items[i]);
  }
  free(frame->items);
  frame->items = NULL;
}

wg_plugin_item* wg_plugin_item_of(wg_plugins* p, wasmgate_ref ref) {
  wg_plugin_frame* frame = p->frame;
  uint32_t i = (uint32_t)ref;
  if (frame->items != NULL && ref >> 32 == frame->serial && i >= 1 && i <= frame->count) return frame->items[i - 1];
  wg_plugin_note(p, WASMGATE_STALE, "a reference is used that is not of this call");
  return NULL;
}

bool wg_plugin_lift(wg_plugins* p, uint8_t kind, const wg_raw* raw, wasmgate_value* value) {
  if (kind != WG_PLUGIN_EXTERNREF && kind != WG_PLUGIN_FUNCREF) return true;
  const wasmtime_val_raw_t* from = (const wasmtime_val_raw_t*)raw;
  value->ref = 0;
  value->words[1] = 0;
  bool is_func = kind == WG_PLUGIN_FUNCREF;
  if (is_func ? from->funcref == NULL : from->externref == 0) return true;
  wasmgate_ref ref;
  wg_plugin_item* item = wg_plugin_item_new(p, &ref);
  if (item == NULL) return false;
  item->is_func = is_func;
  if (is_func) {
    wasmtime_func_from_raw(p->s->context, from->funcref, &item->func);
  } else {
    wasmtime_externref_from_raw(p->s->context, from->externref, &item->ref);
  }
  value->ref = ref;
  return true;
}

bool wg_plugin_lower(wg_plugins* p, uint8_t kind, const wasmgate_value* value, wg_raw* raw) {
  if (kind != WG_PLUGIN_EXTERNREF && kind != WG_PLUGIN_FUNCREF) return true;
  wasmtime_val_raw_t* into = (wasmtime_val_raw_t*)raw;
  wasmgate_ref ref = value->ref; /* `raw` may be the same place */
  memset(into, 0, sizeof *into);
  if (ref == 0) return true;
  wg_plugin_item* item = wg_plugin_item_of(p, ref);
  if (item == NULL) return false;
  if (item->is_func != (kind == WG_PLUGIN_FUNCREF)) {
    wg_plugin_note(p, WASMGATE_TYPE,
                   item->is_func ? "a funcref is given for an externref" : "an externref is given for a funcref");
    return false;
  }
  if (item->is_func) {
    into->funcref = wasmtime_func_to_raw(p->s->context, &item->func);
  } else {
    into->externref = wasmtime_externref_to_raw(p->s->context, &item->ref);
  }
  return true;
}

/* ---- Native objects */

void wg_native_use(wg_native* native) { native->refs++; }

static void destroy(wg_native* native) {
  wg_plugins* p = native->owner;
  if (p == NULL) return;
  native->owner = NULL;
  if (native->before != NULL) native->before->after = native->after;
  if (native->after != NULL) native->after->before = native->before;
  if (p->natives == native) p->natives = native->after;
  p->native_count--;
  void* payload = native->payload;
  void (*end)(void*) = native->type->destroy;
  native->payload = NULL;
  if (end != NULL) end(payload);
}

wg_native* wg_ref_native(wg_instance* instance, uint32_t ref, const char** type) {
  const wg_value* value = wg_ref_get(wg_store_of(instance), ref);
  if (value == NULL || value->kind != WG_VALUE_NATIVE) return NULL;
  *type = value->native->type->name;
  wg_native_use(value->native);
  return value->native;
}

void wg_native_drop(wg_native* native) {
  if (--native->refs > 0) return;
  destroy(native);
  free(native);
}

void wg_natives_end(wg_plugins* p) {
  while (p->natives != NULL) destroy(p->natives);
}

static wg_native* native_new(wg_plugins* p, void* payload, const wasmgate_type* type) {
  wg_native* native = calloc(1, sizeof *native);
  if (native == NULL) return NULL;
  *native = (wg_native){.refs = 1, .payload = payload, .type = type, .owner = p, .after = p->natives};
  if (p->natives != NULL) p->natives->before = native;
  p->natives = native;
  p->native_count++;
  return native;
}

/* Without its type's destructor: the plugin keeps the payload. */
static void native_undo(wg_native* native) {
  static const wasmgate_type none = {"", NULL};
  native->type = &none;
}

/* ---- Values */

/* The engine does not see the memory behind a reference. It is made to collect when there are
 * twice as many native objects as were left the last time, so that what a collection costs is
 * shared by all of them. */
static void collect(wg_plugins* p) {
  wasmtime_error_t* error = wasmtime_context_gc(p->s->context);
  if (error != NULL) wasmtime_error_delete(error);
  p->collect_at = p->native_count * 2 + 1000;
}

/* Takes `value` over. */
static int value_ref(wg_plugins* p, wg_value* value, wasmgate_ref* out) {
  wasmgate_ref ref;
  if (value == NULL) return wg_plugin_note(p, WASMGATE_MEMORY, "no memory for a value");
  wg_plugin_item* item = wg_plugin_item_new(p, &ref);
  if (item == NULL) {
    wg_value_free(value);
    return WASMGATE_MEMORY;
  }
  if (!wasmtime_externref_new(p->s->context, value, wg_value_free, &item->ref)) {
    take_back(p); /* the value is freed already */
    return wg_plugin_note(p, WASMGATE_MEMORY, "the guest keeps too many references");
  }
  p->s->head.refs_made++;
  *out = ref;
  return WASMGATE_OK;
}

/* The value behind a reference; NULL: noted. Null is the null reference's. */
static const wg_value* value_of(wg_plugins* p, wasmgate_ref ref) {
  static const wg_value null = {.kind = WG_VALUE_NULL}, func = {.kind = WG_VALUE_NONE}, own = {.kind = -1};
  if (ref == 0) return &null;
  wg_plugin_item* item = wg_plugin_item_of(p, ref);
  if (item == NULL) return NULL;
  if (item->is_func) return &func;
  const wg_value* value = wasmtime_externref_data(p->s->context, &item->ref);
  return value == NULL ? &own : value; /* the guest has converted one of its own */
}

static int kind_of(const wg_value* value) {
  switch (value->kind) {
    case WG_VALUE_NONE:
      return WASMGATE_FUNCTION;
    case WG_VALUE_UNDEFINED:
      return WASMGATE_UNDEFINED;
    case WG_VALUE_NULL:
      return WASMGATE_NULL;
    case WG_VALUE_BOOL:
      return WASMGATE_BOOLEAN;
    case WG_VALUE_NUMBER:
      return WASMGATE_NUMBER;
    case WG_VALUE_STRING:
      return WASMGATE_STRING;
    case WG_VALUE_BIGINT:
    case WG_VALUE_UBIGINT:
      return WASMGATE_BIGINT;
    case WG_VALUE_NATIVE:
      return WASMGATE_OBJECT;
    default:
      return WASMGATE_VALUE;
  }
}

int wg_plugin_ref_kind(wasmgate_ctx* ctx, wasmgate_ref ref) {
  const wg_value* value = wg_plugin_now(ctx) == NULL ? NULL : value_of((wg_plugins*)ctx, ref);
  return value == NULL ? -1 : kind_of(value);
}

static const char* const kinds[] = {
    "null",     "undefined",          "a boolean",       "a number",   "a string",
    "a bigint", "a JavaScript value", "a native object", "a function",
};

static int wrong_kind(wg_plugins* p, const wg_value* value, const char* expected) {
  return wg_plugin_note(p, WASMGATE_TYPE, "expected %s, got %s", expected, kinds[kind_of(value)]);
}

int wg_plugin_object_new(wasmgate_ctx* ctx, void* payload, const wasmgate_type* type, wasmgate_ref* out) {
  wg_plugins* p = (wg_plugins*)ctx;
  if (wg_plugin_now(ctx) == NULL) return WASMGATE_STALE;
  if (type == NULL || type->name == NULL) return wg_plugin_note(p, WASMGATE_TYPE, "an object needs a type with a name");
  if (p->native_count >= p->collect_at) collect(p);
  wg_value* value = wg_value_new(WG_VALUE_NATIVE);
  wg_native* native = value == NULL ? NULL : native_new(p, payload, type);
  if (native == NULL) {
    wg_value_free(value);
    return wg_plugin_note(p, WASMGATE_MEMORY, "no memory for an object");
  }
  value->native = native;
  wg_native_use(native);
  int status = value_ref(p, value, out);
  if (status != WASMGATE_OK) native_undo(native);
  wg_native_drop(native);
  return status;
}

int wg_plugin_object_get(wasmgate_ctx* ctx, wasmgate_ref ref, const wasmgate_type* type, void** out) {
  wg_plugins* p = (wg_plugins*)ctx;
  if (wg_plugin_now(ctx) == NULL) return WASMGATE_STALE;
  const wg_value* value = value_of(p, ref);
  if (value == NULL) return WASMGATE_STALE;
  if (type == NULL || type->name == NULL) return wg_plugin_note(p, WASMGATE_TYPE, "an object has a type with a name");
  if (value->kind != WG_VALUE_NATIVE) return wrong_kind(p, value, type->name);
  const wg_native* native = value->native;
  if (native->owner == NULL)
    return wg_plugin_note(p, WASMGATE_TYPE, "the %.200s has ended with its instance", type->name);
  if (native->type != type) {
    return wg_plugin_note(p, WASMGATE_TYPE, "expected an object of type %.200s, got one of type %.200s%s", type->name,
                          native->type->name, strcmp(type->name, native->type->name) == 0 ? " of another plugin" : "");
  }
  *out = native->payload;
  return WASMGATE_OK;
}

int wg_plugin_number_new(wasmgate_ctx* ctx, double number, wasmgate_ref* out) {
  if (wg_plugin_now(ctx) == NULL) return WASMGATE_STALE;
  wg_value* value = wg_value_new(WG_VALUE_NUMBER);
  if (value != NULL) value->number = number;
  return value_ref((wg_plugins*)ctx, value, out);
}

int wg_plugin_number_get(wasmgate_ctx* ctx, wasmgate_ref ref, double* out) {
  wg_plugins* p = (wg_plugins*)ctx;
  const wg_value* value = wg_plugin_now(ctx) == NULL ? NULL : value_of(p, ref);
  if (value == NULL) return WASMGATE_STALE;
  if (value->kind != WG_VALUE_NUMBER && value->kind != WG_VALUE_BOOL) return wrong_kind(p, value, "a number");
  *out = value->number;
  return WASMGATE_OK;
}

int wg_plugin_string_new(wasmgate_ctx* ctx, const char* text, size_t bytes, wasmgate_ref* out) {
  wg_plugins* p = (wg_plugins*)ctx;
  wg_store* s = p == NULL ? NULL : p->s;
  if (wg_plugin_now(ctx) == NULL) return WASMGATE_STALE;
  if (bytes > WG_MOST_VALUE_BYTES - s->value_bytes) collect(p);
  if (bytes > WG_MOST_VALUE_BYTES - s->value_bytes) {
    return wg_plugin_note(p, WASMGATE_MEMORY, "the guest keeps more than 256 MiB of texts outside its memory");
  }
  wg_value* value = wg_value_text(WG_VALUE_STRING, (const uint8_t*)text, bytes);
  if (value != NULL) {
    value->account = &s->value_bytes;
    s->value_bytes += bytes;
  }
  return value_ref(p, value, out);
}

int wg_plugin_string_get(wasmgate_ctx* ctx, wasmgate_ref ref, const char** text, size_t* bytes) {
  wg_plugins* p = (wg_plugins*)ctx;
  const wg_value* value = wg_plugin_now(ctx) == NULL ? NULL : value_of(p, ref);
  if (value == NULL) return WASMGATE_STALE;
  if (value->kind != WG_VALUE_STRING) return wrong_kind(p, value, "a string");
  *text = value->text;
  *bytes = value->text_bytes;
  return WASMGATE_OK;
}
