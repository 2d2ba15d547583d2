/* WASI preview 1. What touches files is wasmtime's (files.c); arguments, variables,
 * clocks, randomness and the standard streams are here, because there they could not
 * be interrupted, limited, metered or made reproducible. Source of the layouts: the
 * preview 1 witx files. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__linux__)
#include <sys/random.h>
#endif

#include "store.h"
#include "wg_wasi.h"

/* Random bytes between two looks at the clock, and output that is gathered at once. */
#define PIECE_BYTES 65536

/* Where the guest's memory is, also while its start function runs. */
static bool have_memory(wg_store* s, wasmtime_caller_t* caller) {
  wasmtime_extern_t item;
  if (s->has_memory) return true;
  if (!wasmtime_caller_export_get(caller, "memory", 6, &item)) return false;
  s->has_memory = item.kind == WASMTIME_EXTERN_MEMORY;
  if (s->has_memory) s->memory = item.of.memory;
  wasmtime_extern_delete(&item);
  wg_look_at_memory(s);
  return s->has_memory;
}

static bool put(wg_store* s, uint32_t at, const void* value, size_t bytes) {
  if (!wg_in_memory(s, at, bytes)) return false;
  memcpy(s->memory_base + at, value, bytes);
  return true;
}

static int put_u32(wg_store* s, uint32_t at, size_t value) {
  uint32_t word = (uint32_t)value;
  return put(s, at, &word, sizeof word) ? WG_WASI_ESUCCESS : WG_WASI_EFAULT;
}

/* ---- Arguments and variables */

static int texts_sizes(wg_store* s, const wg_texts* texts, const wg_raw* slots) {
  int code = put_u32(s, (uint32_t)slots[0].i32, texts->count);
  return code != WG_WASI_ESUCCESS ? code : put_u32(s, (uint32_t)slots[1].i32, texts->bytes);
}

static int texts_get(wg_store* s, const wg_texts* texts, const wg_raw* slots) {
  uint32_t list = (uint32_t)slots[0].i32, buffer = (uint32_t)slots[1].i32;
  if (!wg_in_memory(s, list, (uint64_t)texts->count * 4)) return WG_WASI_EFAULT;
  if (texts->bytes > 0 && !put(s, buffer, texts->data, texts->bytes)) return WG_WASI_EFAULT;
  size_t at = 0;
  s->head.input_bytes += texts->bytes;
  for (size_t i = 0; i < texts->count; i++) {
    put_u32(s, list + 4 * (uint32_t)i, buffer + at);
    at += strlen(texts->data + at) + 1;
  }
  return WG_WASI_ESUCCESS;
}

/* ---- Clocks */

enum { REALTIME = 0, MONOTONIC = 1 };

/* Readings of a virtual clock each move it on, so that a guest which waits for time to
 * pass sees it pass. Both clocks are the same then. */
