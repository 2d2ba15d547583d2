#include "world.h"

#include "error.h"
#include "value.h"

namespace wg {
namespace {

// The array of the values that the guest has. Null with a pending exception.
napi_value ValuesOf(napi_env env, InstanceHandle* instance) {
  napi_value values = nullptr;
  if (instance->values == nullptr) {
    values = WorldElement(env, instance, kValues);
    if (values != nullptr && !Ok(env, napi_create_reference(env, values, 0, &instance->values))) return nullptr;
    return values;
  }
  if (!Ok(env, napi_get_reference_value(env, instance->values, &values))) return nullptr;
  if (values == nullptr) ThrowCode(env, WG_ERR_CLOSED, "nothing refers to the instance any more");
  return values;
}

// From so many values on JavaScript is asked to let go of them (js/held.js).
constexpr uint32_t kManyCleared = 8;

// False: none has been let go of. There is no pending exception.
bool ClearMany(napi_env env, InstanceHandle* instance, napi_value values) {
  napi_value buffer, list, clear, result;
  void* numbers;
  const uint32_t count = instance->record->uncleared;
  if (napi_get_named_property(env, values, "clear", &clear) != napi_ok ||
      napi_create_arraybuffer(env, count * sizeof(uint32_t), &numbers, &buffer) != napi_ok ||
      napi_create_typedarray(env, napi_uint32_array, count, buffer, 0, &list) != napi_ok) {
    return false;
  }
  for (uint32_t i = 0; i < count; i++) static_cast<uint32_t*>(numbers)[i] = wg_handle_cleared(instance->record);
  return napi_call_function(env, values, clear, 1, &list, &result) == napi_ok;
}

}  // namespace

bool IsPlain(napi_env env, napi_value value, int32_t* kind, double* number) {
  napi_valuetype type;
  bool flag;
  *number = 0;
  if (napi_typeof(env, value, &type) != napi_ok) return false;
  switch (type) {
    case napi_undefined:
      *kind = WG_VALUE_UNDEFINED;
      return true;
    case napi_null:
      *kind = WG_VALUE_NULL;
      return true;
    case napi_boolean:
      *kind = WG_VALUE_BOOL;
      if (napi_get_value_bool(env, value, &flag) == napi_ok) *number = flag ? 1 : 0;
      return true;
    case napi_number:
      *kind = WG_VALUE_NUMBER;
      return napi_get_value_double(env, value, number) == napi_ok;
    default:
      return false;
  }
}

uint32_t Hold(napi_env env, InstanceHandle* instance, napi_value value) {
  napi_value values = ValuesOf(env, instance);
  if (values == nullptr) return 0;
  uint32_t handle = wg_handle_new(instance->record);
  if (handle == 0) {
    ThrowCode(env, WG_ERR_OUT_OF_MEMORY, "the guest keeps too many JavaScript values");
    return 0;
  }
  if (Ok(env, napi_set_element(env, values, handle, value))) return handle;
  wg_handle_drop(instance->record, handle);
  return 0;
}

napi_value MakeSeen(napi_env env, const wg_seen& seen) {
  napi_value value = nullptr;
  switch (seen.kind) {
    case WG_VALUE_NULL:
      return Ok(env, napi_get_null(env, &value)) ? value : nullptr;
    case WG_VALUE_BOOL:
      return Ok(env, napi_get_boolean(env, seen.number != 0, &value)) ? value : nullptr;
    case WG_VALUE_NUMBER:
      return Ok(env, napi_create_double(env, seen.number, &value)) ? value : nullptr;
    case WG_VALUE_BIGINT:
      return Ok(env, napi_create_bigint_int64(env, seen.integer, &value)) ? value : nullptr;
    case WG_VALUE_UBIGINT:
      return Ok(env, napi_create_bigint_uint64(env, static_cast<uint64_t>(seen.integer), &value)) ? value : nullptr;
    case WG_VALUE_STRING:
      return MakeString(env, seen.text, seen.text_bytes);
    case WG_VALUE_ERROR: {
      napi_value text = MakeString(env, seen.text, seen.text_bytes);
      if (text == nullptr || !Ok(env, napi_create_error(env, nullptr, text, &value))) return nullptr;
      return value;
    }
    default:
      return Ok(env, napi_get_undefined(env, &value)) ? value : nullptr;
  }
}

napi_value WorldElement(napi_env env, InstanceHandle* instance, uint32_t place) {
  napi_value world = nullptr, element;
  if (instance->world != nullptr && !Ok(env, napi_get_reference_value(env, instance->world, &world))) return nullptr;
  if (world == nullptr) {
    ThrowCode(env, WG_ERR_CLOSED, "nothing refers to the instance any more");
    return nullptr;
  }
  return Ok(env, napi_get_element(env, world, place, &element)) ? element : nullptr;
}

napi_value CallWorld(napi_env env, InstanceHandle* instance, uint32_t place, size_t count, const napi_value* args) {
  napi_value function = WorldElement(env, instance, place), undefined, result;
  if (function == nullptr || !Ok(env, napi_get_undefined(env, &undefined))) return nullptr;
  return Ok(env, napi_call_function(env, undefined, function, count, args, &result)) ? result : nullptr;
}

bool GiveValue(napi_env env, InstanceHandle* instance, napi_value value, bool lend, uint32_t* index) {
  int32_t kind = WG_VALUE_HANDLE;
  double number;
  if (!IsPlain(env, value, &kind, &number)) {
    uint32_t handle = Hold(env, instance, value);
    if (handle == 0) return false;
    number = handle;
  }
  if (wg_value_give(instance->record, kind, number, lend, index) == WG_OK) return true;
  ThrowLast(env, instance->record);
  return false;
}

napi_value SeeValue(napi_env env, InstanceHandle* instance, uint32_t index, bool take) {
  wg_seen seen;
  wg_value_look(instance->record, index, take, &seen);
  if (seen.kind == WG_VALUE_NONE) {
    return ThrowCode(env, WG_ERR_RESULT_INVALID, "the guest named a JavaScript value that it does not have");
  }
  if (seen.kind == WG_VALUE_HANDLE) {
    auto handle = static_cast<uint32_t>(seen.integer);
    napi_value value = HandleValue(env, instance, handle);
    if (take) wg_handle_drop(instance->record, handle);
    return value;
  }
  napi_value value = MakeSeen(env, seen);
  if (!take && seen.kind == WG_VALUE_ERROR && value != nullptr) {
    // The next look is to find the same object.
    uint32_t handle = Hold(env, instance, value);
    if (handle == 0) return nullptr;
    wg_value_hold(instance->record, index, handle);
  }
  return value;
}

napi_value HandleValue(napi_env env, InstanceHandle* instance, uint32_t handle) {
  napi_value values = ValuesOf(env, instance), value;
  if (values == nullptr || !Ok(env, napi_get_element(env, values, handle, &value))) return nullptr;
  return value;
}

void ClearValues(napi_env env, InstanceHandle* instance) {
  napi_value world, values, undefined;
  bool pending = false;
  napi_value exception = nullptr;
  if (napi_is_exception_pending(env, &pending) == napi_ok && pending) {
    if (napi_get_and_clear_last_exception(env, &exception) != napi_ok) return;
  }
  if (instance->world != nullptr && napi_get_reference_value(env, instance->world, &world) == napi_ok &&
      world != nullptr && napi_get_element(env, world, kValues, &values) == napi_ok &&
      napi_get_undefined(env, &undefined) == napi_ok &&
      !(instance->record->uncleared >= kManyCleared && ClearMany(env, instance, values))) {
    for (uint32_t handle; (handle = wg_handle_cleared(instance->record)) != 0;) {
      if (napi_set_element(env, values, handle, undefined) != napi_ok) break;
    }
  }
  if (exception != nullptr) napi_throw(env, exception);
}

void EmptyValues(napi_env env, InstanceHandle* instance) {
  napi_value world, values, none;
  if (instance->world == nullptr || napi_get_reference_value(env, instance->world, &world) != napi_ok ||
      world == nullptr || napi_get_element(env, world, kValues, &values) != napi_ok ||
      napi_create_uint32(env, 0, &none) != napi_ok) {
    return;
  }
  napi_set_named_property(env, values, "length", none);
}

void KeepThrown(napi_env env, InstanceHandle* instance) {
  napi_value thrown, world;
  instance->thrown = false;
  if (napi_get_and_clear_last_exception(env, &thrown) != napi_ok) return;
  if (instance->world == nullptr || napi_get_reference_value(env, instance->world, &world) != napi_ok ||
      world == nullptr) {
    return;
  }
  instance->thrown = napi_set_element(env, world, kThrown, thrown) == napi_ok;
}

bool ThrowKept(napi_env env, InstanceHandle* instance, const wg_error& error) {
  napi_value thrown, world, undefined;
  if (!instance->thrown || napi_get_reference_value(env, instance->world, &world) != napi_ok || world == nullptr ||
      napi_get_element(env, world, kThrown, &thrown) != napi_ok || napi_get_undefined(env, &undefined) != napi_ok) {
    return false;
  }
  instance->thrown = false;
  napi_set_element(env, world, kThrown, undefined);
  AttachStack(env, thrown, error);
  return napi_throw(env, thrown) == napi_ok;
}

}  // namespace wg
