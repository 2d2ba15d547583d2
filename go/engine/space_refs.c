/* References between a namespace and JavaScript, by way of slots. */
#include <stdlib.h>
#include <string.h>

#include "space.h"

static wg_slot_ref* ref_of(const wg_raw* slot) { return (wg_slot_ref*)slot; }

void wg_root_free(wg_root* root) { wasmtime_val_unroot(&root->val); }

/* ---- Objects that JavaScript holds */

static wg_rooted* rooted_at(wg_space* space, uint32_t number) {
  return number < space->rooted_capacity && space->rooted[number].uses > 0 ? &space->rooted[number] : NULL;
}

/* Capacities are powers of two; the engine does not move objects, so that `raw` stays. */
static uint32_t* bucket_of(wg_space* space, uint32_t raw) {
  return &space->buckets[(raw * 0x9E3779B1u >> 8) & (space->rooted_capacity - 1)];
}

static void link_object(wg_space* space, uint32_t number) {
  uint32_t* first = bucket_of(space, space->rooted[number].raw);
  space->rooted[number].next = *first;
  *first = number + 1;
}

static void unlink_object(wg_space* space, uint32_t number) {
  uint32_t* at = bucket_of(space, space->rooted[number].raw);
  while (*at != number + 1) at = &space->rooted[*at - 1].next;
  *at = space->rooted[number].next;
}

/* Makes room for twice as many; all that there are have to be in use. */
static bool more_objects(wg_space* space) {
  uint32_t count = space->rooted_capacity, capacity = count == 0 ? 16 : count * 2;
  wg_rooted* list = capacity < count ? NULL : realloc(space->rooted, (size_t)capacity * sizeof *list);
  if (list == NULL) return false;
  space->rooted = list;
  uint32_t* buckets = calloc(capacity, sizeof *buckets);
  if (buckets == NULL) return false;
  free(space->buckets);
  space->buckets = buckets;
  space->rooted_capacity = capacity;
  for (uint32_t i = 0; i < count; i++) link_object(space, i);
  for (uint32_t i = capacity; i > count; i--) {
    list[i - 1].uses = 0;
    list[i - 1].next = space->rooted_free;
    space->rooted_free = i;
  }
  return true;
}

/* Takes `ref` over. False: no memory. */
static bool root_object(wg_store* s, wasmtime_anyref_t* ref, uint32_t raw, uint32_t* number) {
  wg_space* space = s->space;
  for (uint32_t at = space->rooted_capacity == 0 ? 0 : *bucket_of(space, raw); at != 0;
       at = space->rooted[at - 1].next) {
    if (space->rooted[at - 1].raw != raw) continue;
    space->rooted[at - 1].uses++;
    *number = at - 1;
    wasmtime_anyref_unroot(ref);
    return true;
  }
  if (space->rooted_free == 0 && !more_objects(space)) {
    wasmtime_anyref_unroot(ref);
    return false;
  }
  *number = space->rooted_free - 1;
  wg_rooted* rooted = &space->rooted[*number];
  space->rooted_free = rooted->next;
  rooted->ref = *ref;
  rooted->raw = raw;
  rooted->uses = 1;
  link_object(space, *number);
  return true;
}

int wg_space_object_kind(wg_instance* instance, uint32_t number) {
  wg_store* s = wg_store_of(instance);
  wg_rooted* rooted = s->space == NULL ? NULL : rooted_at(s->space, number);
  if (rooted == NULL || s->head.state == WG_CLOSED) return 0;
  if (wasmtime_anyref_is_struct(s->context, &rooted->ref)) return 1;
  return wasmtime_anyref_is_array(s->context, &rooted->ref) ? 2 : 0;
}

void wg_space_object_release(wg_instance* instance, uint32_t number, uint32_t uses) {
  wg_store* s = wg_store_of(instance);
  if (s->space == NULL || s->head.state == WG_CLOSED) return;
  wg_rooted* rooted = rooted_at(s->space, number);
  if (rooted == NULL) return;
  rooted->uses = uses < rooted->uses ? rooted->uses - uses : 0;
  if (rooted->uses > 0) return;
  wasmtime_anyref_unroot(&rooted->ref);
  unlink_object(s->space, number);
  rooted->next = s->space->rooted_free;
  s->space->rooted_free = number + 1;
}

/* ---- Out of the guest */

