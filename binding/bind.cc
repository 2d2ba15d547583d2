#include "bind.h"

#include <memory>
#include <string>

#include "call.h"
#include "env_data.h"
#include "error.h"
#include "value.h"

namespace wg {
namespace {

void FinalizeBound(napi_env env, void* data, void*) {
  std::unique_ptr<BoundExport> bound(static_cast<BoundExport*>(data));
  bound->instance->Unref(env);
}

struct BindArguments {
  InstanceHandle* instance;
  const ExportPlan* entry;
  const Plan* plan;

  bool Read(napi_env env, napi_callback_info info) {
    napi_value args[3];
    uint32_t index;
    bool typed;
    if (!GetArguments(env, info, args, 3)) return false;
    instance = UnwrapInstance(env, args[0]);
    if (instance == nullptr || !Ok(env, napi_get_value_uint32(env, args[1], &index)) ||
        !Ok(env, napi_get_value_bool(env, args[2], &typed))) {
      return false;
    }
    if (index >= instance->plans->exports.size()) {
      ThrowCode(env, WG_ERR_EXPORT_MISSING);
      return false;
    }
    entry = &instance->plans->exports[index];
    plan = typed ? &entry->typed : &entry->wasm;
    return true;
  }
};

// A JavaScript function of the export; null with a pending exception.
napi_value MakeBound(napi_env env, const BindArguments& target, napi_callback callback) {
  napi_value function;
  auto bound = std::make_unique<BoundExport>();
  bound->record = target.instance->record;
  bound->instance = target.instance;
  bound->entry = target.entry;
  bound->plan = target.plan;
  bound->slots = GetEnvData(env)->number_slots;
  const std::string& name = target.entry->name;
  if (wg_export_func(bound->record, name.data(), name.size(), &bound->func) != WG_OK) {
    return ThrowLast(env, bound->record);
  }
  const std::string& adapter = target.entry->adapter;
  bound->adapted = target.plan == &target.entry->typed && !adapter.empty();
  if (bound->adapted && wg_export_func(bound->record, adapter.data(), adapter.size(), &bound->adapter) != WG_OK) {
    return ThrowLast(env, bound->record);
  }
  if (callback == nullptr) callback = PickCallback(bound.get());
  if (!Ok(env, napi_create_function(env, name.data(), name.size(), callback, bound.get(), &function)) ||
      !Ok(env, napi_add_finalizer(env, function, bound.get(), FinalizeBound, nullptr, nullptr))) {
    return nullptr;
  }
  target.instance->Ref();
  (void)bound.release();  // the function owns it
  return function;
}

bool AllOf(const Plan& plan, bool (*accepts)(uint8_t kind)) {
  for (const Value& value : plan.params) {
    if (!accepts(value.kind)) return false;
  }
  return true;
}

}  // namespace

napi_value BindExport(napi_env env, napi_callback_info info) {
  BindArguments target;
  return target.Read(env, info) ? MakeBound(env, target, nullptr) : nullptr;
}

napi_value BindNumbers(napi_env env, napi_callback_info info) {
  BindArguments target;
  napi_value list, run, count, is_double, result;
  if (!target.Read(env, info)) return nullptr;
  const Plan& plan = *target.plan;
  bool ints = AllOf(plan, [](uint8_t kind) { return kind == WG_KIND_I32 || kind == WG_KIND_ANY32; });
  bool doubles = AllOf(plan, [](uint8_t kind) { return kind == WG_KIND_F64; });
  if (!plan.usable || !plan.numbers || plan.params.size() > kMaxMailed || (!ints && !doubles)) return nullptr;
  uint32_t kind = plan.results.empty() ? static_cast<uint32_t>(WG_KIND_UNIT) : plan.results[0].kind;
  run = MakeBound(env, target, OnMailed);
  if (run == nullptr || !Ok(env, napi_create_array_with_length(env, 4, &list)) ||
      !Ok(env, napi_create_uint32(env, static_cast<uint32_t>(plan.params.size()), &count)) ||
      !Ok(env, napi_get_boolean(env, !ints, &is_double)) || !Ok(env, napi_create_uint32(env, kind, &result)) ||
      !Ok(env, napi_set_element(env, list, 0, run)) || !Ok(env, napi_set_element(env, list, 1, count)) ||
      !Ok(env, napi_set_element(env, list, 2, is_double)) || !Ok(env, napi_set_element(env, list, 3, result))) {
    return nullptr;
  }
  return list;
}

}  // namespace wg
