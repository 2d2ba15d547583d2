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
        if (!ReadText(args[i], i, type, pending)) return false;
        continue;
      }
      Bytes bytes;
      read = ReadBytes(env_, args[i], type.kind, &bytes);
      pending->wide = false;
      pending->data = bytes.data;
      pending->bytes = bytes.bytes;
      pending->element = static_cast<uint8_t>(ElementBytes(type.kind));
    }
    if (read != wg::Read::kOk) {
      int code = read == wg::Read::kWrongType ? WG_ERR_ARG_TYPE : WG_ERR_ARG_RANGE;
      ThrowArgument(env_, code, name_, i, type.kind, args[i]);
      return false;
    }
  }
  return true;
}

// Short text is encoded by V8 into a buffer of ours, one call for all of it.
bool Arguments::ReadText(napi_value value, size_t index, const Value& type, Pending* out) {
  char* into = small_ + small_used_;
  size_t room = sizeof small_ - small_used_;
  size_t bytes = 0;
  napi_status status = napi_get_value_string_utf8(env_, value, into, room, &bytes);
  if (status == napi_string_expected) {
    ThrowArgument(env_, WG_ERR_ARG_TYPE, name_, index, type.kind, value);
    return false;
  }
  if (!Ok(env_, status)) return false;
  out->element = 1;
  // A text that was cut short ends within a character of the buffer's end.
  if (bytes + 4 < room) {
    out->wide = false;
    out->data = into;
    out->bytes = bytes;
    small_used_ += bytes;
    return true;
  }
  return ReadLongText(value, out);
}

// Long text is fetched as UTF-16, a plain copy, and encoded by us straight into
// guest memory.
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
  out->wide = true;
  out->units = units;
  out->at = scratch_used_;
  out->bytes = utf::Utf8Length(text, units);
  scratch_used_ += need;
  return true;
}

bool Arguments::CopyIn(wg_raw* slots) {
  Pending* list = more_ == nullptr ? inline_ : more_;
  for (size_t i = 0; i < count_; i++) {
    const Pending& item = list[i];
    uint32_t ptr = 0;
    if (wg_guest_alloc(record_, item.bytes, item.element, &ptr) != WG_OK) {
      ThrowLast(env_, record_);
      return false;
    }
    if (item.bytes > 0) {
      size_t memory_bytes;
      auto* into = reinterpret_cast<char*>(wg_memory(record_, &memory_bytes)) + ptr;
      WG_COUNT_COPY();
      if (item.wide) {
        auto* text = static_cast<const char*>(GetEnvData(env_)->text.data()) + item.at;
        utf::Utf16ToUtf8(reinterpret_cast<const char16_t*>(text), item.units, into);
      } else {
        memcpy(into, item.data, item.bytes);
      }
    }
    slots[item.slot].i32 = static_cast<int32_t>(ptr);
    slots[item.slot + 1].i32 = static_cast<int32_t>(item.bytes / item.element);
  }
  return true;
}

}  // namespace wg
