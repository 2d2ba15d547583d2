/* WASI's poll_oneoff: waits for clocks and for descriptors, interruptibly. Of what a
 * descriptor can be, only standard input is ever not ready; files are asked of wasmtime,
 * which answers at once. Source of the layouts: the preview 1 witx files. */
#include <stddef.h>
#include <string.h>

#include "store.h"
#include "wg_wasi.h"

typedef struct {
  uint64_t userdata;
  uint8_t tag;
  uint8_t pad[7];
  union {
    struct {
      uint32_t id, pad;
      uint64_t timeout, precision;
      uint16_t flags;
    } clock;
    uint32_t fd;
  } of;
} subscription;
_Static_assert(sizeof(subscription) == 48, "of the witx file");

typedef struct {
  uint64_t userdata;
  uint16_t error;
  uint8_t type;
  uint8_t pad[5];
  uint64_t bytes;
  uint16_t flags;
} event;
_Static_assert(sizeof(event) == 32, "of the witx file");

enum { CLOCK = 0, FD_READ = 1, FD_WRITE = 2, ABSOLUTE = 1, HANGUP = 1, LAST_CLOCK = 1 };

/* Bytes that an output is said to take: it takes any number. */
#define WRITABLE 4096

typedef struct {
  wg_store* s;
  uint32_t in, out, count, told; /* where the guest has them; events so far */
  uint32_t counter;              /* where the guest wants the number of events */
  uint64_t now[2];               /* of each clock, when the call began */
  uint64_t began;                /* wg_now() then */
  uint64_t soonest;              /* the first clock, as ns from then; UINT64_MAX: none */
  bool input;                    /* somebody waits for standard input */
} waiting;

static subscription sub_at(const waiting* w, uint32_t i) {
  subscription sub;
  memcpy(&sub, w->s->memory_base + w->in + (uint64_t)i * sizeof sub, sizeof sub);
  return sub;
}

static void tell(waiting* w, const subscription* sub, uint16_t error, uint64_t bytes, uint16_t flags) {
  if (w->told >= w->count) return; /* the guest's two lists overlap */
  const event one = {.userdata = sub->userdata, .error = error, .type = sub->tag, .bytes = bytes, .flags = flags};
  memcpy(w->s->memory_base + w->out + (uint64_t)w->told++ * sizeof one, &one, sizeof one);
}

/* How long after the beginning a clock rings. */
static uint64_t wait_of(const waiting* w, const subscription* sub) {
  uint64_t timeout = sub->of.clock.timeout, now = w->now[sub->of.clock.id];
  if ((sub->of.clock.flags & ABSOLUTE) == 0) return timeout;
  return timeout > now ? timeout - now : 0;
}

static wasm_trap_t* ask_engine(waiting* w, uint32_t i) {
  wg_raw slots[4] = {{.i32 = (int32_t)(w->in + i * sizeof(subscription))},
                     {.i32 = (int32_t)(w->out + w->told * sizeof(event))},
                     {.i32 = 1},
                     {.i32 = (int32_t)w->counter}};
  subscription sub = sub_at(w, i);
  if (w->told >= w->count) return NULL;
  wasm_trap_t* trap = wg_bridge_call(w->s, WG_WASI_POLL_ONEOFF, slots, 4);
  if (trap != NULL) return trap;
  if (slots[0].i32 == WG_WASI_ESUCCESS) {
    w->told++;
  } else {
    tell(w, &sub, (uint16_t)slots[0].i32, 0, 0);
  }
  return NULL;
}

