#include "v8_buffer.h"

#include <memory>
#include <new>

#if !defined(_WIN32)
#include <dlfcn.h>
#endif

// V8's functions are looked up by name when they are needed, and their absence is an answer.
// What is declared here of V8 is opaque: see docs/RATIONALE.md.
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
  ReleaseMemory release;
  void* hint;
};

void OnRelease(void*, size_t, void* data) {
  std::unique_ptr<Hint> hint(static_cast<Hint*>(data));
  hint->release(hint->hint);
}

// By the names of V8's functions that make a store of memory, and a buffer of a store.
napi_value Make(const char* store_name, const char* buffer_name, void* data, size_t bytes, ReleaseMemory release,
                void* hint) {
  auto new_store = Find<NewStore>(store_name);
  auto new_buffer = Find<NewBuffer>(buffer_name);
  auto end_store = Find<EndStore>("_ZN2v812BackingStoreD1Ev");
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

}  // namespace

napi_value MakeBuffer(void* data, size_t bytes, ReleaseMemory release, void* hint) {
  return Make("_ZN2v811ArrayBuffer15NewBackingStoreEPvmPFvS1_mS1_ES1_",
              "_ZN2v811ArrayBuffer3NewEPNS_7IsolateESt10shared_ptrINS_12BackingStoreEE", data, bytes, release, hint);
}

napi_value MakeSharedBuffer(void* data, size_t bytes, ReleaseMemory release, void* hint) {
  return Make("_ZN2v817SharedArrayBuffer15NewBackingStoreEPvmPFvS1_mS1_ES1_",
              "_ZN2v817SharedArrayBuffer3NewEPNS_7IsolateESt10shared_ptrINS_12BackingStoreEE", data, bytes, release,
              hint);
}

}  // namespace wg
