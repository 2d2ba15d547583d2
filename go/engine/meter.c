/* What an instance has used. On its own thread the numbers are read where they are;
 * for others they are published at every tick and at the end of every call. */
#include <string.h>
#include <time.h>

#include "store.h"

uint64_t wg_cpu_now(void) {
  struct timespec now;
  if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0) return 0;
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t fuel_left(wg_store* s, uint64_t used) {
  if (s->fuel_limit == 0 || s->fuel_limit >= (uint64_t)1 << 62) return WG_NO_FUEL;
  return used < s->fuel_limit ? s->fuel_limit - used : 0;
}

/* The store is there; `running`: in the middle of a call. */
static void gather(wg_store* s, bool running, uint64_t* out) {
  uint64_t used = running ? wg_fuel_used(s) : s->call_instructions;
  memset(out, 0, WG_METER_COUNT * sizeof *out);
  wg_look_at_memory(s);
  out[WG_METER_CALLS] = s->head.calls;
  out[WG_METER_INSTRUCTIONS] = s->instructions + (running ? used : 0);
  out[WG_METER_FUEL_LEFT] = fuel_left(s, used);
  out[WG_METER_WALL_NS] = s->wall_ns;
  out[WG_METER_HOST_NS] = s->host_ns;
  out[WG_METER_CPU_NS] = s->cpu_ns;
  out[WG_METER_HOST_CPU_NS] = s->host_cpu_ns;
  if (running && s->head.metered) {
    out[WG_METER_WALL_NS] += wg_now() - s->wall_start;
    out[WG_METER_CPU_NS] += wg_cpu_now() - s->cpu_start;
  }
  out[WG_METER_MEMORY_BYTES] = s->memory_known;
  out[WG_METER_PEAK_BYTES] = s->memory_known; /* it never shrinks */
  for (int i = 0; i < 3; i++) out[WG_METER_STDIN_BYTES + i] = s->streams[i].total;
  out[WG_METER_RUNNING] = running;
  out[WG_METER_CALL_INSTRUCTIONS] = used;
  out[WG_METER_CALL_INPUT_BYTES] = s->head.input_bytes;
  out[WG_METER_CALL_CODE] = (uint64_t)s->call_code;
}

void wg_meter_publish(wg_store* s, bool running) {
  uint64_t now[WG_METER_COUNT];
  gather(s, running, now);
  for (int i = 0; i < WG_METER_COUNT; i++) atomic_store_explicit(&s->published[i], now[i], memory_order_relaxed);
}

void wg_meters_read(wg_instance* instance, uint64_t* out) {
  wg_store* s = wg_store_of(instance);
  if (s->head.state != WG_CLOSED) {
    gather(s, s->spans > 0, out);
  } else {
    wg_meters_peek(instance, out);
  }
}

void wg_meters_peek(wg_instance* instance, uint64_t* out) {
  wg_store* s = wg_store_of(instance);
  for (int i = 0; i < WG_METER_COUNT; i++) out[i] = atomic_load_explicit(&s->published[i], memory_order_relaxed);
}
