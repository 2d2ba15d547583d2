/* Functions of a namespace: those of JavaScript that wasm calls, and the other way. */
#include <stdlib.h>
#include <string.h>

#include "space.h"

/* Arguments or results for which no memory is taken. */
#define FEW 16

static int no_memory(wg_store* s) {
  return wg_fail(s, WG_ERR_OUT_OF_MEMORY, "no memory for a function of the WebAssembly namespace");
}

/* How many parameters and results a plan has. */
static int count_values(wg_store* s, const char* plan, size_t* params, size_t* results) {
  size_t bytes = strlen(plan);
  const char* arrow = strchr(plan, '>');
  *params = arrow == NULL ? 0 : (size_t)(arrow - plan);
  *results = arrow == NULL ? 0 : bytes - *params - 1;
  if (*params <= WG_MOST_VALUES && *results <= WG_MOST_VALUES) return WG_OK;
  return wg_fail(s, WG_ERR_ARG_RANGE, "a function has at most %d parameters and as many results, not %zu and %zu",
                 WG_MOST_VALUES, *params, *results);
}

/* ---- Functions of the host */

/* A result whose type the raw value does not show. The engine compares values with types
 * where it sets globals. */
typedef struct host_check {
  wasm_valtype_t* type; /* owned; NULL: nothing to compare */
  bool nullable, made;
  wasmtime_global_t global; /* of the type, null between calls if it can be */
} host_check;

typedef struct host_env {
  uint32_t place;
  uint16_t params, results;
  host_check* checks; /* of each result; NULL: none has one */
  char letters[];
} host_env;

static void free_env(void* data) {
  host_env* env = data;
  for (size_t i = 0; env->checks != NULL && i < env->results; i++) {
    if (env->checks[i].type != NULL) wasm_valtype_delete(env->checks[i].type);
  }
  free(env->checks);
  free(env);
}

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

static wasmtime_error_t* compare(wg_store* s, host_check* check, const wasmtime_val_t* val) {
  if (check->made) return wasmtime_global_set(s->context, &check->global, val);
  wasm_globaltype_t* type = wasm_globaltype_new(wasm_valtype_copy(check->type), WASM_VAR);
  wasmtime_error_t* error = wasmtime_global_new(s->context, type, val, &check->global);
  wasm_globaltype_delete(type);
  check->made = error == NULL;
  return error;
}

/* Whether what is in a slot is of the type of a result. */
static bool fits(wg_store* s, host_check* check, char letter, const wg_raw* slot) {
  wasmtime_val_t val;
  if (check->type == NULL) return true;
  if (!wg_slot_to_val(s, letter, slot, &val)) return false;
  wasmtime_error_t* error = compare(s, check, &val);
  wasmtime_val_unroot(&val);
  if (error != NULL) {
    wasmtime_error_delete(error);
    return false;
  }
  const wg_slot_ref null = {WG_REF_NULL, 0};
  wg_raw none = {0};
  memcpy(&none, &null, sizeof null);
  if (!check->nullable || !wg_slot_to_val(s, letter, &none, &val)) return true;
  error = wasmtime_global_set(s->context, &check->global, &val); /* keeps nothing alive */
  if (error != NULL) wasmtime_error_delete(error);
  return true;
}

static wasm_trap_t* wrong_result(wg_store* s) {
  return wg_stop_text(s, WG_ERR_ARG_TYPE,
                      "a function of JavaScript returned a reference of another type than it is to return");
}

/* The raw values are made at last, when nothing can run the engine's collector any more:
 * it would let go of those that are not in the guest's hands yet. */
static wasm_trap_t* give_results(wg_store* s, const host_env* env, wg_raw* raw, wg_root* roots) {
  const char* letters = env->letters + env->params;
  const wg_raw* slots = s->space->slots;
  for (uint16_t i = 0; env->checks != NULL && i < env->results; i++) {
    if (!fits(s, &env->checks[i], letters[i], &slots[i])) return wrong_result(s);
  }
  for (uint16_t i = 0; i < env->results; i++) {
    if (!wg_slot_to_root(s, letters[i], &slots[i], &roots[i])) {
      return s->error.code == WG_ERR_ARG_TYPE
                 ? wrong_result(s)
                 : wg_stop_text(s, WG_ERR_OUT_OF_MEMORY, "no memory for the results of a function");
    }
  }
  for (uint16_t i = 0; i < env->results; i++) wg_root_to_raw(s, letters[i], &slots[i], &roots[i], &raw[i]);
  return NULL;
}

