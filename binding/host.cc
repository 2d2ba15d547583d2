#include "host.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "arguments.h"
#include "error.h"
#include "lift.h"
#include "mailed.h"
#include "world.h"

namespace wg {
namespace {

// One use of an import. What goes wrong is a pending exception.
class HostCall {
 public:
  // `sync`: a Promise is no result, unless the import takes any value.
  HostCall(InstanceHandle* instance, const std::shared_ptr<const ModulePlans>& plans, const ImportPlan& entry,
           bool sync = false)
      : env_(instance->env), instance_(instance), plans_(plans), entry_(entry), plan_(entry.plan), sync_(sync) {}

  // The arguments in `words`, the result in `words` (from its start on) or, where the
  // plan says so, in the area at `area`.
  bool Run(uint32_t place, wg_raw* words, uint32_t area) {
    napi_value args[kMaxInlineArguments], result;
    std::unique_ptr<napi_value[]> more;
    napi_value* list = args;
    if (plan_.params.size() > kMaxInlineArguments) {
      more = std::make_unique<napi_value[]>(plan_.params.size());
      list = more.get();
    }
    Lift lift(env_, instance_, plans_, entry_.name.c_str());
    if (!lift.MakeAll(plan_.params, plan_.refs_in, words, list)) return false;
    result = CallWorld(env_, instance_, place, plan_.params.size(), list);
    napi_value thrown = nullptr;
    if (result == nullptr && !IsPending()) return false;  // the thread is being stopped
    if (result == nullptr && napi_get_and_clear_last_exception(env_, &thrown) != napi_ok) return false;
    if (!lift.Finish()) return false;
    if (instance_->record->refs_made > WG_REFS_BEFORE_COLLECTION) CollectRefs();
    if (result == nullptr) return Catch(thrown, words, area);
    if (IsPromise(result)) return false;
    auto first = static_cast<uint32_t>(words[0].i32);
    if (!Return(result, words, area)) return false;
    bool taken = !plan_.params.empty() && (plan_.params[0].flags & WG_FLAG_TAKEN) != 0 && words[0].i32 != 0;
    return !taken || SeeValue(env_, instance_, first, true) != nullptr;
  }

  // The result of a function that was called otherwise.
  bool Convert(napi_value value, wg_raw* words) { return !IsPromise(value) && Return(value, words, 0); }

  // The one parameter is the result: what casts do.
  bool Cast(wg_raw* words, uint32_t area) {
    Lift lift(env_, instance_, plans_, entry_.name.c_str());
    napi_value value = lift.Make(plan_.params[0], words);
    return value != nullptr && Return(value, words, area);
  }

 private:
  bool IsPending() const {
    bool pending = false;
    return napi_is_exception_pending(env_, &pending) == napi_ok && pending;
  }

  // Of a call that may go on for long. Nothing of the guest's is on its way here.
  void CollectRefs() {
    wg_refs_collect(instance_->record);
    if (instance_->record->uncleared > 0) ClearValues(env_, instance_);
  }

  // Whether a function was asynchronous that must not be: then there is an exception.
  bool IsPromise(napi_value value) {
    napi_valuetype type;
    if (!sync_ || napi_typeof(env_, value, &type) != napi_ok || (type != napi_object && type != napi_function)) {
      return false;
    }
    auto is_any = [](const Value& v) { return v.kind == WG_KIND_EXTERNREF || v.kind == WG_KIND_ANY; };
    if (std::any_of(plan_.results.begin(), plan_.results.end(), is_any)) return false;
    napi_value then;
    bool is_promise = false;
    if (!Ok(env_, napi_is_promise(env_, value, &is_promise))) return true;
    if (!is_promise) {
      if (!Ok(env_, napi_get_named_property(env_, value, "then", &then)) || !Ok(env_, napi_typeof(env_, then, &type))) {
        return true;
      }
      if (type != napi_function) return false;
    }
    ThrowAsync(env_, entry_.name.c_str());
    return true;
  }

  bool InArea() const { return plan_.placement == WG_IN_AREA; }

  // To the guest, if it catches what this import throws.
  bool Catch(napi_value thrown, wg_raw* words, uint32_t area) {
    uint32_t index;
    if (plan_.fallible == WG_FALLIBLE_BYTES) return CatchBytes(thrown, words, area);
    if (plan_.fallible != WG_FALLIBLE) {
      napi_throw(env_, thrown);
      return false;
    }
    if (!GiveValue(env_, instance_, thrown, false, &index)) return false;
    if (wg_store_exception(instance_->record, index) == WG_OK) return Fail(words, area);
    ThrowLast(env_, instance_->record);
    return false;
  }

