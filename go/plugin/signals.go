package plugin

/*
#include <signal.h>
#include <stdlib.h>

enum { NOTED = 2 };
static const int noted[NOTED] = {SIGPIPE, SIGURG};

static struct sigaction* note(void) {
  struct sigaction* before = calloc(NOTED, sizeof *before);
  for (int i = 0; before != NULL && i < NOTED; i++) sigaction(noted[i], NULL, &before[i]);
  return before;
}

static void restore(struct sigaction* before) {
  for (int i = 0; before != NULL && i < NOTED; i++) sigaction(noted[i], &before[i], NULL);
  free(before);
}
*/
import "C"

// signals are the dispositions of those signals that a second Go runtime would take for
// itself and Node.js relies on; go/cabi/signals.c does the same for our own.
type signals struct{ before *C.struct_sigaction }

func noteSignals() signals { return signals{C.note()} }

func (s signals) restore() { C.restore(s.before) }
