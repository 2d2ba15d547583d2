#include "error.h"

#include <cstring>

#include "env_data.h"
#include "handle.h"
#include "world.h"

namespace wg {
namespace {

// An object of facts for createError; setters ignore failures on purpose: a
// fact less is better than no error.
class Facts {
 public:
  Facts(napi_env env, int code) : env_(env) {
    if (EnvData* data = GetEnvData(env)) data->last_code = code;
    if (napi_create_object(env, &object_) != napi_ok) object_ = nullptr;
    Number("code", code);
  }
  void Number(const char* key, double number) {
    napi_value value;
    if (napi_create_double(env_, number, &value) == napi_ok) Set(key, value);
  }
  void BigInt(const char* key, int64_t number) {
    napi_value value;
    if (napi_create_bigint_int64(env_, number, &value) == napi_ok) Set(key, value);
  }
  void Text(const char* key, const char* text, size_t bytes) {
    napi_value value;
    if (text == nullptr) return;
    if (napi_create_string_utf8(env_, text, bytes, &value) == napi_ok) Set(key, value);
  }
  void Text(const char* key, const char* text) { Text(key, text, NAPI_AUTO_LENGTH); }
  void Set(const char* key, napi_value value) {
    if (object_ != nullptr) napi_set_named_property(env_, object_, key, value);
  }

  // Calls createError. Null if that fails; an exception may be pending then.
  napi_value ToError() {
    EnvData* data = GetEnvData(env_);
    napi_value factory, undefined, error;
    if (object_ == nullptr || data == nullptr || data->create_error == nullptr) return nullptr;
    if (napi_get_reference_value(env_, data->create_error, &factory) != napi_ok) return nullptr;
    if (napi_get_undefined(env_, &undefined) != napi_ok) return nullptr;
    napi_value args[] = {object_};
    if (napi_call_function(env_, undefined, factory, 1, args, &error) != napi_ok) return nullptr;
    if (data->last_error != nullptr) napi_delete_reference(env_, data->last_error);
    if (napi_create_reference(env_, error, 0, &data->last_error) != napi_ok) data->last_error = nullptr;
    return error;
  }

  napi_value Throw() {
    napi_value error = ToError();
    if (error != nullptr) {
      napi_throw(env_, error);
    } else {
      bool pending = false;
      napi_is_exception_pending(env_, &pending);
      if (!pending) napi_throw_error(env_, "ERR_INTERNAL", "wasmgate: the error could not be made");
    }
    return nullptr;
  }

 private:
  napi_env env_;
  napi_value object_ = nullptr;
};

Facts FactsOf(napi_env env, const wg_error& error) {
  Facts facts(env, error.code);
  facts.Text("message", error.message, error.message_bytes);
  facts.Text("trap", error.trap);
  facts.Text("wasmStack", error.stack);
  facts.Text("detail", error.detail);
  if (error.code == WG_ERR_EXIT) facts.Number("exitCode", error.exit_code);
  if (error.value_kind != WG_VALUE_NONE) facts.Number("valueKind", error.value_kind);
  if (error.value_kind == WG_VALUE_NUMBER || error.value_kind == WG_VALUE_BOOL) {
    facts.Number("number", error.number);
  }
  if (error.value_kind == WG_VALUE_BIGINT || error.value_kind == WG_VALUE_UBIGINT)
    facts.BigInt("integer", error.integer);
  return facts;
}

}  // namespace

napi_value MakeError(napi_env env, wg_error* error) {
  napi_value made = FactsOf(env, *error).ToError();
  wg_error_free(error);
  return made;
}

napi_value Throw(napi_env env, wg_error* error) {
  FactsOf(env, *error).Throw();
  wg_error_free(error);
  return nullptr;
}

napi_value ThrowLast(napi_env env, wg_instance* record) {
  wg_error error{};
  wg_last_error(record, &error);
  auto* instance = static_cast<InstanceHandle*>(wg_host_context(record));
  if (instance == nullptr) return Throw(env, &error);
  if (error.code == WG_ERR_IMPORT_THREW && ThrowKept(env, instance, error)) {
    wg_error_free(&error);
    return nullptr;
  }
  if (error.value_kind != WG_VALUE_HANDLE) return Throw(env, &error);
  // What the guest threw is a value of JavaScript's.
  auto handle = static_cast<uint32_t>(error.integer);
  napi_value value = HandleValue(env, instance, handle);
  wg_handle_drop(record, handle);
  if (value == nullptr) {
    wg_error_free(&error);
    return nullptr;
  }
  Facts facts = FactsOf(env, error);
  facts.Set("thrown", value);
  wg_error_free(&error);
  return facts.Throw();
}

napi_value ThrowCode(napi_env env, int code, const char* message) {
  Facts facts(env, code);
  facts.Text("message", message);
  return facts.Throw();
}

napi_value ThrowRead(napi_env env, Read read, const char* name, size_t index, int kind, napi_value value) {
  Facts facts(env, read == Read::kOutOfRange ? WG_ERR_ARG_RANGE : WG_ERR_ARG_TYPE);
  facts.Text(index == kOfImport ? "import" : "export", name);
  if (index != kOfImport) facts.Number("index", static_cast<double>(index));
  facts.Number("kind", kind);
  facts.Set("value", value);
  return facts.Throw();
}

napi_value ThrowGuestError(napi_env env, const char* name, napi_value bytes) {
  Facts facts(env, WG_ERR_GUEST_ERROR);
  facts.Text("export", name);
  facts.Set("bytes", bytes);
  return facts.Throw();
}

napi_value ThrowCount(napi_env env, const char* name, size_t expected, size_t got) {
  Facts facts(env, WG_ERR_ARG_COUNT);
  facts.Text("export", name);
  facts.Number("expected", static_cast<double>(expected));
  facts.Number("got", static_cast<double>(got));
  return facts.Throw();
}

napi_value AttachStack(napi_env env, napi_value thrown, const wg_error& error) {
  EnvData* data = GetEnvData(env);
  napi_value hook, undefined, ignored, args[3] = {thrown, nullptr, nullptr};
  if (data == nullptr || data->attach_stack == nullptr || (error.stack == nullptr && error.detail == nullptr) ||
      napi_get_reference_value(env, data->attach_stack, &hook) != napi_ok ||
      napi_get_undefined(env, &undefined) != napi_ok) {
    return nullptr;
  }
  const char* texts[2] = {error.stack, error.detail};
  for (int i = 0; i < 2; i++) {
    args[i + 1] = undefined;
    if (texts[i] != nullptr) napi_create_string_utf8(env, texts[i], NAPI_AUTO_LENGTH, &args[i + 1]);
  }
  if (napi_call_function(env, undefined, hook, 3, args, &ignored) != napi_ok) {
    napi_get_and_clear_last_exception(env, &ignored);
  }
  return nullptr;
}

napi_value ThrowAsync(napi_env env, const char* name) {
  Facts facts(env, WG_ERR_ASYNC_IMPORT);
  facts.Text("import", name);
  return facts.Throw();
}

napi_value ThrowResults(napi_env env, const char* name, size_t count, napi_value value) {
  Facts facts(env, WG_ERR_ARG_TYPE);
  facts.Text("import", name);
  facts.Number("results", static_cast<double>(count));
  facts.Set("value", value);
  return facts.Throw();
}

bool Ok(napi_env env, napi_status status) {
  if (status == napi_ok) return true;
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  if (!pending) ThrowCode(env, WG_ERR_INTERNAL, "a Node-API call failed");
  return false;
}

}  // namespace wg
