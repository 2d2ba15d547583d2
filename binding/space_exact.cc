// Globals of the type of an import, types of tags, and text as binary modules.
#include <cstdlib>
#include <cstring>
#include <string>

#include "error.h"
#include "handle.h"
#include "space.h"
#include "value.h"

namespace wg {

// globalImport(space, module, importIndex, letter) → id of a global with the value of slot 0
napi_value SpaceGlobalImport(napi_env env, napi_callback_info info) {
  napi_value args[4], value;
  uint32_t import, id;
  Text letter;
  if (!GetArguments(env, info, args, 4)) return nullptr;
  InstanceHandle* space = UnwrapSpace(env, args[0]);
  ModuleHandle* module = space == nullptr ? nullptr : UnwrapModule(env, args[1]);
  if (module == nullptr || !Ok(env, napi_get_value_uint32(env, args[2], &import)) || !letter.Read(env, args[3])) {
    return nullptr;
  }
  wg_space_module* part = PartOf(env, module);
  if (part == nullptr) return nullptr;
  if (letter.bytes() != 1) return ThrowCode(env, WG_ERR_HANDLE);
  if (wg_space_global_import(space->record, part, import, letter.data()[0], &id) != WG_OK) {
    return ThrowLast(env, space->record);
  }
  return Ok(env, napi_create_uint32(env, id, &value)) ? value : nullptr;
}

// tagLetters(space, id) → letters of the values of a tag
napi_value SpaceTagLetters(napi_env env, napi_callback_info info) {
  napi_value args[2], text;
  uint32_t id;
  if (!GetArguments(env, info, args, 2)) return nullptr;
  InstanceHandle* space = UnwrapSpace(env, args[0]);
  if (space == nullptr || !Ok(env, napi_get_value_uint32(env, args[1], &id))) return nullptr;
  const char* letters = wg_space_tag_letters(space->record, id);
  return Ok(env, napi_create_string_utf8(env, letters, NAPI_AUTO_LENGTH, &text)) ? text : nullptr;
}

// assemble(text) → ArrayBuffer: text of WebAssembly as a binary module, for tests
napi_value Assemble(napi_env env, napi_callback_info info) {
  napi_value args[1], buffer;
  Text text;
  uint8_t* binary;
  size_t bytes;
  void* into;
  if (!GetArguments(env, info, args, 1) || !text.Read(env, args[0])) return nullptr;
  int code = wg_assemble(text.data(), text.bytes(), &binary, &bytes);
  if (code != WG_OK) return ThrowCode(env, code);
  bool made = Ok(env, napi_create_arraybuffer(env, bytes, &into, &buffer));
  if (made) memcpy(into, binary, bytes);
  free(binary);
  return made ? buffer : nullptr;
}

}  // namespace wg
