#include "mailed.h"

#include "env_data.h"
#include "lift.h"
#include "number.h"
#include "world.h"

namespace wg {
namespace {

// Looks for the function; what goes wrong leaves the import without one.
void Look(InstanceHandle* instance, uint32_t import, InstanceHandle::Mailed* entry) {
  napi_env env = instance->env;
  entry->looked = true;
  const ImportPlan* planned;
  PlansOf(instance, import, &planned);
  const Plan& plan = planned->plan;
  auto place = static_cast<uint32_t>(kImports + instance->plans->imports.size() + import);
  napi_value world = nullptr, function;
  napi_valuetype type;
  if (instance->world == nullptr || napi_get_reference_value(env, instance->world, &world) != napi_ok ||
      world == nullptr || napi_get_element(env, world, place, &function) != napi_ok ||
      napi_typeof(env, function, &type) != napi_ok || type != napi_function) {
    return;
  }
  for (const Value& value : plan.params) {
    entry->words = static_cast<uint8_t>(entry->words + value.words);
    if (value.kind != WG_KIND_STRING) continue;
    if (entry->texts == sizeof entry->text_at) return;
    entry->text_at[entry->texts++] = static_cast<uint8_t>(value.first);
  }
  entry->mail = GetEnvData(env)->number_slots;
  if (!plan.results.empty()) {
    bool narrow = IsInt32(plan.results[0].kind) || plan.results[0].kind == WG_KIND_F32;
    entry->result = narrow ? InstanceHandle::Mailed::kNarrow : InstanceHandle::Mailed::kWide;
  }
  if (napi_create_reference(env, function, 0, &entry->function) != napi_ok) entry->function = nullptr;
}

}  // namespace

const std::shared_ptr<const ModulePlans>& PlansOf(const InstanceHandle* instance, uint32_t import,
                                                  const ImportPlan** entry) {
  const bool own = import >= instance->first_late && instance->late != nullptr;
  const auto& plans = own ? instance->late : instance->plans;
  *entry = &plans->imports[own ? import - instance->first_late : import];
  return plans;
}

napi_value MailedFunction(InstanceHandle* instance, uint32_t import, const InstanceHandle::Mailed** found) {
  if (instance->mailed.empty()) instance->mailed.resize(instance->plans->imports.size());
  InstanceHandle::Mailed& entry = instance->mailed[import];
  if (!entry.looked) Look(instance, import, &entry);
  napi_value function = nullptr;
  if (entry.function == nullptr) return nullptr;
  *found = &entry;
  return napi_get_reference_value(instance->env, entry.function, &function) == napi_ok ? function : nullptr;
}

bool CallMailed(InstanceHandle* instance, uint32_t import, napi_value function, const InstanceHandle::Mailed& entry,
                wg_raw* slots, napi_value* result) {
  napi_env env = instance->env;
  napi_value texts[sizeof entry.text_at];
  *result = nullptr;
  if (entry.texts > 0) {
    const ImportPlan* planned;
    const auto& plans = PlansOf(instance, import, &planned);
    Lift lift(env, instance, plans, planned->name.c_str());
    for (size_t i = 0; i < entry.texts; i++) {
      const wg_raw* words = slots + entry.text_at[i];
      texts[i] =
          lift.Take(WG_KIND_STRING, 1, static_cast<uint32_t>(words[0].i32), static_cast<uint32_t>(words[1].i32), true);
      if (texts[i] == nullptr) return false;
    }
  }
  wg_raw* mail = entry.mail;
  for (size_t i = 0; i < entry.words; i++) mail[i].i64 = slots[i].i64;
  // Any receiver will do; this one is at hand.
  if (napi_call_function(env, function, function, entry.texts, texts, result) != napi_ok) return false;
  if (mail[kMaxMailedImport].i32 != 0) return false;
  // Read as it was written: a wider load would wait for the store. Without a result there
  // may be no slot.
  if (entry.result == InstanceHandle::Mailed::kNarrow) {
    slots[0].i32 = mail[0].i32;
  } else if (entry.result == InstanceHandle::Mailed::kWide) {
    slots[0].i64 = mail[0].i64;
  }
  return true;
}

}  // namespace wg
