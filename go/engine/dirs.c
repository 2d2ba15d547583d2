/* WASI's fd_readdir. wasmtime's reads the whole directory for each buffer, in one go
 * that nothing interrupts (3 s for 100,000 entries), and counts the entries anew, so
 * that whoever removes what it reads misses some. This one goes on where the last call
 * ended.
 *
 * It needs the directory itself, which wasmtime does not hand out. But the process has it
 * open, and the number that WASI tells of it (the inode, as guests see it) is a hash of
 * device and inode: so it is found among the descriptors of the process, and opened once
 * more. Where it is not found, or the number is made otherwise one day, wasmtime reads. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store.h"
#include "wg_wasi.h"

#if defined(__linux__)
#define OPEN_FDS "/proc/self/fd"
#else
#define OPEN_FDS "/dev/fd"
#endif

/* What an instance may make the process keep: directories that it is reading (a
 * descriptor and some 32 KiB each), and entries that it has read of them (8 bytes). */
enum { MOST_DIRS = 256, MOST_ENTRIES = 1 << 22 };

/* Entries and descriptors between two looks at the clock: none takes more than some µs. */
enum { PIECE = 256 };

/* A directory that the guest is reading. Cookies count entries, beginning with 1 behind
 * the first: what the system has for that does not fit the 32 bits of a guest's long. */
struct wg_dir {
  struct wg_dir* next;
  uint32_t fd; /* of the guest */
  DIR* stream;
  uint64_t device, number; /* of the directory: the second as WASI tells it */
  uint64_t at;             /* the entry that comes next … */
  struct dirent* ahead;    /* … if it has been read already: belongs to the stream */
  long* places;            /* where entries begin, from 0 to at least `at` */
  size_t known, capacity;
};

typedef struct {
  uint64_t next, number;
  uint32_t name_bytes;
  uint8_t type, pad[3];
} entry_head;
_Static_assert(sizeof(entry_head) == 24, "of the witx file");

/* ---- Numbers */

static uint64_t turned(uint64_t word, int bits) { return (word << bits) | (word >> (64 - bits)); }

static void sip_round(uint64_t* v) {
  v[0] += v[1];
  v[2] += v[3];
  v[1] = turned(v[1], 13) ^ v[0];
  v[3] = turned(v[3], 16) ^ v[2];
  v[0] = turned(v[0], 32);
  v[2] += v[1];
  v[0] += v[3];
  v[1] = turned(v[1], 17) ^ v[2];
  v[3] = turned(v[3], 21) ^ v[0];
  v[2] = turned(v[2], 32);
}

/* What wasmtime makes of a device and an inode: SipHash-1-3 (Aumasson and Bernstein)
 * with a key of zeros. */
