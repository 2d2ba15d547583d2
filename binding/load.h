// Loading of modules: on the calling thread, or on the runtime's with a promise.
#ifndef WG_BINDING_LOAD_H_
#define WG_BINDING_LOAD_H_

#include <node_api.h>

namespace wg {

// loadModule(options, bytes?): [handle, description]
napi_value LoadModule(napi_env env, napi_callback_info info);

// loadModuleAsync(options, bytes?): a promise of the same. It keeps the process
// alive until it settles.
napi_value LoadModuleAsync(napi_env env, napi_callback_info info);

// inspect(options, bytes?): description
napi_value Inspect(napi_env env, napi_callback_info info);

}  // namespace wg

#endif  // WG_BINDING_LOAD_H_
