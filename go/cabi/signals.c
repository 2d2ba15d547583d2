/* Loading a Go library changes the process: its runtime takes SIGPIPE out of
 * the ignored set, which Node relies on (a write to a closed socket must give
 * EPIPE, not end the process), and SIGURG for itself. The dispositions that
 * were there before are noted before the Go runtime starts, and put back once
 * it has. Go does without SIGURG because scripts/build.js switches asynchronous
 * preemption off: its goroutines here are short or wait in C. The handlers that
 * Go adds for SIGSEGV, SIGBUS and SIGFPE stay; they pass on what is not Go's. */
#ifndef _WIN32
#include <signal.h>
#include <stddef.h>

static const int numbers[] = {SIGPIPE, SIGURG};
enum { COUNT = sizeof numbers / sizeof numbers[0] };
static struct sigaction before[COUNT];

/* Priority 101 comes before the constructor that starts the Go runtime. */
__attribute__((constructor(101))) static void note_signals(void) {
  for (int i = 0; i < COUNT; i++) sigaction(numbers[i], NULL, &before[i]);
}

void wg_restore_signals(void) {
  for (int i = 0; i < COUNT; i++) sigaction(numbers[i], &before[i], NULL);
}
#else
void wg_restore_signals(void) {}
#endif
