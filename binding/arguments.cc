#include "arguments.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

#include "counters.h"
#include "error.h"
#include "refs.h"
#include "utf.h"
#include "world.h"

namespace wg {
Arguments::~Arguments() {
  free(more_);
  if (scratch_used_ > 0) GetEnvData(env_)->text.Shrink();
  for (size_t i = 0; i < ref_count_; i++) {
    if (refs()[i].kind == WG_VALUE_HANDLE) wg_handle_drop(record_, static_cast<uint32_t>(refs()[i].number));
  }
  if (sent_) return;
  for (uint32_t index : given_) {
    wg_seen seen;
    wg_value_look(record_, index, true, &seen);
    if (seen.kind == WG_VALUE_HANDLE) wg_handle_drop(record_, static_cast<uint32_t>(seen.integer));
  }
}

Arguments::Pending* Arguments::Add() {
  if (values_.size() <= kMaxInlineArguments) return &inline_[count_++];
  if (more_ == nullptr) {
    more_ = static_cast<Pending*>(calloc(values_.size(), sizeof *more_));
    if (more_ == nullptr) {
      ThrowCode(env_, WG_ERR_OUT_OF_MEMORY);
      return nullptr;
    }
  }
  return &more_[count_++];
}

bool Arguments::Read(napi_value* args, wg_raw* slots, bool staged) {
  if (staged) {
    for (int stage = 0; stage <= 2; stage++) {
      if (stage == 2 && !Check()) return false;
      for (size_t i = 0; i < values_.size(); i++) {
        if (StageOf(values_[i]) == stage && !ReadOne(args[i], i, slots)) return false;
      }
    }
    return true;
  }
  for (size_t i = 0; i < values_.size(); i++) {
    if (!ReadOne(args[i], i, slots)) return false;
  }
  return true;
}

inline bool Arguments::ReadOne(napi_value value, size_t index, wg_raw* slots) {
  const Value& type = values_[index];
  wg_raw* into = slots + type.first;
  if (InMemory(type.kind)) return ReadInMemory(value, index, into);
  if (type.kind == WG_KIND_EXTERNREF || type.kind == WG_KIND_FUNCREF) return ReadReference(value, index, slots);
  if (!IsScalar(type.kind)) return ReadRich(value, index, into);
  wg::Read read = ReadScalar(env_, value, type, into);
  return read == wg::Read::kOk || ThrowWrong(read, index, value);
}

bool Arguments::ThrowWrong(wg::Read read, size_t index, napi_value value) {
  ThrowRead(env_, read, name_, lead_ == kOfImport ? kOfImport : index - lead_, values_[index].kind, value);
  return false;
}

bool Arguments::ReadInMemory(napi_value value, size_t index, wg_raw* into) {
  const Value& type = values_[index];
  if (type.form == WG_FORM_OPT_POINTER && IsAbsent(env_, value)) {
    into[0].i64 = into[1].i64 = 0;
    return true;
  }
  Pending* pending = Add();
  if (pending == nullptr) return false;
  pending->slot = type.first;
  pending->value = static_cast<uint16_t>(index);
  pending->back = false;
  if (type.kind == WG_KIND_STRING) {
    if (!ReadText(value, index, pending)) return false;
    bytes_ += pending->bytes;
    return true;
  }
  if (type.kind == WG_KIND_ANY_ARRAY) return ReadList(value, index, pending);
  Bytes bytes;
  wg::Read read = ReadBytes(env_, value, type.kind, &bytes);
  if (read != wg::Read::kOk) return ThrowWrong(read, index, value);
  pending->text = false;
  pending->data = bytes.data;
  pending->bytes = bytes.bytes;
  pending->element = static_cast<uint8_t>(ElementBytes(type.kind));
  bytes_ += bytes.bytes;
  if ((type.flags & WG_FLAG_ARRAY) != 0) return Give(value, false, into + 2);
  pending->back = (type.flags & WG_FLAG_MUTABLE) != 0;
  return true;
}

bool Arguments::Give(napi_value value, bool lend, wg_raw* into) {
  uint32_t index;
  if (!GiveValue(env_, instance_, value, lend, &index)) return false;
  into->i32 = static_cast<int32_t>(index);
  if (!lend) given_.push_back(index);
  return true;
}

// Reading an element may run a getter; nothing else has been read by then.
bool Arguments::ReadList(napi_value value, size_t index, Pending* out) {
  bool is_array = false;
  uint32_t length = 0;
  if (!Ok(env_, napi_is_array(env_, value, &is_array))) return false;
  if (!is_array) return ThrowWrong(wg::Read::kWrongType, index, value);
  if (!Ok(env_, napi_get_array_length(env_, value, &length))) return false;
  if (length > kMaxListed) return ThrowWrong(wg::Read::kOutOfRange, index, value);
  Value cell = CellOf(values_[index]);
  size_t size = CellBytes(cell);
  lists_.emplace_back(new (std::nothrow) uint32_t[length * (size / sizeof(uint32_t)) + 1]);
  uint32_t* list = lists_.back().get();
  if (list == nullptr) {
    ThrowCode(env_, WG_ERR_OUT_OF_MEMORY);
    return false;
  }
  for (uint32_t i = 0; i < length; i++) {
    napi_handle_scope scope;
    napi_value item;
    wg_raw slot{};
    if (!Ok(env_, napi_open_handle_scope(env_, &scope))) return false;
    bool given = Ok(env_, napi_get_element(env_, value, i, &item)) && ReadCell(item, index, cell, &slot);
    napi_close_handle_scope(env_, scope);
    if (!given) return false;
    memcpy(reinterpret_cast<char*>(list) + i * size, &slot, size);
  }
  out->text = false;
  out->data = list;
  out->element = static_cast<uint8_t>(size);
  out->bytes = length * size;
  bytes_ += out->bytes;
  return true;
}

bool Arguments::ReadCell(napi_value value, size_t index, const Value& cell, wg_raw* into) {
  if (cell.kind == WG_KIND_ANY) return Give(value, false, into);
  wg::Read read =
      cell.kind == WG_KIND_STRING_ENUM ? ReadListed(value, cell, into) : ReadScalar(env_, value, cell, into);
  if (read == wg::Read::kOk) return true;
  ThrowRead(env_, read, name_, lead_ == kOfImport ? kOfImport : index - lead_, cell.kind, value);
  return false;
}

// One of the strings of a string enum, as its number.
wg::Read Arguments::ReadListed(napi_value value, const Value& type, wg_raw* into) {
  size_t bytes;
  if (napi_get_value_string_utf8(env_, value, nullptr, 0, &bytes) != napi_ok) return wg::Read::kWrongType;
  std::string text(bytes + 1, 0);  // with room for a terminator
  if (napi_get_value_string_utf8(env_, value, &text[0], bytes + 1, &bytes) != napi_ok) return wg::Read::kWrongType;
  text.resize(bytes);
  const auto& list = plans_.lists[type.extra];
  auto found = std::find(list.begin(), list.end(), text);
  if (found == list.end()) return wg::Read::kOutOfRange;
  into->i32 = static_cast<int32_t>(found - list.begin());
  return wg::Read::kOk;
}

bool Arguments::ReadObject(napi_value value, size_t index, wg_raw* into) {
  const Value& type = values_[index];
  napi_value args[5], address;
  napi_valuetype given;
  args[1] = value;
  if (!Ok(env_, napi_create_uint32(env_, type.extra, &args[0])) ||
      !Ok(env_, napi_get_boolean(env_, (type.flags & WG_FLAG_BORROWED) == 0, &args[2]))) {
    return false;
  }
  address = CallWorld(env_, instance_, kUnwrap, 3, args);
  if (address == nullptr || !Ok(env_, napi_typeof(env_, address, &given))) return false;
  if (given == napi_number) return Ok(env_, napi_get_value_int32(env_, address, &into->i32));
  // It is none; asked again with what the error is to tell, it throws.
  size_t shown = lead_ == kOfImport || index < lead_ ? 0 : index - lead_;
  if (Ok(env_, napi_create_string_utf8(env_, name_, NAPI_AUTO_LENGTH, &args[3])) &&
      Ok(env_, napi_create_uint32(env_, static_cast<uint32_t>(shown), &args[4]))) {
    CallWorld(env_, instance_, kUnwrap, 5, args);
  }
  return false;
}

// Kinds that are more than a number.
bool Arguments::ReadRich(napi_value value, size_t index, wg_raw* into) {
  const Value& type = values_[index];
  bool borrowed = (type.flags & WG_FLAG_BORROWED) != 0;
  if (type.form == WG_FORM_OPT_HOLE && IsAbsent(env_, value)) {
    into->i32 = type.kind == WG_KIND_STRING_ENUM ? static_cast<int32_t>(plans_.lists[type.extra].size() + 1) : 0;
    return true;
  }
  switch (type.kind) {
    case WG_KIND_ANY:
      return Give(value, borrowed, into);
    case WG_KIND_OBJECT:
      return ReadObject(value, index, into);
    case WG_KIND_STRING_ENUM: {
      wg::Read read = ReadListed(value, type, into);
      return read == wg::Read::kOk || ThrowWrong(read, index, value);
    }
    default:
      ThrowCode(env_, WG_ERR_INTERNAL, "a value of this kind cannot be given to a guest");
      return false;
  }
}

bool Arguments::ReadReference(napi_value value, size_t index, wg_raw* slots) {
  const Value& type = values_[index];
  if (type.kind == WG_KIND_FUNCREF) {
    wg::Read read = ReadFuncRef(env_, instance_, value, slots + type.first);
    if (read == wg::Read::kOk) return true;
    bool pending = false;
    napi_is_exception_pending(env_, &pending);
    return pending ? false : ThrowWrong(read, index, value);
  }
  bool failed;
  if (values_.size() > kMaxInlineArguments && more_refs_ == nullptr) {
    more_refs_.reset(new (std::nothrow) wg_given[values_.size()]);
    if (more_refs_ == nullptr) {
      ThrowCode(env_, WG_ERR_OUT_OF_MEMORY);
      return false;
    }
  }
  if (ReadExternRef(env_, instance_, value, slots, type.first, &refs()[ref_count_], &failed)) ref_count_++;
  return !failed;
}

bool Arguments::GiveRefs(wg_raw* slots) {
  if (ref_count_ == 0) return true;
  int code = wg_refs_give(record_, refs(), ref_count_, slots);
  ref_count_ = 0;
  if (code == WG_OK) return true;
  ThrowLast(env_, record_);
  return false;
}

// Text is fetched as UTF-16, which V8 has or makes by a plain copy, and encoded
// by us straight into guest memory.
bool Arguments::ReadText(napi_value value, size_t index, Pending* out) {
  out->text = true;
  out->element = 1;
  if (long_text_) return ReadLongText(value, out);
  constexpr size_t kCapacity = sizeof small_ / sizeof small_[0];
  char16_t* into = small_ + small_used_;
  size_t room = kCapacity - small_used_;
  size_t units = 0;
  napi_status status = napi_get_value_string_utf16(env_, value, into, room, &units);
  if (status == napi_string_expected) {
    return ThrowWrong(wg::Read::kWrongType, index, value);
  }
  if (!Ok(env_, status)) return false;
  if (units + 1 >= room) return ReadLongText(value, out);  // it may have been cut short
  out->data = into;
  out->units = units;
  out->bytes = utf::EncodedBytes(into, units);
  // The terminator is not needed; a buffer that is full has room for it only.
  small_used_ += units;
  return true;
}

bool Arguments::ReadLongText(napi_value value, Pending* out) {
  size_t units = 0;
  if (!Ok(env_, napi_get_value_string_utf16(env_, value, nullptr, 0, &units))) return false;
  EnvData* shared = GetEnvData(env_);
  size_t need = (units + 1) * sizeof(char16_t);
  auto* base = static_cast<char*>(shared->text.Reserve(scratch_used_ + need));
  if (base == nullptr) {
    ThrowCode(env_, WG_ERR_OUT_OF_MEMORY);
    return false;
  }
  auto* text = reinterpret_cast<char16_t*>(base + scratch_used_);
  if (!Ok(env_, napi_get_value_string_utf16(env_, value, text, units + 1, &units))) return false;
  out->data = nullptr;
  out->at = scratch_used_;
  out->units = units;
  out->bytes = utf::Utf8Length(text, units);
  scratch_used_ += need;
  return true;
}

inline void Arguments::Copy(const Pending& item, uint32_t ptr, uint8_t* into, wg_raw* slots) {
  WG_COUNT_COPY();
  const void* data = item.data;
  if (item.text) {
    if (data == nullptr) data = static_cast<const char*>(GetEnvData(env_)->text.data()) + item.at;
    auto* units = static_cast<const char16_t*>(data);
    utf::Encode(units, item.units, item.bytes, reinterpret_cast<char*>(into));
  } else if (item.bytes > 0) {
    memcpy(into, data, item.bytes);
  }
  slots[item.slot].i32 = static_cast<int32_t>(ptr);
  slots[item.slot + 1].i32 = static_cast<int32_t>(item.bytes / item.element);
}

// What the guest is to own stays here if it cannot be called anyway.
bool Arguments::Check() {
  if (wg_check(record_) == WG_OK) return true;
  ThrowLast(env_, record_);
  return false;
}

bool Arguments::CopyIn(wg_raw* slots) {
  if (!given_.empty() && !Check()) return false;
  for (size_t i = 0; i < count_; i++) {
    Pending& item = list()[i];
    uint32_t ptr = 0;
    uint8_t* into = nullptr;
    if (wg_guest_alloc(record_, item.bytes, item.element, &ptr, &into) != WG_OK) {
      ThrowLast(env_, record_);
      return false;
    }
    item.ptr = ptr;
    Copy(item, ptr, into, slots);
  }
  sent_ = true;
  return true;
}

bool Arguments::CopyBack(napi_value* args) {
  bool freed = true;
  for (size_t i = 0; i < count_; i++) {
    const Pending& item = list()[i];
    if (!item.back) continue;
    // The array may have changed since: an import may have run.
    Bytes bytes;
    const uint8_t* from = wg_memory_at(record_, item.ptr, item.bytes);
    bool same = ReadBytes(env_, args[item.value], values_[item.value].kind, &bytes) == wg::Read::kOk &&
                bytes.bytes == item.bytes && from != nullptr;
    if (same && item.bytes > 0) memcpy(const_cast<uint8_t*>(bytes.data), from, item.bytes);
    freed = wg_guest_free(record_, item.ptr, item.bytes, item.element) == WG_OK && freed;
  }
  if (!freed) ThrowLast(env_, record_);
  return freed;
}

bool Arguments::CopyToScratch(wg_raw* slots) {
  if (!given_.empty() && !Check()) return false;
  sent_ = true;
  if (count_ == 0) return true;
  uint32_t ptr = 0;
  uint8_t* into = nullptr;
  if (wg_scratch(record_, &ptr, &into) != WG_OK) {
    ThrowLast(env_, record_);
    return false;
  }
  for (size_t i = 0; i < count_; i++) {
    const Pending& item = list()[i];
    Copy(item, ptr, into, slots);
    ptr += static_cast<uint32_t>(item.bytes);
    into += item.bytes;
  }
  return true;
}

}  // namespace wg
