package wasmbin

import "encoding/binary"

// emitter writes a body anew.
type emitter struct {
	w     *rewriter
	body  *scanned
	code  Code
	moves Moves // from places in code
	last  int   // up to where the module's bytes were taken over

	labels []label // 0 is the function's own
	// owed is the cost of what was executed so far that the count lacks, on every way
	// that leads here.
	owed int64
	// unchecked is the most that was executed since the count was looked at.
	unchecked int64
	// live says that something leads here.
	live bool
	// current says that the global is what the local is.
	current bool
	// local counts, in a body that has a loop: then the global lags behind.
	local, narrow, wide uint32
}

// label is where the branches out of a block, or to a loop, lead.
type label struct {
	op   byte
	live bool // the beginning of the block was
	// reached says that a branch or the end of the block leads to the label.
	reached bool
	// caught says that exceptions lead here: then the global has the whole count on
	// every way, and the local is taken from it.
	caught bool
	// fixed says that owed, what the count lacks at the label, is decided. Every way
	// to the label makes up for the difference.
	fixed bool
	owed  int64
	// unchecked is the most of all ways to the label.
	unchecked int64
	// before are owed and unchecked at the beginning of an if.
	before struct{ owed, unchecked int64 }
}

// copy takes over bytes of the module.
func (e *emitter) copy(from, to int) {
	if from == to {
		return
	}
	if n := len(e.moves); n == 0 || e.moves[n-1].Added || e.moves.Original(len(e.code)) != from {
		e.moves = append(e.moves, Move{At: uint32(len(e.code)), Was: uint32(from)})
	}
	e.code = append(e.code, e.w.data[from:to]...)
}

// upTo takes over what was not yet.
func (e *emitter) upTo(place int) {
	e.copy(e.last, place)
	e.last = place
}

// added begins bytes that the module did not have.
func (e *emitter) added() {
	if n := len(e.moves); n > 0 && e.moves[n-1].Added {
		return
	}
	e.moves = append(e.moves, Move{At: uint32(len(e.code)), Was: uint32(e.last), Added: true})
}

// through writes an instruction, or the call in its place, if that is still to be done.
func (e *emitter) through(ev *event) {
	if ev.replaced && e.last < ev.end {
		e.added()
		e.code = binary.AppendUvarint(append(e.code, opCall), uint64(ev.index))
		e.last = ev.end
	}
	e.upTo(ev.end)
}

// plain writes a body in which only instructions are replaced.
func (e *emitter) plain() {
	e.code = binary.AppendUvarint(e.code, uint64(e.body.groups))
	e.last = e.body.list
	for i := range e.body.events {
		if ev := &e.body.events[i]; ev.replaced {
			e.upTo(ev.start)
			e.through(ev)
		}
	}
	e.upTo(e.body.end)
}
