package wasmbin

// Inside is what a module consists of besides its outside, as far as running or
// naming its functions needs it.
type Inside struct {
	// Imported counts the functions that are imported; they come first among the
	// indices.
	Imported int
	// Bodies are those of the other functions: declarations of locals, then
	// instructions.
	Bodies [][]byte
	// Initial are the values of the globals, for those that are a constant number.
	Initial []uint64
	// Data are the segments that are put into the first memory at a constant
	// address.
	Data []Segment
}

// Segment is a piece of a memory's first contents.
type Segment struct {
	Address uint64
	Bytes   []byte
}

// ParseInside reads the inside of a module that Parse has read.
func ParseInside(data []byte, shape *Module) (*Inside, error) {
	in := &Inside{Initial: make([]uint64, len(shape.Globals))}
	globals := 0
	for _, imp := range shape.Imports {
		switch imp.Type.Kind {
		case Func:
			in.Imported++
		case Global:
			globals++
		}
	}
	r := &reader{data: data, pos: 8}
	for !r.done() {
		id := r.byte()
		section := &reader{data: r.bytes()}
		switch id {
		case sectionGlobal:
			for n := section.count(); n > 0 && section.err == nil; n-- {
				globalType(section)
				value, _ := section.constant()
				in.Initial[globals] = value
				globals++
			}
		case sectionCode:
			for n := section.count(); n > 0 && section.err == nil; n-- {
				in.Bodies = append(in.Bodies, section.bytes())
			}
		case sectionData:
			for n := section.count(); n > 0 && section.err == nil; n-- {
				in.segment(section)
			}
		}
		if section.err != nil {
			return nil, section.err
		}
	}
	return in, r.err
}

// StackPointer is the index of the global that holds the stack pointer of a guest
// that LLVM made: the one mutable i32 that does not begin as 0, or the first of two.
// False if there is no telling.
func (in *Inside) StackPointer(shape *Module) (index uint32, ok bool) {
	found := 0
	for i, g := range shape.Globals {
		if g.Content == I32 && g.Mutable && in.Initial[i] != 0 {
			if found == 0 {
				index = uint32(i)
			}
			found++
		}
	}
	return index, found == 1 || found == 2
}

func (in *Inside) segment(r *reader) {
	mode := r.u32()
	if mode == 2 {
		r.u32() // memory
	}
	var address uint64
	constant := false
	if mode != 1 {
		address, constant = r.constant()
	}
	bytes := r.bytes()
	if constant {
		in.Data = append(in.Data, Segment{Address: address, Bytes: bytes})
	}
}

// constant reads an initialiser and its value, if that is a plain number.
func (r *reader) constant() (value uint64, ok bool) {
	start := r.pos
	switch r.byte() {
	case opI32Const:
		value, ok = uint64(uint32(r.signed(32))), true
	case opI64Const:
		value, ok = uint64(r.signed(64)), true
	}
	if ok && r.byte() == opEnd {
		return value, true
	}
	r.pos = start
	skipInitialiser(r)
	return 0, false
}

// signed reads a signed LEB128 of at most the given number of bits.
func (r *reader) signed(bits uint) int64 {
	var value int64
	for shift := uint(0); shift < bits; shift += 7 {
		b := r.byte()
		value |= int64(b&0x7f) << shift
		if b&0x80 == 0 {
			if shift+7 < 64 && b&0x40 != 0 {
				value |= -1 << (shift + 7)
			}
			return value
		}
	}
	r.fail("number too long")
	return 0
}
