package wasmbin

// event is an instruction of a body at which something may have to be done.
type event struct {
	op         byte  // that of one with which ours has to do the same; opNop for none, but so many instructions went by
	start, end int   // its bytes in the module
	cost       int64 // of all instructions since the event before, its own included
	// index is the label of br and br_if, or the function that is called instead if it is
	// replaced.
	index   uint32
	targets []uint32 // of br_table, and of the clauses of try_table
	// hasElse belongs to if.
	hasElse bool
	// replaced: a function is called instead.
	replaced bool
	// pinned says that br_table leads to the end of this block or if, besides others.
	pinned bool
	// caught says that a clause of try_table leads to the end of this block, or to this
	// loop.
	caught bool
	// wide says that opBulk takes a number of 64 bits, each that each element counts.
	wide, each bool
}

// scanned is the body of a function as it was read.
type scanned struct {
	params, locals uint32
	groups         int // entries of the list of locals
	list, code     int // where their bytes begin
	end            int // where those of the last instruction end
	events         []event
	loops, calls   bool
	// narrow and wide say that an amount must be kept, of 32 or 64 bits.
	narrow, wide bool
}

// scanner reads a body. Events of a body that is only made to trap are its sites.
type scanner struct {
	*reader
	w     *rewriter
	out   *scanned
	open  []int // events that opened the blocks around; 0 is the body
	since int64 // the cost since the last event
	// constant is the number that the last instruction pushed, -1 if it did not.
	constant int64
}

// longStretch is the most that instructions without an event between them may cost.
const longStretch = 1024

// scan reads a body of a function with so many parameters.
func (w *rewriter) scan(r *reader, params int) *scanned {
	s := &scanner{reader: r, w: w, out: &scanned{params: uint32(params)}, constant: -1}
	s.out.list = r.pos
	s.out.groups = r.count()
	s.out.list = r.pos
	locals := uint64(0)
	for n := s.out.groups; n > 0 && r.err == nil; n-- {
		locals += uint64(r.u32())
		r.valueType()
	}
	if locals > 1<<31 {
		r.fail("too many locals")
	}
	s.out.locals, s.out.code = uint32(locals), r.pos
	s.open = append(s.open, s.add(event{op: opBlock, start: r.pos, end: r.pos}))
	for len(s.open) > 0 && r.err == nil {
		s.step()
	}
	if r.err == nil && !r.done() {
		r.fail("a function that ends too early")
	}
	s.out.end = r.pos
	return s.out
}

func (s *scanner) add(e event) int {
	e.cost, s.since = s.since, 0
	s.out.events = append(s.out.events, e)
	return len(s.out.events) - 1
}

// step reads one instruction.
func (s *scanner) step() {
	e := event{start: s.pos}
	e.op = s.instruction()
	e.end = s.pos
	if s.err != nil {
		return
	}
	operands := &reader{data: s.data[:e.end], pos: e.start + 1}
	constant := s.constant
	s.constant = -1
	if s.w.meter != nil && e.op != opBulk && e.op != prefixGC {
		s.since += s.w.costs[e.op]
	}
	switch e.op {
	case opI32Const:
		s.constant = int64(uint32(operands.signed(32)))
	case opTryTable:
		s.tryTable(e, operands)
	case opBlock, opLoop, opIf:
		s.out.loops = s.out.loops || e.op == opLoop
		s.open = append(s.open, s.add(e))
	case opElse:
		s.elseOf(e)
	case opEnd:
		s.open = s.open[:len(s.open)-1]
		s.add(e)
	case opBr:
		s.branch(e, operands.u32())
	case opBrIf, opBrOnNull, opBrOnNonNull:
		e.op = opBrIf
		s.branch(e, operands.u32())
	case opBrTable:
		s.branchTable(e, operands)
	case opReturn, opUnreachable, opThrow, opThrowRef:
		e.op = opReturn
		s.add(e)
	case opCall, opCallIndirect, opCallRef:
		e.op = opCall
		s.out.calls = true
		s.add(e)
	case opReturnCall, opReturnCallIndirect, opReturnCallRef:
		e.op = opReturn
		s.out.calls = true
		s.add(e)
	case opMemoryGrow:
		s.grow(e, Memory, operands.u32())
	case opBulk:
		s.bulkOf(e, operands, constant)
	case prefixGC:
		s.managedOf(e, operands, constant)
	default:
		if s.since > longStretch {
			s.add(event{op: opNop, start: e.end, end: e.end})
		}
	}
}

