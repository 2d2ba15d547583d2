/* What an instance has used. Its own thread reads the numbers where they are; others read
 * the same words as they happen to be, and, of a call that is under way, what the last
 * tick left.
 *
 * Asking for the processor's time takes a system call, longer than a short call of a
 * guest. So it is asked at ticks: until the first, at most a millisecond, a call counts as
 * computing all the time, but for what it waited. */
#include <string.h>
#include <time.h>

#include "store.h"

static uint64_t cpu_now(void) {
  struct timespec now;
  if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0) return 0;
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t load(const uint64_t* word) { return __atomic_load_n(word, __ATOMIC_RELAXED); }
static void store(uint64_t* word, uint64_t value) { __atomic_store_n(word, value, __ATOMIC_RELAXED); }

static uint64_t fuel_left(const wg_store* s, uint64_t used) {
  uint64_t limit = load(&s->fuel_limit);
  if (limit == 0 || limit >= (uint64_t)1 << 62) return WG_NO_FUEL;
  return used < limit ? limit - used : 0;
}

void wg_meter_begin(wg_store* s) {
  store(&s->live_instructions, 0);
  store(&s->live_wall, 0);
  store(&s->live_cpu, 0);
  s->ticked = false;
  s->waited_ns = 0;
  s->wall_start = wg_now();
}

/* Processor time of the call so far. */
static uint64_t call_cpu(wg_store* s, uint64_t wall) {
  uint64_t guessed = (s->ticked ? s->wall_ticked : wall) - s->waited_ns;
  return s->ticked ? s->cpu_before + (cpu_now() - s->cpu_ticked) : guessed;
}

void wg_meter_tick(wg_store* s) {
  wg_look_at_memory(s);
  if (!s->head.metered) return;
  uint64_t wall = wg_now() - s->wall_start;
  if (!s->ticked) {
    s->wall_ticked = wall;
    s->cpu_before = call_cpu(s, wall);
    s->cpu_ticked = cpu_now();
    s->ticked = true;
  }
  store(&s->live_instructions, wg_fuel_used(s));
  store(&s->live_wall, wall);
  store(&s->live_cpu, call_cpu(s, wall));
}

void wg_meter_end(wg_store* s) {
  uint64_t wall = wg_now() - s->wall_start;
  uint64_t used = wg_fuel_used(s);
  store(&s->wall_ns, s->wall_ns + wall);
  store(&s->cpu_ns, s->cpu_ns + call_cpu(s, wall));
  store(&s->call_instructions, used);
  store(&s->instructions, s->instructions + used);
  store(&s->live_instructions, 0);
  store(&s->live_wall, 0);
  store(&s->live_cpu, 0);
  wg_look_at_memory(s);
}

void wg_meters_peek(wg_instance* instance, uint64_t* out) {
  const wg_store* s = wg_store_of(instance);
  bool running = __atomic_load_n(&s->spans, __ATOMIC_RELAXED) > 0;
  uint64_t used = running ? load(&s->live_instructions) : load(&s->call_instructions);
  memset(out, 0, WG_METER_COUNT * sizeof *out);
  out[WG_METER_CALLS] = load(&s->head.calls);
  out[WG_METER_INSTRUCTIONS] = load(&s->instructions) + (running ? used : 0);
  out[WG_METER_FUEL_LEFT] = fuel_left(s, used);
  out[WG_METER_WALL_NS] = load(&s->wall_ns) + load(&s->live_wall);
  out[WG_METER_HOST_NS] = load(&s->host_ns);
  out[WG_METER_CPU_NS] = load(&s->cpu_ns) + load(&s->live_cpu);
  out[WG_METER_HOST_CPU_NS] = load(&s->host_cpu_ns);
  out[WG_METER_MEMORY_BYTES] = load(&s->memory_peak);
  out[WG_METER_PEAK_BYTES] = load(&s->memory_peak); /* it never shrinks */
  for (int i = 0; i < 3; i++) out[WG_METER_STDIN_BYTES + i] = load(&s->streams[i].total);
  out[WG_METER_RUNNING] = running;
  out[WG_METER_CALL_INSTRUCTIONS] = used;
  out[WG_METER_CALL_INPUT_BYTES] = load(&s->head.input_bytes);
  out[WG_METER_CALL_CODE] = (uint64_t)s->call_code;
}

void wg_meters_read(wg_instance* instance, uint64_t* out) {
  wg_store* s = wg_store_of(instance);
  if (s->head.state != WG_CLOSED) {
    wg_look_at_memory(s);
    if (s->spans > 0 && s->head.metered) wg_meter_tick(s);
  }
  wg_meters_peek(instance, out);
}

/* Around a function of the host. */
uint64_t wg_host_begin(wg_store* s) {
  wg_leave_soon(s);
  return s->head.metered ? wg_now() : 0;
}

void wg_host_end(wg_store* s, uint64_t began, uint64_t waited) {
  if (!s->head.metered) return;
  uint64_t wall = wg_now() - began;
  store(&s->host_ns, s->host_ns + wall);
  store(&s->host_cpu_ns, s->host_cpu_ns + wall - (s->waited_ns - waited));
}