/* Of the extern or the any hierarchy, which share their representation. */
static bool object_to_slot(wg_store* s, uint32_t raw, wg_slot_ref* out) {
  if (raw == 0) {
    *out = (wg_slot_ref){WG_REF_NULL, 0};
    return true;
  }
  const wg_value* value = wg_ref_get(s, raw);
  if (value != NULL) {
    *out = (wg_slot_ref){WG_REF_VALUE, (uint32_t)value->integer};
    return true;
  }
  wasmtime_anyref_t any;
  int32_t small;
  wasmtime_anyref_from_raw(s->context, raw, &any);
  if (wasmtime_anyref_i31_get_s(s->context, &any, &small)) {
    *out = (wg_slot_ref){WG_REF_I31, (uint32_t)small};
    wasmtime_anyref_unroot(&any);
    return true;
  }
  out->kind = WG_REF_OBJECT;
  if (root_object(s, &any, raw, &out->number)) return true;
  wg_fail(s, WG_ERR_OUT_OF_MEMORY, "no memory for a reference");
  return false;
}

static bool func_to_slot(wg_store* s, const wasmtime_func_t* func, wg_slot_ref* out) {
  uint32_t id = wg_space_func(s, func);
  *out = (wg_slot_ref){WG_REF_FUNCTION, id};
  if (id != WG_NO_ENTITY) return true;
  wg_fail(s, WG_ERR_OUT_OF_MEMORY, "no memory for a reference to a function");
  return false;
}

/* As wide as it was written: a wider load would have to wait for the store. */
static inline void copy_number(char letter, wg_raw* to, const wg_raw* from) {
  if (letter == 'w' || letter == 'f') {
    to->i32 = from->i32;
  } else {
    to->i64 = from->i64;
  }
}

bool wg_raw_to_slot(wg_store* s, char letter, const wg_raw* raw, wg_raw* slot) {
  wasmtime_func_t func;
  void* pointer;
  switch (letter) {
    case 'x':
    case 'a':
      return object_to_slot(s, raw->ref, ref_of(slot));
    case 'p':
      memcpy(&pointer, raw, sizeof pointer);
      if (pointer == NULL) {
        *ref_of(slot) = (wg_slot_ref){WG_REF_NULL, 0};
        return true;
      }
      wasmtime_func_from_raw(s->context, pointer, &func);
      return func_to_slot(s, &func, ref_of(slot));
    default:
      copy_number(letter, slot, raw);
      return true;
  }
}

bool wg_val_to_slot(wg_store* s, const wasmtime_val_t* val, wg_raw* slot) {
  switch (val->kind) {
    case WASMTIME_EXTERNREF:
      return object_to_slot(s,
                            wasmtime_externref_is_null(&val->of.externref)
                                ? 0
                                : wasmtime_externref_to_raw(s->context, &val->of.externref),
                            ref_of(slot));
    case WASMTIME_ANYREF:
      return object_to_slot(
          s, wasmtime_anyref_is_null(&val->of.anyref) ? 0 : wasmtime_anyref_to_raw(s->context, &val->of.anyref),
          ref_of(slot));
    case WASMTIME_FUNCREF:
      if (!wasmtime_funcref_is_null(&val->of.funcref)) return func_to_slot(s, &val->of.funcref, ref_of(slot));
      *ref_of(slot) = (wg_slot_ref){WG_REF_NULL, 0};
      return true;
    case WASMTIME_EXNREF:
      *ref_of(slot) = (wg_slot_ref){WG_REF_NULL, 0};
      return true;
    default:
      memcpy(slot, &val->of, sizeof *slot);
      return true;
  }
}

/* ---- Into the guest */

static bool new_value(wg_store* s, uint32_t handle, wasmtime_externref_t* out) {
  wg_value* value = wg_value_new(WG_VALUE_HANDLE);
  if (value == NULL) {
    wg_handle_drop(&s->head, handle);
  } else {
    value->integer = handle;
    value->owner = s;
    s->head.refs_made++;
    if (wasmtime_externref_new(s->context, value, wg_value_free, out)) return true; /* else it has freed the value */
  }
  wg_fail(s, WG_ERR_OUT_OF_MEMORY, "no memory for a reference");
  return false;
}

static bool wrong(wg_store* s) {
  wg_fail(s, WG_ERR_ARG_TYPE, "the value is no reference of the type that is wanted");
  return false;
}

static void null_val(char letter, wasmtime_val_t* val) {
  memset(val, 0, sizeof *val);
  val->kind = letter == 'p'   ? WASMTIME_FUNCREF
              : letter == 'a' ? WASMTIME_ANYREF
              : letter == 'e' ? WASMTIME_EXNREF
                              : WASMTIME_EXTERNREF;
}

