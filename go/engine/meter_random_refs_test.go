package engine

import (
	"fmt"
	"regexp"

	"wasmgate/go/wasmbin"
)

// reference writes something that branches by what a reference is.
func (p *program) reference() {
	const some = "ref.null func ref.func $f0 call $chance select (result funcref)"
	switch p.IntN(4) {
	case 0: // the value of the label, if any, lies below the reference
		depth, takes := p.label()
		p.push(takes)
		fmt.Fprintf(p, " %s br_on_null %d drop", some, depth)
		p.drop(takes)
	case 1:
		p.around("", "(ref func)", some+" br_on_non_null 0")
	case 2:
		p.around("", "(ref i31)", "ref.null any local.get $n ref.i31 call $chance select (result anyref) br_on_cast 0 anyref (ref i31) drop")
	default:
		p.around("eqref", "(ref i31)", "struct.new_default $struct local.get $n ref.i31 call $chance select (result eqref) "+
			"br_on_cast_fail 1 eqref (ref i31) call $chance br_if 0 drop")
	}
}

// around writes a block that gives such a reference and which something leads out of
// early, and one around it if that gives something.
func (p *program) around(outer, gives, early string) {
	if outer != "" {
		p.labels = append(p.labels, outer)
		p.WriteString("block" + resultOf(outer) + "\n")
	}
	p.labels = append(p.labels, gives)
	p.WriteString("block" + resultOf(gives) + "\n" + early + "\n")
	p.statements()
	p.push(gives)
	p.WriteString(" end")
	if outer != "" {
		p.WriteString(" drop\n")
		p.labels = p.labels[:len(p.labels)-1]
		p.statements()
		p.push(outer)
		p.WriteString(" end")
	}
	p.WriteString(" drop")
	p.labels = p.labels[:len(p.labels)-1]
}

// exception writes something that throws or catches.
func (p *program) exception() {
	if !p.throws {
		return
	}
	switch p.IntN(8) {
	case 0:
		p.WriteString("call $chance if throw $nothing end")
	case 1:
		p.WriteString("call $chance if local.get $n throw $number end")
	case 2:
		p.WriteString([]string{"throw $nothing", "i32.const 3 throw $number", "ref.null exn throw_ref"}[p.IntN(3)])
	case 3: // caught and thrown again
		clauses := " (catch_all_ref 0)"
		if p.labels[len(p.labels)-1] == "i32" {
			clauses = " (catch $number 1)" + clauses
		}
		p.WriteString("block (result exnref)\n")
		p.labels = append(p.labels, "exnref")
		p.try(clauses)
		p.WriteString(" ref.null exn end")
		p.labels = p.labels[:len(p.labels)-1]
		p.WriteString([]string{" drop", " throw_ref", " call $chance if (param exnref) throw_ref else drop end"}[p.IntN(3)])
	default:
		var clauses string
		for n := p.IntN(4); n > 0; n-- {
			depth, takes := p.label()
			switch {
			case takes == "i32":
				clauses += fmt.Sprintf(" (catch $number %d)", depth)
			case takes == "exnref":
				clauses += fmt.Sprintf(" (catch_ref $nothing %d)", depth)
			case takes == "":
				clauses += fmt.Sprintf([]string{" (catch $nothing %d)", " (catch_all %d)"}[p.IntN(2)], depth)
			}
		}
		p.try(clauses)
	}
}

func (p *program) try(clauses string) {
	gives := []string{"", "i32"}[p.IntN(2)]
	fmt.Fprintf(p, "try_table%s %s\n", resultOf(gives), clauses)
	p.labels = append(p.labels, gives)
	p.statements()
	p.push(gives)
	p.WriteString(" end")
	p.drop(gives)
	p.labels = p.labels[:len(p.labels)-1]
}

// Programs that count each instruction by itself, in a global that is exported as that of
// a metered module is.
const naiveCheck = " global.get $count i64.const 0 i64.ge_s if unreachable end\n"

var naiveGlobal = fmt.Sprintf("(global $count (export %q) (mut i64) (i64.const %d))\n", wasmbin.FuelExport, int64(wasmbin.FuelStart))

func naively(cost int) string {
	return fmt.Sprintf(" global.get $count i64.const %d i64.add global.set $count ", cost)
}

var (
	token      = regexp.MustCompile(`\([^()]*(\([^()]*\))?[^()]*\)|[^\s()]+`)
	plainNames = regexp.MustCompile(`^(if|br|br_\w+|(return_)?call|(return_)?call_\w+|select|throw|throw_ref|try_table|\w+\.\w+)$`)
	loopHead   = regexp.MustCompile(`loop( \(result \w+\))?\n`)
)

// countNaively changes instructions that are not nested.
func countNaively(code string) string {
	code = token.ReplaceAllStringFunc(code, func(word string) string {
		if plainNames.MatchString(word) {
			return naively(1) + word
		}
		return word
	})
	return loopHead.ReplaceAllStringFunc(code, func(head string) string { return head + naiveCheck })
}
