/* Namespaces: entities and instances. Functions: space_calls.c. */
#include "space.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Doubles a list when it is full. False: no memory. */
static bool grow(void** list, uint32_t count, uint32_t* capacity, size_t bytes) {
  if (count < *capacity) return true;
  uint32_t more = *capacity == 0 ? 16 : *capacity * 2;
  void* bigger = realloc(*list, more * bytes);
  if (bigger == NULL) return false;
  *list = bigger;
  *capacity = more;
  return true;
}

static int no_memory(wg_store* s) {
  return wg_fail(s, WG_ERR_OUT_OF_MEMORY, "no memory for the WebAssembly namespace");
}

int wg_space_check(wg_store* s) {
  if (s->space == NULL) return wg_fail(s, WG_ERR_HANDLE, "not a WebAssembly namespace");
  if (s->head.state == WG_CLOSED) return wg_fail(s, WG_ERR_CLOSED, "the WebAssembly namespace is closed");
  return WG_OK;
}

/* ---- Entities */

static size_t place_of(const wg_space* space, const void* func) {
  size_t at = ((uintptr_t)func >> 4) * 0x9E3779B97F4A7C15u >> 32;
  for (at &= space->func_capacity - 1; space->funcs[at].func != NULL && space->funcs[at].func != func;) {
    at = (at + 1) & (space->func_capacity - 1);
  }
  return at;
}

static bool note_func(wg_space* space, const void* func, uint32_t id) {
  if (2 * space->func_count >= space->func_capacity) {
    wg_space bigger = {.func_capacity = space->func_capacity == 0 ? 64 : space->func_capacity * 2};
    bigger.funcs = calloc(bigger.func_capacity, sizeof *bigger.funcs);
    if (bigger.funcs == NULL) return false;
    for (uint32_t i = 0; i < space->func_capacity; i++) {
      if (space->funcs[i].func != NULL) bigger.funcs[place_of(&bigger, space->funcs[i].func)] = space->funcs[i];
    }
    free(space->funcs);
    space->funcs = bigger.funcs;
    space->func_capacity = bigger.func_capacity;
  }
  size_t at = place_of(space, func);
  if (space->funcs[at].func == NULL) space->func_count++;
  space->funcs[at].func = func;
  space->funcs[at].id = id;
  return true;
}

static bool known_func(const wg_space* space, const void* func, uint32_t* id) {
  if (space->func_capacity == 0) return false;
  size_t at = place_of(space, func);
  *id = space->funcs[at].id;
  return space->funcs[at].func != NULL;
}

/* What tells a function from others: the address that a reference to it has. */
static const void* address_of(wg_store* s, const wasmtime_func_t* func) {
  return wasmtime_func_to_raw(s->context, func);
}

uint32_t wg_space_add(wg_store* s, const wg_entity* entity) {
  wg_space* space = s->space;
  if (!grow((void**)&space->entities, space->count, &space->capacity, sizeof *entity)) return WG_NO_ENTITY;
  if (entity->kind == WASMTIME_EXTERN_FUNC && !note_func(space, address_of(s, &entity->of.func), space->count)) {
    return WG_NO_ENTITY;
  }
  if (entity->kind == WASMTIME_EXTERN_TAG) {
    if (!grow((void**)&space->tags, space->tag_count, &space->tag_capacity, sizeof *space->tags)) return WG_NO_ENTITY;
    space->tags[space->tag_count++] = space->count;
  }
  space->entities[space->count] = *entity;
  return space->count++;
}

wg_entity* wg_space_get(wg_store* s, uint32_t id, uint8_t kind) {
  if (wg_space_check(s) != WG_OK) return NULL;
  if (id < s->space->count && s->space->entities[id].kind == kind) return &s->space->entities[id];
  wg_fail(s, WG_ERR_HANDLE, "the WebAssembly namespace has nothing of that kind under %u", id);
  return NULL;
}

/* ---- Functions that come out of tables and the like */

static bool get_export(wg_store* s, const wasmtime_instance_t* instance, const char* name, size_t bytes,
                       wasmtime_extern_t* item) {
  return wasmtime_instance_export_get(s->context, instance, name, bytes, item);
}

