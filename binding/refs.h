// References: externrefs as the values of JavaScript that they are, funcrefs as functions of
// the instance.
#ifndef WG_BINDING_REFS_H_
#define WG_BINDING_REFS_H_

#include <node_api.h>

#include "handle.h"
#include "number.h"

namespace wg {

// What a value becomes as an externref in that slot: see wg_refs_give. False for null, which
// is written there at once; or with a pending exception, and `failed`.
bool ReadExternRef(napi_env env, InstanceHandle* instance, napi_value value, wg_raw* slots, uint32_t slot,
                   wg_given* given, bool* failed);

// The value of an externref that the guest gave. Null with a pending exception.
napi_value MakeExternRef(napi_env env, InstanceHandle* instance, uint32_t ref);

// A function of the instance, or null, as a funcref. kWrongType with or without a pending
// exception.
Read ReadFuncRef(napi_env env, InstanceHandle* instance, napi_value value, wg_raw* slot);

// The function of a funcref that the guest gave, the same one each time. Null with a pending
// exception.
napi_value MakeFuncRef(napi_env env, InstanceHandle* instance, int64_t ref);

}  // namespace wg

#endif  // WG_BINDING_REFS_H_
