/* The guest's JavaScript values by index, as modules without reference types know
 * them, and the numbers under which JavaScript holds some of them.
 * Source: the wasm-bindgen binary interface, "The heap slab". */
#include <stdlib.h>
#include <string.h>

#include "store.h"

/* Constants that are compiled into the guest as indices 0 to 3 past the offset. */
static const wg_value constants[4] = {
    {.kind = WG_VALUE_UNDEFINED},
    {.kind = WG_VALUE_NULL},
    {.kind = WG_VALUE_BOOL, .number = 1},
    {.kind = WG_VALUE_BOOL, .number = 0},
};

/* Most values a guest may keep; what leaks past it is refused. */
#define SLAB_MOST (1u << 22)

/* The lowest bits of an item: 0 a value, 1 a handle, 2 the next free entry. */
#define TAG_BITS 2
#define TAG_HANDLE 1u
#define TAG_FREE 2u

static wg_item tagged(uint32_t number, uint32_t tag) { return (wg_item)number << TAG_BITS | tag; }
static uint32_t tag_of(wg_item item) { return (uint32_t)(item & ((1u << TAG_BITS) - 1)); }
static uint32_t number_of(wg_item item) { return (uint32_t)(item >> TAG_BITS); }

wg_item wg_item_value(wg_value* value) { return (wg_item)value; }

const wg_value* wg_item_get(wg_item item, uint32_t* handle) {
  *handle = tag_of(item) == TAG_HANDLE ? number_of(item) : 0;
  return tag_of(item) == 0 ? (const wg_value*)item : NULL;
}

void wg_item_free(wg_store* s, wg_item item) {
  if (tag_of(item) == TAG_HANDLE) wg_handle_drop(&s->head, number_of(item));
  if (tag_of(item) != 0 || item == 0) return;
  const wg_value* value = (const wg_value*)item;
  if (value < constants || value >= constants + 4) wg_value_free((void*)item);
}

static bool grow(wg_slab* slab) {
  if (slab->count < slab->capacity) return true;
  uint32_t capacity = slab->capacity == 0 ? 8 : slab->capacity * 2;
  wg_item* owned = capacity > SLAB_MOST ? NULL : realloc(slab->owned, capacity * sizeof *owned);
  if (owned == NULL) return false;
  slab->owned = owned;
  slab->capacity = capacity;
  return true;
}

uint32_t wg_slab_add(wg_store* s, wg_item item) {
  wg_slab* slab = &s->slab;
  uint32_t i;
  if (slab->first_free != 0) {
    i = slab->first_free - 1;
    slab->first_free = number_of(slab->owned[i]);
  } else if (grow(slab)) {
    i = slab->count++;
  } else {
    wg_item_free(s, item);
    return 0;
  }
  slab->owned[i] = item;
  return slab->offset + 4 + i;
}

/* Where the item of an index is kept; NULL for constants and for what is not there. */
static wg_item* find(wg_slab* slab, uint32_t index) {
  if (index < slab->offset) {
    uint32_t i = slab->offset - 1 - index;
    return i < slab->loans ? &slab->lent[i] : NULL;
  }
  uint32_t i = index - slab->offset - 4;
  if (index < slab->offset + 4 || i >= slab->count || tag_of(slab->owned[i]) == TAG_FREE) return NULL;
  return &slab->owned[i];
}

wg_item wg_slab_get(wg_store* s, uint32_t index) {
  uint32_t offset = s->slab.offset;
  if (index >= offset && index < offset + 4) return (wg_item)&constants[index - offset];
  wg_item* item = find(&s->slab, index);
  if (item != NULL) return *item;
  return index < offset ? (wg_item)&constants[0] : 0; /* slot 0 reads as undefined */
}

wg_item wg_slab_take(wg_store* s, uint32_t index) {
  wg_slab* slab = &s->slab;
  if (index < slab->offset + 4) return wg_slab_get(s, index);
  wg_item* at = find(slab, index);
  if (at == NULL) return 0;
  wg_item item = *at;
  *at = tagged(slab->first_free, TAG_FREE);
  slab->first_free = (uint32_t)(at - slab->owned) + 1;
  return item;
}

uint32_t wg_slab_copy(wg_store* s, uint32_t index) {
  wg_item item = wg_slab_get(s, index);
  uint32_t offset = s->slab.offset;
  if (item == 0) return offset;
  if (tag_of(item) == TAG_HANDLE) {
    s->handles.users[number_of(item)]++;
    return wg_slab_add(s, item);
  }
  const wg_value* value = (const wg_value*)item;
  if (value >= constants && value < constants + 4) return offset + (uint32_t)(value - constants);
  wg_value* copy = wg_value_copy(value);
  return copy == NULL ? 0 : wg_slab_add(s, wg_item_value(copy));
}

void wg_slab_free(wg_store* s) {
  wg_slab* slab = &s->slab;
  for (uint32_t i = 0; i < slab->loans; i++) wg_item_free(s, slab->lent[i]);
  for (uint32_t i = 0; i < slab->count; i++) wg_item_free(s, slab->owned[i]);
  free(slab->owned);
  free(slab->lent);
  uint32_t offset = slab->offset;
  memset(slab, 0, sizeof *slab);
  slab->offset = offset;
  free(s->handles.users);
  free(s->handles.free);
  memset(&s->handles, 0, sizeof s->handles);
  s->head.uncleared = 0;
  wg_value_free(s->looked);
  s->looked = NULL;
}

