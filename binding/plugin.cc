#include "plugin.h"

#include "error.h"
#include "value.h"

namespace wg {

napi_value LoadPlugin(napi_env env, napi_callback_info info) {
  napi_value args[1], text;
  Text path;
  if (!GetArguments(env, info, args, 1) || !path.Read(env, args[0])) return nullptr;
  char* description = nullptr;
  wg_error error{};
  if (wg_plugin_load(path.data(), path.bytes(), &description, &error) != WG_OK) return Throw(env, &error);
  bool made = Ok(env, napi_create_string_utf8(env, description, NAPI_AUTO_LENGTH, &text));
  wg_free(description);
  return made ? text : nullptr;
}

}  // namespace wg
