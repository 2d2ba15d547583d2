/* The guest's standard streams. Whatever may wait does so in wg_wait or in a hook that
 * comes back, so that a guest that waits can be stopped. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store.h"
#include "wg_wasi.h"

/* Between two looks at whether to stop. */
#define PIECE_BYTES (64 * 1024)

#define MOST_READ (1024 * 1024)

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

/* Being ready is not enough: whoever else has the descriptor may be faster, and then the
 * kernel would keep this thread for ever. So reads and writes never wait themselves. The
 * flag for that belongs to the open file, which others share: pipes and terminals are
 * opened once more for it, sockets are asked each time. Whether there is something is
 * asked of the descriptor itself: only that knows that a pipe's writers are gone. */
void wg_stream_open(wg_stream* stream, int number) {
  struct stat status;
  stream->own_fd = -1;
  if (stream->kind != WG_STREAM_FD || fstat(stream->fd, &status) != 0) return;
  stream->is_file = S_ISREG(status.st_mode);
  stream->is_socket = S_ISSOCK(status.st_mode);
#ifdef __linux__
  if (stream->is_file || stream->is_socket) return;
  char path[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d", stream->fd);
  stream->own_fd = open(path, (number == 0 ? O_RDONLY : O_WRONLY) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
#else
  (void)number;
#endif
}

void wg_stream_close(wg_stream* stream) {
  if (stream->kind == WG_STREAM_FD && stream->own_fd >= 0) close(stream->own_fd);
  free(stream->data);
  *stream = (wg_stream){.own_fd = -1, .total = stream->total}; /* which the meters tell */
}

static ssize_t read_some(const wg_stream* stream, uint8_t* into, size_t bytes) {
  if (stream->is_socket) return recv(stream->fd, into, bytes, MSG_DONTWAIT);
  return read(stream->own_fd >= 0 ? stream->own_fd : stream->fd, into, bytes);
}

static ssize_t write_some(const wg_stream* stream, const uint8_t* bytes, size_t count) {
  if (stream->is_socket) return send(stream->fd, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
  return write(stream->own_fd >= 0 ? stream->own_fd : stream->fd, bytes, count);
}

static int read_fd(wg_store* s, const wg_stream* stream, uint8_t* into, size_t bytes, size_t* got) {
  for (;;) {
    bool ready;
    int code = wg_wait(s, stream->fd, 1 /* POLLIN */, NO_DEADLINE, &ready);
    if (code != WG_OK) return -code;
    ssize_t n = read_some(stream, into, bytes < MOST_READ ? bytes : MOST_READ);
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
    code = read_fd(s, stream, into, bytes, got);
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

static int write_fd(wg_store* s, const wg_stream* stream, const uint8_t* bytes, size_t count, size_t* written) {
  while (*written < count) {
    size_t most = count - *written;
    bool ready;
    int code = stream->is_file ? wg_look(s) : wg_wait(s, stream->fd, 4 /* POLLOUT */, NO_DEADLINE, &ready);
    if (code != WG_OK) return -code;
    ssize_t n = write_some(stream, bytes + *written, most < PIECE_BYTES ? most : PIECE_BYTES);
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

/* What the guest hands over at once can be 4 GiB that cost it nothing. */
static int write_pieces(wg_store* s, int number, const uint8_t* bytes, size_t count, size_t* written) {
  while (*written < count) {
    size_t left = count - *written, piece = left < PIECE_BYTES ? left : PIECE_BYTES;
    int code = write_host(s, number, bytes + *written, piece);
    if (code != WG_WASI_ESUCCESS) return code > 0 && *written > 0 ? WG_WASI_ESUCCESS : code;
    *written += piece;
    if ((code = wg_look(s)) != WG_OK) return -code;
  }
  return WG_WASI_ESUCCESS;
}

int wg_stream_write(wg_store* s, int number, const uint8_t* bytes, size_t count, size_t* written) {
  wg_stream* stream = &s->streams[number];
  bool over = count > stream->limit - stream->moved;
  if (over) count = (size_t)(stream->limit - stream->moved); /* what fits still gets out */
  int code = WG_WASI_ESUCCESS;
  *written = 0;
  if (count > 0 && stream->kind == WG_STREAM_FD) {
    code = write_fd(s, stream, bytes, count, written);
  } else if (stream->kind == WG_STREAM_HOST) {
    code = write_pieces(s, number, bytes, count, written);
  } else {
    if (stream->kind == WG_STREAM_BUFFER && count > 0) code = gather(stream, bytes, count);
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
  if (stream->kind == WG_STREAM_BUFFER) stream->moved = 0; /* the limit is one of what is gathered */
  return data;
}
