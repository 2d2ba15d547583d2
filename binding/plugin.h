// Libraries with host functions, and the objects that they make.
#ifndef WG_BINDING_PLUGIN_H_
#define WG_BINDING_PLUGIN_H_

#include <node_api.h>

#include "handle.h"

namespace wg {

// loadPlugin(path): its description, as JSON.
napi_value LoadPlugin(napi_env env, napi_callback_info info);

// The object that stands for a plugin's, behind an externref: the same one as long as JavaScript
// has it. Null with a pending exception.
napi_value MakeNative(napi_env env, InstanceHandle* instance, uint32_t ref);

// What such an object stands for, null for any other value. No exception is pending.
wg_native* ReadNative(napi_env env, napi_value value);

}  // namespace wg

#endif  // WG_BINDING_PLUGIN_H_
