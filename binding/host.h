// Imports of the guest that JavaScript provides.
#ifndef WG_BINDING_HOST_H_
#define WG_BINDING_HOST_H_

#include "handle.h"
#include "world.h"

namespace wg {

// What the data plane calls for the imports of an instance that has a world.
void AddImports(InstanceHandle* instance, wg_host* host);

// Runs `action` in the middle of a call, with handles of its own, and keeps what it
// throws for the end of the call. Gives a code, 0 if it is true.
template <typename Action>
int GuardHook(InstanceHandle* instance, wg_instance* record, const Action& action) {
  napi_handle_scope scope;
  if (instance->record == nullptr) instance->record = record;
  if (napi_open_handle_scope(instance->env, &scope) != napi_ok) return WG_ERR_IMPORT_THREW;
  bool done = action();
  if (!done) KeepThrown(instance->env, instance);
  napi_close_handle_scope(instance->env, scope);
  return done ? WG_OK : WG_ERR_IMPORT_THREW;
}

}  // namespace wg

#endif  // WG_BINDING_HOST_H_
