package marshal

// Last wasm-bindgen versions (N of 0.2.N) before an encoding changed.
const (
	lastPlainMut = 83  // &mut [T] as (ptr, length) only
	lastRethrow  = 78  // Err of a Result by an import that throws, not by result words
	lastPair64   = 82  // 64-bit integers as two halves
	lastOptFlag  = 95  // Option of a 32-bit number as flag and value
	lastOldNone  = 118 // None of such an Option as 2^32+1
)

// valueChoices lists the encodings that t can have in a guest of this ABI: one
// where the version is known, all that exist where it is not.
func valueChoices(t Type, abi *ABI, facts Facts) []Value {
	var out []Value
	if t.Kind == tsNumber && t.Optional {
		return optionalNumber(abi, facts)
	}
	for _, kind := range concreteKinds(t) {
		if !t.Optional {
			out = append(out, Value{Kind: kind})
			if isInt64(kind) && abi.upTo(lastPair64) {
				out = append(out, Value{Kind: kind, Form: Pair64})
			}
			if kind.isArray() && abi.Bindgen && abi.after(lastPlainMut) {
				out = append(out, Value{Kind: kind, Form: mutSlice})
			}
			continue
		}
		out = append(out, optionalChoices(kind, abi, facts)...)
	}
	return out
}

// upTo reports whether the guest may be of wasm-bindgen 0.2.n or older.
func (a *ABI) upTo(n int) bool { return a.Bindgen && (a.Minor == 0 || a.Minor <= n) }

// after reports whether the guest may be newer than wasm-bindgen 0.2.n.
func (a *ABI) after(n int) bool { return !a.Bindgen || a.Minor == 0 || a.Minor > n }

func concreteKinds(t Type) []Kind {
	switch t.Kind {
	case tsNumber:
		return []Kind{Any32, F32, F64}
	case tsBigint:
		return []Kind{Any64}
	case tsString:
		return []Kind{String, Char}
	}
	return []Kind{t.Kind}
}

func isInt64(k Kind) bool { return k == I64 || k == U64 || k == Any64 }

// optionalNumber serves a .d.ts, where "number | undefined" may be anything
// from u8 to f64. What travels as f64 keeps its value, whatever Rust calls it.
func optionalNumber(abi *ABI, facts Facts) []Value {
	out := []Value{{Any32, OptSmall}, {F64, OptFlag}}
	if abi.after(lastOptFlag) {
		out = append(out, noneEncodings(F64, abi, facts)...)
	}
	if abi.upTo(lastOptFlag) {
		out = append(out, Value{Any32, OptFlag}, Value{F32, OptFlag})
	}
	return out
}

func optionalChoices(kind Kind, abi *ABI, facts Facts) []Value {
	var out []Value
	switch kind {
	case I8, U8, I16, U16, Bool, Char:
		return []Value{{kind, OptSmall}}
	case String:
		return []Value{{kind, OptPointer}}
	case F64:
		return []Value{{kind, OptFlag}}
	case I64, U64, Any64:
		if abi.after(lastPair64) {
			out = append(out, Value{kind, OptFlag})
		}
		if abi.upTo(lastPair64) {
			out = append(out, Value{kind, OptFlagPair64})
		}
		return out
	case I32, U32, F32:
		if abi.after(lastOptFlag) {
			out = append(out, noneEncodings(kind, abi, facts)...)
		}
		if abi.upTo(lastOptFlag) {
			out = append(out, Value{kind, OptFlag})
		}
		return out
	}
	if kind.isArray() {
		return []Value{{kind, OptPointer}}
	}
	return nil
}

// noneEncodings are those of an optional 32-bit number that travels as f64.
func noneEncodings(kind Kind, abi *ABI, facts Facts) []Value {
	if !abi.Bindgen {
		return nil
	}
	older := Value{kind, OptDoubleOld}
	newer := Value{kind, OptDouble}
	switch {
	case facts.OldNone || abi.Minor != 0 && abi.Minor <= lastOldNone:
		return []Value{older}
	case facts.NewNone || abi.Minor > lastOldNone:
		return []Value{newer}
	}
	return []Value{older, newer}
}
