// From a failure to a pending JavaScript exception. The shim has no prose: it
// names the code and the facts, js/errors.js makes the error.
#ifndef WG_BINDING_ERROR_H_
#define WG_BINDING_ERROR_H_

#include <node_api.h>

#include "number.h"
#include "wasmgate.h"

namespace wg {

// Throws what the runtime reported and releases `error`. Always returns null,
// so that callbacks can return it.
napi_value Throw(napi_env env, wg_error* error);

// Throws the last error of an instance.
napi_value ThrowLast(napi_env env, wg_instance* instance);

// The JavaScript error for `error`, which is released; null if none can be made.
napi_value MakeError(napi_env env, wg_error* error);

// Throws an error without details: its message is the code's meaning, or `message`.
napi_value ThrowCode(napi_env env, int code, const char* message = nullptr);

// Stands for the index where the value is the result of the import `name`.
constexpr size_t kOfImport = static_cast<size_t>(-1);

// Throws about argument `index` of export `name`: ERR_ARG_TYPE, `value` is not a
// `kind`, or ERR_ARG_RANGE, it lies outside it.
napi_value ThrowRead(napi_env env, Read read, const char* name, size_t index, int kind, napi_value value);

// Throws what a function of the guest crate failed with: bytes that js/errors.js reads.
napi_value ThrowGuestError(napi_env env, const char* name, napi_value bytes);

// Throws ERR_ARG_COUNT.
napi_value ThrowCount(napi_env env, const char* name, size_t expected, size_t got);

// Checks a napi_status. If it is not napi_ok and no exception is pending, one
// is thrown, so that a failure is never lost.
bool Ok(napi_env env, napi_status status);

// Gives what an import threw the stack of the guest, if it can have one.
napi_value AttachStack(napi_env env, napi_value thrown, const wg_error& error);

// Throws ERR_ASYNC_IMPORT about an import.
napi_value ThrowAsync(napi_env env, const char* name);

// Throws ERR_ARG_TYPE: an import gave `value` instead of an array of so many results.
napi_value ThrowResults(napi_env env, const char* name, size_t count, napi_value value);

}  // namespace wg

#endif  // WG_BINDING_ERROR_H_
