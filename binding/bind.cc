#include "bind.h"

#include <cstring>
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
  bool limited = false;
  wg_limits limits{};

  // (instance, number of the export, typed, limits or undefined)
  bool Read(napi_env env, napi_callback_info info) {
    napi_value args[4];
    uint32_t index;
    bool typed;
    if (!GetArguments(env, info, args, 4)) return false;
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
    return IsAbsent(env, args[3]) || ReadLimits(env, args[3]);
  }

  // A BigUint64Array: nanoseconds and fuel, 0 for no limit.
  bool ReadLimits(napi_env env, napi_value value) {
    Bytes words;
    if (ReadBytes(env, value, WG_KIND_U64_ARRAY, &words) != wg::Read::kOk || words.bytes != sizeof limits) {
      ThrowCode(env, WG_ERR_HANDLE, "internal: limits were expected");
      return false;
    }
    static_assert(sizeof limits == 16, "two words");
    memcpy(&limits, words.data, sizeof limits);
    return limited = true;
  }
};

// The function that `bound` is to serve, which it takes over; null with a pending
// exception.
napi_value MakeFunction(napi_env env, std::unique_ptr<BoundExport> bound, napi_callback callback) {
  napi_value function;
  bound->record = bound->instance->record;
  bound->slots = GetEnvData(env)->number_slots;
  if (callback == nullptr) callback = PickCallback(bound.get());
  if (!Ok(env, napi_create_function(env, bound->name, NAPI_AUTO_LENGTH, callback, bound.get(), &function)) ||
      !Ok(env, napi_add_finalizer(env, function, bound.get(), FinalizeBound, nullptr, nullptr))) {
    return nullptr;
  }
  bound->instance->Ref();
  (void)bound.release();  // the function owns it
  return function;
}

// A JavaScript function of the export; null with a pending exception.
napi_value MakeBound(napi_env env, const BindArguments& target, napi_callback callback) {
  auto bound = std::make_unique<BoundExport>();
  wg_instance* record = target.instance->record;
  const std::string& name = target.entry->name;
  const std::string& adapter = target.entry->adapter;
  bound->instance = target.instance;
  bound->plans = target.instance->plans;
  bool typed = target.plan == &target.entry->typed;
  bound->name = typed ? target.entry->title.c_str() : name.c_str();
  bound->lead = typed ? target.entry->lead : 0;
  bound->plan = target.plan;
  bound->adapted = typed && !adapter.empty();
  bound->limited = target.limited;
  bound->limits = target.limits;
  if (wg_export_func(record, name.data(), name.size(), &bound->func) != WG_OK ||
      (bound->adapted && wg_export_func(record, adapter.data(), adapter.size(), &bound->adapter) != WG_OK)) {
    return ThrowLast(env, record);
  }
  return MakeFunction(env, std::move(bound), callback);
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

napi_value BindFunction(napi_env env, InstanceHandle* instance, std::shared_ptr<const ModulePlans> plans,
                        const FunctionPlan& function, uint32_t index) {
  auto bound = std::make_unique<BoundExport>();
  bound->instance = instance;
  bound->plans = std::move(plans);
  bound->name = "closure";
  bound->lead = 2;
  bound->plan = &function.plan;
  if (!function.plan.usable) return ThrowCode(env, WG_ERR_EXPORT_UNSUPPORTED, function.plan.reason.c_str());
  if (!wg_table_func(instance->record, index, function.shape.c_str(), &bound->func)) {
    return ThrowCode(env, WG_ERR_RESULT_INVALID, "the guest gave a function that its table does not have");
  }
  return MakeFunction(env, std::move(bound), nullptr);
}

napi_value BindRef(napi_env env, InstanceHandle* instance, const wg_func& func, const char* shape) {
  auto bound = std::make_unique<BoundExport>();
  bound->instance = instance;
  bound->plans = PlansOfShape(shape);
  bound->name = bound->plans->exports[0].title.c_str();
  bound->plan = &bound->plans->exports[0].wasm;
  bound->func = func;
  return MakeFunction(env, std::move(bound), nullptr);
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