bool wg_space_hidden(wg_store* s, const wg_part* part, char what, uint32_t index, wasmtime_func_t* func) {
  char name[24];
  int bytes = snprintf(name, sizeof name, "wasmgate:%c%u", what, index);
  wasmtime_extern_t item;
  if (!get_export(s, &part->instance, name, (size_t)bytes, &item)) return false;
  *func = item.of.func;
  return true;
}

static bool make_known(wg_store* s, uint32_t number) {
  wg_part* part = &s->space->parts[number];
  if (part->known) return true;
  part->known = true;
  const wg_space_module* module = part->module;
  for (size_t i = 0; i < module->escaping_count; i++) {
    uint32_t index = module->escaping[i], id;
    wg_entity entity = {.kind = WASMTIME_EXTERN_FUNC, .of_part = true, .part = number, .index = index};
    if (!wg_space_hidden(s, part, 'f', index, &entity.of.func)) continue;
    const void* address = address_of(s, &entity.of.func);
    if (index < module->function_count) { /* an import, which the instance has a reference of its own to */
      if (!note_func(s->space, address, part->ids[module->functions[index]])) return false;
    } else if (!known_func(s->space, address, &id) && wg_space_add(s, &entity) == WG_NO_ENTITY) {
      return false;
    }
  }
  return true;
}

uint32_t wg_space_func(wg_store* s, const wasmtime_func_t* func) {
  wg_space* space = s->space;
  const void* address = address_of(s, func);
  uint32_t id;
  if (known_func(space, address, &id)) return id;
  for (; space->unknown < space->part_count; space->unknown++) {
    if (!make_known(s, space->unknown)) return WG_NO_ENTITY;
  }
  if (known_func(space, address, &id)) return id;
  wg_entity entity = {.kind = WASMTIME_EXTERN_FUNC, .of.func = *func};
  return wg_space_add(s, &entity);
}

bool wg_space_origin(wg_instance* instance, uint32_t id, uint32_t* number, uint32_t* index) {
  wg_store* s = wg_store_of(instance);
  wg_entity* entity = wg_space_get(s, id, WASMTIME_EXTERN_FUNC);
  if (entity == NULL || !entity->of_part) return false;
  *number = s->space->parts[entity->part].number;
  *index = entity->index;
  return true;
}

/* ---- Instances */

/* The engine's words for an import that does not fit; anything else went wrong while
 * the instance was made. */
static bool is_link_error(const wasmtime_error_t* error, wasm_byte_vec_t* message) {
  static const char* const words[] = {"incompatible import type", "expected", "unknown import"};
  wasmtime_error_message(error, message);
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    size_t bytes = strlen(words[i]);
    if (message->size >= bytes && memcmp(message->data, words[i], bytes) == 0) return true;
  }
  return false;
}

static int fail_instance(wg_store* s, wasmtime_error_t* error, wasm_trap_t* trap) {
  wasm_byte_vec_t message = {0};
  if (s->thrown_code == WG_OK && trap == NULL && error != NULL && is_link_error(error, &message)) {
    int code = wg_fail(s, WG_ERR_LINK, "%.*s", (int)message.size, message.data);
    wasm_byte_vec_delete(&message);
    wasmtime_error_delete(error);
    return code;
  }
  if (message.data != NULL) wasm_byte_vec_delete(&message);
  return wg_fail_engine(s, error, trap);
}

static int add_exports(wg_store* s, uint32_t number, const uint32_t* ids, uint32_t* out) {
  const wg_space_module* module = s->space->parts[number].module;
  for (size_t i = 0; i < module->export_count; i++) {
    const wg_space_export* export = &module->exports[i];
    if (export->import >= 0 || export->same >= 0) {
      out[i] = export->import >= 0 ? ids[export->import] : out[export->same];
      continue;
    }
    wasmtime_extern_t item;
    if (!get_export(s, &s->space->parts[number].instance, export->name, export->name_bytes, &item)) {
      return wg_fail(s, WG_ERR_INTERNAL, "an export is not there");
    }
    wg_entity entity = {.letters = export->letters, .kind = item.kind, .of = item.of};
    if (export->kind == WG_FUNCTION) {
      entity.of_part = true;
      entity.part = number;
      entity.index = export->index;
      out[i] = wg_space_func(s, &entity.of.func); /* it may have come out of a table before */
    } else {
      out[i] = wg_space_add(s, &entity);
    }
    if (out[i] == WG_NO_ENTITY) return no_memory(s);
  }
  return WG_OK;
}

