package bindgen

import (
	"math"
	"unicode/utf8"

	"wasmgate/go/errs"
)

// maxItems bounds how many list items a section may have, all together: items
// take more memory decoded than they take in the section.
const maxItems = 1 << 20

// reader walks over the payload of the section (wasm-bindgen binary interface,
// §2.2). Strings alias it. The first failure sticks: every later read gives zero,
// so that callers check once at the end of what they read.
type reader struct {
	text  string
	pos   int
	end   int // of what may be read
	items int
	err   error
	v     Version
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = errs.New(errs.ModuleInvalid, "section %q: %s at byte %d", SectionName, what, r.pos)
	}
	r.pos = r.end
}

// enter limits reading to the next n bytes and gives the limit to go back to.
func (r *reader) enter(n uint32) (outer int) {
	outer = r.end
	if uint64(n) > uint64(r.end-r.pos) {
		r.fail("entry longer than the section")
		return outer
	}
	r.end = r.pos + int(n)
	return outer
}

// leave checks that what enter limited was used up.
func (r *reader) leave(outer int) {
	if r.err == nil && r.pos != r.end {
		r.fail("bytes left over")
	}
	r.end = outer
}

func (r *reader) byte() byte {
	if r.pos >= r.end {
		r.fail("unexpected end")
		return 0
	}
	b := r.text[r.pos]
	r.pos++
	return b
}

// variant reads an ordinal below n.
func (r *reader) variant(n int) int {
	b := int(r.byte())
	if b >= n {
		r.fail("unknown variant")
		return 0
	}
	return b
}

func (r *reader) bool() bool { return r.variant(2) == 1 }

func (r *reader) u32le() uint32 {
	return uint32(r.byte()) | uint32(r.byte())<<8 | uint32(r.byte())<<16 | uint32(r.byte())<<24
}

// u32 reads an unsigned LEB128 of up to five bytes, the shortest form or not.
func (r *reader) u32() uint32 {
	var value uint64
	for shift := uint(0); shift < 35; shift += 7 {
		b := r.byte()
		value |= uint64(b&0x7f) << shift
		if b&0x80 != 0 {
			continue
		}
		if value > math.MaxUint32 {
			r.fail("number too large")
			return 0
		}
		return uint32(value)
	}
	r.fail("number too long")
	return 0
}

// count reads a length of things that take at least one byte each.
func (r *reader) count() int {
	n := r.u32()
	if uint64(n) > uint64(r.end-r.pos) {
		r.fail("length larger than what is left")
		return 0
	}
	return int(n)
}

func (r *reader) string() string {
	n := r.count()
	s := r.text[r.pos : r.pos+n]
	if !utf8.ValidString(s) {
		r.fail("text is not UTF-8")
		return ""
	}
	r.pos += n
	return s
}

// optional reads a text that may be absent; absent is empty.
func (r *reader) optional() string {
	if r.bool() {
		return r.string()
	}
	return ""
}

func (r *reader) strings() []string { return list(r, (*reader).string) }

// namespace reads an optional list of texts.
func (r *reader) namespace() []string {
	if r.bool() {
		return r.strings()
	}
	return nil
}

// list reads a count and so many items. It does not allocate ahead: a count may
// be as large as what is left, while items take more memory than their bytes.
func list[T any](r *reader, item func(*reader) T) []T {
	var out []T
	for n := r.count(); n > 0 && r.err == nil; n-- {
		if r.items++; r.items > maxItems {
			r.fail("too many items")
			break
		}
		out = append(out, item(r))
	}
	return out
}
