// Imports of the guest that JavaScript provides.
#ifndef WG_BINDING_HOST_H_
#define WG_BINDING_HOST_H_

#include <functional>

#include "handle.h"

namespace wg {

// What the data plane calls for the imports of an instance that has a world.
void AddImports(InstanceHandle* instance, wg_host* host);

// Runs `action` in the middle of a call, with handles of its own, and keeps what it
// throws for the end of the call. Gives a code, 0 if it is true.
int GuardHook(InstanceHandle* instance, wg_instance* record, const std::function<bool()>& action);

}  // namespace wg

#endif  // WG_BINDING_HOST_H_
