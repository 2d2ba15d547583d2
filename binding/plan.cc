#include "plan.h"

#include <algorithm>
#include <cstring>

#include "number.h"

namespace wg {
namespace {

constexpr uint8_t kEncodingVersion = 3;  // go/marshal/encode.go, EncodingVersion

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

  // How many items follow, each of a byte at least.
  size_t Count() {
    uint32_t count = Number<uint32_t>();
    return Has(count) ? count : 0;
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

bool IsWide(uint8_t kind) { return kind == WG_KIND_I128 || kind == WG_KIND_U128; }

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
      if (IsWide(value.kind)) return {4, 8, 8};
      return {4, ScalarBytes(value.kind)};
    default:
      if (value.kind == WG_KIND_UNIT) return {};
      if (IsWide(value.kind)) return {8, 8};
      if ((value.flags & WG_FLAG_ARRAY) != 0) return {4, 4, 4};
      if (InMemory(value.kind) || value.kind == WG_KIND_FUNCTION) return {4, 4};
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
    value.flags = in->Number<uint8_t>();
    value.extra = in->Number<uint32_t>();
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

bool NeedsStages(const std::vector<Value>& params) {
  return std::any_of(params.begin(), params.end(), [](const Value& v) { return StageOf(v) != 1; });
}

// What follows from the values and how they are placed.
void Settle(Plan* plan) {
  // The area's address is the first argument.
  uint16_t in_slots = plan->placement == WG_IN_AREA ? 1 : 0;
  for (Value& value : plan->params) value.first = static_cast<uint16_t>(value.first + in_slots);
  if (!plan->params.empty()) {
    in_slots = static_cast<uint16_t>(plan->params.back().first + plan->params.back().words);
  }
  uint16_t out_slots = 0;
  for (const Value& value : plan->results) {
    out_slots = static_cast<uint16_t>(out_slots + value.words);
  }
  if (plan->fallible != WG_INFALLIBLE) out_slots = static_cast<uint16_t>(out_slots + 2);
  auto plain = [](const Value& v) { return v.form == WG_FORM_PLAIN && IsNumber(v.kind); };
  auto is_ref = [](const Value& v) { return v.kind == WG_KIND_EXTERNREF; };
  plan->numbers = plan->placement == WG_IN_SLOTS && plan->fallible == WG_INFALLIBLE && plan->results.size() <= 1 &&
                  plan->params.size() <= kMaxNumbers && std::all_of(plan->params.begin(), plan->params.end(), plain) &&
                  std::all_of(plan->results.begin(), plan->results.end(), plain);
  plan->refs_in = std::any_of(plan->params.begin(), plan->params.end(), is_ref);
  plan->refs_out = std::any_of(plan->results.begin(), plan->results.end(), is_ref);
  plan->staged = NeedsStages(plan->params);
  plan->copies_back = std::any_of(plan->params.begin(), plan->params.end(), [](const Value& v) {
    return (v.flags & (WG_FLAG_MUTABLE | WG_FLAG_ARRAY)) == WG_FLAG_MUTABLE;
  });
  plan->slots = std::max(in_slots, plan->placement == WG_IN_AREA ? uint16_t{1} : out_slots);
  PlaceResults(plan);
}

bool ReadPlan(Reader* in, Plan* plan) {
  plan->usable = in->Number<uint8_t>() == 1;
  if (!plan->usable) {
    plan->reason = in->Text();
    return in->ok();
  }
  if (!ReadValues(in, 0, &plan->params) || !ReadValues(in, 0, &plan->results)) return false;
  plan->placement = in->Number<uint8_t>();
  plan->fallible = in->Number<uint8_t>();
  Settle(plan);
  bool fits = plan->offsets.empty() || plan->offsets.back() + size_t{plan->widths.back()} <= WG_AREA_BYTES;
  return in->ok() && (plan->placement == WG_IN_SLOTS || fits);
}

// Appends the letters of a value's words.
void Spell(const Value& value, std::string* out) {
  bool is_double =
      value.kind == WG_KIND_F64 || value.form == WG_FORM_OPT_DOUBLE || value.form == WG_FORM_OPT_DOUBLE_OLD;
  std::vector<size_t> words = WordBytes(value);
  for (size_t i = 0; i < words.size(); i++) {
    bool last = i + 1 == words.size();
    if (words[i] == 8) {
      out->push_back(is_double ? 'd' : 'l');
    } else {
      out->push_back(last && value.kind == WG_KIND_F32 ? 'f' : 'w');
    }
  }
}

std::string ShapeOf(const Plan& plan) {
  std::string shape;
  if (plan.placement == WG_IN_AREA) shape = "w";
  for (const Value& value : plan.params) Spell(value, &shape);
  shape.push_back('>');
  if (plan.placement == WG_IN_AREA) return shape;
  for (const Value& value : plan.results) Spell(value, &shape);
  return plan.fallible == WG_FALLIBLE ? shape + "ww" : shape;
}

bool ReadFunction(Reader* in, FunctionPlan* function) {
  if (!ReadPlan(in, &function->plan)) return false;
  function->shim = in->Number<uint32_t>();
  function->dtor = in->Number<uint32_t>();
  function->owned = in->Number<uint8_t>() != 0;
  function->is_mutable = in->Number<uint8_t>() != 0;
  function->shape = ShapeOf(function->plan);
  return in->ok();
}

// A value that refers to a list or a function must find it.
bool Refers(const ModulePlans& plans, const std::vector<Value>& values) {
  return std::all_of(values.begin(), values.end(), [&](const Value& value) {
    if (value.kind == WG_KIND_STRING_ENUM) return value.extra < plans.lists.size();
    if (value.kind == WG_KIND_ANY_ARRAY) {
      Value cell = CellOf(value);
      return cell.kind != WG_KIND_STRING_ENUM || cell.extra < plans.lists.size();
    }
    return value.kind != WG_KIND_FUNCTION || value.extra < plans.functions.size();
  });
}

bool Refers(const ModulePlans& plans, const Plan& plan) {
  return Refers(plans, plan.params) && Refers(plans, plan.results);
}

bool ReadAll(Reader* in, ModulePlans* plans) {
  plans->lists.resize(in->Count());
  for (auto& list : plans->lists) {
    list.resize(in->Count());
    for (std::string& text : list) text = in->Text();
  }
  plans->functions.resize(in->Count());
  for (FunctionPlan& function : plans->functions) {
    if (!ReadFunction(in, &function)) return false;
  }
  plans->exports.resize(in->Count());
  for (ExportPlan& entry : plans->exports) {
    entry.name = in->Text();
    entry.title = in->Text();
    entry.lead = in->Number<uint8_t>();
    if (!ReadPlan(in, &entry.wasm) || !ReadPlan(in, &entry.typed)) return false;
    entry.adapter = in->Text();
  }
  plans->imports.resize(in->Count());
  for (ImportPlan& entry : plans->imports) {
    entry.name = in->Text();
    if (!ReadPlan(in, &entry.plan)) return false;
  }
  bool found = true;
  for (const FunctionPlan& f : plans->functions) found = found && Refers(*plans, f.plan) && f.plan.params.size() >= 2;
  for (const ExportPlan& e : plans->exports) found = found && Refers(*plans, e.wasm) && Refers(*plans, e.typed);
  for (const ImportPlan& i : plans->imports) found = found && Refers(*plans, i.plan);
  return found && in->ok();
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

Value CellOf(const Value& list) {
  Value cell{};
  cell.kind = WG_KIND_ANY;
  cell.flags = list.flags;
  if (list.extra != 0) {
    cell.kind = static_cast<uint8_t>(list.extra & 0xFF);
    cell.extra = list.extra >> 8;
    cell.flags = WG_FLAG_BORROWED;
  }
  cell.words = static_cast<uint8_t>(WordBytes(cell).size());
  return cell;
}

size_t CellBytes(const Value& cell) { return cell.words * FirstWordBytes(cell); }

size_t CellAlignment(const Value& cell) { return FirstWordBytes(cell); }

bool InMemory(uint8_t kind) { return kind == WG_KIND_STRING || kind == WG_KIND_ANY_ARRAY || ElementBytes(kind) > 0; }

size_t FirstWordBytes(const Value& value) {
  std::vector<size_t> words = WordBytes(value);
  return words.empty() ? 0 : words[0];
}

int StageOf(const Value& value) {
  if (value.kind == WG_KIND_ANY_ARRAY) return 0;
  return value.kind == WG_KIND_OBJECT && (value.flags & WG_FLAG_BORROWED) == 0 ? 2 : 1;
}

bool IsScalar(uint8_t kind) {
  return kind <= WG_KIND_CHAR || (kind >= WG_KIND_V128 && kind <= WG_KIND_ANY64) || IsWide(kind) ||
         kind == WG_KIND_ENUM;
}

std::shared_ptr<const ModulePlans> PlansOfShape(const char* shape) {
  auto plans = std::make_shared<ModulePlans>();
  plans->exports.emplace_back();
  ExportPlan& entry = plans->exports[0];
  entry.name = entry.title = "function reference";
  Plan& plan = entry.wasm;
  plan.usable = true;
  std::vector<Value>* list = &plan.params;
  for (; *shape != 0; shape++) {
    static constexpr char kLetters[] = "wlfdvxr";
    static constexpr uint8_t kKinds[] = {WG_KIND_I32,  WG_KIND_I64,       WG_KIND_F32,    WG_KIND_F64,
                                         WG_KIND_V128, WG_KIND_EXTERNREF, WG_KIND_FUNCREF};
    if (*shape == '>') {
      list = &plan.results;
      continue;
    }
    const char* found = strchr(kLetters, *shape);
    if (found == nullptr) {
      plan.usable = false;
      plan.reason = "its type is not one of numbers, externref and funcref";
      return plans;
    }
    Value value{};
    value.kind = kKinds[found - kLetters];
    value.words = 1;
    value.first = static_cast<uint16_t>(list->size());
    list->push_back(value);
  }
  Settle(&plan);
  return plans;
}

std::shared_ptr<const ModulePlans> DecodePlans(const uint8_t* data, size_t bytes) {
  Reader in(data, bytes);
  if (in.Number<uint8_t>() != kEncodingVersion) return nullptr;
  auto plans = std::make_shared<ModulePlans>();
  return ReadAll(&in, plans.get()) ? plans : nullptr;
}

}  // namespace wg
