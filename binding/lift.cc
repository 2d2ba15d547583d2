#include "lift.h"

#include <cstring>
#include <string>

#include "bind.h"
#include "counters.h"
#include "error.h"
#include "refs.h"
#include "value.h"
#include "world.h"

namespace wg {
namespace {

// How the function that frees a closure is called: (a, b).
const FunctionPlan& Destructor() {
  static const FunctionPlan plan = [] {
    FunctionPlan p;
    Value word{};
    word.kind = WG_KIND_U32;
    word.words = 1;
    p.plan.usable = p.plan.numbers = true;
    p.plan.params = {word, word};
    p.plan.params[1].first = 1;
    p.plan.slots = 2;
    p.shape = "ww>";
    return p;
  }();
  return plan;
}

}  // namespace

napi_value Lift::Undefined() {
  napi_value value;
  return Ok(env_, napi_get_undefined(env_, &value)) ? value : nullptr;
}

napi_value Lift::Make(const Value& type, const wg_raw* words) {
  if (IsScalar(type.kind)) return MakeScalar(env_, type, words);
  bool borrowed = (type.flags & WG_FLAG_BORROWED) != 0;
  auto first = static_cast<uint32_t>(words[0].i32);
  if (InMemory(type.kind)) {
    if (type.form == WG_FORM_OPT_POINTER && first == 0) return Undefined();
    auto length = static_cast<uint32_t>(words[1].i32);
    if (type.kind == WG_KIND_ANY_ARRAY && type.extra != 0) return MakeCells(CellOf(type), first, length);
    if (type.kind == WG_KIND_ANY_ARRAY) return MakeList(first, length, borrowed);
    size_t element = type.kind == WG_KIND_STRING ? 1 : ElementBytes(type.kind);
    napi_value value = Take(type.kind, element, first, uint64_t{length} * element, borrowed);
    if (value != nullptr && (type.flags & WG_FLAG_MUTABLE) != 0) {
      windows_.push_back({value, type.kind, first, length * element});
    }
    return value;
  }
  switch (type.kind) {
    case WG_KIND_ANY:
      if (type.form == WG_FORM_OPT_HOLE && first == 0) return Undefined();
      return SeeValue(env_, instance_, first, !borrowed);
    case WG_KIND_OBJECT:
      if (first == 0) {
        if (type.form == WG_FORM_OPT_HOLE) return Undefined();
        return ThrowCode(env_, WG_ERR_RESULT_INVALID, "the guest returned an object at address 0");
      }
      return MakeObject(type, first);
    case WG_KIND_STRING_ENUM:
      return MakeListed(type, first);
    case WG_KIND_FUNCTION:
      return MakeFunction(type, words);
    case WG_KIND_EXTERNREF:
      return MakeExternRef(env_, instance_, words[0].ref);
    case WG_KIND_FUNCREF:
      return MakeFuncRef(env_, instance_, words[0].i64);
    default:
      return Undefined();
  }
}

bool Lift::MakeAll(const std::vector<Value>& types, bool refs, const wg_raw* words, napi_value* out) {
  for (int pass = refs ? 0 : 1; pass < 2; pass++) {
    for (size_t i = 0; i < types.size(); i++) {
      if (refs && (types[i].kind == WG_KIND_EXTERNREF) != (pass == 0)) continue;
      out[i] = Make(types[i], words + types[i].first);
      if (out[i] == nullptr) return false;
    }
  }
  return true;
}

napi_value Lift::Take(uint8_t kind, size_t element, uint32_t ptr, uint64_t bytes, bool borrowed) {
  wg_instance* record = instance_->record;
  const uint8_t* data = wg_memory_at(record, ptr, bytes);
  if (data == nullptr) {
    size_t memory_bytes;
    wg_memory(record, &memory_bytes);
    std::string where = std::string(name_) + ": the guest returned " + std::to_string(bytes) + " bytes at " +
                        std::to_string(ptr) + ", in a memory of " + std::to_string(memory_bytes) + " bytes";
    return ThrowCode(env_, WG_ERR_RESULT_BOUNDS, where.c_str());
  }
  WG_COUNT_COPY();
  napi_value value = kind == WG_KIND_STRING ? MakeString(env_, reinterpret_cast<const char*>(data), bytes)
                                            : MakeArray(env_, kind, data, bytes);
  if (borrowed) return value;
  // Whatever became of the copy, the guest gets its memory back.
  int code = owe_ ? wg_guest_owe(record, ptr, bytes, element) : wg_guest_free(record, ptr, bytes, element);
  if (code != WG_OK && value != nullptr) return ThrowLast(env_, record);
  return value;
}

// Every entry is taken even if one of them cannot be made: the guest has given
// them away.
napi_value Lift::MakeList(uint32_t ptr, uint32_t length, bool borrowed) {
  wg_instance* record = instance_->record;
  uint64_t bytes = uint64_t{length} * sizeof(uint32_t);
  const uint8_t* data = wg_memory_at(record, ptr, bytes);
  if (data == nullptr) {
    return ThrowCode(env_, WG_ERR_RESULT_BOUNDS, "the guest returned an array outside its memory");
  }
  if (length > kMaxListed) {
    return ThrowCode(env_, WG_ERR_RESULT_TOO_LARGE, "the guest returned an array of more than 4194304 elements");
  }
  napi_value list;
  if (!Ok(env_, napi_create_array_with_length(env_, length, &list))) return nullptr;
  for (uint32_t i = 0; i < length; i++) {
    uint32_t index;
    memcpy(&index, data + i * sizeof index, sizeof index);
    napi_handle_scope scope;
    if (!Ok(env_, napi_open_handle_scope(env_, &scope))) return nullptr;
    napi_value item = SeeValue(env_, instance_, index, !borrowed);
    bool kept = item != nullptr && Ok(env_, napi_set_element(env_, list, i, item));
    napi_close_handle_scope(env_, scope);
    if (!kept) return nullptr;
  }
  if (!borrowed && wg_guest_free(record, ptr, bytes, sizeof(uint32_t)) != WG_OK) return ThrowLast(env_, record);
  return list;
}

// Elements that are not owned by the array: only that itself is freed.
napi_value Lift::MakeCells(const Value& cell, uint32_t ptr, uint32_t length) {
  wg_instance* record = instance_->record;
  size_t size = CellBytes(cell), width = FirstWordBytes(cell);
  uint64_t bytes = uint64_t{length} * size;
  const uint8_t* data = wg_memory_at(record, ptr, bytes);
  napi_value list;
  if (data == nullptr) {
    return ThrowCode(env_, WG_ERR_RESULT_BOUNDS, "the guest returned an array outside its memory");
  }
  if (!Ok(env_, napi_create_array_with_length(env_, length, &list))) return nullptr;
  bool made = true;
  for (uint32_t i = 0; i < length && made; i++) {
    wg_raw words[2]{};
    for (size_t w = 0; w < cell.words; w++) memcpy(&words[w], data + i * size + w * width, width);
    napi_handle_scope scope;
    if (!Ok(env_, napi_open_handle_scope(env_, &scope))) return nullptr;
    napi_value item = Make(cell, words);
    made = item != nullptr && Ok(env_, napi_set_element(env_, list, i, item));
    napi_close_handle_scope(env_, scope);
  }
  if (wg_guest_free(record, ptr, bytes, CellAlignment(cell)) != WG_OK && made) return ThrowLast(env_, record);
  return made ? list : nullptr;
}

napi_value Lift::MakeObject(const Value& type, uint32_t address) {
  napi_value args[2];
  if (!Ok(env_, napi_create_uint32(env_, type.extra, &args[0])) ||
      !Ok(env_, napi_create_uint32(env_, address, &args[1]))) {
    return nullptr;
  }
  return CallWorld(env_, instance_, kWrap, 2, args);
}

napi_value Lift::MakeListed(const Value& type, uint32_t index) {
  const auto& list = plans_->lists[type.extra];
  if (type.form == WG_FORM_OPT_HOLE && index == list.size() + 1) return Undefined();
  if (index >= list.size()) {
    return ThrowCode(env_, WG_ERR_RESULT_INVALID,
                     "the guest returned a string enum that does not have so many strings");
  }
  return MakeString(env_, list[index].data(), list[index].size());
}

napi_value Lift::MakeFunction(const Value& type, const wg_raw* words) {
  const FunctionPlan& function = plans_->functions[type.extra];
  napi_value args[7];
  args[0] = BindFunction(env_, instance_, plans_, function, function.shim);
  if (args[0] == nullptr) return nullptr;
  bool owned = (type.flags & WG_FLAG_BORROWED) == 0 && function.owned;
  if (!Ok(env_, napi_create_uint32(env_, static_cast<uint32_t>(words[0].i32), &args[1])) ||
      !Ok(env_, napi_create_uint32(env_, static_cast<uint32_t>(words[1].i32), &args[2])) ||
      !Ok(env_, napi_get_boolean(env_, function.is_mutable, &args[3])) ||
      !Ok(env_, napi_get_boolean(env_, owned, &args[4])) ||
      !Ok(env_, napi_create_uint32(env_, static_cast<uint32_t>(function.plan.params.size() - 2), &args[6]))) {
    return nullptr;
  }
  args[5] =
      function.dtor == 0 ? Undefined() : BindFunction(env_, instance_, instance_->plans, Destructor(), function.dtor);
  if (args[5] == nullptr) return nullptr;
  napi_value made = CallWorld(env_, instance_, kMakeClosure, 7, args);
  if (made != nullptr && (type.flags & WG_FLAG_BORROWED) != 0) lent_.push_back(made);
  return made;
}

bool Lift::Finish() {
  for (const Window& window : windows_) {
    Bytes bytes;
    const uint8_t* memory = wg_memory_at(instance_->record, window.ptr, window.bytes);
    if (ReadBytes(env_, window.array, window.kind, &bytes) != Read::kOk || bytes.bytes != window.bytes ||
        memory == nullptr) {
      continue;  // JavaScript gave the array away
    }
    if (window.bytes > 0) memcpy(const_cast<uint8_t*>(memory), bytes.data, window.bytes);
  }
  for (napi_value function : lent_) {
    if (CallWorld(env_, instance_, kEndClosure, 1, &function) == nullptr) return false;
  }
  return true;
}

}  // namespace wg