static wasm_trap_t* take_results(wg_store* s, const host_env* env, wg_raw* raw) {
  wg_root some[FEW];
  wg_root* roots = some;
  if (env->results > FEW) roots = malloc(env->results * sizeof *roots);
  if (roots == NULL) return wg_stop_text(s, WG_ERR_OUT_OF_MEMORY, "no memory for the results of a function");
  memset(roots, 0, env->results * sizeof *roots);
  wasm_trap_t* trap = give_results(s, env, raw, roots);
  for (uint16_t i = 0; i < env->results; i++) wg_root_free(&roots[i]);
  if (roots != some) free(roots);
  return trap;
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

static host_env* make_env(const char* plan, size_t params, size_t results, uint32_t place) {
  host_env* env = calloc(1, sizeof *env + params + results + 1);
  if (env == NULL) return NULL;
  env->place = place;
  env->params = (uint16_t)params;
  env->results = (uint16_t)results;
  memcpy(env->letters, plan, params);
  if (results > 0) memcpy(env->letters + params, plan + params + 1, results);
  return env;
}

static bool add_checks(host_env* env, const char* checks, const wasm_functype_t* type) {
  const wasm_valtype_vec_t* results = wasm_functype_results(type);
  if (env->results == 0 || strspn(checks, " ") == env->results) return true;
  env->checks = calloc(env->results, sizeof *env->checks);
  if (env->checks == NULL) return false;
  for (size_t i = 0; i < env->results; i++) {
    env->checks[i].nullable = checks[i] == '0';
    if (checks[i] != ' ') env->checks[i].type = wasm_valtype_copy(results->data[i]);
  }
  return true;
}

/* Takes `env` over. */
static int add_host(wg_store* s, const wasm_functype_t* type, host_env* env, uint32_t* id) {
  wg_entity entity = {.kind = WASMTIME_EXTERN_FUNC, .host = true};
  wasmtime_func_new_unchecked(s->context, type, on_host, env, free_env, &entity.of.func);
  *id = wg_space_add(s, &entity);
  return *id == WG_NO_ENTITY ? no_memory(s) : WG_OK;
}

int wg_space_host(wg_instance* instance, const wg_space_module* module, size_t import, uint32_t place, const char* plan,
                  uint32_t* id) {
  wg_store* s = wg_store_of(instance);
  size_t params, results;
  if (wg_space_check(s) != WG_OK || count_values(s, plan, &params, &results) != WG_OK) return s->error.code;
  if (import >= module->import_count || module->imports[import].checks == NULL) {
    return wg_fail(s, WG_ERR_INTERNAL, "import %zu is no function", import);
  }
  const wasm_functype_t* type =
      wasm_externtype_as_functype_const(wasm_importtype_type(module->import_types.data[import]));
  bool crosses = *plan != 0;
  if (crosses && (wasm_functype_params(type)->size != params || wasm_functype_results(type)->size != results)) {
    return wg_fail(s, WG_ERR_INTERNAL, "the plan \"%s\" is not that of import %zu", plan, import);
  }
  host_env* env = make_env(plan, params, results, place);
  if (env == NULL) return no_memory(s);
  if (!add_checks(env, module->imports[import].checks, type)) {
    free_env(env);
    return no_memory(s);
  }
  return add_host(s, type, env, id);
}

int wg_space_host_of(wg_instance* instance, uint32_t place, const char* plan, uint32_t* id) {
  wg_store* s = wg_store_of(instance);
  wasm_valtype_vec_t lists[2];
  size_t params, results;
  if (wg_space_check(s) != WG_OK || count_values(s, plan, &params, &results) != WG_OK) return s->error.code;
  host_env* env = make_env(plan, params, results, place);
  if (env == NULL) return no_memory(s);
  wasm_valtype_vec_new_uninitialized(&lists[0], params);
  wasm_valtype_vec_new_uninitialized(&lists[1], results);
  for (size_t i = 0; i < params; i++) lists[0].data[i] = wasm_valtype_new(wg_kind_of_letter(env->letters[i]));
  for (size_t i = 0; i < results; i++) lists[1].data[i] = wasm_valtype_new(wg_kind_of_letter(env->letters[params + i]));
  wasm_functype_t* type = wasm_functype_new(&lists[0], &lists[1]);
  int code = add_host(s, type, env, id);
  wasm_functype_delete(type);
  return code;
}

void wg_space_throw(wg_instance* instance, uint32_t tag) { wg_store_of(instance)->space->thrown = tag; }

/* ---- Calls */

static int by_number(const void* a, const void* b) {
  uint32_t x = *(const uint32_t*)a, y = *(const uint32_t*)b;
  return x < y ? -1 : x > y;
}

/* The function to be called for an entity. False if nobody knows what it takes. */
static bool callee(wg_store* s, const wg_entity* entity, wasmtime_func_t* func, bool* narrowed) {
  *func = entity->of.func;
  *narrowed = false;
  if (!entity->of_part) return entity->host;
  const wg_part* part = &s->space->parts[entity->part];
  const wg_space_module* module = part->module;
  if (module->narrowed_count == 0 ||
      bsearch(&entity->index, module->narrowed, module->narrowed_count, sizeof entity->index, by_number) == NULL) {
    return true;
  }
  return *narrowed = wg_space_hidden(s, part, 'n', entity->index, func);
}

int wg_space_bind(wg_instance* instance, uint32_t id, const char* plan, wg_space_plan** out) {
  wg_store* s = wg_store_of(instance);
  size_t params, results;
  wasmtime_func_t func;
  bool narrowed;
  wg_entity* entity = wg_space_get(s, id, WASMTIME_EXTERN_FUNC);
  if (entity == NULL || count_values(s, plan, &params, &results) != WG_OK) return s->error.code;
  if (!callee(s, entity, &func, &narrowed)) {
    return wg_fail(s, WG_ERR_HANDLE, "the function belongs to an instance that could not be made");
  }
  wg_space_plan* bound = calloc(1, sizeof *bound + params + results + 1);
  if (bound == NULL) return no_memory(s);
  bound->narrowed = narrowed;
  bound->params = (uint16_t)params;
  bound->results = (uint16_t)results;
  memcpy(bound->letters, plan, params);
  if (results > 0) memcpy(bound->letters + params, plan + params + 1, results);
  bound->plain = strspn(bound->letters, "wlfd") == params + results;
  memcpy(&bound->func, &func, sizeof bound->func);
  *out = bound;
  return WG_OK;
}

/* A narrowed function found that an argument is not of its type: there is no other frame. */
static int call_failed(wg_store* s, const wg_space_plan* plan, int code) {
  bool cast = code == WG_ERR_TRAP && plan->narrowed && s->error.trap != NULL &&
              strcmp(s->error.trap, "cast_failure") == 0 && s->error.stack != NULL &&
              strchr(s->error.stack, '\n') == NULL;
  return cast ? wg_fail(s, WG_ERR_ARG_TYPE, "an argument is no reference of the type that the function takes") : code;
}

static int call(wg_store* s, const wg_space_plan* plan, wg_raw* raw, size_t count, wg_root* roots) {
  wg_raw* slots = s->space->slots;
  for (uint16_t i = 0; i < plan->params; i++) {
    if (!wg_slot_to_root(s, plan->letters[i], &slots[i], &roots[i])) return s->error.code;
  }
  for (uint16_t i = 0; i < plan->params; i++) wg_root_to_raw(s, plan->letters[i], &slots[i], &roots[i], &raw[i]);
  int code = wg_call(&s->head, &plan->func, raw, count);
  for (uint16_t i = 0; i < plan->results && code == WG_OK; i++) {
    if (!wg_raw_to_slot(s, plan->letters[plan->params + i], &raw[i], &slots[i])) code = s->error.code;
  }
  return code;
}

int wg_space_call(wg_instance* instance, const wg_space_plan* plan) {
  wg_store* s = wg_store_of(instance);
  if (wg_space_check(s) != WG_OK) return s->error.code;
  size_t count = plan->params > plan->results ? plan->params : plan->results;
  wg_refs_collect_some(s); /* what takes numbers may make references too, by way of host functions */
  if (plan->plain) return wg_call(instance, &plan->func, s->space->slots, count);
  wg_raw some[FEW];
  wg_root some_roots[FEW];
  wg_raw* raw = some;
  wg_root* roots = some_roots;
  if (count > FEW) {
    raw = malloc(count * sizeof *raw);
    roots = malloc(count * sizeof *roots);
  }
  int code;
  if (raw == NULL || roots == NULL) {
    code = no_memory(s);
  } else {
    memset(roots, 0, count * sizeof *roots);
    code = call(s, plan, raw, count, roots);
    for (uint16_t i = 0; i < plan->params; i++) wg_root_free(&roots[i]);
  }
  if (raw != some) free(raw);
  if (roots != some_roots) free(roots);
  return code == WG_OK ? WG_OK : call_failed(s, plan, code);
}
