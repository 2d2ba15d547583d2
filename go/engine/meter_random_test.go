package engine

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"wasmgate/go/wasmbin"
)

// program writes a module at random: functions that call each other, with blocks of
// all kinds, branches to all labels, and code that nobody reaches.
type program struct {
	*rand.Rand
	strings.Builder
	naive  strings.Builder // the same, counting each instruction by itself
	labels []string        // of those around: what they take, "" or a type
	left   int             // how many statements may still come
	gives  string          // what the function gives, likewise
	throws bool            // it has exceptions, and what else the engine counts otherwise
}

const randomFunctions = 4

const (
	randomHead = `(module (memory 1 4) (memory i64 1 4) (table 8 8 funcref) (global $seed (export "seed") (mut i32) (i32.const 1))
	(elem (i32.const 0) $f0 $f1 $f2 $f3)
	(type $even (func (param i32))) (type $odd (func (param i32) (result i32)))
	(type $struct (struct (field (mut i32)) (field (mut i64)))) (type $array (array (mut i8)))
	(tag $number (param i32)) (tag $nothing)
	`
	randomChance = `(global.set $seed (i32.add (i32.mul (global.get $seed) (i32.const 1103515245)) (i32.const 12345)))
		(i32.and (i32.shr_u (global.get $seed) (i32.const 16)) (i32.const 3)))
`
)

// randomModule gives a module, and one that does the same and counts it itself.
func randomModule(seed uint64, throws bool) (text, naive string) {
	p := &program{Rand: rand.New(rand.NewPCG(seed, 7)), throws: throws}
	p.WriteString(randomHead + "(func $chance (result i32)\n" + randomChance)
	p.naive.WriteString(randomHead + naiveGlobal + "(func $chance (result i32)\n" + naively(12) + naiveCheck + randomChance)
	for i := range randomFunctions {
		p.function(i)
	}
	return p.String() + ")", p.naive.String() + ")"
}

// function writes one whose parameter says how deep it may call.
func (p *program) function(i int) {
	p.gives = []string{"", "i32"}[i%2]
	p.labels, p.left = []string{p.gives}, 40+p.IntN(40)
	head := fmt.Sprintf("(func $f%d (export \"f%d\") (param $depth i32)%s (local $n i32)\n", i, i, resultOf(p.gives))
	p.WriteString(head)
	start := p.Len()
	if p.IntN(8) > 0 {
		p.WriteString("local.get $depth i32.eqz if ")
		p.leave()
		p.WriteString(" end local.get $depth i32.const 1 i32.sub local.set $depth\n")
	}
	p.statements()
	p.push(p.gives)
	p.naive.WriteString(head + naively(1) + naiveCheck + countNaively(p.String()[start:]) + ")\n")
	p.WriteString(")\n")
}

func resultOf(what string) string {
	if what == "" {
		return ""
	}
	return " (result " + what + ")"
}

func (p *program) leave() {
	p.push(p.gives)
	p.WriteString(" return")
}

func (p *program) statements() {
	for n := 1 + p.IntN(5); n > 0 && p.left > 0; n-- {
		p.left--
		p.statement()
		p.WriteString("\n")
	}
}

// push gives a value of a type, or nothing.
func (p *program) push(what string) {
	switch what {
	case "i32":
		p.value()
	case "exnref":
		p.WriteString(" ref.null exn")
	case "eqref":
		p.WriteString(" ref.null eq")
	case "(ref func)":
		p.WriteString(" ref.func $f1")
	case "(ref i31)":
		p.WriteString(" local.get $n ref.i31")
	}
}

func (p *program) drop(what string) {
	if what != "" {
		p.WriteString(" drop")
	}
}

func (p *program) value() {
	p.WriteString([]string{" i32.const 5", " local.get $n", " call $chance", " local.get $n i32.const 7 i32.rem_s"}[p.IntN(4)])
}

func (p *program) statement() {
	maybe := []string{"", "i32"}[p.IntN(2)]
	switch p.IntN(21) {
	case 0:
		p.block("block", "")
	case 1:
		p.block("block", "i32")
	case 2:
		p.block("loop", maybe)
	case 3:
		p.WriteString("call $chance ")
		p.block("if", "")
	case 4, 5:
		p.WriteString("call $chance ")
		p.block("else", maybe)
	case 16, 17:
		p.reference()
	case 18, 19, 20:
		p.exception()
	case 6, 7:
		p.branch("br_if")
	case 8:
		p.branch("br")
	case 9:
		p.table()
	case 10:
		p.WriteString([]string{"nop", "unreachable", "memory.size drop", "local.get $n drop"}[p.IntN(4)])
	case 11:
		p.leave()
	case 12:
		p.bulk()
	case 13:
		p.call()
	default:
		p.WriteString("local.get $n i32.const 1 i32.add local.set $n")
	}
}

// block writes a block, or an if with or without an else.
func (p *program) block(kind, gives string) {
	takes := gives
	if kind == "loop" {
		takes = ""
	}
	p.labels = append(p.labels, takes)
	p.WriteString(map[string]string{"block": "block", "loop": "loop", "if": "if", "else": "if"}[kind] + resultOf(gives) + "\n")
	p.statements()
	p.push(gives)
	if kind == "else" {
		p.WriteString(" else\n")
		p.statements()
		p.push(gives)
	}
	if kind == "loop" && p.IntN(2) == 0 {
		p.drop(gives)
		p.WriteString(" call $chance br_if 0")
		p.push(gives)
	}
	p.WriteString(" end")
	p.drop(gives)
	p.labels = p.labels[:len(p.labels)-1]
}

