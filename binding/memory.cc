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

napi_value MemoryView(napi_env env, napi_callback_info info) {
  napi_value args[3], buffer, view;
  double bytes;
  if (!GetArguments(env, info, args, 3)) return nullptr;
  InstanceHandle* instance = UnwrapInstance(env, args[0]);
  if (instance == nullptr || !Ok(env, napi_get_value_double(env, args[2], &bytes))) return nullptr;
  auto count = static_cast<size_t>(bytes);
  uint8_t* data = Window(env, instance, args[1], count);
  if (data == nullptr) return nullptr;
  napi_status status = count == 0 ? napi_create_arraybuffer(env, 0, nullptr, &buffer)
                                  : napi_create_external_arraybuffer(env, data, count, nullptr, nullptr, &buffer);
  if (status == napi_no_external_buffers_allowed) {
    return ThrowCode(env, WG_ERR_MODULE_UNSUPPORTED,
                     "memory.view: this process does not allow views of foreign memory");
  }
  if (!Ok(env, status) || !Ok(env, napi_create_typedarray(env, napi_uint8_array, count, buffer, 0, &view))) {
    return nullptr;
  }
  return view;
}

napi_value MemoryLeave(napi_env env, napi_callback_info info) {
  napi_value args[2], result;
  uint32_t count;
  bool all = true;
  if (!GetArguments(env, info, args, 2)) return nullptr;
  InstanceHandle* instance = UnwrapInstance(env, args[0]);
  if (instance == nullptr || !Ok(env, napi_get_array_length(env, args[1], &count))) return nullptr;
  for (uint32_t i = 0; i < count; i++) {
    napi_value buffer;
    bool gone = true;
    if (!Ok(env, napi_get_element(env, args[1], i, &buffer)) ||
        !Ok(env, napi_is_detached_arraybuffer(env, buffer, &gone))) {
      return nullptr;
    }
    if (gone || napi_detach_arraybuffer(env, buffer) != napi_ok) all = false;
  }
  if (!all) wg_memory_keep(instance->record);
  return Ok(env, napi_get_boolean(env, all, &result)) ? result : nullptr;
}

}  // namespace wg
