package wasmbin

// pieces is an instruction that handles elements of arrays one by one, and which the
// engine does not interrupt: array.copy, array.init_elem or array.new_elem. first is the
// type of the array that is written, second that of the other one, or a segment.
type pieces struct{ op, first, second uint32 }

// piece is how many elements of a segment are handled at once. One takes 100 ns to 500 ns.
const piece = 4096

// inPieces replaces an instruction by a call of a function that can be stopped.
func (s *scanner) inPieces(e *event, op uint32, operands *reader) {
	what := pieces{op: op, first: operands.u32()}
	if op != gcArrayCopy && op != gcArrayInitElem && op != gcArrayNewElem {
		return
	}
	what.second = operands.u32()
	if !s.isArray(what.first) || op == gcArrayCopy && !s.isArray(what.second) {
		s.fail("unknown type of array")
		return
	}
	if op == gcArrayNewElem && !s.w.shape.Arrays[what.first].Mutable {
		return
	}
	e.index, e.replaced = s.w.helper(what, func() Function { return s.w.inPieces(what) }), true
	s.w.sites++
}

func (s *scanner) isArray(index uint32) bool {
	kinds := s.w.shape.Kinds
	return uint64(index) < uint64(len(kinds)) && kinds[index] == FormArray
}

// inPieces is a function that takes, gives and traps as the instruction does.
func (w *rewriter) inPieces(what pieces) Function {
	array := heapRef(true, int64(what.first))
	switch what.op {
	case gcArrayCopy:
		return Function{
			Type: FuncType{Params: []ValType{array, I32, heapRef(true, int64(what.second)), I32, I32}},
			Code: w.copyCode(what),
		}
	case gcArrayInitElem:
		return Function{Type: FuncType{Params: []ValType{array, I32, I32, I32}}, Code: initCode(what)}
	}
	return Function{
		Type:   FuncType{Params: []ValType{I32, I32}, Results: []ValType{heapRef(false, int64(what.first))}},
		Locals: 1, // of 0
		Array:  array,
		Code:   newCode(what),
	}
}

// copyCode is a loop, which is also faster. Where the instruction traps, it is executed.
func (w *rewriter) copyCode(what pieces) (c Code) {
	const dst, d, src, s, n = 0, 1, 2, 3, 4
	get := uint32(gcArrayGet)
	if w.shape.Arrays[what.second].Packed {
		get = gcArrayGetU
	}
	c.op(opBlock, noResult)
	c.leaveUnlessInside(dst, d, n)
	c.leaveUnlessInside(src, s, n)
	c.Get(n)
	c.IsZero()
	c.If()
	c.op(opReturn)
	c.End()
	// Upwards or downwards, so that what overlaps is read before it is written.
	c.Get(s)
	c.Get(d)
	c.op(opI32GtU)
	c.If()
	c.op(opLoop, noResult)
	c.Get(dst)
	c.Get(d)
	c.Get(src)
	c.Get(s)
	c.op(prefixGC, get, what.second)
	c.op(prefixGC, gcArraySet, what.first)
	c.step(d, opI32Add, 1)
	c.step(s, opI32Add, 1)
	c.step(n, opI32Sub, 1)
	c.Get(n)
	c.op(opBrIf, 0)
	c.End()
	c.op(opReturn)
	c.End()
	c.op(opLoop, noResult)
	c.step(n, opI32Sub, 1)
	c.Get(dst)
	c.sum(d, n)
	c.Get(src)
	c.sum(s, n)
	c.op(prefixGC, get, what.second)
	c.op(prefixGC, gcArraySet, what.first)
	c.Get(n)
	c.op(opBrIf, 0)
	c.End()
	c.op(opReturn)
	c.End()
	c.Get(dst)
	c.Get(d)
	c.Get(src)
	c.Get(s)
	c.Get(n)
	c.op(prefixGC, gcArrayCopy, what.first, what.second)
	return c
}

