#include "call.h"

#include <cstring>
#include <memory>
#include <string>

#include "arguments.h"
#include "counters.h"
#include "error.h"
#include "lift.h"
#include "span.h"
#include "utf.h"
#include "value.h"
#include "world.h"

namespace wg {
namespace {

// Written into the error words of a return area before a call; whoever finds
// it there afterwards knows that the guest's type has no such words.
constexpr uint32_t kUnwritten = 0xA5A5A5A5;

// Words of a reply in an area: those of its results, then an error and whether
// there is one. An area holds no more (ReadPlan checks).
using Reply = wg_raw[WG_AREA_BYTES / 4];

napi_value ThrowWrongCount(napi_env env, BoundExport* target, size_t count) {
  return ThrowCount(env, target->name, target->plan->params.size() - target->lead,
                    count < target->lead ? 0 : count - target->lead);
}

// At the end of a call: lets go of what the guest let go of, unless the call is one
// that an import makes.
inline void ClearIfOutermost(napi_env env, BoundExport* target) {
  wg_instance* record = target->record;
  if (record->state == WG_CALLING) return;
  if (record->refs_made > WG_REFS_BEFORE_COLLECTION) wg_refs_collect(record);
  if (record->uncleared > 0) ClearValues(env, target->instance);
}

class Call {
 public:
  Call(napi_env env, BoundExport* target) : env_(env), target_(target), plan_(*target->plan) {}

  // For plans of up to kMaxInlineSlots.
  napi_value RunInline(napi_value* args) {
    wg_raw slots[WG_OWED_SLOTS + kMaxInlineSlots];
    return Run(args, slots);
  }

  // What Run does, for a textual export (see IsTextual) and a short text, with
  // nothing to look up. `lead` is 1 for a method, whose object's address comes before
  // the text. False if the arguments are for Run.
  bool RunShortText(napi_value* args, size_t lead, napi_value* result) {
    constexpr size_t kRoom = WG_SCRATCH_BYTES / 3 + 2;  // whatever fits has so many bytes at most
    char16_t text[kRoom];
    size_t units;
    if (napi_get_value_string_utf16(env_, args[lead], text, kRoom, &units) != napi_ok) return false;
    if (units + 1 == kRoom) {  // it may have been cut short
      long_ = true;
      return false;
    }
    size_t bytes = utf::EncodedBytes(text, units);
    uint32_t ptr;
    uint8_t* into;
    wg_raw slots[WG_OWED_SLOTS + 4];
    wg_raw* own = slots + WG_OWED_SLOTS;
    const bool in_area = plan_.placement == WG_IN_AREA;
    size_t first = in_area ? 1 : 0;
    if (lead > 0 && napi_get_value_int32(env_, args[0], &own[first++].i32) != napi_ok) return false;
    *result = nullptr;
    uint32_t area = 0;
    if (wg_scratch(record(), &ptr, &into) != WG_OK || (in_area && wg_return_area(record(), &area) != WG_OK)) {
      ThrowLast(env_, record());
      return true;
    }
    WG_COUNT_COPY();
    record()->input_bytes += bytes;
    utf::Encode(text, units, bytes, reinterpret_cast<char*>(into));
    if (in_area) own[0].i32 = static_cast<int32_t>(area);
    own[first].i32 = static_cast<int32_t>(ptr);
    own[first + 1].i32 = static_cast<int32_t>(bytes);
    if (wg_call_adapter(record(), &target_->adapter, slots, WG_OWED_SLOTS + 2 + first) != WG_OK) {
      ThrowLast(env_, record());
      return true;
    }
    uint32_t words[2] = {static_cast<uint32_t>(slots[0].i32), static_cast<uint32_t>(slots[1].i32)};
    if (in_area) {
      const uint8_t* reply = wg_memory_at(record(), area, sizeof words);
      if (reply == nullptr) {
        ThrowCode(env_, WG_ERR_RESULT_BOUNDS);
        return true;
      }
      memcpy(words, reply, sizeof words);
    }
    Lift lift(env_, target_->instance, target_->plans, target_->name);
    lift.Owe();
    *result = lift.Take(WG_KIND_STRING, 1, words[0], words[1], false);
    return true;
  }