/* Whatever needs no waiting becomes an event. Negative: to be stopped. */
static int first_pass(waiting* w) {
  for (uint32_t i = 0; i < w->count; i++) {
    subscription sub = sub_at(w, i);
    int code = wg_look_each(w->s, WG_FEW, (uint64_t)i + 1);
    if (code != WG_OK) return -code;
    if (sub.tag == CLOCK) {
      if (sub.of.clock.id > LAST_CLOCK) {
        tell(w, &sub, WG_WASI_EINVAL, 0, 0);
      } else if (wait_of(w, &sub) < w->soonest) {
        w->soonest = wait_of(w, &sub);
      }
      continue;
    }
    if (sub.tag > FD_WRITE) return WG_WASI_EINVAL;
    int stream = wg_stream_of(w->s, sub.of.fd);
    if (stream < 0) {
      wasm_trap_t* trap = ask_engine(w, i);
      if (trap != NULL) {
        wasm_trap_delete(trap);
        return -(w->s->stopping != WG_OK ? w->s->stopping : w->s->thrown_code);
      }
    } else if (stream == 0 && sub.tag == FD_READ) {
      w->input = true;
    } else {
      bool wrong = (stream == 0) == (sub.tag == FD_WRITE);
      tell(w, &sub, wrong ? WG_WASI_EBADF : WG_WASI_ESUCCESS, wrong ? 0 : WRITABLE, 0);
    }
  }
  return WG_WASI_ESUCCESS;
}

/* Standard input, looked at until `until`. */
static int look_at_input(waiting* w, uint64_t until) {
  size_t available;
  int asked, code = wg_stream_readable(w->s, until, &available);
  if (code < 0) return code;
  if (code == WG_WASI_EAGAIN) return WG_WASI_ESUCCESS;
  for (uint32_t i = 0; i < w->count; i++) {
    subscription sub = sub_at(w, i);
    if ((asked = wg_look_each(w->s, WG_FEW, (uint64_t)i + 1)) != WG_OK) return -asked;
    if (sub.tag != FD_READ || wg_stream_of(w->s, sub.of.fd) != 0) continue;
    tell(w, &sub, (uint16_t)code, available, available == 0 ? HANGUP : 0);
  }
  return WG_WASI_ESUCCESS;
}

static int tell_clocks(waiting* w, uint64_t passed) {
  for (uint32_t i = 0; i < w->count; i++) {
    subscription sub = sub_at(w, i);
    int asked = wg_look_each(w->s, WG_FEW, (uint64_t)i + 1);
    if (asked != WG_OK) return -asked;
    if (sub.tag == CLOCK && sub.of.clock.id <= LAST_CLOCK && wait_of(w, &sub) <= passed) tell(w, &sub, 0, 0, 0);
  }
  return WG_WASI_ESUCCESS;
}

static int wait_for_them(waiting* w) {
  wg_store* s = w->s;
  uint64_t until = w->began + w->soonest < w->began ? UINT64_MAX : w->began + w->soonest;
  int code = WG_WASI_ESUCCESS;
  if (w->input) {
    /* A virtual clock rings at once, if input is not there at once. */
    code = look_at_input(w, w->told > 0 || (s->virtual_clock && w->soonest != UINT64_MAX) ? w->began : until);
  } else if (w->told == 0 && !s->virtual_clock) {
    bool ready;
    code = -wg_wait(s, -1, 0, until, &ready);
  }
  if (code < 0) return code;
  if (w->told == 0 && s->virtual_clock && w->soonest != UINT64_MAX) {
    s->clock_ns = w->now[0] + w->soonest;
    return tell_clocks(w, w->soonest);
  }
  uint64_t now = wg_now();
  return tell_clocks(w, s->virtual_clock || now < w->began ? 0 : now - w->began);
}

int wg_poll(wg_store* s, wg_raw* slots) {
  waiting w = {.s = s,
               .in = (uint32_t)slots[0].i32,
               .out = (uint32_t)slots[1].i32,
               .count = (uint32_t)slots[2].i32,
               .counter = (uint32_t)slots[3].i32,
               .began = wg_now(),
               .soonest = UINT64_MAX};
  if (w.count == 0) return WG_WASI_EINVAL;
  if (!wg_in_memory(s, w.in, (uint64_t)w.count * sizeof(subscription)) ||
      !wg_in_memory(s, w.out, (uint64_t)w.count * sizeof(event)) || !wg_in_memory(s, w.counter, 4)) {
    return WG_WASI_EFAULT;
  }
  w.now[0] = s->virtual_clock ? s->clock_ns : wg_clock_read(s, 0);
  w.now[1] = s->virtual_clock ? s->clock_ns : wg_clock_read(s, 1);
  int code = first_pass(&w);
  if (code == WG_WASI_ESUCCESS) code = wait_for_them(&w);
  if (code == WG_WASI_ESUCCESS) memcpy(s->memory_base + w.counter, &w.told, sizeof w.told);
  return code;
}
