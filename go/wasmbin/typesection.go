package wasmbin

// Forms of the type section, from the core specification 3.0.
const (
	formFunc     = 0x60
	formStruct   = 0x5f
	formArray    = 0x5e
	formSub      = 0x50
	formSubFinal = 0x4f
	formRec      = 0x4e
	packedI8     = 0x78
	packedI16    = 0x77
	refNull      = 0x63
	refNonNull   = 0x64
)

// recGroup reads one entry of the type section. Of function types what they
// say is kept; struct and array types hold their place in the index space.
func (p *parser) recGroup(r *reader) {
	if r.pos < len(r.data) && r.data[r.pos] == formRec {
		r.pos++
		for n := r.count(); n > 0 && r.err == nil; n-- {
			p.subType(r)
		}
		return
	}
	p.subType(r)
}

func (p *parser) subType(r *reader) {
	form := r.byte()
	if form == formSub || form == formSubFinal {
		for n := r.count(); n > 0 && r.err == nil; n-- {
			r.u32() // supertype
		}
		form = r.byte()
	}
	var t FuncType
	kind, fields, element := FormFunc, 0, Element{}
	switch form {
	case formFunc:
		t = FuncType{Params: valTypes(r), Results: valTypes(r)}
	case formStruct:
		kind = FormStruct
		fields = r.count()
		for n := fields; n > 0 && r.err == nil; n-- {
			fieldType(r)
		}
	case formArray:
		kind = FormArray
		element = fieldType(r)
	default:
		r.fail("unknown form of type")
	}
	p.types = append(p.types, t)
	p.out.Kinds = append(p.out.Kinds, kind)
	p.out.Fields = append(p.out.Fields, fields)
	p.out.Arrays = append(p.out.Arrays, element)
}

func valTypes(r *reader) []ValType {
	n := r.count()
	list := make([]ValType, 0, n)
	for ; n > 0 && r.err == nil; n-- {
		list = append(list, valType(r))
	}
	return list
}

func valType(r *reader) ValType {
	switch code := r.byte(); code {
	case byte(I32), byte(I64), byte(F32), byte(F64), byte(V128):
		return ValType(code)
	case refNull, refNonNull:
		return heapRef(code == refNull, r.signed(33))
	default: // a heap type alone is its nullable reference; the engine takes indices too
		if r.err != nil {
			return 0
		}
		r.pos--
		heap := r.signed(33)
		if _, known := heapNames[heap]; heap < 0 && !known {
			r.fail("unknown value type")
		}
		return heapRef(true, heap)
	}
}

func fieldType(r *reader) Element {
	packed := r.peek() == packedI8 || r.peek() == packedI16
	if packed {
		r.pos++
	} else {
		valType(r)
	}
	return Element{Packed: packed, Mutable: r.byte() == 1}
}

// skipInitialiser passes over a constant expression: the instructions that may
// stand in one, up to its end.
func skipInitialiser(r *reader) {
	for r.err == nil {
		switch op := r.byte(); op {
		case 0x0b: // end
			return
		case 0x41: // i32.const
			r.leb(35)
		case 0x42: // i64.const
			r.leb(70)
		case 0x43: // f32.const
			r.skip(4)
		case 0x44: // f64.const
			r.skip(8)
		case 0x23: // global.get
			r.u32()
		case opRefFunc:
			r.function(r.u32())
		case 0xd0: // ref.null
			r.leb(35)
		case 0xfd: // v128.const
			r.u32()
			r.skip(16)
		case 0xfb: // struct.new, array.new and the like
			if sub := r.u32(); sub <= 8 {
				r.u32()
				if sub == 8 { // array.new_fixed
					r.u32()
				}
			}
		case 0x6a, 0x6b, 0x6c, 0x7c, 0x7d, 0x7e: // add, sub, mul
		default:
			r.fail("unknown instruction in an initialiser")
		}
	}
}