  // The same for a function of the guest crate, which gets bytes that it owns.
  bool CatchBytes(napi_value thrown, wg_raw* words, uint32_t area) {
    napi_value error = CallWorld(env_, instance_, kEncodeError, 1, &thrown);
    Bytes bytes;
    uint32_t ptr;
    uint8_t* at;
    if (error == nullptr || !Fail(words, area)) return false;
    if (ReadBytes(env_, error, WG_KIND_U8_ARRAY, &bytes) != Read::kOk) {
      ThrowCode(env_, WG_ERR_INTERNAL, "an error for the guest could not be made");
      return false;
    }
    if (wg_guest_alloc(instance_->record, bytes.bytes, 1, &ptr, &at) != WG_OK) {
      ThrowLast(env_, instance_->record);
      return false;
    }
    memcpy(at, bytes.data, bytes.bytes);
    uint8_t* into = Area(area);
    if (into == nullptr) return false;
    const uint32_t error_words[2] = {ptr, static_cast<uint32_t>(bytes.bytes)};
    for (size_t i = 0; i < 2; i++) memcpy(into + plan_.offsets[ResultWords() + i], &error_words[i], sizeof ptr);
    return true;
  }

  // Zeros for the result that there is not.
  bool Fail(wg_raw* words, uint32_t area) {
    if (plan_.results.empty()) return true;  // there may be no slot at all
    if (!InArea()) {
      memset(words, 0, sizeof *words);
      return true;
    }
    uint8_t* into = Area(area);
    if (into == nullptr) return false;
    for (size_t i = 0; i < ResultWords(); i++) memset(into + plan_.offsets[i], 0, plan_.widths[i]);
    return true;
  }

  // Plans of imports lay out error words too, which an import does not have.
  size_t ResultWords() const { return plan_.offsets.size() - (plan_.fallible == WG_INFALLIBLE ? 0 : 2); }

  uint8_t* Area(uint32_t area) {
    const uint8_t* into = wg_memory_at(instance_->record, area, WG_AREA_BYTES);
    if (into == nullptr) ThrowCode(env_, WG_ERR_RESULT_BOUNDS, "the guest wants a result outside its memory");
    return const_cast<uint8_t*>(into);
  }

  bool Return(napi_value value, wg_raw* words, uint32_t area) {
    if (plan_.results.empty()) return Succeed(area);
    constexpr size_t kRoom = 16;
    wg_raw few[kRoom]{};
    napi_value one[1] = {value}, *values = one;
    std::vector<napi_value> all(plan_.results.size() == 1 ? 0 : plan_.results.size());
    std::vector<wg_raw> many;
    wg_raw* reply = few;
    if (plan_.slots + 4u > kRoom) {
      many.resize(plan_.slots + 4u);
      reply = many.data();
    }
    if (!all.empty()) {
      if (!ReadAll(value, all.data())) return false;
      values = all.data();
    }
    Arguments arguments(env_, instance_, *plans_, entry_.name.c_str(), plan_.results, kOfImport);
    bool staged = plan_.results[0].kind == WG_KIND_ANY_ARRAY;
    if (!arguments.Read(values, reply, staged) || !arguments.CopyIn(reply) || !arguments.GiveRefs(reply)) return false;
    if (!InArea()) {
      const Value& last = plan_.results.back();
      memcpy(words, reply, (last.first + last.words) * sizeof *words);
      return true;
    }
    uint8_t* into = Area(area);
    if (into == nullptr) return false;
    for (size_t i = 0; i < ResultWords(); i++) memcpy(into + plan_.offsets[i], &reply[i], plan_.widths[i]);
    return Succeed(area);
  }

  // The elements of the array in which several results come.
  bool ReadAll(napi_value value, napi_value* out) {
    bool is_array = false;
    uint32_t length = 0;
    size_t count = plan_.results.size();
    if (!Ok(env_, napi_is_array(env_, value, &is_array))) return false;
    if (is_array && !Ok(env_, napi_get_array_length(env_, value, &length))) return false;
    if (!is_array || length != count) {
      ThrowResults(env_, entry_.name.c_str(), count, value);
      return false;
    }
    for (uint32_t i = 0; i < count; i++) {
      if (!Ok(env_, napi_get_element(env_, value, i, &out[i]))) return false;
    }
    return true;
  }

  // Says that there is no error, where the guest looks for one.
  bool Succeed(uint32_t area) {
    if (plan_.fallible != WG_FALLIBLE_BYTES) return true;
    uint8_t* into = Area(area);
    if (into == nullptr) return false;
    memset(into + plan_.offsets[ResultWords()], 0, sizeof area);
    return true;
  }

