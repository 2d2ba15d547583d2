package wasmbin

import (
	"encoding/binary"
	"slices"

	"wasmgate/go/errs"
)

// Names of what a metered module exports besides its own.
const (
	FuelExport  = "wasmgate:fuel"
	StartExport = "wasmgate:start"
)

// FuelStart is the count of a metered module that nobody has set: far from 0.
const FuelStart = -1 << 62

// RewriteOptions say what Rewrite does to a module.
type RewriteOptions struct {
	// TrapOnGrow makes it a trap that a memory or table cannot grow.
	TrapOnGrow bool
	// Meter makes it count what it executes; nil: it does not.
	Meter *Costs
	// Stoppable makes instructions that the engine does not interrupt, and which take
	// long, loops.
	Stoppable bool
}

// Rewritten is a module that Rewrite has changed.
type Rewritten struct {
	Binary []byte
	// Shape is that of the module as it was, with the functions, types and globals
	// that were added at the end: what Extend needs to add more. The added exports are
	// not in it.
	Shape *Module
	// Helpers counts the added functions. Their indices begin where those of the
	// module as it was end. Unreachable in one of them means that a memory could not
	// grow; other traps are those of the instruction in whose place it was called.
	Helpers int
	// Sites counts the instructions that became calls of such functions.
	Sites int
	// Metered: there is a FuelExport.
	Metered bool
	// Starts: there is a StartExport, to be called in place of the start function.
	Starts bool
	// Moves leads from places in the code to those in the module as it was.
	Moves Moves
}

// Rewrite gives a changed copy of a module, which must be valid. No index changes its
// meaning: what is added comes after the module's own. The same module and options
// give the same bytes. A module in which there is nothing to change is given back as
// it is. Custom sections that hold places in the code are left out of the copy.
//
// With TrapOnGrow, each memory.grow and table.grow executes unreachable if its answer is -1.
//
// With Meter, the module counts what it costs in a global of the type i64, exported as
// FuelExport: up from what the host puts there, and executes unreachable at a function's
// entry, at the head of a loop or within a long stretch of code where the count is not
// negative. The count is complete whenever the module is left or calls out, and at each
// head of a loop; a trap other than unreachable may lose what was executed since. The
// start function does not run by itself any more (see StartExport).
//
// With Stoppable, array.copy, array.init_elem and array.new_elem of many elements are done
// in pieces, with the same results and traps, and at the same price.
//
// An instruction that this package does not know is an error with the code
// ERR_MODULE_UNSUPPORTED: what follows it cannot be told apart from its immediates. So
// is a module that has an export of ours.
func Rewrite(data []byte, shape *Module, options RewriteOptions) (*Rewritten, error) {
	w := &rewriter{
		data: data, shape: shape, meter: options.Meter, trap: options.TrapOnGrow, helpers: map[any]uint32{},
		arrays: options.Stoppable && slices.Contains(shape.Kinds, FormArray),
	}
	if w.meter == nil && !w.trap && !w.arrays {
		return &Rewritten{Binary: data, Shape: shape}, nil
	}
	more := map[byte]addition{}
	if w.meter != nil {
		if err := w.fuel(more); err != nil {
			return nil, err
		}
	}
	starts, err := w.sections(more)
	if err != nil {
		return nil, err
	}
	if w.sites == 0 && w.meter == nil {
		return &Rewritten{Binary: data, Shape: shape}, nil
	}
	for id, items := range entries(shape, w.added, nil) {
		more[id] = items
	}
	change := splice{more: more, create: w.meter != nil, code: w.code, moved: true, startless: starts}
	out, shift, err := change.apply(data)
	if err != nil {
		return nil, err
	}
	return &Rewritten{
		Binary: out, Shape: w.grownShape(), Helpers: len(w.added), Sites: w.sites,
		Metered: w.meter != nil, Starts: starts, Moves: w.moves.Shift(shift),
	}, nil
}

