// Checked copies in and out of guest memory.
#ifndef WG_BINDING_MEMORY_H_
#define WG_BINDING_MEMORY_H_

#include <node_api.h>

namespace wg {

// memoryBytes(instance): the size; 0 without a memory and after close.
napi_value MemoryBytes(napi_env env, napi_callback_info info);

// memoryRead(instance, ptr, bytes): a fresh Uint8Array. ERR_MEMORY_BOUNDS.
napi_value MemoryRead(napi_env env, napi_callback_info info);

// memoryWrite(instance, ptr, view): ERR_MEMORY_BOUNDS, ERR_ARG_TYPE.
napi_value MemoryWrite(napi_env env, napi_callback_info info);

}  // namespace wg

#endif  // WG_BINDING_MEMORY_H_
