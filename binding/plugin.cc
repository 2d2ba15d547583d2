#include "plugin.h"

#include "env_data.h"
#include "error.h"
#include "value.h"

namespace wg {
namespace {

// Random once, fixed for ever: see handle.cc.
constexpr napi_type_tag kNativeTag = {0x8a3fd2716be05c94, 0xd1965c0b7e42f83a};

void FinalizeNative(napi_env env, void* data, void*) {
  auto* native = static_cast<wg_native*>(data);
  EnvData* shared = GetEnvData(env);
  if (shared != nullptr) {
    auto known = shared->natives.find(native);
    napi_value newer = nullptr;
    // There may be another object for it by now.
    if (known != shared->natives.end() &&
        (napi_get_reference_value(env, known->second, &newer) != napi_ok || newer == nullptr)) {
      napi_delete_reference(env, known->second);
      shared->natives.erase(known);
    }
  }
  wg_native_drop(native);
}

}  // namespace

napi_value MakeNative(napi_env env, InstanceHandle* instance, uint32_t ref) {
  EnvData* shared = GetEnvData(env);
  const char* type = nullptr;
  napi_value object = nullptr, factory, undefined, name;
  wg_native* native = wg_ref_native(instance->record, ref, &type);
  if (native == nullptr || shared == nullptr) {
    return ThrowCode(env, WG_ERR_INTERNAL, "a reference is not what it was");
  }
  auto known = shared->natives.find(native);
  if (known != shared->natives.end()) {
    if (napi_get_reference_value(env, known->second, &object) == napi_ok && object != nullptr) {
      wg_native_drop(native);
      return object;
    }
    napi_delete_reference(env, known->second);
    shared->natives.erase(known);
  }
  napi_ref weak = nullptr;
  if (!Ok(env, napi_get_reference_value(env, shared->make_native, &factory)) ||
      !Ok(env, napi_get_undefined(env, &undefined)) ||
      !Ok(env, napi_create_string_utf8(env, type, NAPI_AUTO_LENGTH, &name)) ||
      !Ok(env, napi_call_function(env, undefined, factory, 1, &name, &object)) ||
      !Ok(env, napi_type_tag_object(env, object, &kNativeTag)) ||
      !Ok(env, napi_create_reference(env, object, 0, &weak))) {
    wg_native_drop(native);
    return nullptr;
  }
  if (!Ok(env, napi_wrap(env, object, native, FinalizeNative, nullptr, nullptr))) {
    napi_delete_reference(env, weak);
    wg_native_drop(native);
    return nullptr;
  }
  shared->natives.emplace(native, weak);
  return object;
}

wg_native* ReadNative(napi_env env, napi_value value) {
  EnvData* shared = GetEnvData(env);
  bool ours = false;
  void* data = nullptr;
  napi_valuetype type;
  // Whoever has such an object keeps its entry there.
  if (shared == nullptr || shared->natives.empty()) return nullptr;
  if (napi_typeof(env, value, &type) != napi_ok || type != napi_object ||
      napi_check_object_type_tag(env, value, &kNativeTag, &ours) != napi_ok || !ours ||
      napi_unwrap(env, value, &data) != napi_ok) {
    return nullptr;
  }
  return static_cast<wg_native*>(data);
}

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
