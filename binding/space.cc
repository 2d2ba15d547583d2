#include "space.h"

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "counters.h"
#include "env_data.h"
#include "error.h"
#include "host.h"
#include "stream.h"
#include "value.h"
#include "view.h"
#include "world.h"

namespace wg {
namespace {

constexpr napi_type_tag kSpaceTag = {0x93ab5e02d7c6418f, 0x1e7f40c9a85b2d36};

void FinalizeSpace(napi_env env, void* data, void*) { static_cast<InstanceHandle*>(data)->Unref(env); }

// The function in a place of the world; null with a pending exception.
napi_value HostAt(napi_env env, InstanceHandle* space, uint32_t place) {
  napi_value function = nullptr;
  if (place < space->hosts.size() && space->hosts[place] != nullptr) {
    napi_get_reference_value(env, space->hosts[place], &function);
    if (function != nullptr) return function;
  }
  function = WorldElement(env, space, place);
  if (function == nullptr) return nullptr;
  if (place >= space->hosts.size()) space->hosts.resize(place + 1);
  if (space->hosts[place] == nullptr && napi_create_reference(env, function, 0, &space->hosts[place]) != napi_ok) {
    space->hosts[place] = nullptr;
  }
  return function;
}

// The guest calls a host function: 0, or WG_ERR_EXCEPTION if JavaScript answers with the
// tag of an exception.
int OnHostFunction(void* context, wg_instance* record, uint32_t place, wg_raw*) {
  auto* space = static_cast<InstanceHandle*>(context);
  napi_env env = space->env;
  bool thrown = false;
  if (!space->views.empty()) RefreshViews(env, space);
  int code = GuardHook(space, record, [&] {
    napi_value function = HostAt(env, space, place), answer;
    uint32_t tag;
    // Any receiver will do; this one is at hand.
    if (function == nullptr || !Ok(env, napi_call_function(env, function, function, 0, nullptr, &answer))) return false;
    if (napi_get_value_uint32(env, answer, &tag) == napi_ok) {
      wg_space_throw(record, tag);
      thrown = true;
    }
    return true;
  });
  return thrown ? WG_ERR_EXCEPTION : code;
}

// A function of the namespace that JavaScript calls.
struct BoundFunction {
  InstanceHandle* space;
  wg_space_plan* plan;
};

void FinalizeFunction(napi_env env, void* data, void*) {
  std::unique_ptr<BoundFunction> bound(static_cast<BoundFunction*>(data));
  free(bound->plan);
  bound->space->Unref(env);
}

// After guest code ran: what JavaScript may see now. The tag of an exception that nobody
// caught, null with a pending exception for any other failure.
napi_value Failed(napi_env env, InstanceHandle* space, int code) {
  uint32_t tag;
  napi_value value;
  if (code != WG_ERR_EXCEPTION) return ThrowLast(env, space->record);
  if (wg_space_caught(space->record, &tag) != WG_OK) return ThrowLast(env, space->record);
  return Ok(env, napi_create_uint32(env, tag, &value)) ? value : nullptr;
}

void Settle(napi_env env, InstanceHandle* space) {
  if (!space->views.empty()) RefreshViews(env, space);
  if (space->record->uncleared > 0 && space->record->state != WG_CALLING) ClearValues(env, space);
}

napi_value OnFunction(napi_env env, napi_callback_info info) {
  WG_COUNT_ENTRY();
  void* data;
  if (napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data) != napi_ok) return nullptr;
  auto* bound = static_cast<BoundFunction*>(data);
  InstanceHandle* space = bound->space;
  wg_instance* record = space->record;
  wg_span span;
  bool watched = record->watched != 0;
  if (space->closed) return ThrowCode(env, WG_ERR_CLOSED);
  if (watched) wg_begin(record, nullptr, &span);
  int code = wg_space_call(record, bound->plan);
  if (watched) wg_end(record, &span, code);
  Settle(env, space);
  return code == WG_OK ? nullptr : Failed(env, space, code);
}

// Reads an array of entity ids.
bool ReadIds(napi_env env, napi_value value, uint32_t** ids, size_t* count) {
  napi_typedarray_type type;
  void* data;
  if (napi_get_typedarray_info(env, value, &type, count, &data, nullptr, nullptr) != napi_ok ||
      type != napi_uint32_array) {
    ThrowCode(env, WG_ERR_HANDLE);
    return false;
  }
  *ids = static_cast<uint32_t*>(data);
  return true;
}

napi_value MakeId(napi_env env, InstanceHandle* space, int code, uint32_t id) {
  napi_value value;
  if (code != WG_OK) return ThrowLast(env, space->record);
  return Ok(env, napi_create_uint32(env, id, &value)) ? value : nullptr;
}

}  // namespace

