/* The guest's standard streams. Whatever may wait does so in wg_wait or in a hook that
 * comes back, so that a guest that waits can be stopped. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store.h"
#include "wg_wasi.h"

/* Writing so much to a pipe that has room at all does not wait (PIPE_BUF). */
#define SURE_BYTES 4096

#define NO_DEADLINE UINT64_MAX

static int errno_of(int error) {
  switch (error) {
    case EPIPE:
      return WG_WASI_EPIPE;
    case EBADF:
      return WG_WASI_EBADF;
    case ENOSPC:
      return WG_WASI_ENOSPC;
    case EAGAIN:
      return WG_WASI_EAGAIN;
    default:
      return WG_WASI_EIO;
  }
}

static int read_fd(wg_store* s, int fd, uint8_t* into, size_t bytes, size_t* got) {
  for (;;) {
    bool ready;
    int code = wg_wait(s, fd, 1 /* POLLIN */, NO_DEADLINE, &ready);
    if (code != WG_OK) return -code;
    ssize_t n = read(fd, into, bytes);
    if (n >= 0) {
      *got = (size_t)n;
      return WG_WASI_ESUCCESS;
    }
    if (errno != EINTR && errno != EAGAIN) return errno_of(errno);
  }
}

static int read_host(wg_store* s, uint8_t* into, size_t bytes, size_t* got) {
  for (;;) {
    int code = s->host.read(s->host.context, into, bytes, got);
    if (code == WG_OK) return WG_WASI_ESUCCESS;
    if (code != WG_AGAIN) return -code;
    if ((code = wg_look(s)) != WG_OK) return -code;
  }
}

int wg_stream_read(wg_store* s, uint8_t* into, size_t bytes, size_t* got) {
  wg_stream* stream = &s->streams[0];
  int code = WG_WASI_ESUCCESS;
  *got = 0;
  if (bytes == 0) return code;
  if (stream->kind == WG_STREAM_BUFFER) {
    size_t left = stream->bytes - stream->at;
    *got = left < bytes ? left : bytes;
    if (*got > 0) memcpy(into, stream->data + stream->at, *got);
    stream->at += *got;
  } else if (stream->kind == WG_STREAM_FD) {
    code = read_fd(s, stream->fd, into, bytes, got);
  } else if (stream->kind == WG_STREAM_HOST) {
    code = read_host(s, into, bytes, got);
  }
  stream->moved += *got;
  s->head.input_bytes += *got;
  stream->total += *got;
  return code;
}

int wg_stream_readable(wg_store* s, uint64_t until, size_t* available) {
  wg_stream* stream = &s->streams[0];
  bool ready;
  *available = 0;
  if (stream->kind == WG_STREAM_BUFFER) *available = stream->bytes - stream->at;
  if (stream->kind == WG_STREAM_FD) {
    int code = wg_wait(s, stream->fd, 1 /* POLLIN */, until, &ready);
    if (code != WG_OK) return -code;
    *available = ready;
    return ready ? WG_WASI_ESUCCESS : WG_WASI_EAGAIN;
  }
  if (stream->kind != WG_STREAM_HOST) return WG_WASI_ESUCCESS;
  for (;;) {
    int code = s->host.read(s->host.context, NULL, 0, available);
    if (code == WG_OK) return WG_WASI_ESUCCESS;
    if (code != WG_AGAIN) return -code;
    if ((code = wg_look(s)) != WG_OK) return -code;
    if (wg_now() >= until) return WG_WASI_EAGAIN;
  }
}

static int gather(wg_stream* stream, const uint8_t* bytes, size_t count) {
  if (count > stream->capacity - stream->bytes) {
    size_t capacity = stream->capacity < 4096 ? 4096 : stream->capacity;
    while (capacity - stream->bytes < count) capacity *= 2;
    uint8_t* data = realloc(stream->data, capacity);
    if (data == NULL) return WG_WASI_ENOSPC;
    stream->data = data;
    stream->capacity = capacity;
  }
  memcpy(stream->data + stream->bytes, bytes, count);
  stream->bytes += count;
  return WG_WASI_ESUCCESS;
}

/* Regular files never wait; everything else might. */
static bool may_wait(int fd) {
  struct stat status;
  return fstat(fd, &status) != 0 || !S_ISREG(status.st_mode);
}

static int write_fd(wg_store* s, int fd, const uint8_t* bytes, size_t count, size_t* written) {
  bool waits = may_wait(fd);
  while (*written < count) {
    size_t most = count - *written;
    if (waits) {
      bool ready;
      int code = wg_wait(s, fd, 4 /* POLLOUT */, NO_DEADLINE, &ready);
      if (code != WG_OK) return -code;
      if (most > SURE_BYTES) most = SURE_BYTES;
    }
    ssize_t n = write(fd, bytes + *written, most);
    if (n < 0 && errno != EINTR && errno != EAGAIN) return *written > 0 ? WG_WASI_ESUCCESS : errno_of(errno);
    if (n > 0) *written += (size_t)n;
  }
  return WG_WASI_ESUCCESS;
}

static int write_host(wg_store* s, int stream, const uint8_t* bytes, size_t count) {
  for (;;) {
    int code = s->host.write(s->host.context, stream, bytes, count);
    if (code == WG_OK) return WG_WASI_ESUCCESS;
    if (code <= WG_HOOK_ERRNO) return WG_HOOK_ERRNO - code;
    if (code != WG_AGAIN) return -code;
    if ((code = wg_look(s)) != WG_OK) return -code;
  }
}

int wg_stream_write(wg_store* s, int number, const uint8_t* bytes, size_t count, size_t* written) {
  wg_stream* stream = &s->streams[number];
  bool over = count > stream->limit - stream->moved;
  if (over) count = (size_t)(stream->limit - stream->moved); /* what fits still gets out */
  int code = WG_WASI_ESUCCESS;
  *written = 0;
  if (count > 0 && stream->kind == WG_STREAM_FD) {
    code = write_fd(s, stream->fd, bytes, count, written);
  } else if (count > 0) {
    if (stream->kind == WG_STREAM_BUFFER) code = gather(stream, bytes, count);
    if (stream->kind == WG_STREAM_HOST) code = write_host(s, number, bytes, count);
    if (code == WG_WASI_ESUCCESS) *written = count;
  }
  stream->moved += *written;
  stream->total += *written;
  return over && code == WG_WASI_ESUCCESS ? -WG_ERR_OUTPUT_LIMIT : code;
}

uint8_t* wg_output_take(wg_instance* instance, int number, size_t* bytes) {
  wg_stream* stream = &wg_store_of(instance)->streams[number];
  uint8_t* data = stream->data;
  *bytes = stream->bytes;
  stream->data = NULL;
  stream->bytes = stream->capacity = 0;
  stream->moved = 0; /* the limit is one of what is gathered */
  return data;
}
