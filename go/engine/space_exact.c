/* Globals of exactly the type that a module imports, and types that only a namespace
 * itself knows. */
#include <stdlib.h>
#include <string.h>

#include "space.h"

/* Makes a global of the type of an import. False if it is no import of a global. */
static bool global_of(wg_store* s, const wg_space_module* module, size_t import, const wasmtime_val_t* val,
                      wasmtime_global_t* global, wasmtime_error_t** error) {
  if (import >= module->import_types.size) return false;
  const wasm_externtype_t* any = wasm_importtype_type(module->import_types.data[import]);
  const wasm_globaltype_t* type = wasm_externtype_as_globaltype_const(any);
  if (type != NULL) *error = wasmtime_global_new(s->context, type, val, global);
  return type != NULL;
}

int wg_space_global_import(wg_instance* instance, const wg_space_module* module, size_t import, char letter,
                           uint32_t* id) {
  wg_store* s = wg_store_of(instance);
  wg_entity entity = {.kind = WASMTIME_EXTERN_GLOBAL};
  const char text[] = {letter, 0};
  wasmtime_val_t val;
  wasmtime_error_t* error = NULL;
  if (wg_space_check(s) != WG_OK) return s->error.code;
  entity.letters = wg_space_text(s, text);
  if (entity.letters == NULL) return wg_fail(s, WG_ERR_OUT_OF_MEMORY, "no memory for a global");
  if (!wg_slot_to_val(s, letter, s->space->slots, &val)) return s->error.code;
  bool known = global_of(s, module, import, &val, &entity.of.global, &error);
  wasmtime_val_unroot(&val);
  if (!known) return wg_fail(s, WG_ERR_INTERNAL, "import %zu is no global", import);
  if (error != NULL) {
    wasmtime_error_delete(error);
    return wg_fail(s, WG_ERR_ARG_TYPE, "the value is not of the type of the global");
  }
  *id = wg_space_add(s, &entity);
  return *id == WG_NO_ENTITY ? wg_fail(s, WG_ERR_OUT_OF_MEMORY, "no memory for a global") : WG_OK;
}

const char* wg_space_tag_letters(wg_instance* instance, uint32_t id) {
  wg_entity* entity = wg_space_get(wg_store_of(instance), id, WASMTIME_EXTERN_TAG);
  return entity == NULL || entity->letters == NULL ? "" : entity->letters;
}

int wg_assemble(const char* text, size_t bytes, uint8_t** out, size_t* out_bytes) {
  wasm_byte_vec_t binary;
  wasmtime_error_t* error = wasmtime_wat2wasm(text, bytes, &binary);
  if (error != NULL) {
    wasmtime_error_delete(error);
    return WG_ERR_TEXT_SYNTAX;
  }
  *out_bytes = binary.size;
  *out = malloc(binary.size + 1);
  if (*out != NULL) memcpy(*out, binary.data, binary.size);
  wasm_byte_vec_delete(&binary);
  return *out == NULL ? WG_ERR_OUT_OF_MEMORY : WG_OK;
}
