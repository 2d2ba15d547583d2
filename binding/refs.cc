#include "refs.h"

#include "bind.h"
#include "error.h"
#include "plugin.h"
#include "value.h"
#include "world.h"

namespace wg {
namespace {

// Longest type of a function that is no export and is called by JavaScript: as many
// parameters and results as an export may have.
constexpr size_t kShapeRoom = 2004;

// The functions of an instance, with its exports in them; null with a pending exception.
InstanceHandle::Functions* FunctionsOf(napi_env env, InstanceHandle* instance) {
  if (instance->functions != nullptr) return instance->functions.get();
  auto functions = std::make_unique<InstanceHandle::Functions>();
  const auto& exports = instance->plans->exports;
  for (uint32_t i = 0; i < exports.size(); i++) {
    wg_func func;
    if (wg_export_func(instance->record, exports[i].name.data(), exports[i].name.size(), &func) != WG_OK) {
      ThrowLast(env, instance->record);
      return nullptr;
    }
    functions->numbers.emplace(wg_func_ref(instance->record, &func), i);  // the first name counts
    functions->known.push_back(func);
  }
  instance->functions = std::move(functions);
  return instance->functions.get();
}

napi_value CallFunctionOut(napi_env env, InstanceHandle* instance, uint32_t number, napi_value made) {
  napi_value args[2] = {nullptr, made};
  if (!Ok(env, napi_create_uint32(env, number, &args[0]))) return nullptr;
  return CallWorld(env, instance, kFunctionOut, made == nullptr ? 1 : 2, args);
}

}  // namespace

bool ReadExternRef(napi_env env, InstanceHandle* instance, napi_value value, wg_raw* slots, uint32_t slot,
                   wg_given* given, bool* failed) {
  *failed = false;
  given->slot = slot;
  given->kind = WG_VALUE_HANDLE;
  if (!IsPlain(env, value, &given->kind, &given->number)) {
    given->native = ReadNative(env, value);
    if (given->native != nullptr) {
      given->kind = WG_VALUE_NATIVE;
      return true;
    }
    uint32_t handle = Hold(env, instance, value);
    given->number = handle;
    *failed = handle == 0;
    return !*failed;
  }
  if (given->kind != WG_VALUE_NULL) return true;
  slots[slot].i64 = 0;
  return false;
}

napi_value MakeExternRef(napi_env env, InstanceHandle* instance, uint32_t ref) {
  wg_seen seen;
  wg_ref_look(instance->record, ref, &seen);
  switch (seen.kind) {
    case WG_VALUE_NONE:
      return ThrowCode(env, WG_ERR_RESULT_INVALID, "the guest gave a reference that no host made as an externref");
    case WG_VALUE_HANDLE:
      return HandleValue(env, instance, static_cast<uint32_t>(seen.integer));
    case WG_VALUE_ERROR: {  // the next look is to find the same object
      napi_value value = MakeSeen(env, seen);
      uint32_t handle = value == nullptr ? 0 : Hold(env, instance, value);
      if (handle == 0) return nullptr;
      wg_ref_hold(instance->record, ref, handle);
      return value;
    }
    case WG_VALUE_NATIVE:
      return MakeNative(env, instance, ref);
    default:
      return MakeSeen(env, seen);
  }
}

Read ReadFuncRef(napi_env env, InstanceHandle* instance, napi_value value, wg_raw* slot) {
  napi_valuetype type;
  uint32_t number;
  slot->i64 = 0;
  if (napi_typeof(env, value, &type) != napi_ok) return Read::kWrongType;
  if (type == napi_null) return Read::kOk;
  if (type != napi_function) return Read::kWrongType;
  napi_value found = CallWorld(env, instance, kFunctionIn, 1, &value);
  if (found == nullptr || napi_get_value_uint32(env, found, &number) != napi_ok) return Read::kWrongType;
  if (instance->record->state == WG_CLOSED) {
    ThrowCode(env, WG_ERR_CLOSED);
    return Read::kWrongType;
  }
  auto* functions = FunctionsOf(env, instance);
  if (functions == nullptr) return Read::kWrongType;
  if (number >= functions->known.size()) return Read::kWrongType;
  if (instance->record->state == WG_CLOSED) {
    ThrowCode(env, WG_ERR_CLOSED);
    return Read::kWrongType;
  }
  slot->i64 = wg_func_ref(instance->record, &functions->known[number]);
  return Read::kOk;
}

napi_value MakeFuncRef(napi_env env, InstanceHandle* instance, int64_t ref) {
  napi_value function, null;
  napi_valuetype type;
  if (ref == 0) return Ok(env, napi_get_null(env, &null)) ? null : nullptr;
  auto* functions = FunctionsOf(env, instance);
  if (functions == nullptr) return nullptr;
  auto known = functions->numbers.find(ref);
  if (known != functions->numbers.end()) {
    function = CallFunctionOut(env, instance, known->second, nullptr);
    if (function == nullptr || !Ok(env, napi_typeof(env, function, &type))) return nullptr;
    if (type == napi_function) return function;
  }
  wg_func func;
  char shape[kShapeRoom];
  wg_func_look(instance->record, ref, &func, shape, sizeof shape);
  auto number = known != functions->numbers.end() ? known->second : static_cast<uint32_t>(functions->known.size());
  function = BindRef(env, instance, func, shape);
  if (function == nullptr) return nullptr;
  if (known == functions->numbers.end()) {
    functions->known.push_back(func);
    functions->numbers.emplace(ref, number);
  }
  return CallFunctionOut(env, instance, number, function);
}

}  // namespace wg
