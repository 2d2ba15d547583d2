// What JavaScript holds of a module and an instance: opaque objects with a type
// tag, so that a foreign object in their place is an error and not a crash.
#ifndef WG_BINDING_HANDLE_H_
#define WG_BINDING_HANDLE_H_

#include <node_api.h>

#include <memory>

#include "plan.h"

namespace wg {

struct ModuleHandle {
  uint64_t handle = 0;  // 0: closed
  std::shared_ptr<const ModulePlans> plans;
};

// An open or closed instance. Its object and every bound export refer to it:
// whoever still holds a function can call it. With the last the instance ends.
class InstanceHandle {
 public:
  InstanceHandle(wg_instance* record, std::shared_ptr<const ModulePlans> plans)
      : record(record), plans(std::move(plans)) {}

  void Ref() { refs_++; }
  void Unref(napi_env env);

  wg_instance* const record;
  const std::shared_ptr<const ModulePlans> plans;
  int64_t reported_bytes = 0;  // told to V8 as external memory

 private:
  ~InstanceHandle() = default;
  size_t refs_ = 1;
};

// Wraps a loaded module. Takes over `module`: its handle is closed when the
// object is collected. Null with a pending exception on failure.
napi_value WrapModule(napi_env env, wg_module* module);

// The handle behind an object; null with a pending ERR_HANDLE.
ModuleHandle* UnwrapModule(napi_env env, napi_value object);
InstanceHandle* UnwrapInstance(napi_env env, napi_value object);

// JavaScript functions, in the order of js/binding.d.ts.
napi_value CloseModule(napi_env env, napi_callback_info info);
napi_value OpenInstance(napi_env env, napi_callback_info info);
napi_value CloseInstance(napi_env env, napi_callback_info info);
napi_value InstanceState(napi_env env, napi_callback_info info);

}  // namespace wg

#endif  // WG_BINDING_HANDLE_H_
