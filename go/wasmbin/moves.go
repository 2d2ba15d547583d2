package wasmbin

import "sort"

// Move says that byte At of a changed module is byte Was of the module as it was, and
// so on for the bytes that follow, up to the next Move.
type Move struct{ At, Was int }

// Moves are in the order of At. The code begins at the first; none: nothing moved.
type Moves []Move

// Original gives the place in the module as it was.
func (m Moves) Original(at int) int {
	next := sort.Search(len(m), func(i int) bool { return m[i].At > at })
	if next == 0 {
		return at
	}
	return at - m[next-1].At + m[next-1].Was
}

// Shift gives the moves of a module that was changed once more, so that all its code
// is found so many bytes farther on (see Extend).
func (m Moves) Shift(bytes int) Moves {
	out := make(Moves, len(m))
	for i, move := range m {
		out[i] = Move{At: move.At + bytes, Was: move.Was}
	}
	return out
}
