/* Memories, tables, globals and tags of a namespace, and exceptions. */
#include <stdlib.h>
#include <string.h>

#include "space.h"

static int add(wg_store* s, const wg_entity* entity, uint32_t* id) {
  *id = wg_space_add(s, entity);
  return *id == WG_NO_ENTITY ? wg_fail(s, WG_ERR_OUT_OF_MEMORY, "no memory for the WebAssembly namespace") : WG_OK;
}

/* The engine refuses a value, a size or the like. */
static int refused(wg_store* s, int code, wasmtime_error_t* error) {
  wasm_byte_vec_t message;
  wasmtime_error_message(error, &message);
  wg_fail(s, code, "%.*s", (int)message.size, message.data);
  wasm_byte_vec_delete(&message);
  wasmtime_error_delete(error);
  return code;
}

/* ---- Memories */

int wg_space_memory_new(wg_instance* instance, uint64_t initial, uint64_t maximum, bool shared, bool is64,
                        uint32_t* id) {
  wg_store* s = wg_store_of(instance);
  wg_entity entity = {0};
  wasm_memorytype_t* type;
  if (wg_space_check(s) != WG_OK) return s->error.code;
  wasmtime_error_t* error = wasmtime_memorytype_new(initial, maximum != UINT64_MAX, maximum == UINT64_MAX ? 0 : maximum,
                                                    is64, shared, 16, &type);
  if (error != NULL) return refused(s, WG_ERR_OUT_OF_MEMORY, error);
  if (shared) {
    entity.kind = WASMTIME_EXTERN_SHAREDMEMORY;
    error = wasmtime_sharedmemory_new(s->profile->engine, type, &entity.of.sharedmemory);
  } else {
    entity.kind = WASMTIME_EXTERN_MEMORY;
    error = wasmtime_memory_new(s->context, type, &entity.of.memory);
  }
  wasm_memorytype_delete(type);
  return error != NULL ? refused(s, WG_ERR_OUT_OF_MEMORY, error) : add(s, &entity, id);
}

static wg_entity* memory_of(wg_store* s, uint32_t id) {
  if (wg_space_check(s) == WG_OK && id < s->space->count &&
      s->space->entities[id].kind == WASMTIME_EXTERN_SHAREDMEMORY) {
    return &s->space->entities[id];
  }
  return wg_space_get(s, id, WASMTIME_EXTERN_MEMORY);
}

int wg_space_memory(wg_instance* instance, uint32_t id, uint8_t** data, size_t* bytes, bool* shared) {
  wg_store* s = wg_store_of(instance);
  wg_entity* entity = memory_of(s, id);
  if (entity == NULL) return s->error.code;
  *shared = entity->kind == WASMTIME_EXTERN_SHAREDMEMORY;
  *data = *shared ? wasmtime_sharedmemory_data(entity->of.sharedmemory)
                  : wasmtime_memory_data(s->context, &entity->of.memory);
  *bytes = *shared ? wasmtime_sharedmemory_data_size(entity->of.sharedmemory)
                   : wasmtime_memory_data_size(s->context, &entity->of.memory);
  return WG_OK;
}

void* wg_space_memory_hold(wg_instance* instance, uint32_t id) {
  wg_entity* entity = memory_of(wg_store_of(instance), id);
  if (entity == NULL || entity->kind != WASMTIME_EXTERN_SHAREDMEMORY) return NULL;
  return wasmtime_sharedmemory_clone(entity->of.sharedmemory);
}

void wg_shared_release(void* hold) {
  if (hold != NULL) wasmtime_sharedmemory_delete(hold);
}

int wg_space_memory_grow(wg_instance* instance, uint32_t id, uint64_t delta, uint64_t* previous, bool* grown) {
  wg_store* s = wg_store_of(instance);
  wg_entity* entity = memory_of(s, id);
  if (entity == NULL) return s->error.code;
  wasmtime_error_t* error = entity->kind == WASMTIME_EXTERN_SHAREDMEMORY
                                ? wasmtime_sharedmemory_grow(entity->of.sharedmemory, delta, previous)
                                : wasmtime_memory_grow(s->context, &entity->of.memory, delta, previous);
  *grown = error == NULL;
  if (error != NULL) wasmtime_error_delete(error);
  return WG_OK;
}

/* ---- Tables */

int wg_space_table_new(wg_instance* instance, char letter, uint32_t initial, uint32_t maximum, uint32_t* id) {
  wg_store* s = wg_store_of(instance);
  wg_entity entity = {.kind = WASMTIME_EXTERN_TABLE};
  const wasm_limits_t limits = {initial, maximum};
  wasmtime_val_t none = {.kind = letter == 'p' ? WASMTIME_FUNCREF : WASMTIME_EXTERNREF};
  if (wg_space_check(s) != WG_OK) return s->error.code;
  entity.letters = letter == 'p' ? "p" : "x";
  wasm_tabletype_t* type = wasm_tabletype_new(wasm_valtype_new(wg_kind_of_letter(letter)), &limits);
  wasmtime_error_t* error = wasmtime_table_new(s->context, type, &none, &entity.of.table);
  wasm_tabletype_delete(type);
  return error != NULL ? refused(s, WG_ERR_OUT_OF_MEMORY, error) : add(s, &entity, id);
}

