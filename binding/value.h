// Values between JavaScript and wasm: numbers in raw slots, text and bytes as
// views that the call copies.
#ifndef WG_BINDING_VALUE_H_
#define WG_BINDING_VALUE_H_

#include <node_api.h>

#include <string>

#include "number.h"
#include "plan.h"
#include "wasmgate.h"

namespace wg {

// Reads exactly `count` arguments; missing ones are undefined.
bool GetArguments(napi_env env, napi_callback_info info, napi_value* args, size_t count);

// A string argument of a cold call, as UTF-8. undefined reads as empty.
class Text {
 public:
  bool Read(napi_env env, napi_value value);
  const char* data() const { return text_.data(); }
  size_t bytes() const { return text_.size(); }

 private:
  std::string text_;
};

// The bytes of an ArrayBuffer or of a view of one, honouring offset and length.
struct Bytes {
  const uint8_t* data = nullptr;
  size_t bytes = 0;
};

// Reads a view for a parameter of an array kind: its own typed array, and for
// bytes any view or ArrayBuffer. Shared memory is refused, because another
// thread could change it under the guest.
Read ReadBytes(napi_env env, napi_value value, uint8_t kind, Bytes* out);

// Writes a scalar (or its absence) into its slots, starting at `slots`.
Read ReadScalar(napi_env env, napi_value value, const Value& type, wg_raw* slots);

// True for undefined and null: the absent value of an optional.
bool IsAbsent(napi_env env, napi_value value);

// Makes the JavaScript value of a scalar result from its slots. Null with a
// pending exception if the guest gave what the type does not have.
napi_value MakeScalar(napi_env env, const Value& type, const wg_raw* slots);

// Copies guest text into a JavaScript string. Null with a pending exception:
// ERR_RESULT_UTF8 or ERR_RESULT_TOO_LARGE.
napi_value MakeString(napi_env env, const char* data, size_t bytes);

// Copies guest bytes into a fresh typed array of an array kind. `bytes` is a
// multiple of the kind's element.
napi_value MakeArray(napi_env env, uint8_t kind, const uint8_t* data, size_t bytes);

}  // namespace wg

#endif  // WG_BINDING_VALUE_H_
