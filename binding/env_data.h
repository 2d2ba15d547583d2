// Everything the shim keeps per environment (the main thread, each worker).
// There is no other state: no statics, so that any number of them can coexist.
#ifndef WG_BINDING_ENV_DATA_H_
#define WG_BINDING_ENV_DATA_H_

#include <node_api.h>

#include <cstddef>
#include <cstdlib>
#include <unordered_map>

#include "wasmgate.h"

namespace wg {

// A buffer that calls borrow and that does not stay large.
class Scratch {
 public:
  Scratch() = default;
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { free(data_); }

  // Room for `bytes`; what was there before stays. Null if there is no memory.
  void* Reserve(size_t bytes) {
    if (bytes <= capacity_) return data_;
    size_t capacity = bytes < kKeep ? kKeep : bytes;
    void* data = realloc(data_, capacity);
    if (data == nullptr) return nullptr;
    data_ = data;
    capacity_ = capacity;
    return data_;
  }
  void* data() const { return data_; }

  // Called at the end of every call that used it.
  void Shrink() {
    if (capacity_ <= kKeep) return;
    free(data_);
    data_ = nullptr;
    capacity_ = 0;
  }

 private:
  static constexpr size_t kKeep = 512 * 1024;
  void* data_ = nullptr;
  size_t capacity_ = 0;
};

struct EnvData {
  // Functions of js/errors.js, by their names there.
  napi_ref create_error = nullptr;
  napi_ref has_memory = nullptr;
  napi_ref attach_stack = nullptr;
  napi_ref make_native = nullptr;  // of js/plugin.js
  // Objects of plugins that JavaScript has: weak, each until its object is collected.
  std::unordered_map<wg_native*, napi_ref> natives;
  Scratch text;
  int last_code = WG_OK;  // of the last error that was made
  // Arguments and result of calls of plain numbers (js/numbers.js), in memory
  // of an ArrayBuffer that the reference keeps.
  wg_raw* number_slots = nullptr;
  napi_ref number_buffer = nullptr;
  // The same of WebAssembly namespaces (js/webassembly): WG_SPACE_SLOTS of them.
  wg_raw* space_slots = nullptr;
  napi_ref space_buffer = nullptr;
  napi_ref last_error = nullptr;  // weak: see LastError
};

// Null only while the environment is being torn down.
EnvData* GetEnvData(napi_env env);

}  // namespace wg

#endif  // WG_BINDING_ENV_DATA_H_
