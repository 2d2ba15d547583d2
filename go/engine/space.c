/* Namespaces: entities, instances, host functions, calls. */
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

static int no_memory(wg_store* s) { return wg_fail(s, WG_ERR_OUT_OF_MEMORY, "no memory for the WebAssembly namespace"); }

static int refuse_closed(wg_store* s) {
  if (s->space == NULL) return wg_fail(s, WG_ERR_HANDLE, "not a WebAssembly namespace");
  return wg_fail(s, WG_ERR_CLOSED, "the WebAssembly namespace is closed");
}

static bool is_open(wg_store* s) { return s->space != NULL && s->head.state != WG_CLOSED; }

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
static const void* address_of(wg_store* s, const wasmtime_func_t* func) { return wasmtime_func_to_raw(s->context, func); }

uint32_t wg_space_add(wg_store* s, const wg_entity* entity) {
  wg_space* space = s->space;
  if (!grow((void**)&space->entities, space->count, &space->capacity, sizeof *entity)) return WG_NO_ENTITY;
  if (entity->kind == WASMTIME_EXTERN_FUNC && !note_func(space, address_of(s, &entity->of.func), space->count)) {
    return WG_NO_ENTITY;
  }
  space->entities[space->count] = *entity;
  return space->count++;
}

wg_entity* wg_space_get(wg_store* s, uint32_t id, uint8_t kind) {
  if (!is_open(s)) {
    refuse_closed(s);
    return NULL;
  }
  if (id < s->space->count && s->space->entities[id].kind == kind) return &s->space->entities[id];
  wg_fail(s, WG_ERR_HANDLE, "the WebAssembly namespace has nothing of that kind under %u", id);
  return NULL;
}

/* ---- Functions that come out of tables and the like */

static bool get_export(wg_store* s, const wasmtime_instance_t* instance, const char* name, size_t bytes,
                       wasmtime_extern_t* item) {
  return wasmtime_instance_export_get(s->context, instance, name, bytes, item);
}

/* A function that the module exports for us, by its index: go/wasmbin/open.go. */
static bool get_hidden(wg_store* s, const wg_part* part, char what, uint32_t index, wasmtime_func_t* func) {
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
    if (!get_hidden(s, part, 'f', index, &entity.of.func)) continue;
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

static void to_extern(const wg_entity* entity, wasmtime_extern_t* item) {
  item->kind = entity->kind;
  switch (entity->kind) {
    case WASMTIME_EXTERN_FUNC:
      item->of.func = entity->of.func;
      break;
    case WASMTIME_EXTERN_GLOBAL:
      item->of.global = entity->of.global;
      break;
    case WASMTIME_EXTERN_TABLE:
      item->of.table = entity->of.table;
      break;
    case WASMTIME_EXTERN_MEMORY:
      item->of.memory = entity->of.memory;
      break;
    case WASMTIME_EXTERN_SHAREDMEMORY:
      item->of.sharedmemory = entity->of.shared;
      break;
    default:
      item->of.tag = entity->of.tag;
  }
}

static void from_extern(const wasmtime_extern_t* item, wg_entity* entity) {
  entity->kind = item->kind;
  switch (item->kind) {
    case WASMTIME_EXTERN_FUNC:
      entity->of.func = item->of.func;
      break;
    case WASMTIME_EXTERN_GLOBAL:
      entity->of.global = item->of.global;
      break;
    case WASMTIME_EXTERN_TABLE:
      entity->of.table = item->of.table;
      break;
    case WASMTIME_EXTERN_MEMORY:
      entity->of.memory = item->of.memory;
      break;
    case WASMTIME_EXTERN_SHAREDMEMORY:
      entity->of.shared = item->of.sharedmemory;
      break;
    default:
      entity->of.tag = item->of.tag;
  }
}

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
    wg_entity entity = {.letters = export->letters};
    if (!get_export(s, &s->space->parts[number].instance, export->name, export->name_bytes, &item)) {
      return wg_fail(s, WG_ERR_INTERNAL, "an export is not there");
    }
    from_extern(&item, &entity);
    if (export->kind == WG_FUNCTION) {
      entity.of_part = true;
      entity.part = number;
      entity.index = export->index;
      out[i] = wg_space_func(s, &entity.of.func); /* it may have come out of a table before */
      continue;
    }
    if ((out[i] = wg_space_add(s, &entity)) == WG_NO_ENTITY) return no_memory(s);
  }
  return WG_OK;
}