// rewriter is a module while its code is changed.
type rewriter struct {
	data   []byte
	shape  *Module
	trap   bool
	meter  *Costs
	costs  *[256]int64 // prices, of meter
	count  uint32      // the global that counts
	arrays bool        // there are some, and they are to be handled in pieces

	helpers map[any]uint32 // the functions that are called instead of a grown or a pieces
	added   []Function     // the same in order
	sites   int
	code    []byte // the new code section, without its size
	moves   Moves  // from places in code
}

// fuel adds the global that counts.
func (w *rewriter) fuel(more map[byte]addition) error {
	if !w.meter.inRange() {
		return errs.New(errs.OptionRange, "costs: they must be from 0 to %d", MaxCost)
	}
	for _, name := range []string{FuelExport, StartExport} {
		if w.shape.Export(name) != nil {
			return errs.New(errs.ModuleUnsupported, "module: its export %q has a name that metering needs", name)
		}
	}
	w.costs = w.meter.table()
	w.count = uint32(len(w.shape.Globals))
	var initial Code
	initial.number(FuelStart)
	initial.End()
	more[sectionGlobal] = addition{1, append([]byte{byte(I64), 1}, initial...)}
	more[sectionExport] = addition{1, appendExport(nil, Alias{FuelExport, Global, w.count})}
	return nil
}

// sections changes the code, and exports the start function if there is one.
func (w *rewriter) sections(more map[byte]addition) (starts bool, err error) {
	r := &reader{data: w.data, pos: 8}
	for !r.done() {
		id := r.byte()
		body := r.bytes()
		switch {
		case id == sectionCode:
			if err := w.bodies(&reader{data: w.data[:r.pos], pos: r.pos - len(body)}); err != nil {
				return false, err
			}
		case id == sectionStart && w.meter != nil:
			starts = true
			start := appendExport(nil, Alias{StartExport, Func, (&reader{data: body}).u32()})
			exports := more[sectionExport]
			more[sectionExport] = addition{exports.count + 1, append(exports.bytes, start...)}
		}
	}
	return starts, r.err
}

// bodies changes the code section.
func (w *rewriter) bodies(r *reader) error {
	if w.code != nil {
		r.fail("a second code section")
		return r.err
	}
	n := r.count()
	if n > len(w.shape.Funcs) {
		r.fail("more functions than were declared")
		return r.err
	}
	w.code = binary.AppendUvarint(make([]byte, 0, len(r.data)-r.pos), uint64(n))
	for _, t := range w.shape.Funcs[len(w.shape.Funcs)-n:] {
		start, sites := r.pos, w.sites
		size := len(r.bytes())
		inside := &reader{data: r.data[:r.pos], pos: r.pos - size}
		body := w.scan(inside, len(t.Params))
		if inside.err != nil || r.err != nil {
			return firstError(inside, r)
		}
		out := &emitter{w: w, body: body}
		switch {
		case w.meter != nil:
			out.metered()
		case w.sites > sites:
			out.plain()
		default:
			out.copy(start, r.pos)
			w.append(out)
			continue
		}
		w.code = binary.AppendUvarint(w.code, uint64(len(out.code)))
		w.append(out)
	}
	if r.err == nil && !r.done() {
		r.fail("bytes after the last function")
	}
	return r.err
}

func firstError(readers ...*reader) error {
	for _, r := range readers {
		if r.err != nil {
			return r.err
		}
	}
	return nil
}

// append takes over the bytes of a body.
func (w *rewriter) append(out *emitter) {
	w.moves = append(w.moves, out.moves.Shift(len(w.code))...)
	w.code = append(w.code, out.code...)
}

func (w *rewriter) grownShape() *Module {
	shape := *w.shape
	shape.TypeCount += len(w.added)
	shape.FuncCount += len(w.added)
	shape.Funcs = slices.Clone(shape.Funcs)
	for _, helper := range w.added {
		shape.Funcs = append(shape.Funcs, helper.Type)
	}
	if w.meter != nil {
		shape.Globals = append(slices.Clone(shape.Globals), ExternType{Kind: Global, Content: I64, Mutable: true})
	}
	return &shape
}