  // `slots` has room for WG_OWED_SLOTS before those of the plan.
  napi_value Run(napi_value* args, wg_raw* slots) {
    uint32_t loans = wg_loans(record());
    napi_value result = RunLending(args, slots);
    wg_loans_end(record(), loans);
    ClearIfOutermost(env_, target_);
    return result;
  }

 private:
  napi_value RunLending(napi_value* args, wg_raw* slots) {
    Arguments arguments(env_, target_->instance, *target_->plans, target_->name, plan_.params, target_->lead);
    if (long_) arguments.ExpectLongText();
    wg_raw* own = slots + WG_OWED_SLOTS;  // those of the plan
    if (!arguments.Read(args, own, plan_.staged)) return nullptr;
    record()->input_bytes += arguments.bytes();
    adapted_ = target_->adapted && arguments.bytes() <= WG_SCRATCH_BYTES;
    if (adapted_ ? !arguments.CopyToScratch(own) : !arguments.CopyIn(own)) return nullptr;
    uint32_t area = 0;
    if (plan_.placement == WG_IN_AREA && !PrepareArea(&area, own)) return nullptr;
    if (!arguments.GiveRefs(own)) return nullptr;
    if (!adapted_) slots = own;
    int code = adapted_ ? wg_call_adapter(record(), &target_->adapter, slots, plan_.slots + size_t{WG_OWED_SLOTS})
                        : wg_call(record(), &target_->func, slots, plan_.slots);
    if (code != WG_OK) return ThrowLast(env_, record());
    Reply reply{};
    const wg_raw* words = slots;
    if (plan_.placement == WG_IN_AREA) {
      if (!ReadArea(area, reply)) return nullptr;
      words = reply;
    }
    if (plan_.copies_back && !arguments.CopyBack(args)) return nullptr;
    return Finish(words);
  }

  wg_instance* record() const { return target_->record; }

  size_t ResultWords() const { return plan_.offsets.size() - (plan_.fallible == WG_INFALLIBLE ? 0 : 2); }

  bool PrepareArea(uint32_t* area, wg_raw* slots) {
    if (wg_return_area(record(), area) != WG_OK) {
      ThrowLast(env_, record());
      return false;
    }
    slots[0].i32 = static_cast<int32_t>(*area);
    if (plan_.fallible != WG_FALLIBLE_IF_SEEN) return true;
    size_t bytes;
    uint8_t* memory = wg_memory(record(), &bytes);
    for (size_t i = ResultWords(); i < plan_.offsets.size(); i++) {
      memcpy(memory + *area + plan_.offsets[i], &kUnwritten, sizeof kUnwritten);
    }
    return true;
  }

  // Copies the words of the reply out of guest memory.
  bool ReadArea(uint32_t area, wg_raw* reply) {
    const uint8_t* words = wg_memory_at(record(), area, WG_AREA_BYTES);
    if (words == nullptr) {
      ThrowCode(env_, WG_ERR_RESULT_BOUNDS);
      return false;
    }
    for (size_t i = 0; i < plan_.offsets.size(); i++) {
      memcpy(&reply[i], words + plan_.offsets[i], plan_.widths[i]);
    }
    return true;
  }

  // An error of the guest crate, as it wrote it.
  napi_value ThrowBytes(uint32_t ptr, uint32_t bytes) {
    Lift lift(env_, target_->instance, target_->plans, target_->name);
    napi_value error = lift.Take(WG_KIND_U8_ARRAY, 1, ptr, bytes, false);
    return error == nullptr ? nullptr : ThrowGuestError(env_, target_->name, error);
  }

