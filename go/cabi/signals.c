/* Loading a Go library changes the process: its runtime takes SIGPIPE out of
 * the ignored set, which Node relies on (a write to a closed socket must give
 * EPIPE, not end the process). The disposition that was there before is noted
 * before the Go runtime starts, and put back once it has. The handlers that Go
 * adds for SIGSEGV, SIGBUS, SIGFPE and SIGURG stay: it needs them, and passes
 * on what is not its own. */
#ifndef _WIN32
#include <signal.h>
#include <stddef.h>

static struct sigaction before;

/* Priority 101 comes before the constructor that starts the Go runtime. */
__attribute__((constructor(101))) static void note_signals(void) { sigaction(SIGPIPE, NULL, &before); }

void wg_restore_signals(void) { sigaction(SIGPIPE, &before, NULL); }
#else
void wg_restore_signals(void) {}
#endif
