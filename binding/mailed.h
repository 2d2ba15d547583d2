// Imports whose arguments are numbers and a few texts and whose result is a number: the
// numbers travel through the environment's number slots, so that Node-API sees a call with
// the texts only.
#ifndef WG_BINDING_MAILED_H_
#define WG_BINDING_MAILED_H_

#include <node_api.h>

#include "handle.h"

namespace wg {

// The plans that an import is one of, and its own.
const std::shared_ptr<const ModulePlans>& PlansOf(const InstanceHandle* instance, uint32_t import,
                                                  const ImportPlan** entry);

// The function of js/trampolines.js behind an import, null if it has none; `entry` is what
// is known of it.
napi_value MailedFunction(InstanceHandle* instance, uint32_t import, const InstanceHandle::Mailed** entry);

// Calls it. True if the result is in `slots`; else `result` is what is to be converted,
// null with a pending exception.
bool CallMailed(InstanceHandle* instance, uint32_t import, napi_value function, const InstanceHandle::Mailed& entry,
                wg_raw* slots, napi_value* result);

}  // namespace wg

#endif  // WG_BINDING_MAILED_H_
