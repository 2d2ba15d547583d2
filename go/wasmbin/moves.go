package wasmbin

import "sort"

// Move says that byte At of a changed module is byte Was of the module as it was, and
// so on for the bytes that follow, up to the next Move. Bytes that were Added have no
// such place: all of them stand for the instruction at Was, before which they are.
type Move struct {
	At, Was uint32
	Added   bool
}

// Moves are in the order of At. The code begins at the first; none: nothing moved.
type Moves []Move

// Original gives the place in the module as it was.
func (m Moves) Original(at int) int {
	next := sort.Search(len(m), func(i int) bool { return int(m[i].At) > at })
	if next == 0 {
		return at
	}
	last := m[next-1]
	if last.Added {
		return int(last.Was)
	}
	return at - int(last.At) + int(last.Was)
}

// Shift gives the moves of a module that was changed once more, so that all its code
// is found so many bytes farther on (see Extend).
func (m Moves) Shift(bytes int) Moves {
	out := make(Moves, len(m))
	for i, move := range m {
		move.At = uint32(int(move.At) + bytes)
		out[i] = move
	}
	return out
}
