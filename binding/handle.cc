#include "handle.h"

#include <memory>

#include "error.h"
#include "host.h"
#include "stream.h"
#include "value.h"
#include "world.h"

namespace wg {
namespace {

// Random once, fixed for ever: they tell our objects from anybody else's.
constexpr napi_type_tag kModuleTag = {0x6d1f0c8be27a4e55, 0x9b3d5a7fc2e80146};
constexpr napi_type_tag kPlansTag = {0x51c7e20b9d3f4688, 0xa6f30d5e7b91c24d};
constexpr napi_type_tag kInstanceTag = {0x2f83b6d49ce14a7b, 0x84e07d1b59a3f6c2};

void FinalizeModule(napi_env, void* data, void*) {
  std::unique_ptr<ModuleHandle> module(static_cast<ModuleHandle*>(data));
  if (module->handle != 0) wg_module_close(module->handle);
}

using SharedPlans = std::shared_ptr<const ModulePlans>;

void FinalizePlans(napi_env, void* data, void*) { std::unique_ptr<SharedPlans> plans(static_cast<SharedPlans*>(data)); }

// Guest memory is outside V8's heap: without being told, its collector would
// see no reason to hurry.
void ReportMemory(napi_env env, InstanceHandle* instance, bool open) {
  size_t bytes = 0;
  if (open) wg_memory(instance->record, &bytes);
  int64_t now = static_cast<int64_t>(bytes), total;
  napi_adjust_external_memory(env, now - instance->reported_bytes, &total);
  instance->reported_bytes = now;
}

void FinalizeInstance(napi_env env, void* data, void*) { static_cast<InstanceHandle*>(data)->Unref(env); }

}  // namespace

void RecordHold::Drop() {
  if (--users_ > 0) return;
  // A call can only be under way if the process ends in the middle of one.
  if (wg_instance_close(record_) == WG_OK) wg_instance_release(record_);
  delete this;
}

void InstanceHandle::Unref(napi_env env) {
  if (--refs_ > 0) return;
  if (hold != nullptr) {
    hold->Drop();
    Discard(this);
    return;
  }
  // Nothing refers to it: no call can be under way, unless the process ends in the
  // middle of one, which then keeps its record.
  if (wg_instance_close(record) == WG_OK) {
    ReportMemory(env, this, false);
    wg_instance_release(record);
  }
  Discard(this);
}

void InstanceHandle::Discard(InstanceHandle* instance) {
  for (const Mailed& entry : instance->mailed) {
    if (entry.function != nullptr) napi_delete_reference(instance->env, entry.function);
  }
  for (napi_ref host : instance->hosts) {
    if (host != nullptr) napi_delete_reference(instance->env, host);
  }
  if (instance->world != nullptr) napi_delete_reference(instance->env, instance->world);
  if (instance->values != nullptr) napi_delete_reference(instance->env, instance->values);
  delete instance;
}

void* UnwrapTagged(napi_env env, napi_value object, const napi_type_tag& tag) {
  bool ours = false;
  void* data = nullptr;
  napi_valuetype type;
  if (napi_typeof(env, object, &type) != napi_ok || type != napi_object ||
      napi_check_object_type_tag(env, object, &tag, &ours) != napi_ok || !ours ||
      napi_unwrap(env, object, &data) != napi_ok) {
    ThrowCode(env, WG_ERR_HANDLE);
    return nullptr;
  }
  return data;
}

napi_value WrapTagged(napi_env env, void* data, const napi_type_tag& tag, napi_finalize finalize) {
  napi_value object;
  if (!Ok(env, napi_create_object(env, &object)) || !Ok(env, napi_type_tag_object(env, object, &tag)) ||
      !Ok(env, napi_wrap(env, object, data, finalize, nullptr, nullptr))) {
    return nullptr;
  }
  return object;
}

napi_value WrapModule(napi_env env, wg_module* loaded) {
  auto module = std::make_unique<ModuleHandle>();
  module->handle = loaded->handle;
  module->plans = DecodePlans(loaded->plans, loaded->plans_bytes);
  if (module->plans == nullptr) {
    wg_module_close(loaded->handle);
    return ThrowCode(env, WG_ERR_INTERNAL, "the call plans cannot be decoded");
  }
  napi_value object = WrapTagged(env, module.get(), kModuleTag, FinalizeModule);
  if (object == nullptr) {
    wg_module_close(loaded->handle);
    return nullptr;
  }
  (void)module.release();  // the object owns it
  return object;
}

ModuleHandle* UnwrapModule(napi_env env, napi_value object) {
  return static_cast<ModuleHandle*>(UnwrapTagged(env, object, kModuleTag));
}

InstanceHandle* UnwrapInstance(napi_env env, napi_value object) {
  return static_cast<InstanceHandle*>(UnwrapTagged(env, object, kInstanceTag));
}

napi_value CloseModule(napi_env env, napi_callback_info info) {
  napi_value args[1];
  if (!GetArguments(env, info, args, 1)) return nullptr;
  ModuleHandle* module = UnwrapModule(env, args[0]);
  if (module == nullptr) return nullptr;
  if (module->handle != 0) wg_module_close(module->handle);
  module->handle = 0;
  return nullptr;
}

// Sets element 0 of `list` to a text.
void Tell(napi_env env, napi_value list, const char* text) {
  napi_value value;
  if (napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value) == napi_ok) napi_set_element(env, list, 0, value);
}

