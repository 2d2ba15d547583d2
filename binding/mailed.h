// Imports whose arguments and result are plain numbers: they travel through the
// environment's number slots, and one call without arguments is all that Node-API sees.
#ifndef WG_BINDING_MAILED_H_
#define WG_BINDING_MAILED_H_

#include <node_api.h>

#include "handle.h"

namespace wg {

// The function of js/trampolines.js behind an import, null if it has none; `entry` is what
// is known of it.
napi_value MailedFunction(InstanceHandle* instance, uint32_t import, const InstanceHandle::Mailed** entry);

// Calls it. True if the result is in `slots`; else `result` is what is to be converted,
// null with a pending exception.
bool CallMailed(napi_env env, napi_value function, const InstanceHandle::Mailed& entry, wg_raw* slots,
                napi_value* result);

}  // namespace wg

#endif  // WG_BINDING_MAILED_H_