/* Remembers an instance that exists: also one whose start function failed, as tables may
 * have its functions. */
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

static int enter_instance(wg_store* s, const wg_space_module* module, const wasmtime_extern_t* imports, size_t count,
                          wasmtime_instance_t* made) {
  int code = wg_check(&s->head);
  if (code != WG_OK) return code;
  bool in_host = s->in_host;
  uint32_t state = s->head.state;
  wasm_trap_t* trap = NULL;
  WG_COUNT_GUEST_ENTRY();
  s->head.state = WG_CALLING;
  bool running = s->running;
  s->running = true;
  s->in_host = false;
  wasmtime_error_t* error = wasmtime_instance_new(s->context, module->module, imports, count, made, &trap);
  s->running = running;
  s->in_host = in_host;
  if (s->head.state == WG_CALLING) s->head.state = state;
  return error == NULL && trap == NULL ? WG_OK : fail_instance(s, error, trap);
}

int wg_space_instantiate(wg_instance* instance, wg_space_module* module, const uint32_t* ids, size_t id_count,
                         uint32_t number, uint32_t* out) {
  wg_store* s = wg_store_of(instance);
  if (!is_open(s)) return refuse_closed(s);
  if (id_count != module->import_count) return wg_fail(s, WG_ERR_INTERNAL, "%zu imports, not %zu", id_count, module->import_count);
  wasmtime_extern_t* imports = calloc(id_count + 1, sizeof *imports);
  if (imports == NULL) return no_memory(s);
  wasmtime_instance_t made;
  int code = WG_OK;
  for (size_t i = 0; i < id_count; i++) {
    if (ids[i] >= s->space->count) {
      free(imports);
      return wg_fail(s, WG_ERR_HANDLE, "import %zu is nothing of this WebAssembly namespace", i);
    }
    to_extern(&s->space->entities[ids[i]], &imports[i]);
  }
  wg_refs_collect_some(s);
  wg_span span;
  wg_begin(instance, NULL, &span);
  code = enter_instance(s, module, imports, id_count, &made);
  wg_end(instance, &span, code);
  free(imports);
  if (code == WG_OK) code = add_part(s, &made, module, ids, id_count, number);
  return code == WG_OK ? add_exports(s, s->space->part_count - 1, ids, out) : code;
}

/* ---- Functions of the host */

typedef struct host_env {
  uint32_t place;
  uint16_t params, results;
  char letters[];
} host_env;

/* Arguments or results for which no memory is taken. */
#define FEW 16

static wasm_trap_t* throw_exception(wg_store* s) {
  wg_space* space = s->space;
  wg_entity* tag = wg_space_get(s, space->thrown, WASMTIME_EXTERN_TAG);
  if (tag == NULL || tag->letters == NULL) return wg_stop_text(s, WG_ERR_INTERNAL, "an exception without a tag");
  size_t count = strlen(tag->letters), made = 0;
  wasmtime_val_t* values = calloc(count + 1, sizeof *values);
  if (values == NULL) return wg_stop_text(s, WG_ERR_OUT_OF_MEMORY, "no memory for an exception");
  while (made < count && wg_slot_to_val(s, tag->letters[made], &space->slots[made], &values[made])) made++;
  wasmtime_exn_t* exn = NULL;
  wasmtime_error_t* error = made == count ? wasmtime_exn_new(s->context, &tag->of.tag, values, count, &exn) : NULL;
  for (size_t i = 0; i < made; i++) wasmtime_val_unroot(&values[i]);
  free(values);
  if (exn != NULL) return wasmtime_context_set_exception(s->context, exn);
  if (error != NULL) wasmtime_error_delete(error);
  return wg_stop_text(s, WG_ERR_OUT_OF_MEMORY, "no memory for an exception");
}