/* Under this name modules export their start function: wasmbin.FirstExport. */
static const char START[] = "wasmgate:start";

static int add_part(wg_store* s, const wasmtime_instance_t* made, wg_space_module* module, const uint32_t* ids,
                    size_t id_count, uint32_t number) {
  wg_space* space = s->space;
  wg_part part = {.module = module, .number = number};
  if (!grow((void**)&space->parts, space->part_count, &space->part_capacity, sizeof part)) return no_memory(s);
  part.ids = malloc(id_count * sizeof *ids + 1);
  if (part.ids == NULL) return no_memory(s);
  memcpy(part.ids, ids, id_count * sizeof *ids);
  part.instance = *made;
  atomic_fetch_add(&module->users, 1);
  space->parts[space->part_count++] = part;
  return WG_OK;
}

/* Runs nothing of the guest's but initialisers: see `starts`. */
static int new_instance(wg_store* s, const wg_space_module* module, const uint32_t* ids, wasmtime_instance_t* made) {
  wasm_trap_t* trap = NULL;
  size_t count = module->import_count;
  wasmtime_extern_t* imports = calloc(count + 1, sizeof *imports);
  if (imports == NULL) return no_memory(s);
  for (size_t i = 0; i < count; i++) {
    if (ids[i] >= s->space->count) {
      free(imports);
      return wg_fail(s, WG_ERR_HANDLE, "import %zu is nothing of this WebAssembly namespace", i);
    }
    const wg_entity* entity = &s->space->entities[ids[i]];
    imports[i] = (wasmtime_extern_t){entity->kind, entity->of};
  }
  wasmtime_error_t* error = wasmtime_instance_new(s->context, module->module, imports, count, made, &trap);
  free(imports);
  return error == NULL && trap == NULL ? WG_OK : fail_instance(s, error, trap);
}

/* The instance and its functions are known by now, as what start calls may get hold of
 * them. */
static int run_start(wg_store* s, uint32_t number) {
  const wg_part* part = &s->space->parts[number];
  wasmtime_extern_t item;
  wg_raw slot = {0};
  if (!part->module->starts) return WG_OK;
  if (!get_export(s, &part->instance, START, sizeof START - 1, &item)) {
    return wg_fail(s, WG_ERR_INTERNAL, "a start function is not there");
  }
  wg_span span;
  wg_begin(&s->head, NULL, &span);
  int code = wg_call(&s->head, (const wg_func*)&item.of.func, &slot, 0);
  wg_end(&s->head, &span, code);
  return code;
}

int wg_space_instantiate(wg_instance* instance, wg_space_module* module, const uint32_t* ids, size_t id_count,
                         uint32_t number, uint32_t* out) {
  wg_store* s = wg_store_of(instance);
  wasmtime_instance_t made;
  int code = wg_space_check(s);
  if (code == WG_OK) code = wg_check(instance);
  if (code != WG_OK) return code;
  if (id_count != module->import_count) {
    return wg_fail(s, WG_ERR_INTERNAL, "%zu imports, not %zu", id_count, module->import_count);
  }
  wg_refs_collect_some(s);
  code = new_instance(s, module, ids, &made);
  if (code == WG_OK) code = add_part(s, &made, module, ids, id_count, number);
  if (code != WG_OK) return code;
  uint32_t place = s->space->part_count - 1;
  code = add_exports(s, place, ids, out);
  return code == WG_OK ? run_start(s, place) : code;
}

/* ---- Small modules */

