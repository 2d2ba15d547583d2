/* What stops a guest: time, fuel, and whoever asks for it.
 *
 * Time is looked at when the epoch has changed (ticker.c) and wherever the guest waits.
 * A call with a timeout does not read the clock when it begins: the first look does,
 * at most a tick later. Fuel is a global of the guest's own, which the instructions
 * count up (go/wasmbin/meter.go): the guest stops itself when it reaches 0. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store.h"

/* Where the fuel of a call without a limit starts: it is never used up. */
#define UNLIMITED ((uint64_t)1 << 62)

/* How long a guest that waits is left alone. */
#define SLICE_NS 2000000

uint64_t wg_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t earlier(uint64_t a, uint64_t b) { return a == 0 || (b != 0 && b < a) ? b : a; }

static uint64_t after(uint64_t now, uint64_t ns) { return now + ns < now ? UINT64_MAX : now + ns; }

static void settle_deadline(wg_store* s, uint64_t now) {
  if (s->timeout_ns != 0 && s->deadline == 0) s->deadline = after(now, s->timeout_ns);
}

void wg_leave_soon(wg_store* s) {
  if (s->timeout_ns != 0 && s->deadline == 0) settle_deadline(s, wg_now());
}

int wg_look(wg_store* s) {
  if (s->stopping != WG_OK) return s->stopping;
  atomic_thread_fence(memory_order_acquire); /* the epoch was read before this: see wg_stop_call */
  int asked = atomic_load_explicit(&s->asked, memory_order_relaxed);
  if (asked != WG_OK) return s->stopping = asked;
  uint64_t now = wg_now();
  settle_deadline(s, now);
  if (s->deadline != 0 && now >= s->deadline) return s->stopping = WG_ERR_TIMEOUT;
  if (s->head.watched && s->spans > 0) wg_meter_tick(s);
  bool due = s->meter_ns != 0 && now >= s->meter_due;
  if (due) s->meter_due = now + s->meter_ns;
  if (s->host.tick == NULL || !(s->host.watch || due)) return WG_OK;
  return s->stopping = s->host.tick(s->host.context, due);
}

static wasmtime_error_t* on_epoch(wasmtime_context_t* context, void* data, uint64_t* ticks,
                                  wasmtime_update_deadline_kind_t* kind) {
  (void)context;
  *ticks = 1;
  *kind = WASMTIME_UPDATE_DEADLINE_CONTINUE;
  return wg_look(data) == WG_OK ? NULL : wasmtime_error_new("stopped");
}

wasm_trap_t* wg_stop_now(wg_store* s, int code) {
  if (s->thrown_code == WG_OK) s->stopping = code;
  return wasmtime_trap_new("", 0);
}

int wg_wait(wg_store* s, int fd, short events, uint64_t until, bool* ready) {
  *ready = false;
  for (;;) {
    int code = wg_look(s);
    if (code != WG_OK) return code;
    uint64_t now = wg_now();
    uint64_t end = earlier(earlier(until, s->deadline), now + SLICE_NS);
    uint64_t left = end > now ? end - now : 0;
    const struct timespec pause = {(time_t)(left / 1000000000u), (long)(left % 1000000000u)};
    s->waited_ns += left;
    if (fd >= 0) {
      struct pollfd one = {.fd = fd, .events = events};
      int found = poll(&one, 1, (int)((left + 999999) / 1000000));
      if (found > 0 || (found < 0 && errno != EINTR)) {
        *ready = true;
        return WG_OK;
      }
    } else if (left > 0) {
      nanosleep(&pause, NULL);
    }
    if (wg_now() >= until) return wg_look(s);
  }
}

void wg_stop_call(wg_instance* instance, int code) {
  wg_store* s = wg_store_of(instance);
  atomic_store(&s->asked, code);
  atomic_thread_fence(memory_order_seq_cst); /* whoever sees the new epoch sees what was asked */
  wg_ticker_once();
}

/* ---- Fuel */

static int64_t fuel_now(wg_store* s) {
  wasmtime_val_t value;
  wasmtime_global_get(s->context, &s->fuel, &value);
  return value.of.i64;
}

static void set_fuel(wg_store* s, int64_t fuel) {
  const wasmtime_val_t value = {.kind = WASMTIME_I64, .of.i64 = fuel};
  wasmtime_error_t* error = wasmtime_global_set(s->context, &s->fuel, &value);
  if (error != NULL) wasmtime_error_delete(error);
}

static void start_fuel(wg_store* s, uint64_t limit) {
  if (limit == 0 || limit > UNLIMITED) limit = UNLIMITED;
  s->fuel_limit = limit;
  s->fuel_start = -(int64_t)limit;
  set_fuel(s, s->fuel_start);
}

/* A call inside another gets no more than that has left; what is withheld meanwhile is
 * given back by wg_end. */
static uint64_t borrow_fuel(wg_store* s, uint64_t limit) {
  int64_t now = fuel_now(s);
  uint64_t left = now < 0 ? (uint64_t)-now : 0;
  if (limit == 0 || limit >= left) return 0;
  uint64_t withheld = left - limit;
  s->fuel_start += (int64_t)withheld;
  set_fuel(s, now + (int64_t)withheld);
  return withheld;
}

