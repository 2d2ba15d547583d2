// Libraries with host functions.
#ifndef WG_BINDING_PLUGIN_H_
#define WG_BINDING_PLUGIN_H_

#include <node_api.h>

namespace wg {

// loadPlugin(path): its description, as JSON.
napi_value LoadPlugin(napi_env env, napi_callback_info info);

}  // namespace wg

#endif  // WG_BINDING_PLUGIN_H_