InstanceHandle* UnwrapSpace(napi_env env, napi_value object) {
  auto* space = static_cast<InstanceHandle*>(UnwrapTagged(env, object, kSpaceTag));
  if (space == nullptr) return nullptr;
  if (!space->closed) return space;
  ThrowCode(env, WG_ERR_CLOSED, "the WebAssembly namespace is closed");
  return nullptr;
}

wg_space_module* PartOf(napi_env env, ModuleHandle* module) {
  wg_space_module* part = nullptr;
  wg_error error{};
  if (wg_space_module_of(module->handle, &part, &error) == WG_OK) return part;
  Throw(env, &error);
  return nullptr;
}

// spaceSlots(): the ArrayBuffer of the environment's slots, once
napi_value SpaceSlots(napi_env env, napi_callback_info) {
  EnvData* shared = GetEnvData(env);
  napi_value buffer;
  void* data;
  if (shared == nullptr || shared->space_buffer != nullptr) return nullptr;
  if (!Ok(env, napi_create_arraybuffer(env, WG_SPACE_SLOTS * sizeof(wg_raw), &data, &buffer)) ||
      !Ok(env, napi_create_reference(env, buffer, 1, &shared->space_buffer))) {
    return nullptr;
  }
  shared->space_slots = static_cast<wg_raw*>(data);
  return buffer;
}

// openSpace(document, world, worker)
napi_value OpenSpace(napi_env env, napi_callback_info info) {
  napi_value args[3];
  Text options;
  bool worker;
  EnvData* shared = GetEnvData(env);
  if (!GetArguments(env, info, args, 3) || !Ok(env, napi_get_value_bool(env, args[2], &worker)) ||
      !options.Read(env, args[0]) || shared == nullptr)
    return nullptr;
  if (shared->space_slots == nullptr) return ThrowCode(env, WG_ERR_INTERNAL, "there are no slots");
  auto* space = new InstanceHandle(env, nullptr);
  if (!Ok(env, napi_create_reference(env, args[1], 0, &space->world))) {
    InstanceHandle::Discard(space);
    return nullptr;
  }
  wg_host host{};
  wg_error error{};
  AddStreams(space, worker, false, &host);
  host.call = OnHostFunction;
  if (wg_space_open(options.data(), options.bytes(), &host, &space->record, &error) != WG_OK) {
    InstanceHandle::Discard(space);
    return Throw(env, &error);
  }
  space->hold = new RecordHold(space->record);
  wg_space_slots(space->record, shared->space_slots);
  napi_value object = WrapTagged(env, space, kSpaceTag, FinalizeSpace);
  if (object == nullptr) space->Unref(env);
  return object;
}

// closeSpace(space)
napi_value CloseSpace(napi_env env, napi_callback_info info) {
  napi_value args[1];
  if (!GetArguments(env, info, args, 1)) return nullptr;
  auto* space = static_cast<InstanceHandle*>(UnwrapTagged(env, args[0], kSpaceTag));
  if (space == nullptr || space->closed) return nullptr;
  if (space->record->state == WG_CALLING) return ThrowCode(env, WG_ERR_BUSY);
  space->closed = true;
  DetachViews(env, space);
  if (space->hold->IsAlone()) wg_instance_close(space->record);  // else whoever is the last does it
  EmptyValues(env, space);
  return nullptr;
}