int wg_space_table_size(wg_instance* instance, uint32_t id, uint64_t* size) {
  wg_store* s = wg_store_of(instance);
  wg_entity* entity = wg_space_get(s, id, WASMTIME_EXTERN_TABLE);
  if (entity == NULL) return s->error.code;
  *size = wasmtime_table_size(s->context, &entity->of.table);
  return WG_OK;
}

int wg_space_table_get(wg_instance* instance, uint32_t id, uint64_t index, bool* found) {
  wg_store* s = wg_store_of(instance);
  wg_entity* entity = wg_space_get(s, id, WASMTIME_EXTERN_TABLE);
  wasmtime_val_t val;
  if (entity == NULL) return s->error.code;
  wasmtime_table_t table = entity->of.table; /* entities may move */
  *found = wasmtime_table_get(s->context, &table, index, &val);
  if (!*found) return WG_OK;
  bool given = wg_val_to_slot(s, &val, s->space->slots);
  wasmtime_val_unroot(&val);
  return given ? WG_OK : s->error.code;
}

int wg_space_table_set(wg_instance* instance, uint32_t id, uint64_t index, bool* found) {
  wg_store* s = wg_store_of(instance);
  wg_entity* entity = wg_space_get(s, id, WASMTIME_EXTERN_TABLE);
  wasmtime_val_t val;
  if (entity == NULL) return s->error.code;
  *found = index < wasmtime_table_size(s->context, &entity->of.table);
  if (!*found) return WG_OK;
  wg_refs_collect_some(s);
  if (!wg_slot_to_val(s, entity->letters[0], s->space->slots, &val)) return s->error.code;
  wasmtime_error_t* error = wasmtime_table_set(s->context, &entity->of.table, index, &val);
  wasmtime_val_unroot(&val);
  return error != NULL ? refused(s, WG_ERR_ARG_TYPE, error) : WG_OK;
}

int wg_space_table_grow(wg_instance* instance, uint32_t id, uint64_t delta, uint64_t* previous, bool* grown) {
  wg_store* s = wg_store_of(instance);
  wg_entity* entity = wg_space_get(s, id, WASMTIME_EXTERN_TABLE);
  wasmtime_val_t val;
  if (entity == NULL) return s->error.code;
  if (!wg_slot_to_val(s, entity->letters[0], s->space->slots, &val)) return s->error.code;
  wasmtime_error_t* error = wasmtime_table_grow(s->context, &entity->of.table, delta, &val, previous);
  wasmtime_val_unroot(&val);
  *grown = error == NULL;
  if (error != NULL) wasmtime_error_delete(error);
  return WG_OK;
}

/* ---- Globals */

int wg_space_global_new(wg_instance* instance, char letter, bool is_mutable, uint32_t* id) {
  wg_store* s = wg_store_of(instance);
  wg_entity entity = {.kind = WASMTIME_EXTERN_GLOBAL};
  wasmtime_val_t val;
  const char text[] = {letter, 0};
  if (wg_space_check(s) != WG_OK) return s->error.code;
  entity.letters = wg_space_text(s, text);
  if (entity.letters == NULL) return wg_fail(s, WG_ERR_OUT_OF_MEMORY, "no memory for a global");
  if (!wg_slot_to_val(s, letter, s->space->slots, &val)) return s->error.code;
  wasm_globaltype_t* type =
      wasm_globaltype_new(wasm_valtype_new(wg_kind_of_letter(letter)), is_mutable ? WASM_VAR : WASM_CONST);
  wasmtime_error_t* error = wasmtime_global_new(s->context, type, &val, &entity.of.global);
  wasm_globaltype_delete(type);
  wasmtime_val_unroot(&val);
  return error != NULL ? refused(s, WG_ERR_ARG_TYPE, error) : add(s, &entity, id);
}

int wg_space_global_get(wg_instance* instance, uint32_t id) {
  wg_store* s = wg_store_of(instance);
  wg_entity* entity = wg_space_get(s, id, WASMTIME_EXTERN_GLOBAL);
  wasmtime_val_t val;
  if (entity == NULL) return s->error.code;
  wasmtime_global_t global = entity->of.global;
  wasmtime_global_get(s->context, &global, &val);
  bool given = wg_val_to_slot(s, &val, s->space->slots);
  wasmtime_val_unroot(&val);
  return given ? WG_OK : s->error.code;
}

