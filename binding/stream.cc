#include "stream.h"

#include <cstring>

#include "error.h"
#include "host.h"
#include "value.h"
#include "world.h"

namespace wg {
namespace {

int OnRead(void* context, uint8_t* into, size_t bytes, size_t* got) {
  auto* instance = static_cast<InstanceHandle*>(context);
  napi_env env = instance->env;
  *got = 1;
  if (bytes == 0) return WG_OK;  // a function is asked when it is read
  return GuardHook(instance, instance->record, [&] {
    napi_value most, given;
    Bytes chunk;
    if (!Ok(env, napi_create_double(env, static_cast<double>(bytes), &most))) return false;
    given = CallWorld(env, instance, kRead, 1, &most);
    *got = 0;
    if (given == nullptr) return false;
    if (IsAbsent(env, given)) return true;
    if (ReadBytes(env, given, WG_KIND_U8_ARRAY, &chunk) != Read::kOk || chunk.bytes > bytes) {
      ThrowCode(env, WG_ERR_INTERNAL, "standard input gave what it was not asked for");
      return false;
    }
    memcpy(into, chunk.data, chunk.bytes);
    *got = chunk.bytes;
    return true;
  });
}

int OnWrite(void* context, int stream, const uint8_t* bytes, size_t count) {
  auto* instance = static_cast<InstanceHandle*>(context);
  napi_env env = instance->env;
  int32_t answer = 0;
  int code = GuardHook(instance, instance->record, [&] {
    napi_value args[2], result;
    if (!Ok(env, napi_create_int32(env, stream, &args[0])) ||
        !Ok(env, napi_create_buffer_copy(env, count, bytes, nullptr, &args[1])) ||
        (result = CallWorld(env, instance, kWrite, 2, args)) == nullptr) {
      return false;
    }
    napi_get_value_int32(env, result, &answer);  // which leaves it 0 if that is no number
    return true;
  });
  return code == WG_OK && answer > 0 ? WG_HOOK_ERRNO - answer : code;
}

// Whether the thread is being told to end: Node-API refuses whatever could run
// JavaScript then.
bool IsEnding(napi_env env) {
  napi_value undefined;
  bool same, pending = false;
  if (napi_is_exception_pending(env, &pending) == napi_ok && pending) return false;
  return napi_get_undefined(env, &undefined) == napi_ok &&
         napi_strict_equals(env, undefined, undefined, &same) != napi_ok;
}

int OnTick(void* context, bool meter) {
  auto* instance = static_cast<InstanceHandle*>(context);
  napi_env env = instance->env;
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return WG_ERR_STOPPED;
  bool ending = IsEnding(env);
  napi_close_handle_scope(env, scope);
  if (ending) return WG_ERR_STOPPED;
  if (!meter) return WG_OK;
  return GuardHook(instance, instance->record, [&] { return CallWorld(env, instance, kMeter, 0, nullptr) != nullptr; });
}

}  // namespace

void AddStreams(InstanceHandle* instance, bool watch, bool meter, wg_host* host) {
  host->context = instance;
  host->read = OnRead;
  host->write = OnWrite;
  host->watch = watch;
  if (watch || meter) host->tick = OnTick;
}

}  // namespace wg