// initCode does the last piece, or what traps, with the instruction as it was.
func initCode(what pieces) (c Code) {
	const dst, d, s, n = 0, 1, 2, 3
	c.op(opBlock, noResult)
	c.leaveUnlessMany(n)
	c.leaveUnlessInside(dst, d, n)
	c.leaveIfAround(s, n)
	c.Get(dst) // no elements: traps if the segment ends before
	c.Get(d)
	c.sum(s, n)
	c.Small(0)
	c.op(prefixGC, gcArrayInitElem, what.first, what.second)
	c.initialise(what, dst, d, s, n)
	c.End()
	c.Get(dst)
	c.Get(d)
	c.Get(s)
	c.Get(n)
	c.op(prefixGC, gcArrayInitElem, what.first, what.second)
	return c
}

// newCode makes an array of many elements of its first one, and puts the others in.
func newCode(what pieces) (c Code) {
	const s, n, d, array = 0, 1, 2, 3
	fresh := func() { c.op(prefixGC, gcArrayNewElem, what.first, what.second) }
	c.op(opBlock, noResult)
	c.leaveUnlessMany(n)
	c.leaveIfAround(s, n)
	c.sum(s, n) // no elements: traps if the segment ends before
	c.Small(0)
	fresh()
	c.op(opDrop)
	c.Get(s)
	c.Small(1)
	fresh()
	c.Small(0)
	c.op(prefixGC, gcArrayGet, what.first)
	c.Get(n)
	c.op(prefixGC, gcArrayNew, what.first)
	c.Set(array)
	c.op(opBlock, noResult)
	c.initialise(what, array, d, s, n)
	c.End()
	c.Get(array)
	c.Get(d)
	c.Get(s)
	c.Get(n)
	c.op(prefixGC, gcArrayInitElem, what.first, what.second)
	c.Get(array)
	c.op(opRefAsNonNull)
	c.op(opReturn)
	c.End()
	c.Get(s)
	c.Get(n)
	fresh()
	return c
}

// initialise handles n elements but for a last piece, and leaves the block around.
func (c *Code) initialise(what pieces, array, d, s, n uint32) {
	c.op(opLoop, noResult)
	c.Get(n)
	c.int(piece)
	c.op(opI32LeU)
	c.op(opBrIf, 1)
	c.Get(array)
	c.Get(d)
	c.Get(s)
	c.int(piece)
	c.op(prefixGC, gcArrayInitElem, what.first, what.second)
	c.step(d, opI32Add, piece)
	c.step(s, opI32Add, piece)
	c.step(n, opI32Sub, piece)
	c.op(opBr, 0)
	c.End()
}

// leaveUnlessInside leaves the block around if an array is null, or has no n elements from
// first on.
func (c *Code) leaveUnlessInside(array, first, n uint32) {
	c.Get(array)
	c.op(opRefIsNull)
	c.op(opBrIf, 0)
	c.Get(first)
	c.op(opI64ExtendI32U)
	c.Get(n)
	c.op(opI64ExtendI32U)
	c.op(opI64Add)
	c.Get(array)
	c.op(prefixGC, gcArrayLen)
	c.op(opI64ExtendI32U)
	c.op(opI64GtU)
	c.op(opBrIf, 0)
}

// leaveUnlessMany leaves the block around if n is not more than a piece.
func (c *Code) leaveUnlessMany(n uint32) {
	c.Get(n)
	c.int(piece)
	c.op(opI32LeU)
	c.op(opBrIf, 0)
}

// leaveIfAround leaves the block around if a sum has more than 32 bits.
func (c *Code) leaveIfAround(a, b uint32) {
	c.sum(a, b)
	c.Get(b)
	c.op(opI32LtU)
	c.op(opBrIf, 0)
}

func (c *Code) sum(a, b uint32) {
	c.Get(a)
	c.Get(b)
	c.op(opI32Add)
}

// step changes a local.
func (c *Code) step(local uint32, op byte, by int64) {
	c.Get(local)
	c.int(by)
	c.op(op)
	c.Set(local)
}
