// Crossings on the shim's side, counted in debug builds only (WG_DEBUG), so that
// a test can hold a call to its budget.
#ifndef WG_BINDING_COUNTERS_H_
#define WG_BINDING_COUNTERS_H_

#include <node_api.h>

namespace wg {

#ifdef WG_DEBUG
void CountEntry();
void CountCopy();
#define WG_COUNT_ENTRY() ::wg::CountEntry()
#define WG_COUNT_COPY() ::wg::CountCopy()
#else
#define WG_COUNT_ENTRY() ((void)0)
#define WG_COUNT_COPY() ((void)0)
#endif

// counters(): { nativeEntries, copies, guestEntries, goEntries }, or undefined
// in a release build.
napi_value Counters(napi_env env, napi_callback_info info);

}  // namespace wg

#endif  // WG_BINDING_COUNTERS_H_
