/* Boundary crossings, counted in debug builds so that a test can hold calls to
 * their budget. */
#include <stdatomic.h>
#include <string.h>

#include "store.h"

#ifdef WG_DEBUG
static _Atomic uint64_t guest_entries, go_entries;

void wg_count_guest_entry(void) { atomic_fetch_add(&guest_entries, 1); }
void wg_count_go_entry(void) { atomic_fetch_add(&go_entries, 1); }

void wg_read_counters(wg_counters* counters) {
  counters->guest_entries = atomic_load(&guest_entries);
  counters->go_entries = atomic_load(&go_entries);
}
#else
void wg_read_counters(wg_counters* counters) { memset(counters, 0, sizeof *counters); }
#endif
