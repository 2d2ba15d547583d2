// The addon's entry: its functions and the data of its environment.
#include <node_api.h>

#include <new>

#include "bind.h"
#include "counters.h"
#include "env_data.h"
#include "error.h"
#include "handle.h"
#include "load.h"
#include "memory.h"
#include "meter.h"
#include "pin.h"
#include "plugin.h"
#include "run.h"
#include "space.h"
#include "value.h"
#include "wasmgate.h"

namespace wg {
namespace {

void FreeEnvData(napi_env env, void* data, void*) {
  auto* shared = static_cast<EnvData*>(data);
  if (shared->create_error != nullptr) napi_delete_reference(env, shared->create_error);
  if (shared->has_memory != nullptr) napi_delete_reference(env, shared->has_memory);
  if (shared->make_native != nullptr) napi_delete_reference(env, shared->make_native);
  if (shared->number_buffer != nullptr) napi_delete_reference(env, shared->number_buffer);
  if (shared->space_buffer != nullptr) napi_delete_reference(env, shared->space_buffer);
  if (shared->last_error != nullptr) napi_delete_reference(env, shared->last_error);
  delete shared;
}

// numberSlots(): the ArrayBuffer through which calls of plain numbers go. Only
// js/numbers.js has it, which never detaches it.
napi_value NumberSlots(napi_env env, napi_callback_info) {
  EnvData* shared = GetEnvData(env);
  napi_value buffer;
  void* data;
  if (shared == nullptr || shared->number_buffer != nullptr) return nullptr;
  if (!Ok(env, napi_create_arraybuffer(env, (kMaxMailedImport + 1) * sizeof(wg_raw), &data, &buffer)) ||
      !Ok(env, napi_create_reference(env, buffer, 1, &shared->number_buffer))) {
    return nullptr;
  }
  shared->number_slots = static_cast<wg_raw*>(data);
  return buffer;
}

// handshake(): [ABI number of the library, ABI number of the shim, package version]
napi_value Handshake(napi_env env, napi_callback_info) {
  napi_value list, library, shim, package;
  if (!Ok(env, napi_create_array_with_length(env, 3, &list)) ||
      !Ok(env, napi_create_uint32(env, wg_abi_version(), &library)) ||
      !Ok(env, napi_create_uint32(env, WG_ABI_VERSION, &shim)) ||
      !Ok(env, napi_create_string_utf8(env, wg_package_version(), NAPI_AUTO_LENGTH, &package)) ||
      !Ok(env, napi_set_element(env, list, 0, library)) || !Ok(env, napi_set_element(env, list, 1, shim)) ||
      !Ok(env, napi_set_element(env, list, 2, package))) {
    return nullptr;
  }
  return list;
}

// setHooks(createError, hasMemory, attachStack, makeNative): what the shim leaves to JavaScript.
napi_value SetHooks(napi_env env, napi_callback_info info) {
  napi_value args[4];
  EnvData* shared = GetEnvData(env);
  if (!GetArguments(env, info, args, 4) || shared == nullptr || shared->create_error != nullptr) return nullptr;
  if (Ok(env, napi_create_reference(env, args[0], 1, &shared->create_error))) {
    Ok(env, napi_create_reference(env, args[1], 1, &shared->has_memory));
    Ok(env, napi_create_reference(env, args[2], 1, &shared->attach_stack));
    Ok(env, napi_create_reference(env, args[3], 1, &shared->make_native));
  }
  return nullptr;
}

// live(): [open instances, loaded modules] of the process
napi_value Live(napi_env env, napi_callback_info) {
  napi_value list, instances, modules;
  if (!Ok(env, napi_create_array_with_length(env, 2, &list)) ||
      !Ok(env, napi_create_int64(env, wg_live_instances(), &instances)) ||
      !Ok(env, napi_create_int64(env, wg_live_modules(), &modules)) ||
      !Ok(env, napi_set_element(env, list, 0, instances)) || !Ok(env, napi_set_element(env, list, 1, modules))) {
    return nullptr;
  }
  return list;
}

// empty(): nothing, for the benchmark of the floor that Node-API sets.
napi_value Empty(napi_env, napi_callback_info) { return nullptr; }

napi_value Init(napi_env env, napi_value exports) {
  Pin();
  auto* shared = new (std::nothrow) EnvData;
  if (shared == nullptr || !Ok(env, napi_set_instance_data(env, shared, FreeEnvData, nullptr))) return nullptr;
  const struct {
    const char* name;
    napi_callback callback;
  } functions[] = {
      {"handshake", Handshake},
      {"setHooks", SetHooks},
      {"live", Live},
      {"counters", Counters},
      {"loadModule", LoadModule},
      {"loadModuleAsync", LoadModuleAsync},
      {"inspect", Inspect},
      {"loadPlugin", LoadPlugin},
      {"closeModule", CloseModule},
      {"planImports", PlanImports},
      {"openInstance", OpenInstance},
      {"closeInstance", CloseInstance},
      {"instanceState", InstanceState},
      {"bindExport", BindExport},
      {"instanceId", InstanceId},
      {"stopInstance", StopInstance},
      {"readMeters", ReadMeters},
      {"peekMeters", PeekMeters},
      {"takeOutput", TakeOutput},
      {"lastExport", LastExport},
      {"setLimits", SetLimits},
      {"run", Run},
      {"runInput", RunInput},
      {"runTaken", RunTaken},
      {"runStop", RunStop},
      {"memoryBytes", MemoryBytes},
      {"memoryRead", MemoryRead},
      {"memoryWrite", MemoryWrite},
      {"memoryView", MemoryView},
      {"memoryLeave", MemoryLeave},
      {"numberSlots", NumberSlots},
      {"bindNumbers", BindNumbers},
      {"spaceSlots", SpaceSlots},
      {"openSpace", OpenSpace},
      {"closeSpace", CloseSpace},
      {"instantiate", Instantiate},
      {"hostFunction", HostFunction},
      {"hostFunctionOf", HostFunctionOf},
      {"bindFunction", SpaceFunction},
      {"functionOrigin", FunctionOrigin},
      {"functionType", FunctionType},
      {"takeHandles", TakeHandles},
      {"validate", Validate},
      {"customSections", CustomSections},
      {"lastError", LastError},
      {"memoryNew", SpaceMemoryNew},
      {"spaceMemoryBytes", SpaceMemoryBytes},
      {"memoryGrow", SpaceMemoryGrow},
      {"memoryBuffer", SpaceMemoryBuffer},
      {"tableNew", SpaceTableNew},
      {"tableSize", SpaceTableSize},
      {"tableGet", SpaceTableGet},
      {"tableSet", SpaceTableSet},
      {"tableGrow", SpaceTableGrow},
      {"globalNew", SpaceGlobalNew},
      {"globalGet", SpaceGlobalGet},
      {"globalSet", SpaceGlobalSet},
      {"tagNew", SpaceTagNew},
      {"make", SpaceMake},
      {"globalImport", SpaceGlobalImport},
      {"tagLetters", SpaceTagLetters},
      {"assemble", Assemble},
      {"gcKind", SpaceObjectKind},
      {"releaseGc", SpaceObjectRelease},
      {"collect", SpaceCollect},
      {"empty", Empty},
  };
  for (const auto& item : functions) {
    napi_value function;
    if (!Ok(env, napi_create_function(env, item.name, NAPI_AUTO_LENGTH, item.callback, nullptr, &function)) ||
        !Ok(env, napi_set_named_property(env, exports, item.name, function))) {
      return nullptr;
    }
  }
  return exports;
}

}  // namespace

EnvData* GetEnvData(napi_env env) {
  void* data = nullptr;
  return napi_get_instance_data(env, &data) == napi_ok ? static_cast<EnvData*>(data) : nullptr;
}

}  // namespace wg

NAPI_MODULE_INIT() { return wg::Init(env, exports); }