  napi_value Finish(const wg_raw* reply) {
    if (plan_.fallible == WG_FALLIBLE_BYTES) {
      const wg_raw* error = reply + ResultWords();
      if (error[0].i32 != 0) {
        return ThrowBytes(static_cast<uint32_t>(error[0].i32), static_cast<uint32_t>(error[1].i32));
      }
    } else if (plan_.fallible != WG_INFALLIBLE) {
      const wg_raw* error = reply + ResultWords();
      bool seen = plan_.fallible == WG_FALLIBLE || static_cast<uint32_t>(error[1].i32) != kUnwritten;
      if (!seen && static_cast<uint32_t>(error[0].i32) != kUnwritten) {
        std::string text =
            std::string(target_->name) + ": the reply is not of the type that the .d.ts suggests; give `signatures`";
        return ThrowCode(env_, WG_ERR_RESULT_INVALID, text.c_str());
      }
      if (seen && error[1].i32 != 0) {
        wg_take_thrown(record(), static_cast<uint32_t>(error[0].i32));
        return ThrowLast(env_, record());
      }
    }
    if (plan_.results.empty()) return nullptr;  // undefined
    Lift lift(env_, target_->instance, target_->plans, target_->name);
    if (adapted_) lift.Owe();
    if (plan_.results.size() == 1) return lift.Make(plan_.results[0], reply);
    napi_value list;
    std::vector<napi_value> items(plan_.results.size());
    if (!Ok(env_, napi_create_array_with_length(env_, items.size(), &list)) ||
        !lift.MakeAll(plan_.results, plan_.refs_out, reply, items.data())) {
      return nullptr;
    }
    for (size_t i = 0; i < items.size(); i++) {
      if (!Ok(env_, napi_set_element(env_, list, static_cast<uint32_t>(i), items[i]))) return nullptr;
    }
    return list;
  }

  napi_env env_;
  BoundExport* target_;
  const Plan& plan_;
  bool adapted_ = false;  // the call is short enough for the export's adapter
  bool long_ = false;     // the text argument is known to be long
};

// Calls whose every value is a number that fits one slot: what remains is what
// the engine and Node-API cost. One function per number of arguments, because
// Node-API fills the places that a call leaves empty.
template <size_t kCount>
napi_value OnNumbers(napi_env env, napi_callback_info info) {
  WG_COUNT_ENTRY();
  napi_value args[kCount + 1];
  size_t count = kCount;
  void* data;
  if (napi_get_cb_info(env, info, &count, args, nullptr, &data) != napi_ok) return nullptr;
  auto* target = static_cast<BoundExport*>(data);
  if (count != kCount) return ThrowWrongCount(env, target, count);
  wg_raw slots[kCount + 1];
  Span span(env, target);
  for (size_t i = 0; i < kCount; i++) {
    uint8_t kind = target->kinds[i];
    Read read = IsInt32(kind) ? ReadInt32(env, args[i], kind, &slots[i]) : ReadNumber(env, args[i], kind, &slots[i]);
    if (read != Read::kOk) return ThrowRead(env, read, target->name, i - target->lead, kind, args[i]);
  }
  int code = wg_call(target->record, &target->func, slots, kCount + 1);
  ClearIfOutermost(env, target);
  if (code != WG_OK) return ThrowLast(env, target->record);
  if (target->result == WG_KIND_UNIT) return nullptr;
  napi_value value;
  return Ok(env, MakeNumber(env, target->result, slots[0], &value)) ? value : nullptr;
}

constexpr napi_callback kOnNumbers[] = {OnNumbers<0>, OnNumbers<1>, OnNumbers<2>,
                                        OnNumbers<3>, OnNumbers<4>, OnNumbers<5>};
static_assert(sizeof kOnNumbers / sizeof kOnNumbers[0] == kMaxNumbers + 1, "one per number of arguments");

// Whether a call with `count` arguments is one of `plan`: trailing ones that may be
// undefined may be left out, Node-API fills their places with that.
bool FitsCount(const Plan& plan, size_t count) {
  auto may_be_undefined = [](const Value& v) { return v.form >= WG_FORM_OPT_SMALL || v.kind == WG_KIND_ANY; };
  size_t least = plan.params.size();
  while (least > 0 && may_be_undefined(plan.params[least - 1])) least--;
  return count >= least && count <= plan.params.size();
}

// Whether an export takes one text, gives one, and has an adapter.
// … or is a method that does, called with its object's address.
bool IsTextual(const BoundExport& bound) {
  const Plan& plan = *bound.plan;
  auto text = [](const Value& v) { return v.kind == WG_KIND_STRING && v.form == WG_FORM_PLAIN; };
  return bound.adapted && plan.fallible == WG_INFALLIBLE && plan.params.size() == 1 + bound.lead && bound.lead <= 1 &&
         (bound.lead == 0 || plan.params[0].kind == WG_KIND_I32) && plan.results.size() == 1 &&
         text(plan.params[bound.lead]) && text(plan.results[0]);
}

template <size_t kLead>
napi_value OnText(napi_env env, napi_callback_info info) {
  WG_COUNT_ENTRY();
  napi_value args[1 + kLead], result;
  size_t count = 1 + kLead;
  void* data;
  if (napi_get_cb_info(env, info, &count, args, nullptr, &data) != napi_ok) return nullptr;
  auto* target = static_cast<BoundExport*>(data);
  if (count != 1 + kLead) return ThrowWrongCount(env, target, count);
  Span span(env, target);
  Call call(env, target);
  if (!call.RunShortText(args, kLead, &result)) return call.RunInline(args);
  ClearIfOutermost(env, target);
  return result;
}

// Every other call of an export, of up to kPlaces parameters.
template <size_t kPlaces>
napi_value OnCall(napi_env env, napi_callback_info info) {
  WG_COUNT_ENTRY();
  napi_value args[kPlaces];
  size_t count = kPlaces;
  void* data;
  if (napi_get_cb_info(env, info, &count, args, nullptr, &data) != napi_ok) return nullptr;
  auto* target = static_cast<BoundExport*>(data);
  const Plan& plan = *target->plan;
  if (count != plan.params.size() && !FitsCount(plan, count)) {
    return ThrowWrongCount(env, target, count);
  }
  Span span(env, target);
  return Call(env, target).RunInline(args);
}

// The rare long signature.
napi_value OnLongCall(napi_env env, napi_callback_info info) {
  WG_COUNT_ENTRY();
  size_t count = 0;
  void* data;
  if (napi_get_cb_info(env, info, &count, nullptr, nullptr, &data) != napi_ok) return nullptr;
  auto* target = static_cast<BoundExport*>(data);
  const Plan& plan = *target->plan;
  if (!FitsCount(plan, count)) {
    return ThrowWrongCount(env, target, count);
  }
  count = plan.params.size();
  auto args = std::make_unique<napi_value[]>(count);
  auto slots = std::make_unique<wg_raw[]>(WG_OWED_SLOTS + plan.slots + size_t{1});
  if (napi_get_cb_info(env, info, &count, args.get(), nullptr, nullptr) != napi_ok) return nullptr;
  Span span(env, target);
  return Call(env, target).Run(args.get(), slots.get());
}

// Stands in for an export that cannot be called: `data` is its ExportPlan.
napi_value OnUnusable(napi_env env, napi_callback_info info) {
  void* data;
  if (napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data) != napi_ok) return nullptr;
  auto* target = static_cast<BoundExport*>(data);
  std::string text = std::string(target->name) + ": " + target->plan->reason;
  return ThrowCode(env, WG_ERR_EXPORT_UNSUPPORTED, text.c_str());
}

}  // namespace

