/* Opening and closing of instances. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "space.h"

static _Atomic int64_t live_instances;

int64_t wg_live_instances(void) { return atomic_load(&live_instances); }

uint64_t wg_store_handle(wg_instance* instance) { return wg_store_of(instance)->handle; }

void wg_store_adopt(wg_instance* instance) {
  wg_store* s = wg_store_of(instance);
  s->stack_floor = wg_stack_floor(s->profile->stack_bytes);
  wg_plugins_adopt(s);
}

/* Elements that an instance's tables may have together: one instruction can ask for 2^32. */
#define MOST_TABLE_ELEMENTS 10000000

static bool find(wg_store* s, const char* name, wasmtime_extern_kind_t kind, wasmtime_extern_t* item) {
  if (name == NULL) return false;
  if (!wasmtime_instance_export_get(s->context, &s->instance, name, strlen(name), item)) return false;
  if (item->kind == kind) return true;
  wasmtime_extern_delete(item);
  return false;
}

static bool find_func(wg_store* s, const char* name, wasmtime_func_t* func) {
  wasmtime_extern_t item;
  if (!find(s, name, WASMTIME_EXTERN_FUNC, &item)) return false;
  *func = item.of.func;
  wasmtime_extern_delete(&item);
  return true;
}

static void find_helpers(wg_store* s, const wg_guest_abi* abi) {
  wasmtime_extern_t item;
  if (find(s, abi->memory, WASMTIME_EXTERN_MEMORY, &item)) {
    s->memory = item.of.memory;
    s->has_memory = true;
    wg_look_at_memory(s);
    wasmtime_extern_delete(&item);
  }
  if (find(s, abi->externref_table, WASMTIME_EXTERN_TABLE, &item)) {
    s->externrefs = item.of.table;
    s->has_externrefs = true;
    wasmtime_extern_delete(&item);
  }
  /* Plans that need these exist only where the exports do (go/marshal). */
  s->has_malloc = find_func(s, abi->malloc_name, &s->malloc_func);
  s->has_free = find_func(s, abi->free_name, &s->free_func);
  s->has_dealloc = find_func(s, abi->externref_dealloc, &s->dealloc_func);
  s->has_format = find_func(s, abi->format, &s->format_func);
  s->format_args = abi->format_args;
  s->has_exn_store = find_func(s, abi->exn_store, &s->exn_store_func);
  if (find(s, abi->table, WASMTIME_EXTERN_TABLE, &item)) {
    s->table = item.of.table;
    s->has_table = true;
    wasmtime_extern_delete(&item);
  }
  if (find(s, abi->stack_pointer, WASMTIME_EXTERN_GLOBAL, &item)) {
    s->stack_pointer = item.of.global;
    s->has_stack_pointer = true;
    wasmtime_global_get(s->context, &s->stack_pointer, &s->stack_top);
    wasmtime_extern_delete(&item);
  }
}

/* The start function of a metered module is called like an export, with its fuel set. */
static int run_own_start(wg_store* s, const char* name) {
  wasmtime_func_t func;
  wg_raw slot = {0};
  return find_func(s, name, &func) ? wg_call(&s->head, (const wg_func*)&func, &slot, 0) : WG_OK;
}

static int run_initialiser(wg_store* s, const char* name) {
  wasmtime_func_t func;
  if (!find_func(s, name, &func)) return WG_OK;
  wg_raw slot = {0};
  int code = wg_call(&s->head, (const wg_func*)&func, &slot, 0);
  /* Tells this apart from the module's own start function; the names need no escapes. */
  if (code != WG_OK) wg_error_detail(&s->error, "{\"export\":\"%s\"}", name);
  return code;
}

static int start(wg_store* s, const wasmtime_instance_pre_t* pre, const wg_guest_abi* abi) {
  wasm_trap_t* trap = NULL;
  if (abi->has_start && (uintptr_t)__builtin_frame_address(0) < s->stack_floor) return wg_fail_stack(s);
  WG_COUNT_GUEST_ENTRY();
  s->early_memory = abi->memory;
  s->head.state = WG_CALLING;
  s->running = true;
  wasmtime_error_t* error = wasmtime_instance_pre_instantiate(pre, s->context, &s->instance, &trap);
  s->running = false;
  s->early_memory = NULL;
  s->head.state = WG_OPEN;
  if (error != NULL || trap != NULL) return wg_fail_engine(s, error, trap);
  s->instantiated = true;
  find_helpers(s, abi);
  wg_fuel_open(s, abi->fuel);
  int code = run_own_start(s, abi->own_start);
  if (code == WG_OK) code = run_initialiser(s, abi->initialize);
  if (code == WG_OK) code = run_initialiser(s, abi->start);
  for (const char* const* name = abi->starts; name != NULL && *name != NULL && code == WG_OK; name++) {
    code = run_initialiser(s, *name);
  }
  return code;
}