func (s *scanner) elseOf(e event) {
	block := &s.out.events[s.open[len(s.open)-1]]
	if block.op != opIf || block.hasElse {
		s.fail("an else without an if")
		return
	}
	block.hasElse = true
	s.add(e)
}

// label gives the block that a label means.
func (s *scanner) label(index uint32) *event {
	if uint64(index) >= uint64(len(s.open)) {
		s.fail("unknown label")
		return &event{}
	}
	return &s.out.events[s.open[len(s.open)-1-int(index)]]
}

func (s *scanner) branch(e event, index uint32) {
	e.index = index
	s.label(index)
	s.add(e)
}

// tryTable opens a block that exceptions leave for labels outside of it.
func (s *scanner) tryTable(e event, operands *reader) {
	operands.blockType()
	e.targets = operands.catches()
	for _, index := range e.targets {
		s.label(index).caught = true
	}
	s.open = append(s.open, s.add(e))
}

func (s *scanner) branchTable(e event, operands *reader) {
	for n := operands.count() + 1; n > 0; n-- {
		e.targets = append(e.targets, operands.u32())
	}
	for _, index := range e.targets {
		if target := s.label(index); index != e.targets[0] {
			target.pinned = true
			s.label(e.targets[0]).pinned = true
		}
	}
	s.add(e)
}

// grow takes memory.grow and table.grow.
func (s *scanner) grow(e event, kind Kind, index uint32) {
	var ok bool
	if e.index, ok = s.w.growth(s.reader, kind, index); ok {
		e.op, e.replaced = opMemoryGrow, true
		s.w.sites++
		s.add(e)
	}
}

// bulkOf takes what has the prefix 0xfc.
func (s *scanner) bulkOf(e event, operands *reader, constant int64) {
	op := operands.u32()
	first := operands.u32()
	if s.w.meter == nil {
		if op == bulkTableGrow {
			s.grow(e, Table, first)
		}
		return
	}
	s.since += s.w.meter.bulk(op)
	switch op {
	case 10: // memory.copy
		e.wide = s.both64(Memory, first, operands.u32())
	case 11: // memory.fill
		e.wide = s.is64(Memory, first)
	case 14: // table.copy
		e.wide = s.both64(Table, first, operands.u32())
	case 17: // table.fill
		e.wide = s.is64(Table, first)
	case 8, 12: // memory.init, table.init
	case bulkTableGrow:
		s.grow(e, Table, first)
		return
	default:
		return
	}
	s.amount(e, constant)
}

// managedOf takes what has the prefix 0xfb.
func (s *scanner) managedOf(e event, operands *reader, constant int64) {
	op := operands.u32()
	if s.w.meter != nil {
		s.since += s.w.meter.managed(op)
	}
	switch op {
	case gcBrOnCast, gcBrOnCastFail:
		operands.skip(1)
		e.op = opBrIf
		s.branch(e, operands.u32())
	case gcArrayNew, gcArrayNewDefault, gcArrayNewData, gcArrayNewElem, gcArrayFill, gcArrayCopy, gcArrayInitData, gcArrayInitElem:
		e.op = opBulk
		if s.w.arrays {
			s.inPieces(&e, op, operands)
		}
		e.each = op != gcArrayNewData && op != gcArrayInitData
		s.amount(e, constant)
	case gcStructDefault:
		s.amount(e, int64(s.w.shape.fields(operands.u32())))
	}
}

// shift is by how many bits an amount is divided.
func (e *event) shift() int64 {
	if e.each {
		return 0
	}
	return 6
}

// amount charges for the number on top of the stack, which is constant if that is not
// negative.
func (s *scanner) amount(e event, constant int64) {
	price := int64(0)
	if s.w.meter != nil {
		price = int64(s.w.meter.BulkPer64)
	}
	switch {
	case price > 0 && constant < 0:
		s.out.wide, s.out.narrow = s.out.wide || e.wide, s.out.narrow || !e.wide
		s.add(e)
		return
	case price > 0:
		s.since += constant >> e.shift() * price
	}
	if e.replaced {
		e.op = opNop
		s.add(e)
	}
}

func (s *scanner) both64(kind Kind, first, second uint32) bool {
	one, other := s.is64(kind, first), s.is64(kind, second)
	return one && other
}

// is64 tells whether a memory or a table has 64-bit indices.
func (s *scanner) is64(kind Kind, index uint32) bool {
	limits, ok := s.w.limits(kind, index)
	if !ok {
		s.fail("unknown " + kind.String())
	}
	return limits.Is64
}
