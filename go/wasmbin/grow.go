package wasmbin

// grown is a memory or a table that the code grows.
type grown struct {
	kind  Kind
	index uint32
}

// limits gives those of a memory or a table.
func (w *rewriter) limits(kind Kind, index uint32) (Limits, bool) {
	if kind == Memory {
		if uint64(index) >= uint64(len(w.shape.Memories)) {
			return Limits{}, false
		}
		return w.shape.Memories[index], true
	}
	if uint64(index) >= uint64(len(w.shape.Tables)) {
		return Limits{}, false
	}
	return w.shape.Tables[index].Limits, true
}

// growth gives the index of the function that grows something; none is needed if it
// would do no more than the instruction.
func (w *rewriter) growth(r *reader, kind Kind, index uint32) (function uint32, needed bool) {
	limits, ok := w.limits(kind, index)
	if !ok {
		r.fail("unknown " + kind.String())
		return 0, false
	}
	if !w.trap && w.growthPrice(kind) == 0 {
		return 0, false
	}
	what := grown{kind, index}
	return w.helper(what, func() Function { return w.grower(what, limits.Is64) }), true
}

// helper gives the index of an added function, which is made if it is the first.
func (w *rewriter) helper(what any, make func() Function) uint32 {
	function, ok := w.helpers[what]
	if !ok {
		function = uint32(w.shape.FuncCount + len(w.added))
		w.helpers[what] = function
		w.added = append(w.added, make())
	}
	return function
}

func (w *rewriter) growthPrice(kind Kind) uint32 {
	switch {
	case w.meter == nil:
		return 0
	case kind == Memory:
		return w.meter.Grow
	}
	return w.meter.BulkPer64
}

// grower is a function that takes and gives what memory.grow or table.grow do.
func (w *rewriter) grower(what grown, is64 bool) Function {
	size := I32
	if is64 {
		size = I64
	}
	out := FuncType{Params: []ValType{size}, Results: []ValType{size}}
	var c Code
	c.Get(0)
	amount := uint32(0)
	if what.kind == Memory {
		c.Grow(what.index)
	} else {
		amount = 1
		out.Params = []ValType{w.shape.Tables[what.index].Elem, size}
		c.Get(amount)
		c.op(opBulk, bulkTableGrow, what.index)
	}
	c.Set(amount) // the size before from here on
	c.Get(amount)
	c.equalsMinusOne(size)
	price := w.growthPrice(what.kind)
	traps := w.trap
	if !traps {
		c.IsZero()
	}
	c.If()
	if traps {
		c.Unreachable()
		c.End()
	}
	if price > 0 {
		w.chargeGrowth(&c, what, size, price)
	}
	if !traps {
		c.End()
	}
	c.Get(amount)
	return Function{Type: out, Code: c}
}

// chargeGrowth counts what was added, before the result is given.
func (w *rewriter) chargeGrowth(c *Code, what grown, size ValType, price uint32) {
	c.op(opGlobalGet, w.count)
	subtract := byte(opI32Sub)
	if size == I64 {
		subtract = opI64Sub
	}
	if what.kind == Memory {
		c.op(opMemorySize, what.index)
		c.Get(0)
	} else {
		c.op(opBulk, bulkTableSize, what.index)
		c.Get(1)
	}
	c.op(subtract)
	if size == I32 {
		c.op(opI64ExtendI32U)
	}
	if what.kind == Table {
		c.number(6)
		c.op(opI64ShrU)
	}
	c.number(int64(price))
	c.op(opI64Mul)
	c.op(opI64Add)
	c.op(opGlobalSet, w.count)
}