/* ---- Values that JavaScript gives */

static wg_item item_of(int32_t kind, double number) {
  switch (kind) {
    case WG_VALUE_NULL:
      return (wg_item)&constants[1];
    case WG_VALUE_BOOL:
      return (wg_item)&constants[number != 0 ? 2 : 3];
    case WG_VALUE_HANDLE:
      return tagged((uint32_t)number, TAG_HANDLE);
    case WG_VALUE_NUMBER: {
      wg_value* value = wg_value_new(kind);
      if (value != NULL) value->number = number;
      return wg_item_value(value);
    }
    default:
      return (wg_item)&constants[0];
  }
}

static int lend(wg_store* s, wg_item item, uint32_t* index) {
  wg_slab* slab = &s->slab;
  if (slab->lent == NULL) slab->lent = calloc(slab->offset, sizeof *slab->lent);
  if (slab->lent == NULL || slab->loans + 1 >= slab->offset) { /* index 0 stays undefined */
    wg_item_free(s, item);
    return wg_fail(s, WG_ERR_OUT_OF_MEMORY, "more than %u JavaScript values are lent to the guest at once",
                   slab->offset - 1);
  }
  *index = slab->offset - 1 - slab->loans;
  slab->lent[slab->loans++] = item;
  return WG_OK;
}

int wg_value_give(wg_instance* instance, int32_t kind, double number, bool loan, uint32_t* index) {
  wg_store* s = wg_store_of(instance);
  wg_item item = item_of(kind, number);
  if (item == 0) return wg_fail(s, WG_ERR_OUT_OF_MEMORY, "no memory for a value of the guest");
  const wg_value* value = (const wg_value*)item;
  if (value >= constants && value < constants + 4) {
    *index = s->slab.offset + (uint32_t)(value - constants);
    return WG_OK;
  }
  if (loan) return lend(s, item, index);
  *index = wg_slab_add(s, item);
  return *index != 0 ? WG_OK : wg_fail(s, WG_ERR_OUT_OF_MEMORY, "the guest keeps too many JavaScript values");
}

uint32_t wg_loans(wg_instance* instance) { return wg_store_of(instance)->slab.loans; }

void wg_loans_end(wg_instance* instance, uint32_t count) {
  wg_store* s = wg_store_of(instance);
  while (s->slab.loans > count) wg_item_free(s, s->slab.lent[--s->slab.loans]);
}

void wg_value_look(wg_instance* instance, uint32_t index, bool take, wg_seen* seen) {
  wg_store* s = wg_store_of(instance);
  wg_item item = take ? wg_slab_take(s, index) : wg_slab_get(s, index);
  uint32_t handle;
  const wg_value* value = wg_item_get(item, &handle);
  memset(seen, 0, sizeof *seen);
  if (value == NULL) {
    seen->kind = handle != 0 ? WG_VALUE_HANDLE : WG_VALUE_NONE;
    seen->integer = handle;
    /* A loan that was "taken" is still a loan: the caller gets a use of its own. */
    if (take && handle != 0 && index < s->slab.offset) s->handles.users[handle]++;
    return;
  }
  *seen = (wg_seen){value->kind, value->number, value->integer, value->text, value->text_bytes};
  if (!take || index < s->slab.offset + 4) return;
  wg_value_free(s->looked);
  s->looked = (wg_value*)item;
}

void wg_value_hold(wg_instance* instance, uint32_t index, uint32_t handle) {
  wg_store* s = wg_store_of(instance);
  wg_item* at = find(&s->slab, index);
  if (at == NULL) {
    wg_handle_drop(instance, handle);
    return;
  }
  wg_item_free(s, *at);
  *at = tagged(handle, TAG_HANDLE);
}

/* ---- Handles */

uint32_t wg_handle_new(wg_instance* instance) {
  wg_store* s = wg_store_of(instance);
  wg_handles* h = &s->handles;
  uint32_t number;
  if (h->free_count > 0) {
    number = h->free[--h->free_count];
    if (s->head.uncleared > h->free_count) s->head.uncleared = h->free_count;
  } else {
    if (h->count + 1 >= h->capacity) {
      uint32_t capacity = h->capacity == 0 ? 16 : h->capacity * 2;
      if (capacity > SLAB_MOST) return 0;
      uint32_t* users = realloc(h->users, capacity * sizeof *users);
      if (users == NULL) return 0;
      h->users = users;
      uint32_t* freed = realloc(h->free, capacity * sizeof *freed);
      if (freed == NULL) return 0;
      h->free = freed;
      h->capacity = capacity;
    }
    number = ++h->count;
  }
  h->users[number] = 1;
  return number;
}

void wg_handle_use(wg_store* s, uint32_t handle) {
  wg_handles* h = &s->handles;
  if (handle > 0 && handle <= h->count) h->users[handle]++;
}

void wg_handle_drop(wg_instance* instance, uint32_t handle) {
  wg_store* s = wg_store_of(instance);
  wg_handles* h = &s->handles;
  if (handle == 0 || handle > h->count || h->users[handle] == 0 || --h->users[handle] > 0) return;
  h->free[h->free_count++] = handle;
  s->head.uncleared++;
}

uint32_t wg_handle_cleared(wg_instance* instance) {
  wg_store* s = wg_store_of(instance);
  if (s->head.uncleared == 0) return 0;
  return s->handles.free[s->handles.free_count - s->head.uncleared--];
}
