#include "memory.h"

#include <cstring>
#include <string>

#include "error.h"
#include "handle.h"
#include "value.h"

namespace wg {
namespace {

// Reads (instance, ptr, bytes) and checks them against guest memory.
uint8_t* Window(napi_env env, InstanceHandle* instance, napi_value at, uint64_t bytes) {
  double ptr;
  size_t memory_bytes;
  uint8_t* memory = wg_memory(instance->record, &memory_bytes);
  if (instance->record->state == WG_CLOSED) {
    ThrowCode(env, WG_ERR_CLOSED);
    return nullptr;
  }
  if (!Ok(env, napi_get_value_double(env, at, &ptr))) return nullptr;
  if (memory == nullptr || !(ptr >= 0) || ptr + static_cast<double>(bytes) > static_cast<double>(memory_bytes)) {
    std::string text = "memory: " + std::to_string(bytes) + " bytes at " + std::to_string(static_cast<int64_t>(ptr)) +
                       " are outside the guest's memory of " + std::to_string(memory_bytes) + " bytes";
    ThrowCode(env, WG_ERR_MEMORY_BOUNDS, text.c_str());
    return nullptr;
  }
  return memory + static_cast<size_t>(ptr);
}

}  // namespace

napi_value MemoryBytes(napi_env env, napi_callback_info info) {
  napi_value args[1], value;
  if (!GetArguments(env, info, args, 1)) return nullptr;
  InstanceHandle* instance = UnwrapInstance(env, args[0]);
  if (instance == nullptr) return nullptr;
  size_t bytes;
  wg_memory(instance->record, &bytes);
  return Ok(env, napi_create_double(env, static_cast<double>(bytes), &value)) ? value : nullptr;
}

napi_value MemoryRead(napi_env env, napi_callback_info info) {
  napi_value args[3];
  double bytes;
  if (!GetArguments(env, info, args, 3)) return nullptr;
  InstanceHandle* instance = UnwrapInstance(env, args[0]);
  if (instance == nullptr || !Ok(env, napi_get_value_double(env, args[2], &bytes))) return nullptr;
  const uint8_t* data = Window(env, instance, args[1], static_cast<uint64_t>(bytes));
  if (data == nullptr) return nullptr;
  return MakeArray(env, WG_KIND_U8_ARRAY, data, static_cast<size_t>(bytes));
}

napi_value MemoryWrite(napi_env env, napi_callback_info info) {
  napi_value args[3];
  Bytes bytes;
  if (!GetArguments(env, info, args, 3)) return nullptr;
  InstanceHandle* instance = UnwrapInstance(env, args[0]);
  if (instance == nullptr) return nullptr;
  if (ReadBytes(env, args[2], WG_KIND_U8_ARRAY, &bytes) != Read::kOk) {
    return ThrowRead(env, Read::kWrongType, "memory.write", 1, WG_KIND_U8_ARRAY, args[2]);
  }
  uint8_t* into = Window(env, instance, args[1], bytes.bytes);
  if (into == nullptr) return nullptr;
  if (bytes.bytes > 0) memcpy(into, bytes.data, bytes.bytes);
  return nullptr;
}

}  // namespace wg
