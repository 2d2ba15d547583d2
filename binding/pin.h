// Keeps the shim mapped for the life of the process.
#ifndef WG_BINDING_PIN_H_
#define WG_BINDING_PIN_H_

namespace wg {

// Node unloads an addon when the last environment that loaded it ends, as a
// worker does. The Go runtime cannot be unloaded, and its threads call into the
// shim, so both must stay.
void Pin();

}  // namespace wg

#endif  // WG_BINDING_PIN_H_
