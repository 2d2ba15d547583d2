// What JavaScript holds of a module and an instance: opaque objects with a type
// tag, so that a foreign object in their place is an error and not a crash.
#ifndef WG_BINDING_HANDLE_H_
#define WG_BINDING_HANDLE_H_

#include <node_api.h>

#include <memory>
#include <vector>

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
  InstanceHandle(napi_env env, std::shared_ptr<const ModulePlans> plans) : env(env), plans(std::move(plans)) {}

  void Ref() { refs_++; }
  void Unref(napi_env env);

  // Ends one that never was opened.
  static void Discard(InstanceHandle* instance);

  const napi_env env;
  wg_instance* record = nullptr;  // set while it is being opened
  const std::shared_ptr<const ModulePlans> plans;
  napi_ref world = nullptr;         // weak: see world.h; null if it has none
  const char* last_name = nullptr;  // of the export that was called last, if calls are metered; of `plans`
  bool thrown = false;              // an import threw, and the call that it stops has not ended
  int64_t reported_bytes = 0;       // told to V8 as external memory

  // Plans of closures and casts that the guest told of at run time.
  struct Marker {
    uint32_t func;
    std::shared_ptr<const ModulePlans> plans;
  };
  std::vector<Marker> markers;

  // Of a WebAssembly namespace: the live buffers of its memories (view.h).
  struct View {
    napi_ref buffer;  // weak
    uint32_t memory;
    size_t bytes;
  };
  std::vector<View> views;
  bool taken = false;   // JavaScript has moved the memory of one of them elsewhere
  bool closed = false;

 private:
  ~InstanceHandle() = default;
  size_t refs_ = 1;
};

// An opaque object with `data` behind it, told from others by its tag; and what is
// behind one. Null with a pending exception, which is ERR_HANDLE for a foreign one.
napi_value WrapTagged(napi_env env, void* data, const napi_type_tag& tag, napi_finalize finalize);
void* UnwrapTagged(napi_env env, napi_value object, const napi_type_tag& tag);

// Wraps a loaded module. Takes over `module`: its handle is closed when the
// object is collected. Null with a pending exception on failure.
napi_value WrapModule(napi_env env, wg_module* module);

// The handle behind an object; null with a pending ERR_HANDLE.
ModuleHandle* UnwrapModule(napi_env env, napi_value object);
InstanceHandle* UnwrapInstance(napi_env env, napi_value object);

// JavaScript functions, in the order of js/binding.d.ts.
napi_value CloseModule(napi_env env, napi_callback_info info);
// openInstance(module, document, input, world, uses, report): `uses` are the bits below,
// `report` an array that gets the decisions about imports.
enum Uses : uint32_t { kUsesImports = 1, kUsesMeter = 2, kUsesWorker = 4 };
napi_value OpenInstance(napi_env env, napi_callback_info info);
napi_value CloseInstance(napi_env env, napi_callback_info info);
napi_value InstanceState(napi_env env, napi_callback_info info);

}  // namespace wg

#endif  // WG_BINDING_HANDLE_H_