// instantiate(space, module, ids, number) → ids of the exports, or the tag of an exception
napi_value Instantiate(napi_env env, napi_callback_info info) {
  napi_value args[4], buffer, list;
  uint32_t *ids, number;
  size_t count;
  void* out;
  if (!GetArguments(env, info, args, 4)) return nullptr;
  InstanceHandle* space = UnwrapSpace(env, args[0]);
  ModuleHandle* module = space == nullptr ? nullptr : UnwrapModule(env, args[1]);
  if (module == nullptr || !ReadIds(env, args[2], &ids, &count) ||
      !Ok(env, napi_get_value_uint32(env, args[3], &number))) {
    return nullptr;
  }
  wg_space_module* part = PartOf(env, module);
  if (part == nullptr) return nullptr;
  std::vector<uint32_t> imports(ids, ids + count), exports(wg_space_export_count(part));
  int code = wg_space_instantiate(space->record, part, imports.data(), count, number, exports.data());
  Settle(env, space);
  if (code != WG_OK) return Failed(env, space, code);
  if (!Ok(env, napi_create_arraybuffer(env, exports.size() * sizeof *ids, &out, &buffer)) ||
      !Ok(env, napi_create_typedarray(env, napi_uint32_array, exports.size(), buffer, 0, &list))) {
    return nullptr;
  }
  if (!exports.empty()) memcpy(out, exports.data(), exports.size() * sizeof *ids);
  return list;
}

// hostFunction(space, module, importIndex, place, plan) → id
napi_value HostFunction(napi_env env, napi_callback_info info) {
  napi_value args[5];
  uint32_t import, place, id;
  Text plan;
  if (!GetArguments(env, info, args, 5)) return nullptr;
  InstanceHandle* space = UnwrapSpace(env, args[0]);
  ModuleHandle* module = space == nullptr ? nullptr : UnwrapModule(env, args[1]);
  if (module == nullptr || !Ok(env, napi_get_value_uint32(env, args[2], &import)) ||
      !Ok(env, napi_get_value_uint32(env, args[3], &place)) || !plan.Read(env, args[4])) {
    return nullptr;
  }
  wg_space_module* part = PartOf(env, module);
  if (part == nullptr) return nullptr;
  std::string letters(plan.data(), plan.bytes());
  int code = wg_space_host(space->record, part, import, place, letters.c_str(), &id);
  return MakeId(env, space, code, id);
}

// hostFunctionOf(space, place, plan) → id
napi_value HostFunctionOf(napi_env env, napi_callback_info info) {
  napi_value args[3];
  uint32_t place, id;
  Text plan;
  if (!GetArguments(env, info, args, 3)) return nullptr;
  InstanceHandle* space = UnwrapSpace(env, args[0]);
  if (space == nullptr || !Ok(env, napi_get_value_uint32(env, args[1], &place)) || !plan.Read(env, args[2])) {
    return nullptr;
  }
  std::string letters(plan.data(), plan.bytes());
  int code = wg_space_host_of(space->record, place, letters.c_str(), &id);
  return MakeId(env, space, code, id);
}

// bindFunction(space, id, plan) → run: () => undefined, or the tag of an exception
napi_value SpaceFunction(napi_env env, napi_callback_info info) {
  napi_value args[3], function;
  uint32_t id;
  Text plan;
  if (!GetArguments(env, info, args, 3)) return nullptr;
  InstanceHandle* space = UnwrapSpace(env, args[0]);
  if (space == nullptr || !Ok(env, napi_get_value_uint32(env, args[1], &id)) || !plan.Read(env, args[2])) {
    return nullptr;
  }
  auto bound = std::make_unique<BoundFunction>(BoundFunction{space, nullptr});
  std::string letters(plan.data(), plan.bytes());
  if (wg_space_bind(space->record, id, letters.c_str(), &bound->plan) != WG_OK) return ThrowLast(env, space->record);
  if (!Ok(env, napi_create_function(env, "run", NAPI_AUTO_LENGTH, OnFunction, bound.get(), &function)) ||
      !Ok(env, napi_add_finalizer(env, function, bound.get(), FinalizeFunction, nullptr, nullptr))) {
    free(bound->plan);
    return nullptr;
  }
  space->Ref();
  (void)bound.release();  // the function owns it
  return function;
}