uint64_t wg_clock_read(wg_store* s, uint32_t clock) {
  if (s->virtual_clock) {
    uint64_t now = s->clock_ns;
    s->clock_ns += s->step_ns;
    return now;
  }
  if (clock == MONOTONIC) return wg_now() - s->opened_ns; /* not how long the machine is up */
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int clock_time(wg_store* s, const wg_raw* slots) {
  uint32_t clock = (uint32_t)slots[0].i32;
  if (clock > MONOTONIC) return WG_WASI_EINVAL; /* processor time tells of other guests */
  uint64_t now = wg_clock_read(s, clock);
  return put(s, (uint32_t)slots[2].i32, &now, sizeof now) ? WG_WASI_ESUCCESS : WG_WASI_EFAULT;
}

static int clock_resolution(wg_store* s, const wg_raw* slots) {
  uint32_t clock = (uint32_t)slots[0].i32;
  if (clock > MONOTONIC) return WG_WASI_EINVAL;
  uint64_t ns = s->virtual_clock && s->step_ns > 0 ? s->step_ns : 1;
  return put(s, (uint32_t)slots[1].i32, &ns, sizeof ns) ? WG_WASI_ESUCCESS : WG_WASI_EFAULT;
}

/* ---- Randomness */

/* xoshiro256**, by Blackman and Vigna: reproducible numbers, not secret ones. */
static uint64_t next_random(uint64_t* state) {
  uint64_t turned = state[1] * 5;
  uint64_t result = ((turned << 7) | (turned >> 57)) * 9, shifted = state[1] << 17;
  state[2] ^= state[0];
  state[3] ^= state[1];
  state[1] ^= state[2];
  state[0] ^= state[3];
  state[2] ^= shifted;
  state[3] = (state[3] << 45) | (state[3] >> 19);
  return result;
}

static void seed_random(wg_store* s, const uint8_t* seed) {
  memcpy(s->random, seed, sizeof s->random);
  /* All zeros would stay zeros. */
  for (int i = 0; i < 4; i++) s->random[i] ^= 0x9E3779B97F4A7C15u * (uint64_t)(i + 1);
  for (int i = 0; i < 16; i++) next_random(s->random);
}

static bool fill_random(wg_store* s, uint8_t* into, size_t bytes) {
  if (s->seeded) {
    while (bytes > 0) {
      uint64_t word = next_random(s->random);
      size_t n = bytes < sizeof word ? bytes : sizeof word;
      memcpy(into, &word, n);
      into += n;
      bytes -= n;
    }
    return true;
  }
  while (bytes > 0) {
    size_t n = bytes < 256 ? bytes : 256;
    if (getentropy(into, n) != 0) return false;
    into += n;
    bytes -= n;
  }
  return true;
}

static int random_get(wg_store* s, const wg_raw* slots) {
  uint32_t at = (uint32_t)slots[0].i32;
  uint64_t left = (uint32_t)slots[1].i32;
  if (!wg_in_memory(s, at, left)) return WG_WASI_EFAULT;
  for (uint8_t* into = s->memory_base + at; left > 0;) {
    size_t n = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
    if (!fill_random(s, into, n)) return WG_WASI_EIO;
    into += n;
    left -= n;
    int code = left > 0 ? wg_look(s) : WG_OK;
    if (code != WG_OK) return -code;
  }
  return WG_WASI_ESUCCESS;
}

/* ---- Standard streams */

int wg_stream_of(const wg_store* s, uint32_t fd) {
  for (int i = 0; i < 3; i++) {
    if (s->stream_fds[i] >= 0 && (uint32_t)s->stream_fds[i] == fd) return i;
  }
  return -1;
}

/* Element i of the vectors at slots[1]; the list is in memory as it was when the call began. */
static bool vector_at(wg_store* s, const wg_raw* slots, uint32_t i, wg_vector* out) {
  memcpy(out, s->memory_base + (uint32_t)slots[1].i32 + (uint64_t)i * sizeof *out, sizeof *out);
  return wg_in_memory(s, out->ptr, out->bytes);
}

static bool have_vectors(wg_store* s, const wg_raw* slots) {
  return wg_in_memory(s, (uint32_t)slots[1].i32, (uint64_t)(uint32_t)slots[2].i32 * sizeof(wg_vector));
}

/* One vector at a time, as read(2) of a terminal or pipe would: fewer bytes than were
 * asked for are no error. */
static int read_stream(wg_store* s, const wg_raw* slots) {
  wg_vector vector = {0};
  uint32_t i = 0, count = (uint32_t)slots[2].i32;
  size_t got = 0;
  if (!have_vectors(s, slots)) return WG_WASI_EFAULT;
  for (; i < count && vector.bytes == 0; i++) {
    int asked = wg_look_each(s, WG_FEW, (uint64_t)i + 1);
    if (asked != WG_OK) return -asked;
    if (!vector_at(s, slots, i, &vector)) return WG_WASI_EFAULT;
  }
  int code = wg_stream_read(s, s->memory_base + vector.ptr, vector.bytes, &got);
  return code != WG_WASI_ESUCCESS ? code : put_u32(s, (uint32_t)slots[3].i32, got);
}

static int write_stream(wg_store* s, int stream, const wg_raw* slots) {
  uint64_t total = 0;
  if (!have_vectors(s, slots)) return WG_WASI_EFAULT;
  for (uint32_t i = 0; i < (uint32_t)slots[2].i32; i++) {
    wg_vector vector;
    size_t written = 0;
    int asked = wg_look_each(s, WG_FEW, (uint64_t)i + 1);
    if (asked != WG_OK) return -asked;
    if (!vector_at(s, slots, i, &vector)) return WG_WASI_EFAULT;
    if (vector.bytes == 0) continue;
    if (total + vector.bytes > UINT32_MAX) break; /* more than could be told */
    int code = wg_stream_write(s, stream, s->memory_base + vector.ptr, vector.bytes, &written);
    total += written;
    if (code < 0 || (code != WG_WASI_ESUCCESS && total == 0)) return code;
    if (written < vector.bytes) break;
  }
  return put_u32(s, (uint32_t)slots[3].i32, total);
}

/* Whether the function is served here, and with which answer. */
static bool serve(wg_store* s, int function, wg_raw* slots, int* answer) {
  int stream;
  switch (function) {
    case WG_WASI_ARGS_GET:
      return *answer = texts_get(s, &s->args, slots), true;
    case WG_WASI_ARGS_SIZES_GET:
      return *answer = texts_sizes(s, &s->args, slots), true;
    case WG_WASI_ENVIRON_GET:
      return *answer = texts_get(s, &s->env, slots), true;
    case WG_WASI_ENVIRON_SIZES_GET:
      return *answer = texts_sizes(s, &s->env, slots), true;
    case WG_WASI_CLOCK_RES_GET:
      return *answer = clock_resolution(s, slots), true;
    case WG_WASI_CLOCK_TIME_GET:
      return *answer = clock_time(s, slots), true;
    case WG_WASI_RANDOM_GET:
      return *answer = random_get(s, slots), true;
    case WG_WASI_POLL_ONEOFF:
      return *answer = wg_poll(s, slots), true;
    case WG_WASI_SCHED_YIELD:
      return *answer = WG_WASI_ESUCCESS, true;
    case WG_WASI_FD_READ:
      stream = wg_stream_of(s, (uint32_t)slots[0].i32);
      if (stream < 0) return false;
      return *answer = stream == 0 ? read_stream(s, slots) : WG_WASI_EBADF, true;
    case WG_WASI_FD_WRITE:
      stream = wg_stream_of(s, (uint32_t)slots[0].i32);
      if (stream < 0) return false;
      return *answer = stream > 0 ? write_stream(s, stream, slots) : WG_WASI_EBADF, true;
    case WG_WASI_FD_PRESTAT_GET:
      /* Every program asks when it starts; most are granted no directory. */
      return *answer = WG_WASI_EBADF, !s->has_files;
    default:
      return false;
  }
}

wasm_trap_t* wg_wasi(wg_store* s, int function, wasmtime_caller_t* caller, wg_raw* slots, size_t count) {
  wasm_trap_t* trap = NULL;
  int answer;
  if (function == WG_WASI_PROC_EXIT) { /* wasmtime's takes a status from 126 on for a trap */
    s->exit_status = slots[0].i32;
    return wg_stop(s, WG_ERR_EXIT, NULL);
  }
  if (!have_memory(s, caller))
    return wg_stop_text(s, WG_ERR_TRAP, "WASI needs a memory that is exported as \"memory\"");
  uint64_t began = wg_host_begin(s), waited = s->waited_ns;
  if (serve(s, function, slots, &answer)) {
    if (answer < 0) {
      trap = wg_stop_now(s, -answer);
    } else {
      slots[0].i32 = answer;
    }
  } else {
    trap = wg_pass_on(s, function, slots, count);
    /* What the engine did may have taken long. */
    if (trap == NULL && s->head.watched && (answer = wg_look(s)) != WG_OK) trap = wg_stop_now(s, answer);
  }
  wg_host_end(s, began, waited);
  return trap;
}

void wg_wasi_open(wg_store* s, wg_setup* setup) {
  memcpy(s->streams, setup->streams, sizeof s->streams);
  s->args = setup->args;
  s->env = setup->env;
  memset(setup->streams, 0, sizeof setup->streams);
  memset(&setup->args, 0, sizeof setup->args);
  memset(&setup->env, 0, sizeof setup->env);
  for (int i = 0; i < 3; i++) {
    s->stream_fds[i] = i;
    wg_stream_open(&s->streams[i], i);
  }
  s->virtual_clock = setup->virtual_clock;
  s->clock_ns = setup->clock_ns;
  s->step_ns = setup->step_ns;
  s->opened_ns = wg_now();
  s->seeded = setup->seeded;
  if (s->seeded) seed_random(s, setup->seed);
}

void wg_wasi_close(wg_store* s) {
  wg_dirs_free(s);
  for (int i = 0; i < 3; i++) wg_stream_close(&s->streams[i]);
  free(s->args.data);
  free(s->env.data);
  free(s->bridge);
  free(s->access);
  s->access = NULL;
  s->bridge = NULL;
  memset(&s->args, 0, sizeof s->args);
  memset(&s->env, 0, sizeof s->env);
}

void wg_setup_free(wg_setup* setup) {
  if (setup->files != NULL) wasi_config_delete(setup->files);
  for (int i = 0; i < 3; i++) free(setup->streams[i].data);
  free(setup->args.data);
  free(setup->env.data);
  free(setup->files_only);
  free(setup->late);
  memset(setup, 0, sizeof *setup);
}
