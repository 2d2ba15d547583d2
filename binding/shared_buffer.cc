#include "shared_buffer.h"

#include <memory>
#include <new>

#if !defined(_WIN32)
#include <dlfcn.h>
#endif

// Node-API has no way to make one, so that V8's own functions are called: they are looked
// up by name when the first is needed, and their absence is an answer. What is declared
// here of V8 is opaque (docs/RATIONALE.md, "SharedArrayBuffers").
namespace v8 {
class BackingStore;
class Isolate;
}  // namespace v8

namespace wg {
namespace {

using Release = void (*)(void* data, size_t bytes, void* hint);
// std::unique_ptr<BackingStore> and v8::Local are one pointer each; the former comes back
// through memory, because it has a destructor.
struct OwnedStore {
  v8::BackingStore* pointer;
  ~OwnedStore() {}
};
using NewStore = OwnedStore (*)(void* data, size_t bytes, Release release, void* hint);
using EndStore = void (*)(v8::BackingStore* store);
using NewBuffer = napi_value (*)(v8::Isolate* isolate, std::shared_ptr<v8::BackingStore> store);
using GetIsolate = v8::Isolate* (*)();

template <typename Function>
Function Find(const char* name) {
#if defined(_WIN32)
  (void)name;
  return nullptr;
#else
  return reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
#endif
}

struct Hint {
  void (*release)(void* hint);
  void* hint;
};

void OnRelease(void*, size_t, void* data) {
  std::unique_ptr<Hint> hint(static_cast<Hint*>(data));
  hint->release(hint->hint);
}

}  // namespace

napi_value MakeSharedBuffer(void* data, size_t bytes, void (*release)(void* hint), void* hint) {
  auto new_store = Find<NewStore>("_ZN2v817SharedArrayBuffer15NewBackingStoreEPvmPFvS1_mS1_ES1_");
  auto end_store = Find<EndStore>("_ZN2v812BackingStoreD1Ev");
  auto new_buffer =
      Find<NewBuffer>("_ZN2v817SharedArrayBuffer3NewEPNS_7IsolateESt10shared_ptrINS_12BackingStoreEE");
  auto isolate = Find<GetIsolate>("_ZN2v87Isolate10GetCurrentEv");
  if (new_store == nullptr || end_store == nullptr || new_buffer == nullptr || isolate == nullptr) return nullptr;
  auto kept = std::make_unique<Hint>(Hint{release, hint});
  OwnedStore owned = new_store(data, bytes, OnRelease, kept.get());
  if (owned.pointer == nullptr) return nullptr;
  (void)kept.release();  // the store owns it
  std::shared_ptr<v8::BackingStore> store(owned.pointer, [end_store](v8::BackingStore* pointer) {
    end_store(pointer);
    ::operator delete(static_cast<void*>(pointer));
  });
  return new_buffer(isolate(), std::move(store));
}

}  // namespace wg