napi_value OnMailed(napi_env env, napi_callback_info info) {
  WG_COUNT_ENTRY();
  void* data;
  if (napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data) != napi_ok) return nullptr;
  auto* target = static_cast<BoundExport*>(data);
  Span span(env, target);
  int code = wg_call(target->record, &target->func, target->slots, kMaxMailed + 1);
  ClearIfOutermost(env, target);
  return code == WG_OK ? nullptr : ThrowLast(env, target->record);
}

napi_callback PickCallback(BoundExport* bound) {
  const Plan& plan = *bound->plan;
  if (!plan.usable) return OnUnusable;
  if (plan.params.size() > kMaxInlineArguments || plan.slots > kMaxInlineSlots) return OnLongCall;
  if (IsTextual(*bound)) return bound->lead == 0 ? OnText<0> : OnText<1>;
  if (!plan.numbers) return plan.params.size() <= 2 ? OnCall<2> : OnCall<kMaxInlineArguments>;
  for (size_t i = 0; i < plan.params.size(); i++) bound->kinds[i] = plan.params[i].kind;
  bound->result = plan.results.empty() ? static_cast<uint8_t>(WG_KIND_UNIT) : plan.results[0].kind;
  return kOnNumbers[plan.params.size()];
}

}  // namespace wg
