package describe

import (
	"wasmgate/go/errs"
	"wasmgate/go/wasmbin"
)

// run is one descriptor at work.
type run struct {
	*Module
	memory  memory
	globals []uint64
	stack   []uint64
	words   []uint32
	steps   int
	err     error
}

func (r *run) fail(format string, args ...any) {
	if r.err == nil {
		r.err = errs.New(errs.ModuleUnsupported, "its descriptor cannot be run: "+format, args...)
	}
}

func (r *run) push(v uint64)   { r.stack = append(r.stack, v) }
func (r *run) push32(v uint32) { r.push(uint64(v)) }

func (r *run) pushBool(v bool) {
	if v {
		r.push(1)
	} else {
		r.push(0)
	}
}

// pop gives 0 of an empty stack, which validated code never meets.
func (r *run) pop() uint64 {
	if len(r.stack) == 0 {
		r.fail("its code is not valid")
		return 0
	}
	v := r.stack[len(r.stack)-1]
	r.stack = r.stack[:len(r.stack)-1]
	return v
}

func (r *run) pop32() uint32 { return uint32(r.pop()) }

func (r *run) call(function uint32, depth int) {
	if uint64(function) >= uint64(len(r.shape.Funcs)) || depth > maxDepth {
		r.fail("its calls are nested too deeply")
		return
	}
	if r.describe[function] {
		r.words = append(r.words, r.pop32())
		if len(r.words) > maxWords {
			r.fail("it does not end")
		}
		return
	}
	if function < uint32(r.inside.Imported) {
		r.fail("it calls another import")
		return
	}
	f := &frame{run: r, depth: depth, function: function, t: r.shape.Funcs[function]}
	f.execute(r.inside.Bodies[function-uint32(r.inside.Imported)])
}

// frame is one call of a function.
type frame struct {
	*run
	code
	function uint32
	depth    int
	t        wasmbin.FuncType
	locals   []uint64
	base     int // height of the stack below the frame
	labels   []label
}

// label is a block that is open: where a branch to it goes on, and with how many
// values on which height.
type label struct {
	target        int
	height, arity int
	loop          bool
}

const maxLocals = 4096

func (f *frame) execute(body []byte) {
	params := len(f.t.Params)
	if len(f.stack) < params {
		f.fail("its code is not valid")
		return
	}
	f.locals = append(f.locals, f.stack[len(f.stack)-params:]...)
	f.stack = f.stack[:len(f.stack)-params]
	f.base = len(f.stack)
	f.data = body
	for n := f.u32(); n > 0 && !f.bad; n-- {
		count := f.u32()
		f.pos++ // type
		if uint64(len(f.locals))+uint64(count) > maxLocals {
			f.fail("it has too many locals")
			return
		}
		f.steps -= int(count) / 8
		f.locals = append(f.locals, make([]uint64, count)...)
	}
	f.labels = append(f.labels, label{target: len(body), height: f.base, arity: len(f.t.Results)})
	for len(f.labels) > 0 && f.err == nil {
		if f.steps--; f.steps < 0 {
			f.fail("it takes too many steps")
		} else if f.bad || f.pos >= len(f.data) {
			f.fail("its code is not valid")
		} else {
			f.step(f.byte())
		}
	}
}

// branch leaves so many blocks.
func (f *frame) branch(depth uint32) {
	if uint64(depth) >= uint64(len(f.labels)) {
		f.fail("its code is not valid")
		return
	}
	at := len(f.labels) - 1 - int(depth)
	l := f.labels[at]
	f.keep(l)
	f.pos = l.target
	f.labels = f.labels[:at]
	if l.loop {
		f.labels = f.labels[:at+1]
	}
}

// keep drops what is on the stack between a block's height and its results.
func (f *frame) keep(l label) {
	if len(f.stack) < l.height+l.arity {
		f.fail("its code is not valid")
		return
	}
	f.stack = append(f.stack[:l.height], f.stack[len(f.stack)-l.arity:]...)
}