int wg_space_global_set(wg_instance* instance, uint32_t id) {
  wg_store* s = wg_store_of(instance);
  wg_entity* entity = wg_space_get(s, id, WASMTIME_EXTERN_GLOBAL);
  wasmtime_val_t val;
  if (entity == NULL) return s->error.code;
  wg_refs_collect_some(s);
  if (!wg_slot_to_val(s, entity->letters[0], s->space->slots, &val)) return s->error.code;
  wasmtime_error_t* error = wasmtime_global_set(s->context, &entity->of.global, &val);
  wasmtime_val_unroot(&val);
  return error != NULL ? refused(s, WG_ERR_ARG_TYPE, error) : WG_OK;
}

/* ---- Tags and exceptions */

int wg_space_tag_new(wg_instance* instance, const char* letters, uint32_t* id) {
  wg_store* s = wg_store_of(instance);
  wg_entity entity = {.kind = WASMTIME_EXTERN_TAG};
  wasm_valtype_vec_t params, results;
  if (wg_space_check(s) != WG_OK) return s->error.code;
  size_t count = strlen(letters);
  if (count > WG_MOST_VALUES) {
    return wg_fail(s, WG_ERR_ARG_RANGE, "a tag has at most %d parameters, not %zu", WG_MOST_VALUES, count);
  }
  entity.letters = wg_space_text(s, letters);
  if (entity.letters == NULL) return wg_fail(s, WG_ERR_OUT_OF_MEMORY, "no memory for a tag");
  wasm_valtype_vec_new_uninitialized(&params, count);
  for (size_t i = 0; i < count; i++) params.data[i] = wasm_valtype_new(wg_kind_of_letter(letters[i]));
  wasm_valtype_vec_new_empty(&results);
  wasm_tagtype_t* type = wasm_tagtype_new(wasm_functype_new(&params, &results));
  wasmtime_error_t* error = wasmtime_tag_new(s->context, type, &entity.of.tag);
  wasm_tagtype_delete(type);
  return error != NULL ? refused(s, WG_ERR_INTERNAL, error) : add(s, &entity, id);
}

static uint32_t tag_id(wg_store* s, const wasmtime_tag_t* tag) {
  wg_space* space = s->space;
  for (uint32_t i = 0; i < space->tag_count; i++) {
    if (wasmtime_tag_eq(s->context, &space->entities[space->tags[i]].of.tag, tag)) return space->tags[i];
  }
  wg_entity entity = {.kind = WASMTIME_EXTERN_TAG, .of.tag = *tag}; /* one that no module exports */
  return wg_space_add(s, &entity);
}

static char letter_of(wasmtime_valkind_t kind) {
  switch (kind) {
    case WASMTIME_I32:
      return 'w';
    case WASMTIME_I64:
      return 'l';
    case WASMTIME_F32:
      return 'f';
    case WASMTIME_F64:
      return 'd';
    case WASMTIME_FUNCREF:
      return 'p';
    case WASMTIME_EXTERNREF:
      return 'x';
    case WASMTIME_ANYREF:
      return 'a';
    case WASMTIME_EXNREF:
      return 'e';
    default:
      return 'v';
  }
}

static int caught(wg_store* s, wasmtime_exn_t* exn, uint32_t* id) {
  wasmtime_tag_t tag;
  wasmtime_error_t* error = wasmtime_exn_tag(s->context, exn, &tag);
  if (error != NULL) return refused(s, WG_ERR_INTERNAL, error);
  *id = tag_id(s, &tag);
  if (*id == WG_NO_ENTITY) return wg_fail(s, WG_ERR_OUT_OF_MEMORY, "no memory for an exception");
  size_t count = wasmtime_exn_field_count(s->context, exn);
  char letters[WG_SPACE_SLOTS + 1] = {0};
  for (size_t i = 0; i < count && i < WG_SPACE_SLOTS; i++) {
    wasmtime_val_t val;
    if ((error = wasmtime_exn_field(s->context, exn, i, &val)) != NULL) return refused(s, WG_ERR_INTERNAL, error);
    letters[i] = letter_of(val.kind);
    bool given = wg_val_to_slot(s, &val, &s->space->slots[i]);
    wasmtime_val_unroot(&val);
    if (!given) return s->error.code;
  }
  if (s->space->entities[*id].letters == NULL) s->space->entities[*id].letters = wg_space_text(s, letters);
  return WG_OK;
}

int wg_space_caught(wg_instance* instance, uint32_t* tag) {
  wg_store* s = wg_store_of(instance);
  if (wg_space_check(s) != WG_OK) return s->error.code;
  wasmtime_exn_t* exn = s->space->exn;
  s->space->exn = NULL;
  if (exn == NULL) return wg_fail(s, WG_ERR_INTERNAL, "there is no exception");
  int code = caught(s, exn, tag);
  wasmtime_exn_delete(exn);
  return code;
}
