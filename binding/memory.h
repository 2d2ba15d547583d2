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

// memoryView(instance, ptr, bytes): a Uint8Array over guest memory itself, to be given to
// memoryLeave(instance, list of their buffers), which detaches them. That gives false if one
// has lost its memory already: somebody took it, and the instance keeps it for ever.
napi_value MemoryView(napi_env env, napi_callback_info info);
napi_value MemoryLeave(napi_env env, napi_callback_info info);

}  // namespace wg

#endif  // WG_BINDING_MEMORY_H_
