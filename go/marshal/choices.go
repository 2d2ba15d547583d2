package marshal

// Last wasm-bindgen versions (N of 0.2.N) before an encoding changed.
const (
	lastPlainMut = 83  // &mut [T] as (ptr, length) only
	lastRethrow  = 78  // Err of a Result by an import that throws, not by result words
	lastPair64   = 82  // 64-bit integers as two halves
	lastNumEnum  = 87  // Option of an enum is a number in the .d.ts
	lastOptFlag  = 95  // Option of a 32-bit number as flag and value
	lastOldNone  = 118 // None of such an Option as 2^32+1
	lastIntEnum  = 129 // an enum as an integer
)

// valueChoices lists the encodings that t can have in a guest of this ABI: one
// where the version is known, all that exist where it is not.
func valueChoices(t Type, abi *ABI, facts Facts) []Value {
	var out []Value
	if v, ok := exactValue(t); ok {
		if t.Kind == Enum && abi.Minor > lastIntEnum {
			v.Kind = F64
		}
		return []Value{v}
	}
	if t.Optional && (t.Kind == tsNumber || t.Kind == tsEnum || t.Kind == tsNumberOrEnum) {
		return optionalNumber(t.Kind, abi, facts)
	}
	for _, kind := range concreteKinds(t) {
		if !t.Optional {
			out = append(out, Value{Kind: kind, Flags: t.Flags})
			if abi.exact() {
				continue
			}
			if isInt64(kind) && abi.upTo(lastPair64) {
				out = append(out, Value{Kind: kind, Form: Pair64})
			}
			if kind.isArray() && abi.Bindgen && abi.after(lastPlainMut) {
				out = append(out, Value{Kind: kind, Flags: Mutable | WithArray})
			}
			if kind.isArray() && abi.upTo(lastPlainMut) && abi.MallocArgs < 2 { // 2: from 0.2.87 on
				out = append(out, Value{Kind: kind, Flags: Mutable})
			}
			continue
		}
		out = append(out, optionalChoices(kind, abi, facts)...)
	}
	if abi.exact() {
		return rawValues(t, out, abi)
	}
	return out
}

// exactValue serves the kinds that have one encoding in all versions.
func exactValue(t Type) (Value, bool) {
	v := Value{Kind: t.Kind, Flags: t.Flags, Extra: t.Extra}
	switch t.Kind {
	case Any, Object, Enum, StringEnum:
		if t.Optional {
			v.Form = OptHole
		}
	case AnyArray:
		if t.Optional {
			v.Form = OptPointer
		}
	case I128, U128:
		if t.Optional {
			v.Form = OptFlag
		}
	case Function:
	case Encoded:
		v.Kind = U8Array
	default:
		return Value{}, false
	}
	return v, true
}

// exact reports whether the types of the guest's signatures leave nothing open.
func (a *ABI) exact() bool { return a.Raw || a.Guest }

// rawValues keeps what a raw module of a known version can mean, whose types
// leave nothing open.
func rawValues(t Type, choices []Value, abi *ABI) []Value {
	for i := range choices {
		choices[i].Flags = t.Flags
	}
	if isInt64(t.Kind) && !t.Optional && abi.upTo(lastPair64) {
		return []Value{{Kind: t.Kind, Form: Pair64}}
	}
	return choices
}

// upTo reports whether the guest may be of wasm-bindgen 0.2.n or older.
func (a *ABI) upTo(n int) bool { return a.Bindgen && (a.Minor == 0 || a.Minor <= n) }

// after reports whether the guest may be newer than wasm-bindgen 0.2.n.
func (a *ABI) after(n int) bool { return !a.Bindgen || a.Minor == 0 || a.Minor > n }

func concreteKinds(t Type) []Kind {
	switch t.Kind {
	case tsNumber:
		return []Kind{Any32, F32, F64}
	case tsEnum:
		return []Kind{Any32}
	case tsBigint:
		return []Kind{Any64}
	case tsString:
		return []Kind{String, Char}
	}
	return []Kind{t.Kind}
}

func isInt64(k Kind) bool { return k == I64 || k == U64 || k == Any64 }

// optionalNumber serves a .d.ts, where "number | undefined" may be anything
// from u8 to f64, or an enum. What travels as f64 keeps its value, whatever Rust
// calls it. Which number is None of an enum is for the facts to say.
func optionalNumber(kind Kind, abi *ABI, facts Facts) []Value {
	enum := Value{Kind: Enum, Form: OptHole}
	if kind == tsEnum {
		return []Value{enum}
	}
	out := []Value{{Kind: Any32, Form: OptSmall}, {Kind: F64, Form: OptFlag}}
	if kind == tsNumberOrEnum && abi.upTo(lastNumEnum) {
		out = append(out, enum)
	}
	if abi.after(lastOptFlag) {
		out = append(out, noneEncodings(F64, abi, facts)...)
	}
	if abi.upTo(lastOptFlag) {
		out = append(out, Value{Kind: Any32, Form: OptFlag}, Value{Kind: F32, Form: OptFlag})
	}
	return out
}

func optionalChoices(kind Kind, abi *ABI, facts Facts) []Value {
	var out []Value
	switch kind {
	case I8, U8, I16, U16, Bool, Char:
		return []Value{{Kind: kind, Form: OptSmall}}
	case String:
		return []Value{{Kind: kind, Form: OptPointer}}
	case F64:
		return []Value{{Kind: kind, Form: OptFlag}}
	case I64, U64, Any64:
		if abi.after(lastPair64) {
			out = append(out, Value{Kind: kind, Form: OptFlag})
		}
		if abi.upTo(lastPair64) {
			out = append(out, Value{Kind: kind, Form: OptFlagPair64})
		}
		return out
	case I32, U32, F32:
		if abi.after(lastOptFlag) {
			out = append(out, noneEncodings(kind, abi, facts)...)
		}
		if abi.upTo(lastOptFlag) {
			out = append(out, Value{Kind: kind, Form: OptFlag})
		}
		return out
	}
	if kind.isArray() {
		return []Value{{Kind: kind, Form: OptPointer}}
	}
	return nil
}

// noneEncodings are those of an optional 32-bit number that travels as f64.
func noneEncodings(kind Kind, abi *ABI, facts Facts) []Value {
	if !abi.Bindgen && !abi.Guest {
		return nil
	}
	older := Value{Kind: kind, Form: OptDoubleOld}
	newer := Value{Kind: kind, Form: OptDouble}
	switch {
	case facts.OldNone || abi.Minor != 0 && abi.Minor <= lastOldNone:
		return []Value{older}
	case facts.NewNone || abi.Guest || abi.Minor > lastOldNone:
		return []Value{newer}
	}
	return []Value{older, newer}
}