  napi_env env_;
  InstanceHandle* instance_;
  const std::shared_ptr<const ModulePlans>& plans_;
  const ImportPlan& entry_;
  const Plan& plan_;
  const bool sync_;
};

// Plans of a closure or cast that this instance has met before; null if it has not.
std::shared_ptr<const ModulePlans> KnownMarker(InstanceHandle* instance, uint32_t func, uint32_t* number) {
  auto& markers = instance->markers;
  auto found = std::find_if(markers.begin(), markers.end(), [&](const auto& m) { return m.func == func; });
  if (found == markers.end()) return nullptr;
  *number = static_cast<uint32_t>(found - markers.begin());
  return found->plans;
}

// Most kinds of closures and casts that one instance may have; the guest numbers them as
// it likes.
constexpr size_t kMostMarkers = 4096;

// Asks the control plane what a guest has told; `answer` is that of wg_host.cast.
// False with a pending exception.
bool LearnMarker(InstanceHandle* instance, uint32_t func, bool closure, const uint32_t* words, size_t count,
                 uint32_t* answer) {
  if (instance->markers.size() >= kMostMarkers) {
    ThrowCode(instance->env, WG_ERR_OUT_OF_MEMORY, "the guest has too many kinds of closures and casts");
    return false;
  }
  uint8_t* encoded = nullptr;
  size_t bytes = 0;
  wg_error error{};
  if (wg_marker_plan(instance->record, closure, words, count, answer, &encoded, &bytes, &error) != WG_OK) {
    Throw(instance->env, &error);
    return false;
  }
  if (encoded == nullptr) return true;  // the data plane does it
  auto plans = DecodePlans(encoded, bytes);
  wg_free(encoded);
  if (plans == nullptr || plans->imports.size() != 1) {
    ThrowCode(instance->env, WG_ERR_INTERNAL, "the plan of a closure or cast cannot be decoded");
    return false;
  }
  if (!plans->imports[0].plan.usable) {
    ThrowCode(instance->env, WG_ERR_IMPORT_CALLED, plans->imports[0].plan.reason.c_str());
    return false;
  }
  *answer = WG_CAST_FIRST + static_cast<uint32_t>(instance->markers.size());
  instance->markers.push_back({func, std::move(plans)});
  return true;
}

// (address of a tuple of words), which are of one width.
bool RunCast(InstanceHandle* instance, uint32_t number, wg_raw* slots) {
  napi_env env = instance->env;
  if (number >= instance->markers.size()) return false;
  std::shared_ptr<const ModulePlans> plans = instance->markers[number].plans;
  const ImportPlan& entry = plans->imports[0];
  wg_raw words[4]{};
  size_t count = entry.plan.params[0].words;
  size_t width = FirstWordBytes(entry.plan.params[0]);
  const uint8_t* from = wg_memory_at(instance->record, static_cast<uint32_t>(slots[1].i32), count * width);
  uint32_t area;
  if (from == nullptr || count > 4) {
    ThrowCode(env, WG_ERR_RESULT_BOUNDS, "the guest casts a value outside its memory");
    return false;
  }
  for (size_t i = 0; i < count; i++) memcpy(&words[i], from + i * width, width);
  if (wg_cast_area(instance->record, &area) != WG_OK) {
    ThrowLast(env, instance->record);
    return false;
  }
  if (!HostCall(instance, plans, entry).Cast(words, area)) return false;
  if (entry.plan.placement == WG_IN_AREA) return true;
  uint8_t* into = const_cast<uint8_t*>(wg_memory_at(instance->record, area, sizeof words[0].i64));
  memcpy(into, &words[0].i64, sizeof words[0].i64);
  return true;
}

// (a, b, describing function) -> index.
bool RunClosure(InstanceHandle* instance, wg_raw* slots) {
  auto func = static_cast<uint32_t>(slots[2].i32);
  uint32_t number, answer;
  std::shared_ptr<const ModulePlans> plans = KnownMarker(instance, func, &number);
  if (plans == nullptr) {
    const uint32_t* words;
    size_t count;
    if (wg_describe(instance->record, func, &words, &count) != WG_OK) {
      ThrowLast(instance->env, instance->record);
      return false;
    }
    if (!LearnMarker(instance, func, true, words, count, &answer)) return false;
    plans = instance->markers.back().plans;
  }
  return HostCall(instance, plans, plans->imports[0]).Cast(slots, 0);
}

bool RunImport(InstanceHandle* instance, uint32_t import, wg_raw* slots) {
  if (import & WG_IMPORT_CAST) return RunCast(instance, import & ~WG_IMPORT_CAST, slots);
  if (import & WG_IMPORT_CLOSURE) return RunClosure(instance, slots);
  const InstanceHandle::Mailed* known;
  const ImportPlan* entry;
  napi_value mailed = MailedFunction(instance, import, &known), result;
  if (mailed != nullptr) {
    if (CallMailed(instance, import, mailed, *known, slots, &result)) return true;
    if (result == nullptr) return false;
  }
  const auto& plans = PlansOf(instance, import, &entry);
  HostCall call(instance, plans, *entry, import >= instance->first_late || instance->sync);
  if (mailed != nullptr) return call.Convert(result, slots);
  uint32_t area = static_cast<uint32_t>(slots[0].i32);
  return call.Run(kImports + import, slots, area);
}

int OnImport(void* context, wg_instance* record, uint32_t import, wg_raw* slots) {
  auto* instance = static_cast<InstanceHandle*>(context);
  return GuardHook(instance, record, [&] { return RunImport(instance, import, slots); });
}

int OnCast(void* context, wg_instance* record, uint32_t func, const uint32_t* words, size_t count, uint32_t* answer) {
  auto* instance = static_cast<InstanceHandle*>(context);
  return GuardHook(instance, record, [&] { return LearnMarker(instance, func, false, words, count, answer); });
}

}  // namespace

void AddImports(InstanceHandle* instance, wg_host* host) {
  host->context = instance;
  host->call = OnImport;
  host->cast = OnCast;
}

}  // namespace wg
