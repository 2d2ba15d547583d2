/* Functions of WASI that touch files. They are wasmtime's, which alone keeps to the granted
 * directories. Here is what happens on the way to it: what would take too long is cut or
 * refused, what it does otherwise than a system does is put right. */
#include <string.h>

#include "store.h"
#include "wg_wasi.h"

/* Of a name: more than any system takes. */
#define MOST_NAME_BYTES 65536
/* Into or out of a file in one call. */
#define MOST_MOVED (16 * 1024 * 1024)

/* ---- Paths */

/* A place in guest memory for a filestat, outside [from, from + bytes). */
static bool find_place(wg_store* s, uint32_t from, uint32_t bytes, uint32_t* at) {
  uint64_t behind = ((uint64_t)from + bytes + 7) & ~(uint64_t)7;
  bool before = from >= sizeof(wg_filestat);
  *at = before ? 0 : (uint32_t)behind;
  return wg_in_memory(s, before ? 0 : behind, sizeof(wg_filestat));
}

wasm_trap_t* wg_filestat_of(wg_store* s, int function, const wg_raw* slots, size_t count, wg_filestat* out, int* code) {
  wg_filestat kept;
  wg_raw own[5];
  bool path = function == WG_WASI_PATH_FILESTAT_GET;
  uint32_t from = path ? (uint32_t)slots[2].i32 : 0, bytes = path ? (uint32_t)slots[3].i32 : 0, at;
  *code = WG_WASI_EFAULT;
  if (!wg_in_memory(s, from, bytes)) return NULL;
  *code = WG_WASI_ENAMETOOLONG; /* of a path that leaves no room beside it */
  if (!find_place(s, from, bytes, &at)) return NULL;
  memcpy(own, slots, count * sizeof *own);
  own[count].i32 = (int32_t)at;
  memcpy(&kept, s->memory_base + at, sizeof kept);
  wasm_trap_t* trap = wg_bridge_call(s, function, own, count + 1);
  memcpy(out, s->memory_base + at, sizeof *out);
  memcpy(s->memory_base + at, &kept, sizeof kept);
  *code = own[0].i32;
  return trap;
}

/* Opening a pipe waits for its other end, for ever, in the kernel. */
static wasm_trap_t* path_open(wg_store* s, wg_raw* slots) {
  wg_filestat what;
  int code;
  wasm_trap_t* trap = wg_filestat_of(s, WG_WASI_PATH_FILESTAT_GET, slots, 4, &what, &code);
  if (trap != NULL) return trap;
  if (code == WG_WASI_ESUCCESS && what.type != WG_TYPE_DIRECTORY && what.type != WG_TYPE_REGULAR &&
      what.type != WG_TYPE_SYMLINK) {
    code = WG_WASI_EACCES;
  }
  if (code == WG_WASI_EACCES || code == WG_WASI_ENAMETOOLONG) return slots[0].i32 = code, NULL;
  uint32_t directory = (uint32_t)slots[0].i32, into = (uint32_t)slots[8].i32, opened;
  trap = wg_bridge_call(s, WG_WASI_PATH_OPEN, slots, 9);
  if (trap != NULL || slots[0].i32 != WG_WASI_ESUCCESS || !wg_in_memory(s, into, sizeof opened)) return trap;
  memcpy(&opened, s->memory_base + into, sizeof opened);
  wg_access_opened(s, directory, opened);
  return NULL;
}

/* wasmtime looks for the last name behind the last slash. A path of nothing but slashes
 * stays what it is. */
static wasm_trap_t* remove_directory(wg_store* s, wg_raw* slots) {
  uint32_t path = (uint32_t)slots[1].i32, bytes = (uint32_t)slots[2].i32, left = bytes;
  if (wg_in_memory(s, path, bytes)) {
    while (left > 0 && s->memory_base[path + left - 1] == '/') left--;
    if (left > 0) slots[2].i32 = (int32_t)left;
  }
  return wg_bridge_call(s, WG_WASI_PATH_REMOVE_DIRECTORY, slots, 3);
}

/* Only a directory may get a name with a slash at its end: wasmtime takes the slash off
 * and replaces the file or link that is there. */
