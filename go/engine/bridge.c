/* From our functions to wasmtime's own implementation of WASI. That looks for the
 * guest's memory among the exports of the instance that calls it. So it is called from
 * a small instance that imports the guest's memory and exports it again, with one
 * function for each of WASI (go/engine/bridge.go has the module). It is made when the
 * guest first needs it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store.h"
#include "wg_wasi.h"

bool wg_bridge_open(wg_store* s, wasi_config_t* files) {
  wasmtime_error_t* error = wasmtime_context_set_wasi(s->context, files);
  if (error == NULL) return true;
  wasmtime_error_delete(error);
  return false;
}

/* Function i of enum wg_wasi_function is exported as "fi". */
static bool find_functions(wg_store* s, const wasmtime_instance_t* instance) {
  char name[16];
  wasmtime_func_t* functions = calloc(WG_WASI_COUNT, sizeof *functions);
  if (functions == NULL) return false;
  for (int i = 0; i < WG_WASI_COUNT; i++) {
    wasmtime_extern_t item;
    snprintf(name, sizeof name, "f%d", i);
    if (!wasmtime_instance_export_get(s->context, instance, name, strlen(name), &item)) continue;
    functions[i] = item.of.func;
    wasmtime_extern_delete(&item);
  }
  s->bridge = functions;
  return true;
}

static wasm_trap_t* make(wg_store* s) {
  wasmtime_instance_t instance;
  wasm_trap_t* trap = NULL;
  if (!s->has_files && !wg_bridge_open(s, wasi_config_new())) {
    return wg_stop_text(s, WG_ERR_INTERNAL, "WASI cannot be set up");
  }
  wasmtime_linker_t* linker = wasmtime_linker_clone(s->profile->wasi);
  wasmtime_extern_t memory = {.kind = WASMTIME_EXTERN_MEMORY, .of.memory = s->memory};
  wasmtime_error_t* error = wasmtime_linker_define(linker, s->context, "guest", 5, "memory", 6, &memory);
  if (error == NULL) error = wasmtime_linker_instantiate(linker, s->context, s->profile->bridge, &instance, &trap);
  wasmtime_linker_delete(linker);
  if (error != NULL) wasmtime_error_delete(error);
  if (trap != NULL) wasm_trap_delete(trap);
  if (error != NULL || trap != NULL || !find_functions(s, &instance)) {
    return wg_stop_text(s, WG_ERR_TRAP, "WASI needs a memory of 32 bits, and room for an instance of its own");
  }
  return NULL;
}

wasm_trap_t* wg_bridge_call(wg_store* s, int function, wg_raw* slots, size_t count) {
  wasm_trap_t* trap = s->bridge == NULL ? make(s) : NULL;
  if (trap != NULL) return trap;
  wasmtime_error_t* error =
      wasmtime_func_call_unchecked(s->context, &s->bridge[function], (wasmtime_val_raw_t*)slots, count, &trap);
  if (error == NULL && trap == NULL) return NULL;
  if (error != NULL) wasmtime_error_delete(error);
  if (trap != NULL) wasm_trap_delete(trap);
  if (s->stopping != WG_OK) return wg_stop_now(s, s->stopping);
  return wg_stop_text(s, WG_ERR_TRAP, "WASI refused a call that it takes for a mistake of the guest");
}