uint64_t wg_fuel_used(wg_store* s) { return s->has_fuel ? (uint64_t)(fuel_now(s) - s->fuel_start) : 0; }

const char* wg_fuel_text(wg_store* s) {
  static _Thread_local char text[24];
  snprintf(text, sizeof text, "%llu", (unsigned long long)wg_fuel_used(s));
  return text;
}

bool wg_fuel_exceeded(wg_store* s) { return s->has_fuel && s->fuel_limit < UNLIMITED && fuel_now(s) > 0; }

bool wg_fuel_spent(wg_store* s) { return s->has_fuel && fuel_now(s) >= 0; }

void wg_fuel_open(wg_store* s, const char* name) {
  wasmtime_extern_t item;
  if (name == NULL || !wasmtime_instance_export_get(s->context, &s->instance, name, strlen(name), &item)) return;
  if (item.kind == WASMTIME_EXTERN_GLOBAL) {
    s->fuel = item.of.global;
    s->has_fuel = true;
    if (s->spans > 0) start_fuel(s, s->limits.fuel);
  }
  wasmtime_extern_delete(&item);
}

/* ---- Calls */

void wg_stop_done(wg_store* s) {
  s->stopping = WG_OK;
  atomic_store_explicit(&s->asked, WG_OK, memory_order_relaxed);
}

void wg_begin(wg_instance* instance, const wg_limits* limits, wg_span* span) {
  wg_store* s = wg_store_of(instance);
  memset(span, 0, sizeof *span);
  if (s->head.state == WG_CLOSED || (s->head.state == WG_CALLING && !s->in_host)) return; /* it will be refused */
  if (limits == NULL && s->scoped) limits = &s->limits;
  wg_leave_soon(s); /* of the call around this one, which gets its deadline back in the end */
  span->open = true;
  span->timeout_ns = s->timeout_ns;
  span->deadline = s->deadline;
  if (s->spans++ == 0) {
    if (limits == NULL) limits = &s->limits;
    wg_stop_done(s);
    s->timeout_ns = limits->timeout_ns;
    s->deadline = 0;
    s->head.input_bytes = 0;
    if (s->has_fuel) start_fuel(s, limits->fuel);
    if (s->head.metered) wg_meter_begin(s);
    if (s->meter_ns != 0) s->meter_due = wg_now() + s->meter_ns;
  } else if (limits != NULL) {
    if (limits->timeout_ns != 0) s->deadline = earlier(s->deadline, after(wg_now(), limits->timeout_ns));
    if (s->has_fuel) span->borrowed = borrow_fuel(s, limits->fuel);
  }
  span->armed = s->interruptible && (s->timeout_ns != 0 || s->deadline != 0 || s->head.watched);
  if (span->armed) wg_ticker_arm();
}

void wg_end(wg_instance* instance, wg_span* span, int code) {
  if (!span->open) return;
  wg_store* s = wg_store_of(instance);
  span->open = false;
  if (span->armed) wg_ticker_disarm();
  s->timeout_ns = span->timeout_ns;
  s->deadline = span->deadline;
  s->spans--;
  if (s->head.state == WG_CLOSED) return;
  if (span->borrowed != 0) {
    s->fuel_start -= (int64_t)span->borrowed;
    set_fuel(s, fuel_now(s) - (int64_t)span->borrowed);
  }
  if (s->spans > 0) {
    /* An inner limit is over; the outer call goes on if the guest can take it. */
    if (s->stopping == WG_ERR_TIMEOUT && (s->deadline == 0 || wg_now() < s->deadline)) s->stopping = WG_OK;
    if (s->stopping == WG_ERR_FUEL && !wg_fuel_spent(s)) s->stopping = WG_OK;
    return;
  }
  wg_stop_done(s); /* a call without limits has no wg_begin to do that */
  s->call_code = code;
  if (s->head.metered) wg_meter_end(s);
}

/* Whether calls have to be between wg_begin and wg_end. */
static void watch(wg_store* s) {
  s->head.watched = s->head.metered || s->limits.timeout_ns != 0 || s->limits.fuel != 0 || s->meter_ns != 0 ||
                    s->host.watch || s->host.opened != NULL;
}

void wg_set_limits(wg_instance* instance, const wg_limits* limits, bool scoped) {
  wg_store* s = wg_store_of(instance);
  s->scoped = scoped;
  s->limits = *limits;
  watch(s);
}

void wg_limits_open(wg_store* s, const wg_setup* setup) {
  s->limits = setup->limits;
  s->interruptible = s->profile->interruptible;
  s->meter_ns = setup->meter_ns;
  watch(s);
  if (!s->interruptible) return;
  /* One tick after whatever the engine's epoch is: the first check of a call that
   * comes after a tick asks, and goes on. */
  wasmtime_context_set_epoch_deadline(s->context, 1);
  wasmtime_store_epoch_deadline_callback(s->store, on_epoch, s, NULL);
}
