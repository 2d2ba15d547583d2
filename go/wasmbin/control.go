package wasmbin

// Places in the memory that is exported as ControlExport: two i64.
const (
	ControlEnd   = 0 // where the count ends; 0 until the host puts something else there
	ControlCount = 8 // the count, if there is one
)

// getCount pushes the count.
func (w *rewriter) getCount(c *Code) {
	if !w.interrupt {
		c.op(opGlobalGet, w.count)
		return
	}
	w.atControl(c)
	w.control(c, opI64Load, ControlCount)
}

// setCount makes what is pushed the count.
func (w *rewriter) setCount(c *Code, push func(*Code)) {
	if !w.interrupt {
		push(c)
		c.op(opGlobalSet, w.count)
		return
	}
	w.atControl(c)
	push(c)
	w.control(c, opI64Store, ControlCount)
}

// addToCount adds what is pushed.
func (w *rewriter) addToCount(c *Code, push func(*Code)) {
	w.setCount(c, func(c *Code) {
		w.getCount(c)
		push(c)
		c.op(opI64Add)
	})
}

// getEnd pushes where the count ends. The load is atomic, because another thread may
// store, and a compiler may take what it loaded before for what an ordinary load in a
// loop would give.
func (w *rewriter) getEnd(c *Code) {
	if !w.interrupt {
		c.number(0)
		return
	}
	w.atControl(c)
	*c = append(*c, opAtomic)
	w.control(c, atomicI64Load, ControlEnd)
}

// atControl pushes the address that control takes: that of the whole memory.
func (w *rewriter) atControl(c *Code) { c.Small(0) }

// control loads or stores an i64 of the memory that is the host's.
func (w *rewriter) control(c *Code, op byte, place uint32) {
	const alignment = 3 // 8 bytes
	c.op(op, alignment|memargHasIndex, uint32(len(w.shape.Memories)), place)
}