func (f *frame) step(op byte) {
	switch {
	case op <= 0x11:
		f.control(op)
	case op == 0x1a: // drop
		f.pop()
	case op == 0x1b: // select
		c, b, a := f.pop32(), f.pop(), f.pop()
		if c == 0 {
			a = b
		}
		f.push(a)
	case op >= 0x20 && op <= 0x24:
		f.variable(op)
	case op >= 0x28 && op <= 0x3e:
		f.access(op)
	case op == 0x41: // i32.const
		f.push32(uint32(f.signed()))
	case op == 0x42: // i64.const
		f.push(uint64(f.signed()))
	default:
		if !f.arithmetic(op) {
			f.fail("it has instruction 0x%02x", op)
		}
	}
}

func (f *frame) control(op byte) {
	switch op {
	case 0x00:
		f.fail("it traps")
	case 0x01: // nop
	case 0x02, 0x03, 0x04:
		f.open(op)
	case 0x05: // else, reached from the then branch
		f.pos = f.labels[len(f.labels)-1].target
		f.labels = f.labels[:len(f.labels)-1]
	case 0x0b: // end
		l := f.labels[len(f.labels)-1]
		f.labels = f.labels[:len(f.labels)-1]
		if len(f.labels) == 0 {
			f.keep(l)
		}
	case 0x0c:
		f.branch(f.u32())
	case 0x0d:
		if depth := f.u32(); f.pop32() != 0 {
			f.branch(depth)
		}
	case 0x0e:
		f.table()
	case 0x0f:
		f.branch(uint32(len(f.labels) - 1))
	case 0x10:
		f.call(f.u32(), f.depth+1)
	default:
		f.fail("it has instruction 0x%02x", op)
	}
}

func (f *frame) table() {
	count := f.u32()
	index := f.pop32()
	f.steps -= int(min(count, maxSteps))
	depth := uint32(0)
	for i := uint32(0); i <= count && !f.bad; i++ {
		if d := f.u32(); i == index || i == count && index >= count {
			depth = d
		}
	}
	f.branch(depth)
}

// open begins a block, a loop or an if.
func (f *frame) open(op byte) {
	start := f.pos - 1
	arity := 0
	switch kind := f.signed(); {
	case kind == -0x40:
	case kind < 0:
		arity = 1
	default:
		f.fail("it has a block with parameters")
		return
	}
	j, ok := f.jumpsOf(f.function, f.data)[start]
	if !ok || j.end == 0 {
		f.fail("it has instructions that cannot be passed over")
		return
	}
	l := label{target: j.end, height: len(f.stack), arity: arity}
	if op == 0x03 {
		l.target, l.arity, l.loop = f.pos, 0, true
	}
	if op == 0x04 {
		l.height--
		if f.pop32() == 0 {
			if j.orElse == 0 {
				f.pos = j.end
				return
			}
			f.pos = j.orElse
		}
	}
	f.labels = append(f.labels, l)
}

func (f *frame) variable(op byte) {
	index := f.u32()
	list := &f.locals
	if op >= 0x23 {
		list = &f.globals
	}
	if uint64(index) >= uint64(len(*list)) {
		f.fail("its code is not valid")
		return
	}
	switch op {
	case 0x20, 0x23:
		f.push((*list)[index])
	case 0x22:
		v := f.pop()
		(*list)[index] = v
		f.push(v)
	default:
		(*list)[index] = f.pop()
	}
}

// accessBytes is the width of each load and store from 0x28 on, 0 for those that
// are not known: loads of floats, and what is beyond them.
var accessBytes = []int{4, 8, 0, 0, 1, 1, 2, 2, 0, 1, 0, 2, 0, 4, 4, 8, 0, 0, 1, 2, 1, 2, 4}

// access is a load or a store of an integer.
func (f *frame) access(op byte) {
	f.u32() // alignment
	offset := uint64(f.u32())
	bytes := accessBytes[op-0x28]
	ok := bytes > 0
	if op >= 0x36 {
		value := f.pop()
		ok = ok && f.memory.store(uint64(f.pop32())+offset, bytes, value)
	} else {
		var value uint64
		if ok {
			value, ok = f.memory.load(uint64(f.pop32())+offset, bytes)
		}
		switch op {
		case 0x2c:
			value = uint64(uint32(int8(value)))
		case 0x2e:
			value = uint64(uint32(int16(value)))
		}
		f.push(value)
	}
	if !ok {
		f.fail("it uses memory in a way that is not known (0x%02x)", op)
	}
}
