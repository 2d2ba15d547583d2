// SharedArrayBuffers over memory that is not JavaScript's own.
#ifndef WG_BINDING_SHARED_BUFFER_H_
#define WG_BINDING_SHARED_BUFFER_H_

#include <node_api.h>

#include <cstddef>

namespace wg {

// `release(hint)` is called once, on any thread, when no SharedArrayBuffer of any thread
// has the memory any more. Null if this Node cannot make one; nothing is pending then, and
// `release` is not called.
napi_value MakeSharedBuffer(void* data, size_t bytes, void (*release)(void* hint), void* hint);

}  // namespace wg

#endif  // WG_BINDING_SHARED_BUFFER_H_
