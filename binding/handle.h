// What JavaScript holds of a module and an instance: opaque objects with a type
// tag, so that a foreign object in their place is an error and not a crash.
#ifndef WG_BINDING_HANDLE_H_
#define WG_BINDING_HANDLE_H_

#include <node_api.h>

#include <atomic>
#include <memory>
#include <unordered_map>
#include <vector>

#include "plan.h"

namespace wg {

struct ModuleHandle {
  uint64_t handle = 0;  // 0: closed
  std::shared_ptr<const ModulePlans> plans;
};

// Keeps the record of a WebAssembly namespace as long as there is the namespace, or a buffer of
// its memory in any thread.
class RecordHold {
 public:
  explicit RecordHold(wg_instance* record) : record_(record) {}
  void Use() { users_++; }
  void Drop();  // on any thread; the last closes the record
  bool IsAlone() const { return users_ == 1; }

 private:
  ~RecordHold() = default;
  wg_instance* record_;
  std::atomic<int> users_{1};
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
  // Plans of the late-bound imports, if some have a signature; else those of `plans` serve.
  std::shared_ptr<const ModulePlans> late;
  bool sync = false;                // no import may return a Promise: those of raw modules may
  uint32_t first_late = 0;          // the number of the first of them among all imports
  napi_ref world = nullptr;         // weak: see world.h; null if it has none
  napi_ref values = nullptr;        // weak: of the world, see ValuesOf; null before the first is needed
  const char* last_name = nullptr;  // of the export that was called last, if calls are metered; of `plans`
  bool thrown = false;              // an import threw, and the call that it stops has not ended
  int64_t reported_bytes = 0;       // told to V8 as external memory

  // Plans of closures and casts that the guest told of at run time.
  struct Marker {
    uint32_t func;
    std::shared_ptr<const ModulePlans> plans;
  };
  std::vector<Marker> markers;

  // Imports of plain numbers (mailed.cc), by their place among the imports.
  struct Mailed {
    bool looked = false;
    enum Result : uint8_t { kNone, kNarrow, kWide };
    Result result = kNone;
    uint8_t words = 0;            // that the guest gives, …
    uint8_t texts = 0;            // … and texts among them, …
    uint8_t text_at[3]{};         // … whose first words these are
    wg_raw* mail = nullptr;       // the environment's number slots
    napi_ref function = nullptr;  // weak: the world has it; null if the import has none
  };
  std::vector<Mailed> mailed;

  // Functions as funcrefs (refs.cc), by number: exports first, then those that the guest
  // gave and does not export.
  struct Functions {
    std::unordered_map<int64_t, uint32_t> numbers;  // by the funcref
    std::vector<wg_func> known;                     // by number
  };
  std::unique_ptr<Functions> functions;  // null before the first funcref

  // Of a WebAssembly namespace: the live buffers of its memories (view.h).
  struct View {
    napi_ref buffer;  // weak
    uint32_t memory;
    size_t bytes;
  };
  std::vector<View> views;
  std::vector<napi_ref> hosts;  // its host functions, by their place in the world; weak, null before the first call
  RecordHold* hold = nullptr;
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
// planImports(module, document): [plans, details], of late-bound imports with signatures.
napi_value PlanImports(napi_env env, napi_callback_info info);
// openInstance(module, document, input, world, uses, report, firstLate, plans): `uses` are
// the bits below, `report` an array that gets the decisions about imports, `firstLate` the
// number of the first late-bound import, `plans` those of such imports or undefined.
enum Uses : uint32_t { kUsesImports = 1, kUsesMeter = 2, kUsesWorker = 4, kUsesSync = 8 };
napi_value OpenInstance(napi_env env, napi_callback_info info);
napi_value CloseInstance(napi_env env, napi_callback_info info);
napi_value InstanceState(napi_env env, napi_callback_info info);

}  // namespace wg

#endif  // WG_BINDING_HANDLE_H_
