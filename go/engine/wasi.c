/* WASI preview 1. What touches files is wasmtime's (bridge.c); arguments, variables,
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
/* Of a name: more than any system takes. */
#define MOST_NAME_BYTES 65536
/* Into or out of a file in one call. */
#define MOST_MOVED (16 * 1024 * 1024)
/* Vectors and subscriptions, which may be empty and of any number. */
#define PIECE_VECTORS 4096

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

typedef struct {
  uint32_t ptr, bytes;
} iovec;

/* Element i of the vectors at slots[1]; the list is in memory as it was when the call began. */
static bool vector_at(wg_store* s, const wg_raw* slots, uint32_t i, iovec* out) {
  memcpy(out, s->memory_base + (uint32_t)slots[1].i32 + (uint64_t)i * sizeof *out, sizeof *out);
  return wg_in_memory(s, out->ptr, out->bytes);
}

static bool have_vectors(wg_store* s, const wg_raw* slots) {
  return wg_in_memory(s, (uint32_t)slots[1].i32, (uint64_t)(uint32_t)slots[2].i32 * sizeof(iovec));
}

/* One vector at a time, as read(2) of a terminal or pipe would: fewer bytes than were
 * asked for are no error. */
static int read_stream(wg_store* s, const wg_raw* slots) {
  iovec vector = {0};
  uint32_t i = 0, count = (uint32_t)slots[2].i32;
  size_t got = 0;
  if (!have_vectors(s, slots)) return WG_WASI_EFAULT;
  for (; i < count && vector.bytes == 0; i++) {
    int asked = i % PIECE_VECTORS == PIECE_VECTORS - 1 ? wg_look(s) : WG_OK;
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
    iovec vector;
    size_t written = 0;
    int asked = i % PIECE_VECTORS == PIECE_VECTORS - 1 ? wg_look(s) : WG_OK;
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

/* ---- What is wasmtime's, and looked at on its way */

static void note_close(wg_store* s, uint32_t fd) {
  int stream = wg_stream_of(s, fd);
  if (stream >= 0) s->stream_fds[stream] = -1;
}

static void note_renumber(wg_store* s, uint32_t from, uint32_t to) {
  int stream = wg_stream_of(s, from);
  if (from == to) return;
  note_close(s, to);
  if (stream >= 0) s->stream_fds[stream] = (int32_t)to;
}

/* WASI's path_filestat_get of what is to be opened, into the place where the
 * descriptor will be written, if that has room for it. */
enum { STAT_BYTES = 64, STAT_TYPE = 16, TYPE_DIRECTORY = 3, TYPE_REGULAR = 4, TYPE_SYMLINK = 7 };

/* Opening a pipe waits for its other end, for ever, in the kernel. */
static wasm_trap_t* open_path(wg_store* s, wasmtime_caller_t* caller, wg_raw* slots) {
  uint8_t kept[STAT_BYTES];
  uint32_t into = (uint32_t)slots[2].i32; /* the path itself is put back afterwards */
  uint32_t bytes = (uint32_t)slots[3].i32;
  if (bytes == 0 || !wg_in_memory(s, into, bytes)) return wg_bridge_call(s, WG_WASI_PATH_OPEN, caller, slots);
  /* A place that does not overlap the path. */
  uint32_t at = into >= STAT_BYTES + 8 ? (into - STAT_BYTES) & ~7u : (into + bytes + 7) & ~7u;
  if (!wg_in_memory(s, at, STAT_BYTES)) return wg_bridge_call(s, WG_WASI_PATH_OPEN, caller, slots);
  memcpy(kept, s->memory_base + at, STAT_BYTES);
  wg_raw look[5] = {slots[0], slots[1], slots[2], slots[3], {.i32 = (int32_t)at}};
  wasm_trap_t* trap = wg_bridge_call(s, WG_WASI_PATH_FILESTAT_GET, caller, look);
  uint8_t type = s->memory_base[at + STAT_TYPE];
  memcpy(s->memory_base + at, kept, STAT_BYTES);
  if (trap != NULL) return trap;
  if (look[0].i32 == WG_WASI_ESUCCESS && type != TYPE_DIRECTORY && type != TYPE_REGULAR && type != TYPE_SYMLINK) {
    slots[0].i32 = WG_WASI_EACCES;
    return NULL;
  }
  return wg_bridge_call(s, WG_WASI_PATH_OPEN, caller, slots);
}

/* Which arguments of a function are lengths of names, as bits. */
static uint32_t name_lengths(int function) {
  switch (function) {
    case WG_WASI_PATH_CREATE_DIRECTORY:
    case WG_WASI_PATH_READLINK:
    case WG_WASI_PATH_REMOVE_DIRECTORY:
    case WG_WASI_PATH_UNLINK_FILE:
      return 1 << 2;
    case WG_WASI_PATH_FILESTAT_GET:
    case WG_WASI_PATH_FILESTAT_SET_TIMES:
    case WG_WASI_PATH_OPEN:
      return 1 << 3;
    case WG_WASI_PATH_LINK:
      return 1 << 3 | 1 << 6;
    case WG_WASI_PATH_RENAME:
      return 1 << 2 | 1 << 5;
    case WG_WASI_PATH_SYMLINK:
      return 1 << 1 | 1 << 4;
    default:
      return 0;
  }
}

/* The engine reads a name whole before anybody says that it is too long. */
static bool names_fit(int function, const wg_raw* slots) {
  uint32_t lengths = name_lengths(function);
  for (int i = 0; lengths != 0; i++, lengths >>= 1) {
    if ((lengths & 1) != 0 && (uint32_t)slots[i].i32 > MOST_NAME_BYTES) return false;
  }
  return true;
}

/* Reading or writing a file takes as long as there are bytes. A long first vector is cut
 * for the length of the call; fewer bytes than were asked for are no error. */
static wasm_trap_t* move_bytes(wg_store* s, int function, wasmtime_caller_t* caller, wg_raw* slots) {
  iovec vector;
  uint32_t list = (uint32_t)slots[1].i32;
  if (slots[2].i32 == 0 || !wg_in_memory(s, list, sizeof vector)) return wg_bridge_call(s, function, caller, slots);
  memcpy(&vector, s->memory_base + list, sizeof vector);
  if (vector.bytes <= MOST_MOVED || !wg_in_memory(s, vector.ptr, vector.bytes)) {
    return wg_bridge_call(s, function, caller, slots);
  }
  iovec cut = {vector.ptr, MOST_MOVED};
  memcpy(s->memory_base + list, &cut, sizeof cut);
  slots[2].i32 = 1;
  wasm_trap_t* trap = wg_bridge_call(s, function, caller, slots);
  memcpy(s->memory_base + list, &vector, sizeof vector);
  return trap;
}

static wasm_trap_t* pass_on(wg_store* s, int function, wasmtime_caller_t* caller, wg_raw* slots) {
  if (!names_fit(function, slots)) {
    slots[0].i32 = WG_WASI_ENAMETOOLONG;
    return NULL;
  }
  if (function == WG_WASI_FD_READ || function == WG_WASI_FD_WRITE || function == WG_WASI_FD_PREAD ||
      function == WG_WASI_FD_PWRITE) {
    return move_bytes(s, function, caller, slots);
  }
  uint32_t first = (uint32_t)slots[0].i32, second = (uint32_t)slots[1].i32;
  if (function == WG_WASI_PATH_OPEN) return open_path(s, caller, slots);
  wasm_trap_t* trap = wg_bridge_call(s, function, caller, slots);
  if (trap != NULL || slots[0].i32 != WG_WASI_ESUCCESS) return trap;
  if (function == WG_WASI_FD_CLOSE) note_close(s, first);
  if (function == WG_WASI_FD_RENUMBER) note_renumber(s, first, second);
  return NULL;
}

/* Whether the function is served here, and with which answer. */
static bool serve(wg_store* s, int function, wasmtime_caller_t* caller, wg_raw* slots, int* answer) {
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
      return *answer = wg_poll(s, caller, slots), true;
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

wasm_trap_t* wg_wasi(wg_store* s, int function, wasmtime_caller_t* caller, wg_raw* slots) {
  wasm_trap_t* trap = NULL;
  int answer;
  if (function == WG_WASI_PROC_EXIT) { /* wasmtime's takes a status from 126 on for a trap */
    s->exit_status = slots[0].i32;
    return wg_stop(s, WG_ERR_EXIT, NULL);
  }
  if (!have_memory(s, caller))
    return wg_stop_text(s, WG_ERR_TRAP, "WASI needs a memory that is exported as \"memory\"");
  uint64_t began = wg_host_begin(s), waited = s->waited_ns;
  if (serve(s, function, caller, slots, &answer)) {
    if (answer < 0) {
      trap = wg_stop_now(s, -answer);
    } else {
      slots[0].i32 = answer;
    }
  } else {
    trap = pass_on(s, function, caller, slots);
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
  for (int i = 0; i < 3; i++) wg_stream_close(&s->streams[i]);
  free(s->args.data);
  free(s->env.data);
  free(s->bridge);
  s->bridge = NULL;
  memset(&s->args, 0, sizeof s->args);
  memset(&s->env, 0, sizeof s->env);
}

void wg_setup_free(wg_setup* setup) {
  if (setup->files != NULL) wasi_config_delete(setup->files);
  for (int i = 0; i < 3; i++) free(setup->streams[i].data);
  free(setup->args.data);
  free(setup->env.data);
  memset(setup, 0, sizeof *setup);
}
