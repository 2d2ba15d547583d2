#include "load.h"

#include <atomic>
#include <mutex>

#include "error.h"
#include "handle.h"
#include "value.h"

namespace wg {
namespace {

// The two arguments that all three functions take.
struct Source {
  Text options;
  Bytes bytes;

  bool Read(napi_env env, napi_callback_info info) {
    napi_value args[2];
    if (!GetArguments(env, info, args, 2) || !options.Read(env, args[0])) return false;
    if (IsAbsent(env, args[1])) return true;
    if (ReadBytes(env, args[1], WG_KIND_U8_ARRAY, &bytes) == Read::kOk) return true;
    ThrowCode(env, WG_ERR_SOURCE_TYPE);
    return false;
  }
};

// [handle, description]; takes the module over. Null with a pending exception.
napi_value MakePair(napi_env env, wg_module* module) {
  napi_value pair, text;
  napi_value handle = WrapModule(env, module);
  bool made = handle != nullptr && Ok(env, napi_create_array_with_length(env, 2, &pair)) &&
              Ok(env, napi_create_string_utf8(env, module->description, NAPI_AUTO_LENGTH, &text)) &&
              Ok(env, napi_set_element(env, pair, 0, handle)) && Ok(env, napi_set_element(env, pair, 1, text));
  wg_free(module->plans);
  wg_free(module->description);
  return made ? pair : nullptr;
}

// An asynchronous load. Two sides hold it: the runtime, until the load is done,
// and the thread-safe function, until it or its environment ends. Node deletes
// that function with its environment, whoever may still want to call it, so the
// two sides agree under a lock on whether it is there.
class Pending {
 public:
  napi_deferred deferred = nullptr;
  napi_threadsafe_function ready = nullptr;
  std::mutex mutex;
  bool ended = false;           // `ready` is gone
  wg_module* module = nullptr;  // both are set when it is done
  wg_error* error = nullptr;

  void Unref() {
    if (--refs_ == 0) delete this;
  }

  // For one that never came to be shared.
  static void Discard(Pending* pending) { delete pending; }

 private:
  ~Pending() {
    // If the environment ended first, nobody has taken the module.
    if (module != nullptr && module->handle != 0) {
      wg_module_close(module->handle);
      wg_free(module->plans);
      wg_free(module->description);
    }
    wg_free(module);
    if (error != nullptr) wg_error_free(error);
    wg_free(error);
  }

  std::atomic<int> refs_{2};
};

// On any thread: hands the outcome to the environment's own.
void OnDone(void* context, wg_module* module, wg_error* error) {
  auto* pending = static_cast<Pending*>(context);
  {
    std::lock_guard<std::mutex> lock(pending->mutex);
    pending->module = module;
    pending->error = error;
    if (!pending->ended) {
      napi_call_threadsafe_function(pending->ready, nullptr, napi_tsfn_nonblocking);
      napi_release_threadsafe_function(pending->ready, napi_tsfn_release);
    }
  }
  pending->Unref();
}

// On the environment's thread, when the function is released or the
// environment ends.
void OnEnd(napi_env, void* data, void*) {
  auto* pending = static_cast<Pending*>(data);
  {
    std::lock_guard<std::mutex> lock(pending->mutex);
    pending->ended = true;
  }
  pending->Unref();
}

// On the environment's thread; env is null if it is being torn down.
void OnReady(napi_env env, napi_value, void* context, void*) {
  auto* pending = static_cast<Pending*>(context);
  if (env == nullptr) return;
  napi_value outcome;
  bool failed = pending->error->code != WG_OK;
  if (failed) {
    outcome = MakeError(env, pending->error);
  } else {
    outcome = MakePair(env, pending->module);
    pending->module->handle = 0;  // taken over
    if (outcome == nullptr) {
      failed = true;
      napi_get_and_clear_last_exception(env, &outcome);
    }
  }
  if (outcome == nullptr) napi_get_undefined(env, &outcome);
  if (failed) {
    napi_reject_deferred(env, pending->deferred, outcome);
  } else {
    napi_resolve_deferred(env, pending->deferred, outcome);
  }
}

}  // namespace

napi_value LoadModule(napi_env env, napi_callback_info info) {
  Source source;
  if (!source.Read(env, info)) return nullptr;
  wg_module module{};
  wg_error error{};
  if (wg_module_load(source.options.data(), source.options.bytes(), source.bytes.data, source.bytes.bytes, &module,
                     &error) != WG_OK) {
    return Throw(env, &error);
  }
  return MakePair(env, &module);
}

napi_value LoadModuleAsync(napi_env env, napi_callback_info info) {
  Source source;
  if (!source.Read(env, info)) return nullptr;
  napi_value name, promise;
  auto* pending = new Pending;
  if (!Ok(env, napi_create_string_utf8(env, "wasmgate.loadAsync", NAPI_AUTO_LENGTH, &name)) ||
      !Ok(env, napi_create_promise(env, &pending->deferred, &promise)) ||
      !Ok(env, napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, pending, OnEnd, pending, OnReady,
                                               &pending->ready))) {
    Pending::Discard(pending);
    return nullptr;
  }
  wg_module_load_async(source.options.data(), source.options.bytes(), source.bytes.data, source.bytes.bytes, OnDone,
                       pending);
  return promise;
}

napi_value Inspect(napi_env env, napi_callback_info info) {
  Source source;
  if (!source.Read(env, info)) return nullptr;
  char* description = nullptr;
  wg_error error{};
  if (wg_inspect(source.options.data(), source.options.bytes(), source.bytes.data, source.bytes.bytes, &description,
                 &error) != WG_OK) {
    return Throw(env, &error);
  }
  napi_value text;
  bool made = Ok(env, napi_create_string_utf8(env, description, NAPI_AUTO_LENGTH, &text));
  wg_free(description);
  return made ? text : nullptr;
}

}  // namespace wg
