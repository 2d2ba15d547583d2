// Meters, and stopping from outside.
#ifndef WG_BINDING_METER_H_
#define WG_BINDING_METER_H_

#include <node_api.h>

namespace wg {

// readMeters(instance, out): fills a BigUint64Array of WG_METER_COUNT. peekMeters(id,
// out) does it for an instance of any thread, stopInstance(id) stops its call: false
// if there is none of that number, which instanceId(instance) gives, a bigint.
napi_value ReadMeters(napi_env env, napi_callback_info info);
napi_value PeekMeters(napi_env env, napi_callback_info info);
napi_value StopInstance(napi_env env, napi_callback_info info);
napi_value InstanceId(napi_env env, napi_callback_info info);

// lastExport(instance): name of the export that was called last, if calls are watched.
napi_value LastExport(napi_env env, napi_callback_info info);

// setLimits(instance, limits, scoped): of each call from now on, as bindExport has them;
// `scoped`: of those that imports make, too.
napi_value SetLimits(napi_env env, napi_callback_info info);

// takeOutput(instance): [stdout, stderr], what was buffered of them.
napi_value TakeOutput(napi_env env, napi_callback_info info);

// A Buffer of malloc'ed bytes, which it takes over.
napi_value BufferOf(napi_env env, uint8_t* data, size_t bytes);

}  // namespace wg

#endif  // WG_BINDING_METER_H_