/* Everything before the guest runs. */
static int prepare(wg_store* s, wg_setup* setup, const wg_guest_abi* abi) {
  s->bindgen = abi->bindgen;
  s->odd_types = abi->odd_types;
  s->poisons = abi->poisons;
  s->head.metered = abi->metered;
  s->malloc_args = abi->malloc_args;
  s->free_args = abi->free_args;
  s->slab.offset = abi->slab_offset;
  s->func_count = abi->func_count;
  s->growers = abi->growers;
  s->moves = abi->moves;
  s->move_count = abi->move_count;
  s->store = wasmtime_store_new(s->profile->engine, s, NULL);
  s->context = wasmtime_store_context(s->store);
  s->late = setup->late;
  s->late_count = setup->late_count;
  setup->late = NULL;
  wg_limits_open(s, setup);
  wg_wasi_open(s, setup);
  s->memory_limited = setup->memory_bytes >= 0;
  s->table_limited = setup->table_elements >= 0;
  int64_t elements = setup->table_elements;
  int64_t most = MOST_TABLE_ELEMENTS / (abi->tables > 1 ? abi->tables : 1);
  if (elements < 0 || elements > most) elements = most;
  int64_t most_things = s->space != NULL ? INT32_MAX : -1;
  wasmtime_store_limiter(s->store, setup->memory_bytes, elements, most_things, most_things, most_things);
  atomic_fetch_add(&live_instances, 1);
  if (!wg_plugins_open(s)) return wg_fail(s, WG_ERR_OUT_OF_MEMORY, "no memory for the plugins of an instance");
  if (s->interruptible && !wg_ticker_ready()) {
    return wg_fail(s, WG_ERR_OUT_OF_MEMORY, "no thread can be made for the clock that stops guests");
  }
  s->has_files = setup->files != NULL;
  if (!s->has_files) return WG_OK;
  if (!wg_access_open(s, setup->files_only, setup->dir_count)) {
    return wg_fail(s, WG_ERR_OUT_OF_MEMORY, "no memory for the granted directories");
  }
  wasi_config_t* files = setup->files;
  setup->files = NULL;
  return wg_bridge_open(s, files) ? WG_OK
                                  : wg_fail(s, WG_ERR_GRANT_INVALID, "the granted directories cannot be opened");
}

int wg_store_open(const wg_profile* profile, const wasmtime_instance_pre_t* pre, wg_setup* setup,
                  const wg_guest_abi* abi, uint64_t handle, const wg_host* host, wg_instance** out, wg_error* error) {
  wg_store* s = calloc(1, sizeof *s);
  if (s == NULL) {
    static const char text[] = "no memory for a new instance";
    wg_setup_free(setup);
    wg_error_set(error, WG_ERR_OUT_OF_MEMORY, text, sizeof text - 1);
    return WG_ERR_OUT_OF_MEMORY;
  }
  s->handle = handle;
  s->profile = profile;
  if (host != NULL) s->host = *host;
  int code = pre == NULL && !wg_space_begin(s)
                 ? wg_fail(s, WG_ERR_OUT_OF_MEMORY, "no memory for a WebAssembly namespace")
                 : prepare(s, setup, abi);
  wg_setup_free(setup);
  if (s->host.opened != NULL) s->host.opened(s->host.context, &s->head);
  if (code == WG_OK) {
    wg_span span;
    wg_store_adopt(&s->head);
    wg_begin(&s->head, NULL, &span);
    if (pre != NULL) code = start(s, pre, abi);
    wg_end(&s->head, &span, code);
  }
  if (code != WG_OK) {
    wg_last_error(&s->head, error);
    s->head.state = WG_OPEN; /* whatever the trap made of it */
    wg_store_close(&s->head);
    if (!s->shown) wg_instance_release(&s->head);
    return code;
  }
  *out = &s->head;
  return WG_OK;
}

int wg_store_close(wg_instance* instance) {
  wg_store* s = wg_store_of(instance);
  if (s->head.state == WG_CLOSED) return WG_OK;
  if (s->running) return WG_ERR_BUSY;
  if (s->host.opened != NULL) s->host.opened(s->host.context, NULL);
  wg_look_at_memory(s); /* for the meters, which are read afterwards */
  s->head.state = WG_CLOSED;
  wg_space_end(s);
  if (s->store != NULL && !s->kept) wasmtime_store_delete(s->store);
  if (s->store != NULL) atomic_fetch_sub(&live_instances, 1);
  s->store = NULL;
  s->context = NULL;
  s->memory_base = NULL;
  s->memory_known = 0;
  wg_slab_free(s);
  wg_host_free(s);
  wg_wasi_close(s);
  wg_plugins_close(s);
  wg_error_free(&s->plugin_error);
  free(s->late);
  s->late = NULL;
  s->late_count = 0;
  wg_value_free(s->panic);
  wg_value_free(s->thrown);
  s->panic = s->thrown = NULL;
  return WG_OK;
}

void wg_instance_release(wg_instance* instance) {
  wg_store* s = wg_store_of(instance);
  wg_slab_free(s); /* of what came after it was closed */
  wg_error_free(&s->error);
  wg_space_free(s);
  free(s);
}
