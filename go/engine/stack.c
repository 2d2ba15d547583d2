/* How deep a thread's stack may be when a guest is entered.
 *
 * The engine stops a guest that uses more than its profile's bytes, counted from
 * where it was entered. If the thread's stack ends before that, there is nothing
 * to stop it: the guest runs into the guard page and the process ends. V8 lets
 * JavaScript use nearly all of a worker's stack, so every entry is checked. */
#ifdef __linux__
#define _GNU_SOURCE
#endif
#include "store.h"

/* For the engine's and our own frames, and for what a signal handler needs. */
#define RESERVE (128 * 1024)

#if defined(__linux__)
#include <pthread.h>

static uintptr_t lowest(void) {
  pthread_attr_t attributes;
  void* low = NULL;
  size_t bytes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return 0;
  pthread_attr_getstack(&attributes, &low, &bytes);
  pthread_attr_destroy(&attributes);
  return (uintptr_t)low;
}
#elif defined(__APPLE__)
#include <pthread.h>

static uintptr_t lowest(void) {
  pthread_t self = pthread_self();
  return (uintptr_t)pthread_get_stackaddr_np(self) - pthread_get_stacksize_np(self);
}
#else
static uintptr_t lowest(void) { return 0; }
#endif

/* Asking takes long on the main thread, where libc reads a file for it. */
uintptr_t wg_stack_floor(size_t stack_bytes) {
  static _Thread_local uintptr_t low;
  if (low == 0) low = lowest();
  return low + stack_bytes + RESERVE;
}