int wg_space_make(wg_instance* instance, const uint8_t* bytes, size_t count, const char* letters, uint32_t* id) {
  wg_store* s = wg_store_of(instance);
  wasmtime_module_t* module = NULL;
  wasmtime_instance_t made;
  wasmtime_extern_t item;
  wasm_trap_t* trap = NULL;
  char* name;
  size_t name_bytes;
  if (wg_space_check(s) != WG_OK) return s->error.code;
  wasmtime_error_t* error = wasmtime_module_new(s->profile->engine, bytes, count, &module);
  if (error == NULL) error = wasmtime_instance_new(s->context, module, NULL, 0, &made, &trap);
  if (module != NULL) wasmtime_module_delete(module);
  if (error != NULL || trap != NULL) return wg_fail_engine(s, error, trap);
  if (!wasmtime_instance_export_nth(s->context, &made, 0, &name, &name_bytes, &item)) {
    return wg_fail(s, WG_ERR_INTERNAL, "the module exports nothing");
  }
  wg_entity entity = {.kind = item.kind, .of = item.of, .letters = wg_space_text(s, letters)};
  *id = entity.letters == NULL ? WG_NO_ENTITY : wg_space_add(s, &entity);
  return *id == WG_NO_ENTITY ? no_memory(s) : WG_OK;
}

const char* wg_space_text(wg_store* s, const char* text) {
  wg_space* space = s->space;
  if (!grow((void**)&space->texts, space->text_count, &space->text_capacity, sizeof *space->texts)) return NULL;
  char* copy = strdup(text);
  if (copy != NULL) space->texts[space->text_count++] = copy;
  return copy;
}

uint8_t wg_kind_of_letter(char letter) {
  switch (letter) {
    case 'w':
      return WASM_I32;
    case 'l':
      return WASM_I64;
    case 'f':
      return WASM_F32;
    case 'd':
      return WASM_F64;
    case 'p':
      return WASM_FUNCREF;
    default:
      return WASM_EXTERNREF;
  }
}

/* ---- Ends */

void wg_space_module_release(wg_space_module* module) {
  if (module == NULL || atomic_fetch_sub(&module->users, 1) != 1) return;
  for (size_t i = 0; i < module->import_count; i++) free(module->imports[i].checks);
  for (size_t i = 0; i < module->export_count; i++) {
    free(module->exports[i].name);
    free(module->exports[i].letters);
  }
  wasm_importtype_vec_delete(&module->import_types);
  if (module->module != NULL) wasmtime_module_delete(module->module);
  free(module->imports);
  free(module->exports);
  free(module->escaping);
  free(module->narrowed);
  free(module->functions);
  free(module);
}

size_t wg_space_export_count(const wg_space_module* module) { return module->export_count; }

void wg_space_slots(wg_instance* instance, wg_raw* slots) { wg_store_of(instance)->space->slots = slots; }

bool wg_space_begin(wg_store* s) { return (s->space = calloc(1, sizeof *s->space)) != NULL; }

void wg_space_end(wg_store* s) {
  wg_space* space = s->space;
  if (space == NULL) return;
  for (uint32_t i = 0; i < space->rooted_capacity; i++) {
    if (space->rooted[i].uses > 0) wasmtime_anyref_unroot(&space->rooted[i].ref);
  }
  for (uint32_t i = 0; i < space->count; i++) {
    if (space->entities[i].kind == WASMTIME_EXTERN_SHAREDMEMORY)
      wasmtime_sharedmemory_delete(space->entities[i].of.sharedmemory);
  }
  if (space->exn != NULL) wasmtime_exn_delete(space->exn);
  for (uint32_t i = 0; i < space->part_count; i++) {
    wg_space_module_release(space->parts[i].module);
    free(space->parts[i].ids);
  }
  for (uint32_t i = 0; i < space->text_count; i++) free(space->texts[i]);
  free(space->texts);
  free(space->entities);
  free(space->parts);
  free(space->funcs);
  free(space->rooted);
  free(space->buckets);
  free(space->tags);
  memset(space, 0, sizeof *space);
}

void wg_space_free(wg_store* s) {
  free(s->space);
  s->space = NULL;
}