// What went wrong when an instance was opened becomes an exception.
napi_value FailedToOpen(napi_env env, InstanceHandle* instance, wg_error* error) {
  if (error->code == WG_ERR_IMPORT_THREW && ThrowKept(env, instance, *error)) {
    wg_error_free(error);
  } else {
    Throw(env, error);
  }
  // Closures that the guest gave away before it failed may outlive it.
  if (instance->record != nullptr) {
    instance->Unref(env);
  } else {
    InstanceHandle::Discard(instance);
  }
  return nullptr;
}

napi_value PlanImports(napi_env env, napi_callback_info info) {
  napi_value args[2], list, object, text;
  Text options;
  if (!GetArguments(env, info, args, 2)) return nullptr;
  ModuleHandle* module = UnwrapModule(env, args[0]);
  if (module == nullptr || !options.Read(env, args[1])) return nullptr;
  uint8_t* encoded = nullptr;
  size_t bytes = 0;
  char* details = nullptr;
  wg_error error{};
  if (wg_import_plans(module->handle, options.data(), options.bytes(), &encoded, &bytes, &details, &error) != WG_OK) {
    return Throw(env, &error);
  }
  auto plans = std::make_unique<SharedPlans>(DecodePlans(encoded, bytes));
  wg_free(encoded);
  napi_status told = napi_create_string_utf8(env, details, NAPI_AUTO_LENGTH, &text);
  wg_free(details);
  if (*plans == nullptr) return ThrowCode(env, WG_ERR_INTERNAL, "the plans of imports cannot be decoded");
  if (!Ok(env, told)) return nullptr;
  object = WrapTagged(env, plans.get(), kPlansTag, FinalizePlans);
  if (object == nullptr) return nullptr;
  (void)plans.release();  // the object owns it
  if (!Ok(env, napi_create_array_with_length(env, 2, &list)) || !Ok(env, napi_set_element(env, list, 0, object)) ||
      !Ok(env, napi_set_element(env, list, 1, text))) {
    return nullptr;
  }
  return list;
}

napi_value OpenInstance(napi_env env, napi_callback_info info) {
  napi_value args[8];
  if (!GetArguments(env, info, args, 8)) return nullptr;
  ModuleHandle* module = UnwrapModule(env, args[0]);
  if (module == nullptr) return nullptr;
  Text options;
  Bytes input;
  uint32_t uses, first_late;
  if (!options.Read(env, args[1]) || !Ok(env, napi_get_value_uint32(env, args[4], &uses)) ||
      !Ok(env, napi_get_value_uint32(env, args[6], &first_late))) {
    return nullptr;
  }
  if (!IsAbsent(env, args[2]) && ReadBytes(env, args[2], WG_KIND_U8_ARRAY, &input) != Read::kOk) {
    return ThrowCode(env, WG_ERR_OPTION_TYPE, "grants.stdin: bytes were expected");
  }
  SharedPlans* late = nullptr;
  if (!IsAbsent(env, args[7])) {
    late = static_cast<SharedPlans*>(UnwrapTagged(env, args[7], kPlansTag));
    if (late == nullptr) return nullptr;
  }
  auto* instance = new InstanceHandle(env, module->plans);
  if (late != nullptr) instance->late = *late;
  instance->first_late = first_late;
  instance->sync = (uses & kUsesSync) != 0;
  wg_host host{};
  if (!IsAbsent(env, args[3]) && !Ok(env, napi_create_reference(env, args[3], 0, &instance->world))) {
    InstanceHandle::Discard(instance);
    return nullptr;
  }
  if (uses & kUsesImports) AddImports(instance, &host);
  AddStreams(instance, (uses & kUsesWorker) != 0, (uses & kUsesMeter) != 0, &host);
  wg_instance* record = nullptr;
  wg_error error{};
  char* report = nullptr;
  int code = wg_instance_open(module->handle, options.data(), options.bytes(), input.data, input.bytes, &host, &record,
                              &report, &error);
  if (report != nullptr) Tell(env, args[5], report);
  wg_free(report);
  if (code != WG_OK) return FailedToOpen(env, instance, &error);
  instance->record = record;
  if (record->uncleared > 0) ClearValues(env, instance);
  napi_value object = WrapTagged(env, instance, kInstanceTag, FinalizeInstance);
  if (object == nullptr) {
    instance->Unref(env);
    return nullptr;
  }
  ReportMemory(env, instance, true);
  return object;
}

napi_value CloseInstance(napi_env env, napi_callback_info info) {
  napi_value args[1];
  if (!GetArguments(env, info, args, 1)) return nullptr;
  InstanceHandle* instance = UnwrapInstance(env, args[0]);
  if (instance == nullptr) return nullptr;
  int code = wg_instance_close(instance->record);
  if (code != WG_OK) return ThrowCode(env, code);
  ReportMemory(env, instance, false);
  EmptyValues(env, instance);
  return nullptr;
}

napi_value InstanceState(napi_env env, napi_callback_info info) {
  napi_value args[1], state;
  if (!GetArguments(env, info, args, 1)) return nullptr;
  InstanceHandle* instance = UnwrapInstance(env, args[0]);
  if (instance == nullptr) return nullptr;
  if (!Ok(env, napi_create_uint32(env, instance->record->state, &state))) return nullptr;
  return state;
}

}  // namespace wg
