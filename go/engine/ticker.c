/* The clock that interrupts guests: a thread that advances the epochs of all engines
 * once a millisecond, as long as there is a call that could be stopped. A guest looks
 * at its engine's epoch at each loop and function entry; when it has changed, the
 * engine asks limits.c. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "store.h"

#define TICK_NS 1000000
/* Ticks without an armed call before the thread goes to sleep: waking it costs more
 * than a short call does. */
#define LINGER 50
/* One for each size of stack that can be asked for (go/engine/profile.go). */
#define MOST_ENGINES 1024

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wanted = PTHREAD_COND_INITIALIZER;
static _Atomic int64_t armed;
static _Atomic bool sleeping;
static wasm_engine_t* engines[MOST_ENGINES];
static _Atomic uint32_t engine_count;

void wg_ticker_once(void) {
  uint32_t count = atomic_load(&engine_count);
  for (uint32_t i = 0; i < count; i++) wasmtime_engine_increment_epoch(engines[i]);
}

static void pause_until(struct timespec* at) {
#ifdef __linux__
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, at, NULL) == EINTR) continue;
#else
  const struct timespec tick = {0, TICK_NS};
  (void)at;
  nanosleep(&tick, NULL);
#endif
}

static void advance(struct timespec* at) {
  struct timespec now;
  at->tv_nsec += TICK_NS;
  if (at->tv_nsec >= 1000000000) {
    at->tv_sec++;
    at->tv_nsec -= 1000000000;
  }
  clock_gettime(CLOCK_MONOTONIC, &now);
  /* What was missed is not made up for. */
  if (now.tv_sec > at->tv_sec || (now.tv_sec == at->tv_sec && now.tv_nsec > at->tv_nsec)) *at = now;
}

static void sleep_until_wanted(void) {
  pthread_mutex_lock(&mutex);
  atomic_store(&sleeping, true);
  /* Whoever arms counts first and then looks at `sleeping`: one of us sees the other. */
  while (atomic_load(&armed) == 0) pthread_cond_wait(&wanted, &mutex);
  atomic_store(&sleeping, false);
  pthread_mutex_unlock(&mutex);
}

static void* run(void* unused) {
  (void)unused;
  struct timespec at;
  int idle = LINGER;
  for (;;) {
    if (idle >= LINGER) {
      sleep_until_wanted();
      idle = 0;
      clock_gettime(CLOCK_MONOTONIC, &at);
    }
    advance(&at);
    pause_until(&at);
    wg_ticker_once();
    idle = atomic_load(&armed) > 0 ? 0 : idle + 1;
  }
  return NULL;
}

static bool start(void) {
  pthread_t thread;
  pthread_attr_t attributes;
  sigset_t all, before;
  sigfillset(&all);
  /* Signals of the process are for its other threads. */
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  bool made = pthread_create(&thread, &attributes, run, NULL) == 0;
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return made;
}

bool wg_ticker_ready(void) {
  static _Atomic bool started;
  if (atomic_load(&started)) return true;
  pthread_mutex_lock(&mutex);
  if (!atomic_load(&started)) atomic_store(&started, start());
  pthread_mutex_unlock(&mutex);
  return atomic_load(&started);
}

void wg_ticker_add(wasm_engine_t* engine) {
  pthread_mutex_lock(&mutex);
  uint32_t count = atomic_load(&engine_count);
  if (count < MOST_ENGINES) {
    engines[count] = engine;
    atomic_store(&engine_count, count + 1);
  }
  pthread_mutex_unlock(&mutex);
}

void wg_ticker_arm(void) {
  atomic_fetch_add(&armed, 1);
  if (!atomic_load(&sleeping)) return;
  pthread_mutex_lock(&mutex);
  pthread_cond_signal(&wanted);
  pthread_mutex_unlock(&mutex);
}

void wg_ticker_disarm(void) { atomic_fetch_sub(&armed, 1); }
