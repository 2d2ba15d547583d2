// WebAssembly namespaces (js/webassembly): see wg_space.h. Numbers and references cross in
// the environment's slots, so that a call has no arguments here.
#ifndef WG_BINDING_SPACE_H_
#define WG_BINDING_SPACE_H_

#include <node_api.h>

#include "handle.h"

namespace wg {

// The namespace behind an object; null with a pending ERR_HANDLE or ERR_CLOSED.
InstanceHandle* UnwrapSpace(napi_env env, napi_value object);

// What the data plane has of a module; null with a pending exception.
wg_space_module* PartOf(napi_env env, ModuleHandle* module);

// JavaScript functions; what they take and give stands with each.
napi_value SpaceSlots(napi_env env, napi_callback_info info);
napi_value OpenSpace(napi_env env, napi_callback_info info);
napi_value CloseSpace(napi_env env, napi_callback_info info);
napi_value Instantiate(napi_env env, napi_callback_info info);
napi_value HostFunction(napi_env env, napi_callback_info info);
napi_value HostFunctionOf(napi_env env, napi_callback_info info);
napi_value SpaceFunction(napi_env env, napi_callback_info info);
napi_value FunctionOrigin(napi_env env, napi_callback_info info);
napi_value FunctionType(napi_env env, napi_callback_info info);
napi_value TakeHandles(napi_env env, napi_callback_info info);
napi_value Validate(napi_env env, napi_callback_info info);
napi_value CustomSections(napi_env env, napi_callback_info info);
napi_value LastError(napi_env env, napi_callback_info info);

// space_things.cc
napi_value SpaceMemoryNew(napi_env env, napi_callback_info info);
napi_value SpaceMemoryBytes(napi_env env, napi_callback_info info);
napi_value SpaceMemoryGrow(napi_env env, napi_callback_info info);
napi_value SpaceMemoryBuffer(napi_env env, napi_callback_info info);
napi_value SpaceTableNew(napi_env env, napi_callback_info info);
napi_value SpaceTableSize(napi_env env, napi_callback_info info);
napi_value SpaceTableGet(napi_env env, napi_callback_info info);
napi_value SpaceTableSet(napi_env env, napi_callback_info info);
napi_value SpaceTableGrow(napi_env env, napi_callback_info info);
napi_value SpaceGlobalNew(napi_env env, napi_callback_info info);
napi_value SpaceGlobalGet(napi_env env, napi_callback_info info);
napi_value SpaceGlobalSet(napi_env env, napi_callback_info info);
napi_value SpaceTagNew(napi_env env, napi_callback_info info);
napi_value SpaceMake(napi_env env, napi_callback_info info);
napi_value SpaceObjectKind(napi_env env, napi_callback_info info);
napi_value SpaceObjectRelease(napi_env env, napi_callback_info info);
napi_value SpaceCollect(napi_env env, napi_callback_info info);

// space_exact.cc
napi_value SpaceGlobalImport(napi_env env, napi_callback_info info);
napi_value SpaceTagLetters(napi_env env, napi_callback_info info);
napi_value Assemble(napi_env env, napi_callback_info info);

}  // namespace wg

#endif  // WG_BINDING_SPACE_H_