static wasm_trap_t* take_results(wg_store* s, const host_env* env, wg_raw* raw) {
  wg_root roots[FEW];
  wg_root* list = roots;
  const char* letters = env->letters + env->params;
  if (env->results > FEW) list = malloc(env->results * sizeof *list);
  if (list == NULL) return wg_stop_text(s, WG_ERR_OUT_OF_MEMORY, "no memory for the results of a host function");
  memset(list, 0, env->results * sizeof *list);
  bool taken = true;
  for (uint16_t i = 0; i < env->results && taken; i++) {
    taken = wg_slot_to_raw(s, letters[i], &s->space->slots[i], &raw[i], &list[i]);
  }
  for (uint16_t i = 0; i < env->results; i++) wg_root_free(&list[i]);
  if (list != roots) free(list);
  return taken ? NULL : wg_stop_text(s, WG_ERR_ARG_TYPE, "a host function gave a reference of another type");
}

static wasm_trap_t* on_host(void* data, wasmtime_caller_t* caller, wasmtime_val_raw_t* args, size_t count) {
  const host_env* env = data;
  wg_raw* raw = (wg_raw*)args;
  wg_store* s = wasmtime_context_get_data(wasmtime_caller_context(caller));
  (void)count;
  for (uint16_t i = 0; i < env->params; i++) {
    if (!wg_raw_to_slot(s, env->letters[i], &raw[i], &s->space->slots[i])) {
      return wg_stop_text(s, WG_ERR_OUT_OF_MEMORY, "no memory for the arguments of a host function");
    }
  }
  int code = wg_leave(s, env->place, s->space->slots);
  if (code == WG_ERR_EXCEPTION) return throw_exception(s);
  if (code != WG_OK) return wg_stop(s, code, NULL);
  return take_results(s, env, raw);
}

static host_env* make_env(const char* plan, uint32_t place) {
  size_t bytes = strlen(plan);
  host_env* env = calloc(1, sizeof *env + bytes + 1);
  if (env == NULL) return NULL;
  env->place = place;
  const char* arrow = strchr(plan, '>');
  env->params = (uint16_t)(arrow == NULL ? 0 : arrow - plan);
  env->results = (uint16_t)(arrow == NULL ? 0 : bytes - env->params - 1);
  memcpy(env->letters, plan, env->params);
  if (arrow != NULL) memcpy(env->letters + env->params, arrow + 1, env->results);
  return env;
}

static int new_host(wg_store* s, const uint8_t* kinds, size_t params, size_t results, uint32_t place, const char* plan,
                    wasmtime_func_t* func) {
  wasm_valtype_vec_t lists[2];
  host_env* env = make_env(plan, place);
  if (env == NULL) return no_memory(s);
  wasm_valtype_vec_new_uninitialized(&lists[0], params);
  wasm_valtype_vec_new_uninitialized(&lists[1], results);
  for (size_t i = 0; i < params; i++) lists[0].data[i] = wasm_valtype_new(kinds[i]);
  for (size_t i = 0; i < results; i++) lists[1].data[i] = wasm_valtype_new(kinds[params + i]);
  wasm_functype_t* type = wasm_functype_new(&lists[0], &lists[1]);
  wasmtime_func_new_unchecked(s->context, type, on_host, env, free, func);
  wasm_functype_delete(type);
  return WG_OK;
}

/* Compiles and instantiates one of our small modules, and gives its first export. */
static int make_small(wg_store* s, const uint8_t* bytes, size_t count, const wasmtime_extern_t* imports, size_t import_count,
                      wasmtime_extern_t* item) {
  wasmtime_module_t* module = NULL;
  wasmtime_instance_t made;
  wasm_trap_t* trap = NULL;
  wasmtime_error_t* error = wasmtime_module_new(s->profile->engine, bytes, count, &module);
  if (error == NULL) error = wasmtime_instance_new(s->context, module, imports, import_count, &made, &trap);
  if (module != NULL) wasmtime_module_delete(module);
  if (error != NULL || trap != NULL) return wg_fail_engine(s, error, trap);
  char* name;
  size_t name_bytes;
  if (wasmtime_instance_export_nth(s->context, &made, 0, &name, &name_bytes, item)) return WG_OK;
  return wg_fail(s, WG_ERR_INTERNAL, "the module exports nothing");
}

