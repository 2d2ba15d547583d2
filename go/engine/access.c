/* Grants of directories in which only what is in files may change (write: 'files'). wasmtime
 * opens a file for writing only where entries may change too, so it is told that they
 * may, and what would change them is refused here. A descriptor has the grant of the
 * directory that it was opened from. */
#include <stdlib.h>
#include <string.h>

#include "store.h"
#include "wg_wasi.h"

/* Descriptors of the guest that are known; those beyond are held to the narrower grant. */
#define MOST_KNOWN (1u << 20)

enum { PATH_OPEN_CREATE = 1, PATH_OPEN_EXCLUSIVE = 4, FIRST_DIRECTORY = 3 };

bool wg_access_open(wg_store* s, const uint8_t* files_only, size_t count) {
  if (memchr(files_only, 1, count) == NULL) return true; /* nothing to look after */
  s->access = calloc(count + FIRST_DIRECTORY, 1);
  if (s->access == NULL) return false;
  memcpy(s->access + FIRST_DIRECTORY, files_only, count);
  s->access_count = (uint32_t)count + FIRST_DIRECTORY;
  return true;
}

static bool files_only(const wg_store* s, uint32_t fd) { return fd >= s->access_count || s->access[fd] != 0; }

static void note(wg_store* s, uint32_t fd, bool only) {
  if (fd >= s->access_count) {
    uint32_t count = fd < MOST_KNOWN / 2 ? 2 * (fd + 1) : MOST_KNOWN;
    uint8_t* access = fd < MOST_KNOWN ? realloc(s->access, count) : NULL;
    if (access == NULL) return; /* it stays unknown */
    memset(access + s->access_count, 1, count - s->access_count);
    s->access = access;
    s->access_count = count;
  }
  s->access[fd] = only;
}

/* Whether a call may be made; `slots` are changed so that it makes no entry. */
bool wg_access_allows(const wg_store* s, int function, wg_raw* slots) {
  if (s->access == NULL) return true;
  switch (function) {
    case WG_WASI_PATH_CREATE_DIRECTORY:
    case WG_WASI_PATH_REMOVE_DIRECTORY:
    case WG_WASI_PATH_UNLINK_FILE:
      return !files_only(s, (uint32_t)slots[0].i32);
    case WG_WASI_PATH_SYMLINK:
      return !files_only(s, (uint32_t)slots[2].i32);
    case WG_WASI_PATH_RENAME:
      return !files_only(s, (uint32_t)slots[0].i32) && !files_only(s, (uint32_t)slots[3].i32);
    case WG_WASI_PATH_LINK: /* a link to a file in the first would be a way around it, too */
      return !files_only(s, (uint32_t)slots[0].i32) && !files_only(s, (uint32_t)slots[4].i32);
    case WG_WASI_PATH_OPEN:
      if (!files_only(s, (uint32_t)slots[0].i32)) return true;
      if ((slots[4].i32 & PATH_OPEN_CREATE) != 0 && (slots[4].i32 & PATH_OPEN_EXCLUSIVE) != 0) return false;
      slots[4].i32 &= ~PATH_OPEN_CREATE;
      return true;
    default:
      return true;
  }
}

/* After a call that went well: `opened` is the new descriptor of path_open. */
void wg_access_opened(wg_store* s, uint32_t directory, uint32_t opened) {
  if (s->access != NULL) note(s, opened, files_only(s, directory));
}

void wg_access_renumbered(wg_store* s, uint32_t from, uint32_t to) {
  if (s->access != NULL) note(s, to, files_only(s, from));
}