/* What a slot of the extern or the any hierarchy holds, as an anyref or an externref. */
static bool object_val(wg_store* s, const wg_slot_ref* ref, wasmtime_val_t* val) {
  wg_rooted* rooted;
  switch (ref->kind) {
    case WG_REF_VALUE:
      val->kind = WASMTIME_EXTERNREF;
      return new_value(s, ref->number, &val->of.externref);
    case WG_REF_I31:
      val->kind = WASMTIME_ANYREF;
      wasmtime_anyref_from_i31(s->context, ref->number & 0x7fffffff, &val->of.anyref);
      return true;
    case WG_REF_OBJECT:
      if ((rooted = rooted_at(s->space, ref->number)) == NULL) return wrong(s);
      val->kind = WASMTIME_ANYREF;
      wasmtime_anyref_clone(&rooted->ref, &val->of.anyref);
      return true;
    case WG_REF_FUNCTION: /* JavaScript makes a value of it */
    default:
      return wrong(s);
  }
}

static uint32_t object_raw(wg_store* s, const wasmtime_val_t* val) {
  return val->kind == WASMTIME_EXTERNREF ? wasmtime_externref_to_raw(s->context, &val->of.externref)
                                         : wasmtime_anyref_to_raw(s->context, &val->of.anyref);
}

static bool is_number(char letter) { return letter == 'w' || letter == 'l' || letter == 'f' || letter == 'd'; }

bool wg_slot_to_val(wg_store* s, char letter, const wg_raw* slot, wasmtime_val_t* val) {
  static const char numbers[] = "wlfd"; /* in the order of WASMTIME_I32 … */
  const wg_slot_ref* ref = ref_of(slot);
  if (is_number(letter)) {
    memset(val, 0, sizeof *val);
    val->kind = (wasmtime_valkind_t)(strchr(numbers, letter) - numbers);
    memcpy(&val->of, slot, sizeof slot->i64);
    return true;
  }
  null_val(letter, val);
  if (ref->kind == WG_REF_NULL) return true;
  if (letter == 'p') {
    wg_entity* entity = ref->kind == WG_REF_FUNCTION ? wg_space_get(s, ref->number, WASMTIME_EXTERN_FUNC) : NULL;
    if (entity == NULL) return wrong(s);
    val->of.funcref = entity->of.func;
    return true;
  }
  wasmtime_val_t made;
  if (!object_val(s, ref, &made)) {
    null_val('w', val);
    return false;
  }
  /* One hierarchy's value is the other's with the same bits. */
  uint32_t raw = object_raw(s, &made);
  if (letter == 'a' && made.kind == WASMTIME_EXTERNREF) {
    wasmtime_anyref_from_raw(s->context, raw, &val->of.anyref);
  } else if (letter == 'x' && made.kind == WASMTIME_ANYREF) {
    wasmtime_externref_from_raw(s->context, raw, &val->of.externref);
  } else {
    *val = made;
    return true;
  }
  wasmtime_val_unroot(&made);
  return true;
}

bool wg_slot_to_root(wg_store* s, char letter, const wg_raw* slot, wg_root* root) {
  const wg_slot_ref* ref = ref_of(slot);
  if (is_number(letter) || ref->kind == WG_REF_NULL) return true;
  if (letter != 'p') return object_val(s, ref, &root->val);
  wg_entity* entity = ref->kind == WG_REF_FUNCTION ? wg_space_get(s, ref->number, WASMTIME_EXTERN_FUNC) : NULL;
  if (entity == NULL) return wrong(s);
  root->val.kind = WASMTIME_FUNCREF;
  root->val.of.funcref = entity->of.func;
  return true;
}

void wg_root_to_raw(wg_store* s, char letter, const wg_raw* slot, const wg_root* root, wg_raw* raw) {
  if (is_number(letter)) {
    copy_number(letter, raw, slot);
    return;
  }
  memset(raw, 0, sizeof *raw);
  if (root->val.kind == WASMTIME_FUNCREF) {
    void* pointer = wasmtime_func_to_raw(s->context, &root->val.of.funcref);
    memcpy(raw, &pointer, sizeof pointer);
  } else if (root->val.kind != 0) {
    raw->ref = object_raw(s, &root->val);
    if (ref_of(slot)->kind == WG_REF_VALUE) {
      wg_ref_note(s, wasmtime_externref_data(s->context, &root->val.of.externref), raw->ref);
    }
  }
}

void wg_space_collect(wg_instance* instance) {
  wg_store* s = wg_store_of(instance);
  if (s->head.state == WG_OPEN) wg_refs_collect(&s->head);
}
