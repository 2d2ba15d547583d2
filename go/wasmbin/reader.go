package wasmbin

import (
	"unicode/utf8"

	"wasmgate/go/errs"
)

// reader walks over bytes. The first failure sticks: every later read gives
// zero, so that callers check once at the end of what they read.
type reader struct {
	data []byte
	pos  int
	err  error
	// funcs, if not nil, gets the functions that initialisers refer to.
	funcs *[]uint32
}

// function notes that there is a reference to a function.
func (r *reader) function(index uint32) {
	if r.funcs != nil {
		*r.funcs = append(*r.funcs, index)
	}
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = errs.New(errs.ModuleInvalid, "module: %s at byte %d", what, r.pos)
	}
	r.pos = len(r.data)
}

func (r *reader) done() bool { return r.pos >= len(r.data) }

func (r *reader) byte() byte {
	if r.done() {
		r.fail("unexpected end")
		return 0
	}
	b := r.data[r.pos]
	r.pos++
	return b
}

// leb reads an unsigned LEB128 of at most the given number of bits.
func (r *reader) leb(bits uint) uint64 {
	var value uint64
	for shift := uint(0); shift < bits; shift += 7 {
		b := r.byte()
		value |= uint64(b&0x7f) << shift
		if b&0x80 == 0 {
			return value
		}
	}
	r.fail("number too long")
	return 0
}

func (r *reader) u32() uint32 {
	v := r.leb(35)
	if v > 1<<32-1 {
		r.fail("number too large")
		return 0
	}
	return uint32(v)
}

// count reads the length of a vector whose items take at least one byte each,
// so that a hostile count cannot make anybody allocate more than the input.
func (r *reader) count() int {
	n := r.u32()
	if uint64(n) > uint64(len(r.data)-r.pos) {
		r.fail("vector longer than its section")
		return 0
	}
	return int(n)
}

func (r *reader) skip(n int) {
	if n > len(r.data)-r.pos {
		r.fail("unexpected end")
		return
	}
	r.pos += n
}

func (r *reader) bytes() []byte {
	n := r.count()
	b := r.data[r.pos : r.pos+n]
	r.pos += n
	return b
}

func (r *reader) name() string {
	b := r.bytes()
	if !utf8.Valid(b) {
		r.fail("name is not UTF-8")
		return ""
	}
	return string(b)
}