static wasm_trap_t* path_rename(wg_store* s, wg_raw* slots) {
  uint32_t target = (uint32_t)slots[4].i32, bytes = (uint32_t)slots[5].i32;
  bool slash = bytes > 0 && wg_in_memory(s, target, bytes) && s->memory_base[target + bytes - 1] == '/';
  if (slash) {
    const wg_raw look[4] = {slots[0], {.i32 = 0}, slots[1], slots[2]};
    wg_filestat what;
    int code;
    wasm_trap_t* trap = wg_filestat_of(s, WG_WASI_PATH_FILESTAT_GET, look, 4, &what, &code);
    if (trap != NULL) return trap;
    if (code == WG_WASI_ESUCCESS && what.type != WG_TYPE_DIRECTORY) code = WG_WASI_ENOTDIR;
    if (code == WG_WASI_ENOTDIR || code == WG_WASI_ENAMETOOLONG) return slots[0].i32 = code, NULL;
  }
  return wg_bridge_call(s, WG_WASI_PATH_RENAME, slots, 6);
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

/* ---- Descriptors */

/* Reading or writing a file takes as long as there are bytes. wasmtime moves those of the
 * first vector that is not empty, so it gets that one; a long one is cut for the length
 * of the call. Fewer bytes than were asked for are no error. */
static wasm_trap_t* move_bytes(wg_store* s, int function, wg_raw* slots, size_t count) {
  wg_vector vector = {0};
  uint64_t list = (uint32_t)slots[1].i32;
  uint32_t left = (uint32_t)slots[2].i32;
  if (!wg_in_memory(s, list, (uint64_t)left * sizeof vector)) return wg_bridge_call(s, function, slots, count);
  for (; left > 0; left--, list += sizeof vector) {
    memcpy(&vector, s->memory_base + list, sizeof vector);
    if (vector.bytes > 0) break;
    int asked = wg_look_each(s, WG_FEW, left);
    if (asked != WG_OK) return wg_stop_now(s, asked);
  }
  slots[1].i32 = (int32_t)list;
  slots[2].i32 = left > 0;
  if (left == 0 || vector.bytes <= MOST_MOVED || !wg_in_memory(s, vector.ptr, vector.bytes)) {
    return wg_bridge_call(s, function, slots, count);
  }
  wg_vector cut = {vector.ptr, MOST_MOVED};
  memcpy(s->memory_base + list, &cut, sizeof cut);
  wasm_trap_t* trap = wg_bridge_call(s, function, slots, count);
  memcpy(s->memory_base + list, &vector, sizeof vector);
  return trap;
}

static void note_close(wg_store* s, uint32_t fd) {
  int stream = wg_stream_of(s, fd);
  if (stream >= 0) s->stream_fds[stream] = -1;
  wg_dir_close(s, fd);
}

static void note_renumber(wg_store* s, uint32_t from, uint32_t to) {
  int stream = wg_stream_of(s, from);
  if (from == to) return;
  note_close(s, to);
  if (stream >= 0) s->stream_fds[stream] = (int32_t)to;
  wg_dir_renumber(s, from, to);
  wg_access_renumbered(s, from, to);
}

wasm_trap_t* wg_pass_on(wg_store* s, int function, wg_raw* slots, size_t count) {
  if (!names_fit(function, slots)) return slots[0].i32 = WG_WASI_ENAMETOOLONG, NULL;
  int32_t flags = function == WG_WASI_PATH_OPEN ? slots[4].i32 : 0;
  if (!wg_access_allows(s, function, slots)) return slots[0].i32 = WG_WASI_EPERM, NULL;
  switch (function) {
    case WG_WASI_FD_READ:
    case WG_WASI_FD_WRITE:
    case WG_WASI_FD_PREAD:
    case WG_WASI_FD_PWRITE:
      return move_bytes(s, function, slots, count);
    case WG_WASI_FD_READDIR:
      return wg_dir_read(s, slots);
    case WG_WASI_PATH_OPEN: {
      bool may_create = slots[4].i32 == flags;
      wasm_trap_t* trap = path_open(s, slots);
      if (!may_create && trap == NULL && slots[0].i32 == WG_WASI_ENOENT) slots[0].i32 = WG_WASI_EPERM;
      return trap;
    }
    case WG_WASI_PATH_REMOVE_DIRECTORY:
      return remove_directory(s, slots);
    case WG_WASI_PATH_RENAME:
      return path_rename(s, slots);
    default:
      break;
  }
  uint32_t first = count > 0 ? (uint32_t)slots[0].i32 : 0, second = count > 1 ? (uint32_t)slots[1].i32 : 0;
  wasm_trap_t* trap = wg_bridge_call(s, function, slots, count);
  if (trap != NULL || slots[0].i32 != WG_WASI_ESUCCESS) return trap;
  if (function == WG_WASI_FD_CLOSE) note_close(s, first);
  if (function == WG_WASI_FD_RENUMBER) note_renumber(s, first, second);
  return NULL;
}
