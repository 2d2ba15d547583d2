// Buffers over memory that is not JavaScript's own, made by V8 itself: Node-API has no
// SharedArrayBuffers, and does not tell when memory is not used any more that JavaScript has moved
// to another buffer or thread.
#ifndef WG_BINDING_V8_BUFFER_H_
#define WG_BINDING_V8_BUFFER_H_

#include <node_api.h>

#include <cstddef>

namespace wg {

// `release(hint)` is called once, on any thread, when no buffer of any thread has the memory
// any more. Null if this Node cannot make one; nothing is pending then, and `release` is not
// called.
using ReleaseMemory = void (*)(void* hint);
napi_value MakeBuffer(void* data, size_t bytes, ReleaseMemory release, void* hint);
napi_value MakeSharedBuffer(void* data, size_t bytes, ReleaseMemory release, void* hint);

}  // namespace wg

#endif  // WG_BINDING_V8_BUFFER_H_
