// Calls of guest exports: the one path everything else stands on.
#ifndef WG_BINDING_CALL_H_
#define WG_BINDING_CALL_H_

#include <node_api.h>

namespace wg {

// bindExport(instance, index, typed): the JavaScript function of an export, by
// its place in the plans; with its signature if `typed`, else with wasm-level
// types. An export that cannot be called gives a function that says why.
napi_value BindExport(napi_env env, napi_callback_info info);

// memoryBytes(instance), memoryRead(instance, ptr, bytes), memoryWrite(instance,
// ptr, view): checked copies in and out of guest memory.
napi_value MemoryBytes(napi_env env, napi_callback_info info);
napi_value MemoryRead(napi_env env, napi_callback_info info);
napi_value MemoryWrite(napi_env env, napi_callback_info info);

}  // namespace wg

#endif  // WG_BINDING_CALL_H_
