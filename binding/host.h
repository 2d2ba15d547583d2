// Imports of the guest that JavaScript provides.
#ifndef WG_BINDING_HOST_H_
#define WG_BINDING_HOST_H_

#include "handle.h"

namespace wg {

// What the data plane calls for the imports of an instance that has a world.
wg_host HostOf(InstanceHandle* instance);

}  // namespace wg

#endif  // WG_BINDING_HOST_H_
