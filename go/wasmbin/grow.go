package wasmbin

import (
	"encoding/binary"
	"slices"
	"strings"
)

// Trapping is a module in which a memory that cannot grow is a trap.
type Trapping struct {
	Binary []byte
	// Shape is that of the module as it was, with the added functions and types at
	// the end: what Extend needs to add more.
	Shape *Module
	// Helpers counts the added functions. Their indices begin where those of the
	// module as it was end.
	Helpers int
	// Sites counts the instructions that were replaced.
	Sites int
	// Moves leads from places in the code to those in the module as it was.
	Moves Moves
}

// TrapOnGrow gives a copy of a valid module in which each memory.grow calls a function
// that does it, and executes unreachable if the answer is -1. There is one such
// function for each memory that the code grows; they come after the module's own, so
// that no index changes its meaning, and are not exported. A module that grows no
// memory is given back as it is. Custom sections that hold places in the code are left
// out of the copy, as they would be wrong: DWARF and the hints of metadata.code.
//
// An instruction that this package does not know is an error with the code
// ERR_MODULE_UNSUPPORTED: what follows it cannot be told apart from its immediates.
func TrapOnGrow(data []byte, shape *Module) (*Trapping, error) {
	g := &growth{data: data, shape: shape, helpers: map[uint32]uint32{}}
	out, err := g.sections()
	if err != nil {
		return nil, err
	}
	if g.sites == 0 {
		return &Trapping{Binary: data, Shape: shape}, nil
	}
	extended, shift, err := Extend(out, shape, g.added, nil)
	if err != nil {
		return nil, err
	}
	grown := *shape
	grown.TypeCount += len(g.added)
	grown.FuncCount += len(g.added)
	grown.Funcs = slices.Clone(shape.Funcs)
	for _, helper := range g.added {
		grown.Funcs = append(grown.Funcs, helper.Type)
	}
	return &Trapping{
		Binary: extended, Shape: &grown, Helpers: len(g.added), Sites: g.sites, Moves: g.moves.Shift(shift),
	}, nil
}

// growth is a module while the instructions in it are replaced.
type growth struct {
	data    []byte
	shape   *Module
	helpers map[uint32]uint32 // from the index of a memory to that of its function
	added   []Function
	sites   int
	code    []byte // the new code section, without number and size
	moves   Moves  // from places in code
}

// site is a memory.grow: bytes start to end of the module.
type site struct {
	start, end int
	helper     uint32
}

func (s site) call() []byte { return binary.AppendUvarint([]byte{opCall}, uint64(s.helper)) }

// sections gives the module with the instructions replaced, without the functions
// that they call.
func (g *growth) sections() ([]byte, error) {
	r := &reader{data: g.data, pos: 8}
	out := append(make([]byte, 0, len(g.data)+len(g.data)/16), g.data[:8]...)
	for !r.done() {
		start := r.pos
		id := r.byte()
		body := r.bytes()
		switch {
		case id == sectionCode:
			if err := g.bodies(&reader{data: g.data[:r.pos], pos: r.pos - len(body)}); err != nil {
				return nil, err
			}
			out = binary.AppendUvarint(append(out, id), uint64(len(g.code)))
			g.moves = g.moves.Shift(len(out))
			out = append(out, g.code...)
		case id == sectionCustom && holdsPlaces(body):
		default:
			out = append(out, g.data[start:r.pos]...)
		}
	}
	return out, r.err
}

// holdsPlaces tells a custom section that holds places in the code.
func holdsPlaces(body []byte) bool {
	r := &reader{data: body}
	name := r.name()
	return strings.HasPrefix(name, ".debug_") || strings.HasPrefix(name, "metadata.code.")
}

// bodies rewrites the code section.
func (g *growth) bodies(r *reader) error {
	if g.code != nil {
		r.fail("a second code section")
		return r.err
	}
	g.code = make([]byte, 0, len(r.data)-r.pos)
	start := r.pos
	for n := r.count(); n > 0 && r.err == nil; n-- {
		g.copy(start, r.pos)
		start = r.pos
		body := r.bytes()
		inside := &reader{data: r.data[:r.pos], pos: r.pos - len(body)}
		first := inside.pos
		sites := g.find(inside)
		if inside.err != nil {
			return inside.err
		}
		if len(sites) == 0 {
			continue
		}
		size := len(body)
		for _, s := range sites {
			size += len(s.call()) - (s.end - s.start)
		}
		g.code = binary.AppendUvarint(g.code, uint64(size))
		start = first
		for _, s := range sites {
			g.copy(start, s.start)
			g.code = append(g.code, s.call()...)
			start = s.end
		}
		g.sites += len(sites)
	}
	g.copy(start, len(r.data))
	return r.err
}

// copy takes over bytes of the module.
func (g *growth) copy(from, to int) {
	if from == to {
		return
	}
	if n := len(g.moves); n == 0 || g.moves.Original(len(g.code)) != from {
		g.moves = append(g.moves, Move{At: len(g.code), Was: from})
	}
	g.code = append(g.code, g.data[from:to]...)
}

// find reads the body of a function.
func (g *growth) find(r *reader) []site {
	for n := r.count(); n > 0 && r.err == nil; n-- {
		r.u32() // so many locals
		r.valueType()
	}
	var sites []site
	for depth := 1; depth > 0 && r.err == nil; {
		start := r.pos
		switch r.instruction() {
		case opBlock, opLoop, opIf:
			depth++
		case opEnd:
			depth--
		case opMemoryGrow:
			again := &reader{data: r.data, pos: start + 1}
			memory := again.u32()
			if uint64(memory) >= uint64(len(g.shape.Memories)) {
				r.fail("unknown memory")
				break
			}
			sites = append(sites, site{start: start, end: r.pos, helper: g.helper(memory)})
		}
	}
	if r.err == nil && !r.done() {
		r.fail("a function that ends too early")
	}
	return sites
}

// helper gives the index of the function that grows a memory.
func (g *growth) helper(memory uint32) uint32 {
	if index, ok := g.helpers[memory]; ok {
		return index
	}
	index := uint32(g.shape.FuncCount + len(g.added))
	g.helpers[memory] = index
	g.added = append(g.added, growOrTrap(memory, g.shape.Memories[memory].Is64))
	return index
}

func growOrTrap(memory uint32, is64 bool) Function {
	pages := I32
	if is64 {
		pages = I64
	}
	var c Code
	c.Get(0)
	c.Grow(memory)
	c.Set(0)
	c.Get(0)
	c.equalsMinusOne(pages)
	c.If()
	c.Unreachable()
	c.End()
	c.Get(0)
	return Function{Type: FuncType{Params: []ValType{pages}, Results: []ValType{pages}}, Code: c}
}
