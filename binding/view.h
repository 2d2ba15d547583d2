// Live views of memories of a WebAssembly namespace: the one place where JavaScript sees
// guest memory as it is.
#ifndef WG_BINDING_VIEW_H_
#define WG_BINDING_VIEW_H_

#include <node_api.h>

#include "handle.h"

namespace wg {

// A new ArrayBuffer (SharedArrayBuffer) of a memory as it is now; the one before is
// detached. Null with a pending exception.
napi_value MakeView(napi_env env, InstanceHandle* space, uint32_t memory);

// Detaches the view of a memory that has grown, or of any one.
void DetachView(napi_env env, InstanceHandle* space, uint32_t memory);

// Detaches the views of memories that have grown: before JavaScript runs again.
void RefreshViews(napi_env env, InstanceHandle* space);

// Detaches all. What JavaScript has moved to other buffers stays: see RecordHold.
void DetachViews(napi_env env, InstanceHandle* space);

}  // namespace wg

#endif  // WG_BINDING_VIEW_H_
