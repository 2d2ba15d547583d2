package wasmbin

// Costs are the prices of what a guest executes, by class of instruction: 0 to
// MaxCost. Not listed, and free: nop, drop, block, loop, else, end, return,
// unreachable. With DefaultCosts the count is that of the instructions executed, those
// left out, and of the functions entered.
type Costs struct {
	Simple   uint32 // constants, locals, integers except division, select, references
	Memory   uint32 // loads, stores, globals, tables, structs, arrays; what has the prefix 0xfc or 0xfe otherwise
	Float    uint32 // floating point except division and square root; conversions from and to it
	Division uint32 // division, remainder, square root
	SIMD     uint32 // all of the prefix 0xfd
	Branch   uint32 // if, br, br_if, br_table, br_on_…, try_table, throw, throw_ref
	Call     uint32 // call, call_indirect, call_ref, the same with return_
	Entry    uint32 // each function of the module that is entered, from inside or outside
	// BulkPer64 is for each full 64 bytes or elements that memory.copy, memory.fill,
	// memory.init, table.copy, table.fill, table.init, table.grow, array.new_data and
	// array.init_data handled, for each full 64 fields of struct.new_default, and for each
	// element that array.new, array.new_default, array.new_elem, array.copy, array.fill and
	// array.init_elem handled, one by one.
	BulkPer64 uint32
	// Grow is for each page that memory.grow added.
	Grow uint32
}

// MaxCost is the greatest price.
const MaxCost = 1000

// DefaultCosts are 1 for everything.
func DefaultCosts() Costs {
	return Costs{Simple: 1, Memory: 1, Float: 1, Division: 1, SIMD: 1, Branch: 1, Call: 1, Entry: 1, BulkPer64: 1, Grow: 1}
}

// inRange tells whether no price is above the greatest.
func (c *Costs) inRange() bool {
	return max(c.Simple, c.Memory, c.Float, c.Division, c.SIMD, c.Branch, c.Call, c.Entry, c.BulkPer64, c.Grow) <= MaxCost
}

// table gives the price of each operation code; those with the
// prefixes 0xfb and 0xfc are not all of the same class (see managed and bulk).
func (c *Costs) table() *[256]int64 {
	var out [256]int64
	fill := func(first, last int, cost uint32) {
		for op := first; op <= last; op++ {
			out[op] = int64(cost)
		}
	}
	fill(0x00, 0xff, c.Simple)
	for _, op := range []byte{opUnreachable, opNop, opBlock, opLoop, opElse, opEnd, opReturn, opDrop} {
		out[op] = 0
	}
	for _, op := range []byte{opIf, opBr, opBrIf, opBrTable, opBrOnNull, opBrOnNonNull, opTryTable, opThrow, opThrowRef} {
		out[op] = int64(c.Branch)
	}
	fill(opCall, opReturnCallRef, c.Call)
	fill(0x23, opMemoryGrow, c.Memory) // globals, tables, loads, stores, memory.size, memory.grow
	fill(0x5b, 0x66, c.Float)          // comparisons
	fill(0x6d, 0x70, c.Division)
	fill(0x7f, 0x82, c.Division)
	fill(0x8b, 0xa6, c.Float)
	for _, op := range []byte{0x91, 0x95, 0x9f, 0xa3} { // sqrt, div
		out[op] = int64(c.Division)
	}
	fill(0xa8, 0xab, c.Float) // conversions
	fill(0xae, 0xbf, c.Float)
	out[opVector] = int64(c.SIMD)
	out[opAtomic] = int64(c.Memory)
	return &out
}

// bulk gives the price of an instruction with the prefix 0xfc and that number.
func (c *Costs) bulk(op uint32) int64 {
	if op <= 7 { // saturating conversions
		return int64(c.Float)
	}
	return int64(c.Memory)
}

// managed gives the price of an instruction with the prefix 0xfb and that number.
func (c *Costs) managed(op uint32) int64 {
	switch {
	case op <= gcArrayInitElem:
		return int64(c.Memory)
	case op == gcBrOnCast, op == gcBrOnCastFail:
		return int64(c.Branch)
	}
	return int64(c.Simple)
}
