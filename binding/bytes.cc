// ArrayBuffers and their views, in and out.
#include <cstdlib>
#include <cstring>

#include "env_data.h"
#include "error.h"
#include "value.h"

namespace wg {
namespace {

constexpr int kNoTypedArray = -1;

// The element type that Node-API calls an array kind by.
int TypedArrayOf(uint8_t kind) {
  switch (kind) {
    case WG_KIND_I8_ARRAY:
      return napi_int8_array;
    case WG_KIND_U8_ARRAY:
      return napi_uint8_array;
    case WG_KIND_U8_CLAMPED_ARRAY:
      return napi_uint8_clamped_array;
    case WG_KIND_I16_ARRAY:
      return napi_int16_array;
    case WG_KIND_U16_ARRAY:
      return napi_uint16_array;
    case WG_KIND_I32_ARRAY:
      return napi_int32_array;
    case WG_KIND_U32_ARRAY:
      return napi_uint32_array;
    case WG_KIND_I64_ARRAY:
      return napi_bigint64_array;
    case WG_KIND_U64_ARRAY:
      return napi_biguint64_array;
    case WG_KIND_F32_ARRAY:
      return napi_float32_array;
    case WG_KIND_F64_ARRAY:
      return napi_float64_array;
    default:
      return kNoTypedArray;
  }
}

size_t BytesPerElement(napi_typedarray_type type) {
  switch (type) {
    case napi_int16_array:
    case napi_uint16_array:
      return 2;
    case napi_int32_array:
    case napi_uint32_array:
    case napi_float32_array:
      return 4;
    case napi_float64_array:
    case napi_bigint64_array:
    case napi_biguint64_array:
      return 8;
    default:
      return 1;
  }
}

bool IsPlainBuffer(napi_env env, napi_value buffer) {
  bool plain = false;
  return napi_is_arraybuffer(env, buffer, &plain) == napi_ok && plain;
}

// Detached buffers, and views that their buffer shrank away from, look like
// empty ones; only those are worth asking JavaScript about.
bool HasMemory(napi_env env, napi_value value) {
  EnvData* shared = GetEnvData(env);
  napi_value function, undefined, answer;
  bool has = false;
  napi_get_undefined(env, &undefined);
  return shared != nullptr && napi_get_reference_value(env, shared->has_memory, &function) == napi_ok &&
         napi_call_function(env, undefined, function, 1, &value, &answer) == napi_ok &&
         napi_get_value_bool(env, answer, &has) == napi_ok && has;
}

Read Viewed(napi_env env, napi_value value, const void* data, size_t bytes, Bytes* out) {
  if (bytes == 0 && !HasMemory(env, value)) return Read::kWrongType;
  *out = {static_cast<const uint8_t*>(data), bytes};
  return Read::kOk;
}

}  // namespace

Read ReadBytes(napi_env env, napi_value value, uint8_t kind, Bytes* out) {
  void* data = nullptr;
  size_t length = 0;
  napi_typedarray_type type;
  napi_value buffer;
  if (napi_get_typedarray_info(env, value, &type, &length, &data, &buffer, nullptr) == napi_ok) {
    bool fits = kind == WG_KIND_U8_ARRAY || static_cast<int>(type) == TypedArrayOf(kind);
    if (!fits || !IsPlainBuffer(env, buffer)) return Read::kWrongType;
    return Viewed(env, value, data, length * BytesPerElement(type), out);
  }
  if (kind != WG_KIND_U8_ARRAY) return Read::kWrongType;
  if (napi_get_arraybuffer_info(env, value, &data, &length) == napi_ok && IsPlainBuffer(env, value)) {
    return Viewed(env, value, data, length, out);
  }
  if (napi_get_dataview_info(env, value, &length, &data, &buffer, nullptr) == napi_ok && IsPlainBuffer(env, buffer)) {
    return Viewed(env, value, data, length, out);
  }
  return Read::kWrongType;
}

namespace {

// From here on an array's memory is ours: where there is none left, V8 and Node
// end the process.
constexpr size_t kOwnMemory = 64 << 20;

void FreeBytes(napi_env, void* data, void*) { free(data); }

// An ArrayBuffer with a copy of the bytes. Null without an exception on failure.
napi_value CopyToBuffer(napi_env env, const uint8_t* data, size_t bytes) {
  napi_value buffer;
  if (bytes >= kOwnMemory) {
    void* copy = malloc(bytes);
    if (copy == nullptr) return nullptr;
    memcpy(copy, data, bytes);
    napi_status status = napi_create_external_arraybuffer(env, copy, bytes, FreeBytes, nullptr, &buffer);
    if (status == napi_ok) return buffer;
    free(copy);
    if (status != napi_no_external_buffers_allowed) return nullptr;
  }
  void* into;
  if (napi_create_arraybuffer(env, bytes, &into, &buffer) != napi_ok) return nullptr;
  if (bytes > 0) memcpy(into, data, bytes);
  return buffer;
}

}  // namespace

napi_value MakeArray(napi_env env, uint8_t kind, const uint8_t* data, size_t bytes) {
  napi_value array;
  napi_value buffer = CopyToBuffer(env, data, bytes);
  if (buffer == nullptr) {
    napi_get_and_clear_last_exception(env, &buffer);
    return ThrowCode(env, WG_ERR_RESULT_TOO_LARGE, "the guest returned more bytes than JavaScript can hold");
  }
  auto type = static_cast<napi_typedarray_type>(TypedArrayOf(kind));
  if (!Ok(env, napi_create_typedarray(env, type, bytes / ElementBytes(kind), buffer, 0, &array))) {
    return nullptr;
  }
  return array;
}

}  // namespace wg