// functionOrigin(space, id) → [number of the instance, index], undefined for a host function
napi_value FunctionOrigin(napi_env env, napi_callback_info info) {
  napi_value args[2], list, items[2];
  uint32_t id, number, index;
  if (!GetArguments(env, info, args, 2)) return nullptr;
  InstanceHandle* space = UnwrapSpace(env, args[0]);
  if (space == nullptr || !Ok(env, napi_get_value_uint32(env, args[1], &id))) return nullptr;
  if (!wg_space_origin(space->record, id, &number, &index)) return nullptr;
  if (!Ok(env, napi_create_array_with_length(env, 2, &list)) || !Ok(env, napi_create_uint32(env, number, &items[0])) ||
      !Ok(env, napi_create_uint32(env, index, &items[1])) || !Ok(env, napi_set_element(env, list, 0, items[0])) ||
      !Ok(env, napi_set_element(env, list, 1, items[1]))) {
    return nullptr;
  }
  return list;
}

// functionType(module, index) → JSON
napi_value FunctionType(napi_env env, napi_callback_info info) {
  napi_value args[2], text = nullptr;
  uint32_t index;
  char* type = nullptr;
  wg_error error{};
  if (!GetArguments(env, info, args, 2)) return nullptr;
  ModuleHandle* module = UnwrapModule(env, args[0]);
  if (module == nullptr || !Ok(env, napi_get_value_uint32(env, args[1], &index))) return nullptr;
  if (wg_function_type(module->handle, index, &type, &error) != WG_OK) return Throw(env, &error);
  if (!Ok(env, napi_create_string_utf8(env, type, NAPI_AUTO_LENGTH, &text))) text = nullptr;
  wg_free(type);
  return text;
}

// takeHandles(space, Uint32Array): fills it with fresh handles
napi_value TakeHandles(napi_env env, napi_callback_info info) {
  napi_value args[2];
  uint32_t* list;
  size_t count;
  if (!GetArguments(env, info, args, 2)) return nullptr;
  InstanceHandle* space = UnwrapSpace(env, args[0]);
  if (space == nullptr || !ReadIds(env, args[1], &list, &count)) return nullptr;
  for (size_t i = 0; i < count; i++) {
    list[i] = wg_handle_new(space->record);
    if (list[i] == 0) return ThrowCode(env, WG_ERR_OUT_OF_MEMORY, "too many JavaScript values are kept by WebAssembly");
  }
  return nullptr;
}

// validate(bytes) → boolean
napi_value Validate(napi_env env, napi_callback_info info) {
  napi_value args[1], answer;
  Bytes bytes;
  if (!GetArguments(env, info, args, 1)) return nullptr;
  if (ReadBytes(env, args[0], WG_KIND_U8_ARRAY, &bytes) != Read::kOk) return ThrowCode(env, WG_ERR_SOURCE_TYPE);
  return Ok(env, napi_get_boolean(env, wg_valid(bytes.data, bytes.bytes), &answer)) ? answer : nullptr;
}

// customSections(module, name) → ArrayBuffer[]
napi_value CustomSections(napi_env env, napi_callback_info info) {
  napi_value args[2], list;
  Text name;
  if (!GetArguments(env, info, args, 2)) return nullptr;
  ModuleHandle* module = UnwrapModule(env, args[0]);
  if (module == nullptr || !name.Read(env, args[1]) || !Ok(env, napi_create_array(env, &list))) return nullptr;
  for (uint32_t i = 0;; i++) {
    size_t bytes;
    napi_value buffer;
    void* into;
    void* data = wg_custom_section(module->handle, name.data(), name.bytes(), i, &bytes);
    if (data == nullptr) return list;
    bool made = Ok(env, napi_create_arraybuffer(env, bytes, &into, &buffer));
    if (made && bytes > 0) memcpy(into, data, bytes);
    wg_free(data);
    if (!made || !Ok(env, napi_set_element(env, list, i, buffer))) return nullptr;
  }
}

// lastError(): the error that was made last in this environment, if it is still there
napi_value LastError(napi_env env, napi_callback_info) {
  EnvData* shared = GetEnvData(env);
  napi_value error = nullptr;
  if (shared == nullptr || shared->last_error == nullptr) return nullptr;
  return napi_get_reference_value(env, shared->last_error, &error) == napi_ok ? error : nullptr;
}

}  // namespace wg
