#include "arguments.h"

#include <cstdlib>
#include <cstring>

#include "counters.h"
#include "error.h"
#include "utf.h"

namespace wg {

Arguments::~Arguments() {
  free(more_);
  if (scratch_used_ > 0) GetEnvData(env_)->text.Shrink();
}

Arguments::Pending* Arguments::Add() {
  if (plan_.params.size() <= kMaxInlineArguments) return &inline_[count_++];
  if (more_ == nullptr) {
    more_ = static_cast<Pending*>(calloc(plan_.params.size(), sizeof *more_));
    if (more_ == nullptr) return nullptr;
  }
  return &more_[count_++];
}

bool Arguments::Read(napi_value* args, wg_raw* slots) {
  for (size_t i = 0; i < plan_.params.size(); i++) {
    const Value& type = plan_.params[i];
    wg_raw* into = slots + type.first;
    wg::Read read;
    if (!InMemory(type.kind)) {
      read = ReadScalar(env_, args[i], type, into);
    } else if (type.form == WG_FORM_OPT_POINTER && IsAbsent(env_, args[i])) {
      into[0].i64 = into[1].i64 = 0;
      continue;
    } else {
      Pending* pending = Add();
      if (pending == nullptr) {
        ThrowCode(env_, WG_ERR_OUT_OF_MEMORY);
        return false;
      }
      pending->slot = type.first;
      if (type.kind == WG_KIND_STRING) {
        if (!ReadText(args[i], i, pending)) return false;
        bytes_ += pending->bytes;
        continue;
      }
      Bytes bytes;
      read = ReadBytes(env_, args[i], type.kind, &bytes);
      pending->text = false;
      pending->data = bytes.data;
      pending->bytes = bytes.bytes;
      pending->element = static_cast<uint8_t>(ElementBytes(type.kind));
      bytes_ += bytes.bytes;
    }
    if (read != wg::Read::kOk) {
      ThrowRead(env_, read, name_, i, type.kind, args[i]);
      return false;
    }
  }
  return true;
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
    ThrowRead(env_, wg::Read::kWrongType, name_, index, WG_KIND_STRING, value);
    return false;
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

bool Arguments::CopyIn(wg_raw* slots) {
  for (size_t i = 0; i < count_; i++) {
    const Pending& item = list()[i];
    uint32_t ptr = 0;
    uint8_t* into = nullptr;
    if (wg_guest_alloc(record_, item.bytes, item.element, &ptr, &into) != WG_OK) {
      ThrowLast(env_, record_);
      return false;
    }
    Copy(item, ptr, into, slots);
  }
  return true;
}

bool Arguments::CopyToScratch(wg_raw* slots) {
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
