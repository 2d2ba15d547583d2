// From exports to JavaScript functions.
#ifndef WG_BINDING_BIND_H_
#define WG_BINDING_BIND_H_

#include <node_api.h>

#include <memory>

#include "handle.h"

namespace wg {

// bindExport(instance, index, typed): the JavaScript function of an export, by
// its place in the plans; with its signature if `typed`, else with wasm-level
// types. An export that cannot be called gives a function that says why.
napi_value BindExport(napi_env env, napi_callback_info info);

// bindNumbers(instance, index, typed): for a plan of plain numbers, all i32 or
// all f64, [run, count of arguments, whether they are f64, kind of the result];
// undefined for any other. run() takes arguments from the environment's number
// slots and leaves the result in the first.
napi_value BindNumbers(napi_env env, napi_callback_info info);

// The function at `index` of the guest's table, called as `function` says; it is
// one of `plans`, or lives as long as the process. Null with a pending exception.
napi_value BindFunction(napi_env env, InstanceHandle* instance, std::shared_ptr<const ModulePlans> plans,
                        const FunctionPlan& function, uint32_t index);

// A function that the guest gave as a funcref; `shape` is its type as wg_func_look spells it.
// Null with a pending exception.
napi_value BindRef(napi_env env, InstanceHandle* instance, const wg_func& func, const char* shape);

}  // namespace wg

#endif  // WG_BINDING_BIND_H_
