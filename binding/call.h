// Calls of guest exports: the one path everything else stands on.
#ifndef WG_BINDING_CALL_H_
#define WG_BINDING_CALL_H_

#include <node_api.h>

#include "handle.h"

namespace wg {

// What the JavaScript function of an export carries. It keeps its instance alive.
struct BoundExport {
  wg_instance* record;
  InstanceHandle* instance;
  std::shared_ptr<const ModulePlans> plans;  // that `plan` is one of
  const char* name;                          // for messages
  size_t lead;                               // parameters before those that a caller gives
  const Plan* plan;
  wg_func func;
  wg_func adapter;             // of the export, …
  bool adapted;                // … if it has one
  uint8_t kinds[kMaxNumbers];  // of the arguments, if plan->numbers
  uint8_t result;              // kind of the result, likewise
  bool limited;                // calls of this function have limits of their own:
  wg_limits limits;
  wg_raw* slots;  // the environment's number slots
};

// The callback that serves bound->plan best; its data is the BoundExport.
napi_callback PickCallback(BoundExport* bound);

// The native half of js/numbers.js: takes arguments from bound->slots and leaves
// the result in the first of them.
napi_value OnMailed(napi_env env, napi_callback_info info);

}  // namespace wg

#endif  // WG_BINDING_CALL_H_