// label chooses one of those around.
func (p *program) label() (depth int, takes string) {
	depth = p.IntN(len(p.labels))
	return depth, p.labels[len(p.labels)-1-depth]
}

func (p *program) branch(kind string) {
	depth, takes := p.label()
	p.push(takes)
	if kind == "br_if" {
		p.WriteString(" call $chance")
	}
	fmt.Fprintf(p, " %s %d", kind, depth)
	if kind == "br_if" {
		p.drop(takes)
	}
}

// table writes a br_table to labels that take the same.
func (p *program) table() {
	takes := p.labels[len(p.labels)-1]
	p.push(takes)
	p.WriteString(" call $chance br_table")
	for n := p.IntN(4); n >= 0; n-- {
		depth, other := p.label()
		if other != takes {
			depth = 0
		}
		fmt.Fprintf(p, " %d", depth)
	}
}

func (p *program) bulk() {
	choices := []string{
		"i32.const 0 i32.const 0 i32.const 200 memory.fill",
		"i32.const 0 i32.const 100 call $chance memory.copy",
		"i64.const 0 i32.const 0 i64.const 200 memory.fill 1",
		"i64.const 0 i64.const 100 call $chance i64.extend_i32_u memory.copy 1 1",
		"i32.const 8 i64.const 100 call $chance memory.copy 0 1",
		"i32.const 4 ref.null func call $chance table.fill",
		"call $chance memory.grow drop",
		"i64.const 1 memory.grow 1 drop",
		"ref.null func call $chance table.grow drop",
		"struct.new_default $struct drop",
		"local.get $n call $chance array.new $array i32.const 0 local.get $n call $chance array.fill $array",
		"call $chance array.new_default $array array.len drop",
	}
	n := len(choices)
	if !p.throws {
		n -= 2 // the engine counts elements
	}
	p.WriteString(choices[p.IntN(n)])
}

func (p *program) call() {
	target := p.IntN(randomFunctions)
	gives := []string{"", "i32"}[target%2]
	tail := gives == p.gives && p.IntN(4) == 0
	how, typ := "", []string{"$even", "$odd"}[target%2]
	if tail {
		how = "return_"
	}
	switch p.IntN(3) {
	case 0:
		fmt.Fprintf(p, "local.get $depth %scall $f%d", how, target)
	case 1:
		fmt.Fprintf(p, "local.get $depth i32.const %d %scall_indirect (type %s)", target, how, typ)
	default:
		fmt.Fprintf(p, "local.get $depth ref.func $f%d %scall_ref %s", target, how, typ)
	}
	if !tail {
		p.drop(gives)
	}
}

// byReference finds calls that the engine does not count: it forgets what the function
// that is called executes.
var byReference = regexp.MustCompile(`ref\.func \$f(\d) (return_)?call_ref (\$\w+)`)

// compareRandom compares what a program counts with what it counts itself and, without
// exceptions, with what the engine counts: where one is caught that another function threw,
// the engine forgets what that executed; of arrays it counts elements. It tells how many calls came to an end.
func compareRandom(t *testing.T, seed uint64, throws bool) (ended int) {
	text, naive := randomModule(seed, throws)
	binary, err := ToBinary([]byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	metered := meter(t, binary, wasmbin.RewriteOptions{Meter: asReference()})
	costs := wasmbin.DefaultCosts()
	meter(t, binary, wasmbin.RewriteOptions{Meter: &costs, TrapOnGrow: true})
	all := map[string]*counting{}
	all["itself"], _ = instantiate(t, nil, &wasmbin.Rewritten{Binary: binaryOf(t, naive)}, 20000)
	if !throws {
		all["the engine"], _ = instantiate(t, binaryOf(t, byReference.ReplaceAllString(text, "i32.const $1 ${2}call_indirect (type $3)")), nil, 20000)
	}
	ours, _ := instantiate(t, nil, metered, 20000)
	for i := range randomFunctions * 3 {
		name := fmt.Sprintf("f%d", i%randomFunctions)
		got := ours.call(t, name, int32(i))
		if got.trap == "" || got.trap == uncaught {
			ended++
		}
		for who, counting := range all {
			if !sameResult(t, fmt.Sprintf("seed %d, %s, counted by %s", seed, name, who), counting.call(t, name, int32(i)), got) {
				delete(all, who)
			}
		}
	}
	return ended
}

func TestMeter_countsAsTheEngineInRandomPrograms(t *testing.T) {
	for _, throws := range []bool{false, true} {
		ended := 0
		for seed := range uint64(200) {
			ended += compareRandom(t, seed, throws)
		}
		if ended < 400 {
			t.Errorf("only %d calls came to an end", ended)
		}
	}
}

func FuzzMeter_randomPrograms(f *testing.F) {
	f.Add(uint64(1000), true)
	f.Fuzz(func(t *testing.T, seed uint64, throws bool) { compareRandom(t, seed, throws) })
}
