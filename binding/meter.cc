#include "meter.h"

#include <cstdlib>
#include <cstring>

#include "error.h"
#include "handle.h"
#include "value.h"
#include "wasmgate.h"

namespace wg {
namespace {

// The memory of a BigUint64Array of WG_METER_COUNT; null with a pending exception.
uint64_t* Words(napi_env env, napi_value value) {
  Bytes words;
  if (ReadBytes(env, value, WG_KIND_U64_ARRAY, &words) != Read::kOk ||
      words.bytes < WG_METER_COUNT * sizeof(uint64_t)) {
    ThrowCode(env, WG_ERR_HANDLE, "internal: room for the meters was expected");
    return nullptr;
  }
  return reinterpret_cast<uint64_t*>(const_cast<uint8_t*>(words.data));
}

bool ReadId(napi_env env, napi_value value, uint64_t* id) {
  bool lossless = false;
  return napi_get_value_bigint_uint64(env, value, id, &lossless) == napi_ok && lossless;
}

napi_value MakeBool(napi_env env, bool value) {
  napi_value made;
  return Ok(env, napi_get_boolean(env, value, &made)) ? made : nullptr;
}

}  // namespace

napi_value ReadMeters(napi_env env, napi_callback_info info) {
  napi_value args[2];
  if (!GetArguments(env, info, args, 2)) return nullptr;
  InstanceHandle* instance = UnwrapInstance(env, args[0]);
  uint64_t* words = instance == nullptr ? nullptr : Words(env, args[1]);
  if (words != nullptr) wg_meters_read(instance->record, words);
  return nullptr;
}

napi_value PeekMeters(napi_env env, napi_callback_info info) {
  napi_value args[2];
  uint64_t id;
  if (!GetArguments(env, info, args, 2)) return nullptr;
  uint64_t* words = Words(env, args[1]);
  if (words == nullptr) return nullptr;
  return MakeBool(env, ReadId(env, args[0], &id) && wg_instance_meters(id, words));
}

napi_value StopInstance(napi_env env, napi_callback_info info) {
  napi_value args[1];
  uint64_t id;
  if (!GetArguments(env, info, args, 1)) return nullptr;
  return MakeBool(env, ReadId(env, args[0], &id) && wg_instance_stop(id));
}

napi_value InstanceId(napi_env env, napi_callback_info info) {
  napi_value args[1], id;
  if (!GetArguments(env, info, args, 1)) return nullptr;
  InstanceHandle* instance = UnwrapInstance(env, args[0]);
  if (instance == nullptr) return nullptr;
  return Ok(env, napi_create_bigint_uint64(env, wg_instance_handle(instance->record), &id)) ? id : nullptr;
}

napi_value LastExport(napi_env env, napi_callback_info info) {
  napi_value args[1], name;
  if (!GetArguments(env, info, args, 1)) return nullptr;
  InstanceHandle* instance = UnwrapInstance(env, args[0]);
  if (instance == nullptr || instance->last_name == nullptr) return nullptr;
  return Ok(env, napi_create_string_utf8(env, instance->last_name, NAPI_AUTO_LENGTH, &name)) ? name : nullptr;
}

napi_value SetLimits(napi_env env, napi_callback_info info) {
  napi_value args[3];
  Bytes words;
  wg_limits limits;
  bool scoped;
  if (!GetArguments(env, info, args, 3) || !Ok(env, napi_get_value_bool(env, args[2], &scoped))) return nullptr;
  InstanceHandle* instance = UnwrapInstance(env, args[0]);
  if (instance == nullptr) return nullptr;
  if (ReadBytes(env, args[1], WG_KIND_U64_ARRAY, &words) != Read::kOk || words.bytes != sizeof limits) {
    return ThrowCode(env, WG_ERR_HANDLE, "internal: limits were expected");
  }
  memcpy(&limits, words.data, sizeof limits);
  wg_set_limits(instance->record, &limits, scoped);
  return nullptr;
}

napi_value BufferOf(napi_env env, uint8_t* data, size_t bytes) {
  napi_value buffer;
  bool made = Ok(env, napi_create_buffer_copy(env, bytes, data, nullptr, &buffer));
  free(data);
  return made ? buffer : nullptr;
}

napi_value TakeOutput(napi_env env, napi_callback_info info) {
  napi_value args[1], list;
  if (!GetArguments(env, info, args, 1)) return nullptr;
  InstanceHandle* instance = UnwrapInstance(env, args[0]);
  if (instance == nullptr || !Ok(env, napi_create_array_with_length(env, 2, &list))) return nullptr;
  for (int stream = 1; stream <= 2; stream++) {
    size_t bytes;
    uint8_t* data = wg_output_take(instance->record, stream, &bytes);
    napi_value buffer = BufferOf(env, data, bytes);
    if (buffer == nullptr || !Ok(env, napi_set_element(env, list, stream - 1, buffer))) return nullptr;
  }
  return list;
}

}  // namespace wg
