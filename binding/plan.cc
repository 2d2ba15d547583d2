#include "plan.h"

#include <algorithm>
#include <cstring>

#include "number.h"

namespace wg {
namespace {

constexpr uint8_t kEncodingVersion = 2;  // go/marshal/encode.go, EncodingVersion

class Reader {
 public:
  Reader(const uint8_t* data, size_t bytes) : data_(data), left_(bytes) {}

  bool ok() const { return ok_; }

  template <typename T>
  T Number() {
    T value = 0;
    if (!Has(sizeof value)) return 0;
    memcpy(&value, data_, sizeof value);  // both sides are little-endian
    Skip(sizeof value);
    return value;
  }

  std::string Text() {
    uint32_t bytes = Number<uint32_t>();
    if (!Has(bytes)) return std::string();
    std::string text(reinterpret_cast<const char*>(data_), bytes);
    Skip(bytes);
    return text;
  }

 private:
  bool Has(size_t bytes) {
    if (left_ < bytes) ok_ = false;
    return ok_;
  }
  void Skip(size_t bytes) {
    data_ += bytes;
    left_ -= bytes;
  }

  const uint8_t* data_;
  size_t left_;
  bool ok_ = true;
};

bool IsInt64(uint8_t kind) { return kind == WG_KIND_I64 || kind == WG_KIND_U64 || kind == WG_KIND_ANY64; }

// Bytes of the wasm value that carries a scalar kind.
size_t ScalarBytes(uint8_t kind) {
  if (kind == WG_KIND_V128) return 16;
  return IsInt64(kind) || kind == WG_KIND_F64 ? 8 : 4;
}

// Bytes of each word of a value, in order. Mirrors Value.words in go/marshal/kind.go.
std::vector<size_t> WordBytes(const Value& value) {
  switch (value.form) {
    case WG_FORM_PAIR64:
    case WG_FORM_OPT_POINTER:
      return {4, 4};
    case WG_FORM_OPT_FLAG_PAIR64:
      return {4, 4, 4};
    case WG_FORM_OPT_DOUBLE:
    case WG_FORM_OPT_DOUBLE_OLD:
      return {8};
    case WG_FORM_OPT_FLAG:
      return {4, ScalarBytes(value.kind)};
    default:
      if (value.kind == WG_KIND_UNIT) return {};
      if (InMemory(value.kind)) return {4, 4};
      return {ScalarBytes(value.kind)};
  }
}

bool ReadValues(Reader* in, uint16_t first, std::vector<Value>* out) {
  uint16_t count = in->Number<uint16_t>();
  out->reserve(count);
  for (uint16_t i = 0; i < count && in->ok(); i++) {
    Value value{};
    value.kind = in->Number<uint8_t>();
    value.form = in->Number<uint8_t>();
    if (value.kind >= WG_KIND_COUNT || value.form >= WG_FORM_COUNT) return false;
    value.words = static_cast<uint8_t>(WordBytes(value).size());
    value.first = first;
    first = static_cast<uint16_t>(first + value.words);
    out->push_back(value);
  }
  return in->ok();
}

// Lays the return area out: each word at its natural alignment.
void PlaceResults(Plan* plan) {
  size_t at = 0;
  auto place = [&](size_t bytes) {
    at = (at + bytes - 1) / bytes * bytes;
    plan->offsets.push_back(static_cast<uint16_t>(at));
    plan->widths.push_back(static_cast<uint8_t>(bytes));
    at += bytes;
  };
  for (const Value& value : plan->results) {
    for (size_t bytes : WordBytes(value)) place(bytes);
  }
  if (plan->fallible != WG_INFALLIBLE) {
    place(4);
    place(4);
  }
}

bool ReadPlan(Reader* in, Plan* plan) {
  plan->usable = in->Number<uint8_t>() == 1;
  if (!plan->usable) {
    plan->reason = in->Text();
    return in->ok();
  }
  // The header comes after the values, but the area's address is the first
  // argument: shift them once it is known.
  if (!ReadValues(in, 0, &plan->params) || !ReadValues(in, 0, &plan->results)) return false;
  plan->placement = in->Number<uint8_t>();
  plan->fallible = in->Number<uint8_t>();
  uint16_t in_slots = plan->placement == WG_IN_AREA ? 1 : 0;
  for (Value& value : plan->params) {
    value.first = static_cast<uint16_t>(value.first + in_slots);
  }
  if (!plan->params.empty()) {
    in_slots = static_cast<uint16_t>(plan->params.back().first + plan->params.back().words);
  }
  uint16_t out_slots = 0;
  for (const Value& value : plan->results) {
    out_slots = static_cast<uint16_t>(out_slots + value.words);
  }
  if (plan->fallible != WG_INFALLIBLE) out_slots = static_cast<uint16_t>(out_slots + 2);
  auto plain = [](const Value& v) { return v.form == WG_FORM_PLAIN && IsNumber(v.kind); };
  plan->numbers = plan->placement == WG_IN_SLOTS && plan->fallible == WG_INFALLIBLE && plan->results.size() <= 1 &&
                  plan->params.size() <= kMaxNumbers && std::all_of(plan->params.begin(), plan->params.end(), plain) &&
                  std::all_of(plan->results.begin(), plan->results.end(), plain);
  plan->slots = std::max(in_slots, plan->placement == WG_IN_AREA ? uint16_t{1} : out_slots);
  PlaceResults(plan);
  bool fits = plan->offsets.empty() || plan->offsets.back() + size_t{plan->widths.back()} <= WG_AREA_BYTES;
  return in->ok() && (plan->placement == WG_IN_SLOTS || fits);
}

}  // namespace

size_t ElementBytes(uint8_t kind) {
  switch (kind) {
    case WG_KIND_I8_ARRAY:
    case WG_KIND_U8_ARRAY:
    case WG_KIND_U8_CLAMPED_ARRAY:
      return 1;
    case WG_KIND_I16_ARRAY:
    case WG_KIND_U16_ARRAY:
      return 2;
    case WG_KIND_I32_ARRAY:
    case WG_KIND_U32_ARRAY:
    case WG_KIND_F32_ARRAY:
      return 4;
    case WG_KIND_I64_ARRAY:
    case WG_KIND_U64_ARRAY:
    case WG_KIND_F64_ARRAY:
      return 8;
    default:
      return 0;
  }
}

bool InMemory(uint8_t kind) { return kind == WG_KIND_STRING || ElementBytes(kind) > 0; }

std::shared_ptr<const ModulePlans> DecodePlans(const uint8_t* data, size_t bytes) {
  Reader in(data, bytes);
  if (in.Number<uint8_t>() != kEncodingVersion) return nullptr;
  uint32_t count = in.Number<uint32_t>();
  auto plans = std::make_shared<ModulePlans>();
  for (uint32_t i = 0; i < count && in.ok(); i++) {
    ExportPlan entry;
    entry.name = in.Text();
    if (!ReadPlan(&in, &entry.wasm) || !ReadPlan(&in, &entry.typed)) return nullptr;
    entry.adapter = in.Text();
    plans->exports.push_back(std::move(entry));
  }
  return in.ok() ? plans : nullptr;
}

}  // namespace wg
