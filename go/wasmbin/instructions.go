package wasmbin

import "wasmgate/go/errs"

// memargHasIndex is a bit of a memarg's alignment: the index of a memory follows.
const memargHasIndex = 0x40

// instruction reads one instruction with all its immediates and gives its operation
// code, that of the prefix if it has one. It knows what the engine accepts as it is
// configured (go/engine/profile.go): that is version 3.0, with atomics. Whatever else
// there may be is refused, because nobody can say where it ends.
//
// Source: WebAssembly core specification 3.0, chapter "Instructions" of "Binary
// Format"; the threads proposal for the prefix 0xfe.
func (r *reader) instruction() byte {
	start := r.pos
	op := r.byte()
	known := true
	switch {
	case op >= opI32Eqz && op <= 0xc4: // comparisons, arithmetic, conversions, sign extension
	case op >= 0x28 && op <= 0x3e: // loads and stores
		r.memarg()
	case op >= opLocalGet && op <= 0x26: // of a local, a global or a table
		r.u32()
	case op == prefixGC:
		known = r.managed(r.u32())
	case op == opBulk:
		known = r.bulk(r.u32())
	case op == opVector:
		known = r.vector(r.u32())
	case op == opAtomic:
		known = r.atomic(r.u32())
	default:
		known = r.control(op)
	}
	if !known && r.err == nil {
		r.refuse("instruction", op, start)
	}
	return op
}

func (r *reader) refuse(what string, code byte, at int) {
	r.err = errs.New(errs.ModuleUnsupported, "module: unknown %s 0x%02x at byte %d", what, code, at)
	r.pos = len(r.data)
}

// control reads what is left of the instructions without a prefix.
func (r *reader) control(op byte) bool {
	switch op {
	case opUnreachable, opNop, opElse, opEnd, opReturn, opDrop, opThrowRef, 0x1b, 0xd1, 0xd3, 0xd4:
		// select, ref.is_null, ref.eq, ref.as_non_null
	case opBlock, opLoop, opIf:
		r.blockType()
	case opTryTable:
		r.blockType()
		r.catches()
	case opBr, opBrIf, opCall, opReturnCall, opMemorySize, opMemoryGrow, opRefFunc,
		opThrow, opCallRef, opReturnCallRef, opBrOnNull, opBrOnNonNull:
		r.u32()
	case opBrTable:
		for n := r.count(); n > 0 && r.err == nil; n-- {
			r.u32()
		}
		r.u32()
	case opCallIndirect, opReturnCallIndirect: // type, table
		r.u32()
		r.u32()
	case 0x1c: // select, typed
		for n := r.count(); n > 0 && r.err == nil; n-- {
			r.valueType()
		}
	case opI32Const:
		r.leb(35)
	case opI64Const:
		r.leb(70)
	case 0x43: // f32.const
		r.skip(4)
	case 0x44: // f64.const
		r.skip(8)
	case 0xd0: // ref.null
		r.heapType()
	default:
		return false
	}
	return true
}

// catches reads the clauses of try_table and gives their labels.
func (r *reader) catches() (labels []uint32) {
	for n := r.count(); n > 0 && r.err == nil; n-- {
		switch kind := r.byte(); {
		case kind <= 1: // catch, catch_ref
			r.u32() // tag
		case kind > 3: // catch_all, catch_all_ref
			r.refuse("clause", kind, r.pos-1)
		}
		labels = append(labels, r.u32())
	}
	return labels
}

// managed reads what follows the prefix 0xfb and a number.
func (r *reader) managed(op uint32) bool {
	switch {
	case op == gcArrayLen, op >= gcAnyFromExtern && op <= 30: // conversions, i31
	case op <= 1, op == gcArrayNew, op == gcArrayNewDefault, op >= 11 && op <= 14, op == gcArrayFill:
		r.u32() // type
	case op <= gcArrayInitElem: // type; field, length, segment or the other type
		r.u32()
		r.u32()
	case op >= 20 && op <= gcRefCastNull: // ref.test, ref.cast
		r.heapType()
	case op == gcBrOnCast, op == gcBrOnCastFail: // flags, label, from, to
		r.skip(1)
		r.u32()
		r.heapType()
		r.heapType()
	default:
		return false
	}
	return true
}

// bulk reads what follows the prefix 0xfc and a number.
func (r *reader) bulk(op uint32) bool {
	switch {
	case op <= 7: // saturating conversions
	case op == 9, op == 11, op == 13, op >= 15 && op <= 17: // one index
		r.u32()
	case op == 8, op == bulkCopy, op == 12, op == 14: // two of them
		r.u32()
		r.u32()
	default:
		return false
	}
	return true
}

// vector reads what follows the prefix 0xfd and a number.
func (r *reader) vector(op uint32) bool {
	switch {
	case op <= 11, op == 92, op == 93: // whole loads and stores, loads with zeros
		r.memarg()
	case op == 12, op == 13: // v128.const, i8x16.shuffle
		r.skip(16)
	case op >= 21 && op <= 34: // of a lane
		r.skip(1)
	case op >= 84 && op <= 91: // loads and stores of a lane
		r.memarg()
		r.skip(1)
	default:
		return op <= 275 && !unusedVector(op)
	}
	return true
}

// unusedVector lists the numbers that mean nothing.
func unusedVector(op uint32) bool {
	switch op {
	case 154, 162, 165, 166, 175, 176, 178, 179, 180, 187, 194, 197, 198, 207, 208, 210, 211, 212, 226, 238:
		return true
	}
	return false
}

// atomic reads what follows the prefix 0xfe and a number.
func (r *reader) atomic(op uint32) bool {
	switch {
	case op <= 2, op >= 0x10 && op <= 0x4e:
		r.memarg()
	case op == 3: // atomic.fence
		r.skip(1)
	default:
		return false
	}
	return true
}

func (r *reader) memarg() {
	if r.u32()&memargHasIndex != 0 {
		r.u32()
	}
	r.leb(70)
}

// blockType reads nothing, a value type, or an index as a signed number.
func (r *reader) blockType() {
	switch next := r.peek(); {
	case next == noResult:
		r.skip(1)
	case next&0xc0 == 0x40: // a negative number of one byte
		r.valueType()
	default:
		r.leb(35)
	}
}

func (r *reader) valueType() {
	switch next := r.peek(); {
	case next == refNull, next == refNonNull:
		r.skip(1)
		r.heapType()
	case next >= byte(V128) && next <= byte(I32):
		r.skip(1)
	default: // the nullable reference, of which the engine also takes indices
		r.heapType()
	}
}

// heapType reads what a reference refers to: a name, or the index of a type.
func (r *reader) heapType() {
	heap := r.signed(33)
	if _, known := heapNames[heap]; heap < 0 && !known {
		r.refuse("type", byte(heap)&0x7f, r.pos-1)
	}
}

// peek gives the next byte, 0 at the end.
func (r *reader) peek() byte {
	if r.done() {
		return 0
	}
	return r.data[r.pos]
}