static uint64_t number_of(uint64_t device, uint64_t inode) {
  uint64_t v[4] = {0x736f6d6570736575u, 0x646f72616e646f6du, 0x6c7967656e657261u, 0x7465646279746573u};
  const uint64_t words[3] = {device, inode, (uint64_t)(2 * sizeof(uint64_t)) << 56};
  for (int i = 0; i < 3; i++) {
    v[3] ^= words[i];
    sip_round(v);
    v[0] ^= words[i];
  }
  v[2] ^= 0xff;
  for (int i = 0; i < 3; i++) sip_round(v);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static uint8_t type_of(mode_t mode) {
  if (S_ISREG(mode)) return WG_TYPE_REGULAR;
  if (S_ISDIR(mode)) return WG_TYPE_DIRECTORY;
  if (S_ISLNK(mode)) return WG_TYPE_SYMLINK;
  if (S_ISCHR(mode)) return WG_TYPE_CHARACTERS;
  return S_ISBLK(mode) ? WG_TYPE_BLOCKS : WG_TYPE_UNKNOWN;
}

/* ---- Directories that are being read */

static bool is_directory(int fd, uint64_t number, struct stat* found) {
  return fstat(fd, found) == 0 && S_ISDIR(found->st_mode) &&
         number_of((uint64_t)found->st_dev, (uint64_t)found->st_ino) == number;
}

/* Opens a directory once more that the process has open, by its number. -1 if there is
 * none. Other threads may open and close descriptors meanwhile: what counts is what has
 * been opened in the end. */
static int open_again(wg_store* s, uint64_t number, struct stat* found, int* fd) {
  DIR* list = opendir(OPEN_FDS);
  int code = WG_OK;
  *fd = -1;
  if (list == NULL) return WG_OK;
  struct dirent* one;
  for (int i = 1; *fd < 0 && code == WG_OK && (one = readdir(list)) != NULL; i++) {
    char* end;
    int candidate = (int)strtol(one->d_name, &end, 10);
    if (end != one->d_name && *end == 0 && is_directory(candidate, number, found)) {
      *fd = openat(candidate, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      if (*fd >= 0 && !is_directory(*fd, number, found)) {
        close(*fd);
        *fd = -1;
      }
    }
    code = wg_look_each(s, PIECE, (uint64_t)i);
  }
  closedir(list);
  if (code != WG_OK && *fd >= 0) close(*fd);
  return code;
}

static void free_dir(wg_store* s, wg_dir* dir) {
  if (dir->stream != NULL) closedir(dir->stream);
  s->dir_count--;
  s->dir_places -= dir->capacity;
  free(dir->places);
  free(dir);
}

static wg_dir** find(wg_store* s, uint32_t fd) {
  wg_dir** link = &s->dirs;
  while (*link != NULL && (*link)->fd != fd) link = &(*link)->next;
  return link;
}

void wg_dir_close(wg_store* s, uint32_t fd) {
  wg_dir** link = find(s, fd);
  wg_dir* dir = *link;
  if (dir == NULL) return;
  *link = dir->next;
  free_dir(s, dir);
}

void wg_dir_renumber(wg_store* s, uint32_t from, uint32_t to) {
  wg_dir* dir = *find(s, from);
  if (dir != NULL) dir->fd = to;
}

void wg_dirs_free(wg_store* s) {
  while (s->dirs != NULL) wg_dir_close(s, s->dirs->fd);
}

/* The directory behind a descriptor of the guest; NULL if wasmtime is to read it, which
 * includes whatever is no directory. */
static wasm_trap_t* open_dir(wg_store* s, uint32_t guest_fd, wg_dir** out, int* answer) {
  const wg_raw look = {.i32 = (int32_t)guest_fd};
  wg_filestat what;
  struct stat found;
  int fd, code;
  *out = *find(s, guest_fd);
  *answer = WG_WASI_ESUCCESS;
  if (*out != NULL) return NULL;
  wasm_trap_t* trap = wg_filestat_of(s, WG_WASI_FD_FILESTAT_GET, &look, 1, &what, &code);
  if (trap != NULL || code != WG_WASI_ESUCCESS || what.type != WG_TYPE_DIRECTORY) return trap;
  if (s->dir_count >= MOST_DIRS) return *answer = WG_WASI_EMFILE, NULL;
  if ((code = open_again(s, what.number, &found, &fd)) != WG_OK) return *answer = -code, NULL;
  if (fd < 0) return NULL;
  wg_dir* dir = calloc(1, sizeof *dir);
  DIR* stream = dir != NULL ? fdopendir(fd) : NULL;
  if (stream == NULL) {
    close(fd);
    free(dir);
    return *answer = WG_WASI_ENOMEM, NULL;
  }
  *dir = (wg_dir){
      .next = s->dirs, .fd = guest_fd, .stream = stream, .device = (uint64_t)found.st_dev, .number = what.number};
  s->dirs = *out = dir;
  s->dir_count++;
  return NULL;
}

/* ---- Entries */

/* Notes where the entry behind the next one begins. */
static bool note_place(wg_store* s, wg_dir* dir, size_t i, long place) {
  if (i >= dir->capacity) {
    size_t capacity = dir->capacity < 64 ? 128 : dir->capacity * 2;
    if (s->dir_places + (capacity - dir->capacity) > MOST_ENTRIES) return false;
    long* places = realloc(dir->places, capacity * sizeof *places);
    if (places == NULL) return false;
    s->dir_places += capacity - dir->capacity;
    dir->places = places;
    dir->capacity = capacity;
  }
  dir->places[i] = place;
  dir->known = i + 1;
  return true;
}

/* Reads the next entry, if that has not been done yet; without one, at the end. */
static int read_ahead(wg_store* s, wg_dir* dir) {
  if (dir->ahead != NULL) return WG_WASI_ESUCCESS;
  errno = 0;
  struct dirent* entry = readdir(dir->stream);
  /* A directory that has been removed has no entries. */
  if (entry == NULL) return errno == 0 || errno == ENOENT ? WG_WASI_ESUCCESS : WG_WASI_EIO;
  if (!note_place(s, dir, dir->at + 1, telldir(dir->stream))) {
    seekdir(dir->stream, dir->places[dir->at]);
    return WG_WASI_ENOMEM;
  }
  dir->ahead = entry;
  return WG_WASI_ESUCCESS;
}

static void step(wg_dir* dir) {
  dir->ahead = NULL;
  dir->at++;
}

/* To the entry that a cookie stands for, by way of those before it if need be. */
static int go_to(wg_store* s, wg_dir* dir, uint64_t cookie) {
  int code = WG_WASI_ESUCCESS;
  if (cookie == 0 || dir->known == 0) { /* anew, with what has come since */
    rewinddir(dir->stream);
    dir->at = dir->known = 0;
    dir->ahead = NULL;
    if (!note_place(s, dir, 0, telldir(dir->stream))) return WG_WASI_ENOMEM;
  } else if (cookie < dir->at) {
    seekdir(dir->stream, dir->places[cookie]);
    dir->at = cookie;
    dir->known = cookie + 1;
    dir->ahead = NULL;
  }
  while (dir->at < cookie && code == WG_WASI_ESUCCESS) {
    if ((code = read_ahead(s, dir)) != WG_WASI_ESUCCESS || dir->ahead == NULL) break;
    step(dir);
    code = -wg_look_each(s, PIECE, dir->at);
  }
  return code;
}

static entry_head head_of(const wg_dir* dir) {
  const char* name = dir->ahead->d_name;
  entry_head head = {.next = dir->at + 1, .number = dir->number, .name_bytes = (uint32_t)strlen(name)};
  struct stat found;
  if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) { /* what is above is not the guest's to know */
    head.type = WG_TYPE_DIRECTORY;
  } else if (fstatat(dirfd(dir->stream), name, &found, AT_SYMLINK_NOFOLLOW) == 0) {
    head.number = number_of((uint64_t)found.st_dev, (uint64_t)found.st_ino);
    head.type = type_of(found.st_mode);
  } else { /* it has just been removed */
    head.number = number_of(dir->device, (uint64_t)dir->ahead->d_ino);
  }
  return head;
}

/* Puts as much of it into the guest's buffer as there is room for; whether that was all. */
static bool put_cut(wg_store* s, uint32_t at, uint32_t bytes, uint32_t* used, const void* data, uint32_t count) {
  uint32_t room = bytes - *used, fits = count < room ? count : room;
  memcpy(s->memory_base + at + *used, data, fits);
  *used += fits;
  return fits == count;
}

/* Fills the guest's buffer; the last entry is cut off at its end. */
static int give_entries(wg_store* s, wg_dir* dir, uint32_t at, uint32_t bytes, uint32_t* used) {
  for (int i = 1; *used < bytes; i++) {
    int code = read_ahead(s, dir);
    if (code != WG_WASI_ESUCCESS || dir->ahead == NULL) return code;
    entry_head head = head_of(dir);
    put_cut(s, at, bytes, used, &head, sizeof head);
    if (!put_cut(s, at, bytes, used, dir->ahead->d_name, head.name_bytes)) break; /* it comes again */
    step(dir);
    code = wg_look_each(s, PIECE, (uint64_t)i);
    if (code != WG_OK) return -code;
  }
  return WG_WASI_ESUCCESS;
}

wasm_trap_t* wg_dir_read(wg_store* s, wg_raw* slots) {
  uint32_t at = (uint32_t)slots[1].i32, bytes = (uint32_t)slots[2].i32, told = (uint32_t)slots[4].i32, used = 0;
  wg_dir* dir = NULL;
  int answer = WG_WASI_ESUCCESS;
  if (wg_in_memory(s, at, bytes) && wg_in_memory(s, told, sizeof used)) {
    wasm_trap_t* trap = open_dir(s, (uint32_t)slots[0].i32, &dir, &answer);
    if (trap != NULL) return trap;
  }
  if (dir == NULL && answer == WG_WASI_ESUCCESS) return wg_bridge_call(s, WG_WASI_FD_READDIR, slots, 5);
  if (dir != NULL) answer = go_to(s, dir, (uint64_t)slots[3].i64);
  if (answer == WG_WASI_ESUCCESS) answer = give_entries(s, dir, at, bytes, &used);
  if (answer < 0) return wg_stop_now(s, -answer);
  if (answer == WG_WASI_ESUCCESS) memcpy(s->memory_base + told, &used, sizeof used);
  slots[0].i32 = answer;
  return NULL;
}
