package marshal

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"wasmgate/go/wasmbin"
)

// ParamFacts are what the JavaScript beside a module does with one parameter.
type ParamFacts struct {
	// Char: it is passed as one character.
	Char bool
	// CopiesBack: the array it is gets what the guest made of it (&mut [T], up to
	// 0.2.83); WithArray: the guest itself does that (from 0.2.84 on).
	CopiesBack, WithArray bool
	// None is what is passed for undefined.
	None None
	// Number is the kind that an optional number is converted to, Unit if it is not.
	Number Kind
}

// None is how None is told in JavaScript.
type None struct {
	// Told: one of the forms below was found.
	Told bool
	// Form is OptFlag also for the form in halves.
	Form Form
	// Hole is the number that is None, if Form is OptHole.
	Hole uint32
}

// In what the tool writes, v being the name of a parameter:
var (
	charClue  = regexp.MustCompile(`([\w$]+)\.codePointAt\(0\)`)
	backClue  = regexp.MustCompile(`([\w$]+)\.set\(get\w+\(`)
	arrayClue = regexp.MustCompile(`\blen\d+, (?:addHeapObject\(([\w$]+)\)|([\w$]+)[,)])`)
	flagClue  = regexp.MustCompile(`!isLikeNone\(([\w$]+)\)`)
	// isLikeNone(v) ? 3 : v)
	noneClue = regexp.MustCompile(`(?:^|[^!])isLikeNone\(([\w$]+)\) \? ([\w.]+) : ([^,;\n]*)`)
	// return r0 === 3 ? undefined : r0;
	resultClue = regexp.MustCompile(`(?:return|=) ([\w$]+(?:\[\d\])?) === ([\w.]+) \? undefined : ([^;\n]*);`)
)

// noneForms are the numbers that stand for None of anything but an enum.
var noneForms = map[string]Form{
	"0xFFFFFF": OptSmall, "0x100000001": OptDoubleOld, "Number.MAX_SAFE_INTEGER": OptDouble,
}

func paramFacts(params, body string) map[string]ParamFacts {
	out := map[string]ParamFacts{}
	for _, name := range strings.Split(params, ",") {
		if name = strings.TrimPrefix(strings.TrimSpace(name), "..."); name != "" {
			out[name] = ParamFacts{}
		}
	}
	note := func(clue *regexp.Regexp, what func(p *ParamFacts, m []string)) {
		for _, m := range clue.FindAllStringSubmatch(body, -1) {
			for _, name := range m[1:] {
				if p, ok := out[name]; ok {
					what(&p, m)
					out[name] = p
					break
				}
			}
		}
	}
	note(charClue, func(p *ParamFacts, _ []string) { p.Char = true })
	note(backClue, func(p *ParamFacts, _ []string) { p.CopiesBack = true })
	note(arrayClue, func(p *ParamFacts, _ []string) { p.WithArray = true })
	note(noneClue, func(p *ParamFacts, m []string) {
		p.None = noneOf(m[2], strings.TrimSuffix(m[3], ")") == m[1])
		switch value := strings.TrimRight(m[3], ")"); {
		case !p.None.Told: // of something else than a number
		case strings.HasPrefix(value, "Math.fround("):
			p.Number = F32
		case strings.HasSuffix(value, " >>> 0"):
			p.Number = U32
		case strings.HasSuffix(value, " >> 0"):
			p.Number = I32
		}
	})
	note(flagClue, func(p *ParamFacts, _ []string) { p.None = None{Told: true, Form: OptFlag} })
	return out
}

// resultNone is the None of a result.
func resultNone(body string) None {
	m := resultClue.FindStringSubmatch(body)
	if m == nil {
		return None{}
	}
	none := noneOf(m[2], m[3] == m[1])
	if !none.Told && m[2] == "0" { // a word, of which another depends
		return None{Told: true, Form: OptFlag}
	}
	return none
}

// noneOf reads the number that stands for None; plain: whatever else there is, is
// passed as it is.
func noneOf(number string, plain bool) None {
	if form, ok := noneForms[number]; ok {
		return None{Told: true, Form: form}
	}
	hole, err := strconv.ParseUint(number, 10, 32)
	if err != nil || !plain {
		return None{}
	}
	return None{Told: true, Form: OptHole, Hole: uint32(hole)}
}

// settle reports whether v may be what has this None, and completes v.
func (n None) settle(v *Value) bool {
	form := v.Form
	switch form {
	case OptFlagPair64:
		form = OptFlag
	case OptSmall, OptDouble, OptDoubleOld, OptFlag, OptHole:
	default:
		return true
	}
	if v.Kind == Enum {
		v.Extra = n.Hole
		return n.Told && form == n.Form
	}
	return !n.Told || form == n.Form
}

// settle reports whether v is what the parameter may be passed as, and completes v.
func (p ParamFacts) settle(v *Value) bool {
	switch {
	case v.Kind == String || v.Kind == Char:
		if p.Char != (v.Kind == Char) {
			return false
		}
	case v.Kind.isArray():
		if p.CopiesBack != v.copiedBack() || p.WithArray != isWithArray(*v) {
			return false
		}
	case p.Number != Unit && v.Kind == F64 && (v.Form == OptDouble || v.Form == OptDoubleOld):
		v.Kind = p.Number
	}
	return p.None.settle(v)
}

// unsettled says what the JavaScript beside the module would have to tell, because
// its .d.ts does not, and has not told.
func unsettled(s Signature, found []Plan, facts Facts) string {
	if !s.MaybeFallible {
		return ""
	}
	isEnum := func(v Value) bool { return v.Kind == Enum && v.Form == OptHole }
	back, enum := false, false
	for _, plan := range found {
		for i, v := range plan.Params {
			if _, told := facts.Params[s.Params[i].Name]; !told {
				back = back || v.copiedBack()
				enum = enum || isEnum(v)
			}
		}
		enum = enum || !facts.Known && slices.ContainsFunc(plan.Results, isEnum)
	}
	const advice = "; keep it beside the module, or give `signatures`"
	switch {
	case back:
		return "only the .js of wasm-bindgen tells whether the guest changes the array that it is given (&mut [T])" + advice
	case enum:
		return "only the .js of wasm-bindgen tells which number is None of an optional enum" + advice
	}
	return ""
}

const mutableSlice = "it takes a mutable slice (&mut [T]), which the guest copies back by an import of JavaScript: use the raw module"

// misfit says why a signature has no encoding that fits the wasm type.
func misfit(s Signature, t wasmbin.FuncType, facts Facts) string {
	for _, p := range s.Params {
		if facts.Params[p.Name].WithArray && p.Type.Kind.isArray() {
			return mutableSlice
		}
	}
	if facts.Wide {
		return "it takes or gives a 128-bit integer, of which the files beside the module do not tell the sign: use the raw module"
	}
	return fmt.Sprintf("the signature %s does not fit the wasm type %s", s, typeText(t))
}
