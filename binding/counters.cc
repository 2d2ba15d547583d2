#include "counters.h"

#include <atomic>

#include "error.h"
#include "wasmgate.h"

namespace wg {

#ifdef WG_DEBUG
namespace {
std::atomic<uint64_t> entries, copies;
}  // namespace

void CountEntry() { entries++; }
void CountCopy() { copies++; }

napi_value Counters(napi_env env, napi_callback_info) {
  wg_counters engine;
  wg_read_counters(&engine);
  const struct {
    const char* name;
    uint64_t count;
  } list[] = {{"nativeEntries", entries},
              {"copies", copies},
              {"guestEntries", engine.guest_entries},
              {"goEntries", engine.go_entries}};
  napi_value object, value;
  if (!Ok(env, napi_create_object(env, &object))) return nullptr;
  for (const auto& item : list) {
    if (!Ok(env, napi_create_double(env, static_cast<double>(item.count), &value)) ||
        !Ok(env, napi_set_named_property(env, object, item.name, value))) {
      return nullptr;
    }
  }
  return object;
}
#else
napi_value Counters(napi_env, napi_callback_info) { return nullptr; }
#endif

}  // namespace wg
