// Standard streams and meters of an instance whose calls run on JavaScript's thread.
#ifndef WG_BINDING_STREAM_H_
#define WG_BINDING_STREAM_H_

#include "handle.h"

namespace wg {

// What the data plane calls for them. `watch`: the thread may be told to end while a
// guest runs, as a worker's may.
void AddStreams(InstanceHandle* instance, bool watch, bool meter, wg_host* host);

}  // namespace wg

#endif  // WG_BINDING_STREAM_H_
