package engine

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"wasmgate/go/wasmbin"
)

// program writes a module at random: functions that call each other, with blocks of
// all kinds, branches to all labels, and code that nobody reaches.
type program struct {
	*rand.Rand
	strings.Builder
	labels []bool // of those around: it takes an i32
	left   int    // how many statements may still come
	gives  bool   // the function gives an i32
}

const randomFunctions = 4

func randomModule(seed uint64) string {
	p := &program{Rand: rand.New(rand.NewPCG(seed, 7))}
	p.WriteString(`(module (memory 1 4) (memory i64 1 4) (table 8 8 funcref) (global $seed (export "seed") (mut i32) (i32.const 1))
	(elem (i32.const 0) $f0 $f1 $f2 $f3)
	(type $even (func (param i32))) (type $odd (func (param i32) (result i32)))
	(func $chance (result i32)
		(global.set $seed (i32.add (i32.mul (global.get $seed) (i32.const 1103515245)) (i32.const 12345)))
		(i32.and (i32.shr_u (global.get $seed) (i32.const 16)) (i32.const 3)))
`)
	for i := range randomFunctions {
		p.function(i)
	}
	p.WriteString(")")
	return p.String()
}

// function writes one whose parameter says how deep it may call.
func (p *program) function(i int) {
	p.gives = i%2 == 1
	p.labels, p.left = []bool{p.gives}, 40+p.IntN(40)
	fmt.Fprintf(p, "(func $f%d (export \"f%d\") (param $depth i32)", i, i)
	if p.gives {
		p.WriteString(" (result i32)")
	}
	p.WriteString(" (local $n i32)\n")
	if p.IntN(8) > 0 {
		p.WriteString("local.get $depth i32.eqz if ")
		p.leave()
		p.WriteString(" end local.get $depth i32.const 1 i32.sub local.set $depth\n")
	}
	p.statements()
	if p.gives {
		p.value()
	}
	p.WriteString(")\n")
}

func (p *program) leave() {
	if p.gives {
		p.value()
	}
	p.WriteString(" return")
}

func (p *program) statements() {
	for n := 1 + p.IntN(5); n > 0 && p.left > 0; n-- {
		p.left--
		p.statement()
		p.WriteString("\n")
	}
}

func (p *program) value() {
	p.WriteString([]string{" i32.const 5", " local.get $n", " call $chance", " local.get $n i32.const 7 i32.rem_s"}[p.IntN(4)])
}

func (p *program) statement() {
	switch p.IntN(16) {
	case 0:
		p.block("block", false)
	case 1:
		p.block("block", true)
	case 2:
		p.block("loop", p.IntN(2) == 0)
	case 3:
		p.WriteString("call $chance ")
		p.block("if", false)
	case 4, 5:
		p.WriteString("call $chance ")
		p.block("else", p.IntN(2) == 0)
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
func (p *program) block(kind string, gives bool) {
	result := ""
	if gives {
		result = " (result i32)"
	}
	p.labels = append(p.labels, gives && kind != "loop")
	p.WriteString(map[string]string{"block": "block", "loop": "loop", "if": "if", "else": "if"}[kind] + result + "\n")
	p.statements()
	if gives {
		p.value()
	}
	if kind == "else" {
		p.WriteString(" else\n")
		p.statements()
		if gives {
			p.value()
		}
	}
	if kind == "loop" && p.IntN(2) == 0 {
		if gives {
			p.WriteString(" drop")
		}
		p.WriteString(" call $chance br_if 0")
		if gives {
			p.value()
		}
	}
	p.WriteString(" end")
	if gives {
		p.WriteString(" drop")
	}
	p.labels = p.labels[:len(p.labels)-1]
}

func (p *program) branch(kind string) {
	depth := p.IntN(len(p.labels))
	takes := p.labels[len(p.labels)-1-depth]
	if takes {
		p.value()
	}
	if kind == "br_if" {
		p.WriteString(" call $chance")
	}
	fmt.Fprintf(p, " %s %d", kind, depth)
	if takes && kind == "br_if" {
		p.WriteString(" drop")
	}
}

// table writes a br_table to labels that take the same.
func (p *program) table() {
	takes := p.labels[len(p.labels)-1]
	if takes {
		p.value()
	}
	p.WriteString(" call $chance br_table")
	for n := p.IntN(4); n >= 0; n-- {
		depth := p.IntN(len(p.labels))
		if p.labels[len(p.labels)-1-depth] != takes {
			depth = 0
		}
		fmt.Fprintf(p, " %d", depth)
	}
}

func (p *program) bulk() {
	p.WriteString([]string{
		"i32.const 0 i32.const 0 i32.const 200 memory.fill",
		"i32.const 0 i32.const 100 call $chance memory.copy",
		"i64.const 0 i32.const 0 i64.const 200 memory.fill 1",
		"i64.const 0 i64.const 100 call $chance i64.extend_i32_u memory.copy 1 1",
		"i32.const 8 i64.const 100 call $chance memory.copy 0 1",
		"i32.const 4 ref.null func call $chance table.fill",
		"call $chance memory.grow drop",
		"i64.const 1 memory.grow 1 drop",
		"ref.null func call $chance table.grow drop",
	}[p.IntN(9)])
}

func (p *program) call() {
	target := p.IntN(randomFunctions)
	gives := target%2 == 1
	tail := gives == p.gives && p.IntN(4) == 0
	how := ""
	if tail {
		how = "return_"
	}
	if p.IntN(2) == 0 {
		fmt.Fprintf(p, "local.get $depth %scall $f%d", how, target)
	} else {
		fmt.Fprintf(p, "local.get $depth i32.const %d %scall_indirect (type %s)", target, how, []string{"$even", "$odd"}[target%2])
	}
	if gives && !tail {
		p.WriteString(" drop")
	}
}

// compareRandom tells how many calls came to an end.
func compareRandom(t *testing.T, seed uint64) (ended int) {
	text := randomModule(seed)
	binary, err := ToBinary([]byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	metered := meter(t, binary, wasmbin.RewriteOptions{Meter: asReference()})
	costs := wasmbin.DefaultCosts()
	meter(t, binary, wasmbin.RewriteOptions{Meter: &costs, TrapOnGrow: true})
	wanted, _ := instantiate(t, binary, nil, 20000)
	ours, _ := instantiate(t, binary, metered, 20000)
	for i := range randomFunctions * 3 {
		name := fmt.Sprintf("f%d", i%randomFunctions)
		want, got := wanted.call(t, name, int32(i)), ours.call(t, name, int32(i))
		if want.trap == "" {
			ended++
		}
		if !sameResult(t, fmt.Sprintf("seed %d, %s", seed, name), want, got) {
			break
		}
	}
	return ended
}

func TestMeter_countsAsTheEngineInRandomPrograms(t *testing.T) {
	ended := 0
	for seed := range uint64(200) {
		ended += compareRandom(t, seed)
	}
	if ended < 400 {
		t.Errorf("only %d calls came to an end", ended)
	}
}

func FuzzMeter_randomPrograms(f *testing.F) {
	f.Add(uint64(1000))
	f.Fuzz(func(t *testing.T, seed uint64) { compareRandom(t, seed) })
}