int wg_space_make(wg_instance* instance, const uint8_t* module, size_t bytes, const char* letters, uint32_t* id) {
  wg_store* s = wg_store_of(instance);
  wasmtime_extern_t item;
  wg_entity entity = {0};
  if (!is_open(s)) return refuse_closed(s);
  int code = make_small(s, module, bytes, NULL, 0, &item);
  if (code != WG_OK) return code;
  from_extern(&item, &entity);
  entity.letters = wg_space_text(s, letters);
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

int wg_space_host(wg_instance* instance, const wg_space_module* module, size_t import, uint32_t place, const char* plan,
                  uint32_t* id) {
  wg_store* s = wg_store_of(instance);
  wg_entity entity = {.kind = WASMTIME_EXTERN_FUNC};
  wasmtime_extern_t item = {.kind = WASMTIME_EXTERN_FUNC};
  if (!is_open(s)) return refuse_closed(s);
  if (import >= module->import_count || module->imports[import].kinds == NULL) {
    return wg_fail(s, WG_ERR_INTERNAL, "import %zu is no function", import);
  }
  const wg_space_import* entry = &module->imports[import];
  int code = new_host(s, entry->kinds, entry->params, entry->results, place, plan, &entity.of.func);
  if (code == WG_OK && entry->crossing != NULL) {
    item.of.func = entity.of.func;
    code = make_small(s, entry->crossing, entry->crossing_bytes, &item, 1, &item);
    entity.of.func = item.of.func;
  }
  if (code != WG_OK) return code;
  *id = wg_space_add(s, &entity);
  return *id == WG_NO_ENTITY ? no_memory(s) : WG_OK;
}

int wg_space_host_of(wg_instance* instance, uint32_t place, const char* plan, uint32_t* id) {
  wg_store* s = wg_store_of(instance);
  wg_entity entity = {.kind = WASMTIME_EXTERN_FUNC};
  if (!is_open(s)) return refuse_closed(s);
  uint8_t kinds[2 * WG_SPACE_SLOTS];
  size_t count = 0, params = 0;
  for (const char* at = plan; *at != 0 && count < sizeof kinds; at++) {
    if (*at == '>') {
      params = count;
      continue;
    }
    kinds[count++] = wg_kind_of_letter(*at);
  }
  int code = new_host(s, kinds, params, count - params, place, plan, &entity.of.func);
  if (code != WG_OK) return code;
  *id = wg_space_add(s, &entity);
  return *id == WG_NO_ENTITY ? no_memory(s) : WG_OK;
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

void wg_space_throw(wg_instance* instance, uint32_t tag) { wg_store_of(instance)->space->thrown = tag; }

/* ---- Calls */

int wg_space_bind(wg_instance* instance, uint32_t id, const char* plan, wg_space_plan** out) {
  wg_store* s = wg_store_of(instance);
  wg_entity* entity = wg_space_get(s, id, WASMTIME_EXTERN_FUNC);
  if (entity == NULL) return s->error.code;
  host_env* env = make_env(plan, 0);
  wg_space_plan* bound = env == NULL ? NULL : calloc(1, sizeof *bound + env->params + env->results + 1);
  if (bound == NULL) {
    free(env);
    return no_memory(s);
  }
  bound->params = env->params;
  bound->results = env->results;
  memcpy(bound->letters, env->letters, (size_t)env->params + env->results);
  bound->plain = strspn(bound->letters, "wlfd") == (size_t)env->params + env->results;
  free(env);
  wasmtime_func_t func = entity->of.func;
  if (entity->of_part) {
    const wg_part* part = &s->space->parts[entity->part];
    for (size_t i = 0; i < part->module->narrowed_count && !bound->narrowed; i++) {
      bound->narrowed = part->module->narrowed[i] == entity->index && get_hidden(s, part, 'n', entity->index, &func);
    }
  }
  memcpy(&bound->func, &func, sizeof bound->func);
  *out = bound;
  return WG_OK;
}

/* A narrowed function found that an argument is not of its type: there is no other frame. */
static int call_failed(wg_store* s, const wg_space_plan* plan, int code) {
  bool cast = code == WG_ERR_TRAP && plan->narrowed && s->error.trap != NULL && strcmp(s->error.trap, "cast_failure") == 0 &&
              s->error.stack != NULL && strchr(s->error.stack, '\n') == NULL;
  return cast ? wg_fail(s, WG_ERR_ARG_TYPE, "an argument is no reference of the type that the function takes") : code;
}

int wg_space_call(wg_instance* instance, const wg_space_plan* plan) {
  wg_store* s = wg_store_of(instance);
  if (!is_open(s)) return refuse_closed(s);
  wg_space* space = s->space;
  size_t count = plan->params > plan->results ? plan->params : plan->results;
  wg_refs_collect_some(s); /* what takes numbers may make references too, by way of host functions */
  if (plan->plain) return wg_call(instance, &plan->func, space->slots, count);
  wg_raw some[FEW];
  wg_root some_roots[FEW];
  wg_raw* raw = some;
  wg_root* roots = some_roots;
  if (count > FEW) {
    raw = malloc(count * sizeof *raw);
    roots = malloc(count * sizeof *roots);
  }
  int code = raw == NULL || roots == NULL ? no_memory(s) : WG_OK;
  if (code == WG_OK) {
    memset(roots, 0, count * sizeof *roots);
    for (uint16_t i = 0; i < plan->params && code == WG_OK; i++) {
      if (!wg_slot_to_raw(s, plan->letters[i], &space->slots[i], &raw[i], &roots[i])) code = s->error.code;
    }
    if (code == WG_OK) code = wg_call(instance, &plan->func, raw, count);
    for (uint16_t i = 0; i < plan->results && code == WG_OK; i++) {
      if (!wg_raw_to_slot(s, plan->letters[plan->params + i], &raw[i], &space->slots[i])) code = s->error.code;
    }
    for (uint16_t i = 0; i < plan->params; i++) wg_root_free(&roots[i]);
  }
  if (raw != some) free(raw);
  if (roots != some_roots) free(roots);
  return code == WG_OK ? WG_OK : call_failed(s, plan, code);
}

/* ---- Ends */

static void release_module(wg_space_module* module) {
  if (module == NULL || atomic_fetch_sub(&module->users, 1) != 1) return;
  for (size_t i = 0; i < module->import_count; i++) {
    free(module->imports[i].kinds);
    free(module->imports[i].crossing);
  }
  for (size_t i = 0; i < module->export_count; i++) {
    free(module->exports[i].name);
    free(module->exports[i].letters);
  }
  if (module->module != NULL) wasmtime_module_delete(module->module);
  free(module->imports);
  free(module->exports);
  free(module->escaping);
  free(module->narrowed);
  free(module->functions);
  free(module);
}

void wg_space_module_release(wg_space_module* module) { release_module(module); }

size_t wg_space_export_count(const wg_space_module* module) { return module->export_count; }

void wg_space_slots(wg_instance* instance, wg_raw* slots) { wg_store_of(instance)->space->slots = slots; }

bool wg_space_begin(wg_store* s) { return (s->space = calloc(1, sizeof *s->space)) != NULL; }

void wg_space_end(wg_store* s) {
  wg_space* space = s->space;
  if (space == NULL) return;
  for (uint32_t i = 0; i < space->rooted_count; i++) {
    if (space->rooted[i].uses > 0) wasmtime_anyref_unroot(&space->rooted[i].ref);
  }
  for (uint32_t i = 0; i < space->count; i++) {
    if (space->entities[i].kind == WASMTIME_EXTERN_SHAREDMEMORY) wasmtime_sharedmemory_delete(space->entities[i].of.shared);
  }
  if (space->exn != NULL) wasmtime_exn_delete(space->exn);
  for (uint32_t i = 0; i < space->part_count; i++) {
    release_module(space->parts[i].module);
    free(space->parts[i].ids);
  }
  for (uint32_t i = 0; i < space->text_count; i++) free(space->texts[i]);
  free(space->texts);
  free(space->entities);
  free(space->parts);
  free(space->funcs);
  free(space->rooted);
  memset(space, 0, sizeof *space);
}

void wg_space_free(wg_store* s) {
  free(s->space);
  s->space = NULL;
}
