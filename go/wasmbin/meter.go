package wasmbin

import "encoding/binary"

const (
	// mostUnchecked is what may be executed, about, before the count is looked at.
	mostUnchecked = 1024
	// leafCost stands for a call of a function that does not look at the count. Such a
	// one costs at most mostUnchecked; that it does is rare.
	leafCost = 64
)

// metered writes a body that counts.
func (e *emitter) metered() {
	b := e.body
	e.declare()
	e.live = true
	e.owed = int64(e.w.meter.Entry)
	e.added()
	e.last = b.code
	if b.loops {
		e.code.op(opGlobalGet, e.w.count)
		if b.calls {
			e.code.tee(e.local)
			e.test()
		} else {
			e.code.Set(e.local)
		}
		e.current = true
	} else if b.calls {
		e.code.op(opGlobalGet, e.w.count)
		e.test()
	}
	e.labels = append(e.labels, label{op: opBlock, live: true})
	for i := range b.events[1:] {
		e.event(&b.events[1+i])
	}
	e.upTo(b.end)
}

// declare writes the list of locals, with ours after the others.
func (e *emitter) declare() {
	b := e.body
	next := b.params + b.locals
	groups := b.groups
	var ours []byte
	for _, l := range []struct {
		needed bool
		local  *uint32
		t      ValType
	}{{b.loops, &e.local, I64}, {b.narrow, &e.narrow, I32}, {b.wide, &e.wide, I64}} {
		if l.needed {
			*l.local = next
			next++
			groups++
			ours = append(ours, 1, byte(l.t))
		}
	}
	e.code = binary.AppendUvarint(e.code, uint64(groups))
	e.last = b.list
	e.upTo(b.code)
	e.code = append(e.code, ours...)
}

// event writes what leads to an instruction, what we add, and the instruction.
func (e *emitter) event(ev *event) {
	e.upTo(ev.start)
	if !e.live {
		e.dead(ev)
		e.through(ev)
		return
	}
	e.owed += ev.cost
	e.unchecked += ev.cost
	if e.unchecked > mostUnchecked && ev.op != opLoop {
		e.check()
	}
	switch ev.op {
	case opBlock, opIf, opTryTable:
		e.open(ev)
	case opLoop:
		e.loop(ev)
	case opElse, opEnd:
		e.close(ev)
	case opBr:
		e.branch(ev.index, true)
	case opBrIf:
		e.branch(ev.index, false)
	case opBrTable:
		e.branchTable(ev)
	case opReturn:
		e.publish()
		e.live = false
	case opCall, opMemoryGrow:
		e.callOut(ev)
	case opBulk:
		e.bulk(ev)
	}
	e.through(ev)
}

// dead keeps track of blocks where nothing is executed.
func (e *emitter) dead(ev *event) {
	switch ev.op {
	case opBlock, opLoop, opIf, opTryTable:
		e.labels = append(e.labels, label{op: ev.op})
	case opElse, opEnd:
		e.close(ev)
	}
}

// loop begins a loop.
func (e *emitter) loop(ev *event) {
	if ev.caught {
		e.publish()
	} else {
		e.settle()
	}
	e.open(ev)
	e.upTo(ev.end)
	if ev.caught {
		e.reload()
	}
	e.current = ev.caught // if not, it is not so on the way back
	e.check()
}

// open begins a block.
func (e *emitter) open(ev *event) {
	l := label{op: ev.op, live: true, fixed: ev.pinned || ev.caught || ev.op == opLoop, caught: ev.caught}
	if ev.op == opIf && !ev.hasElse {
		switch {
		case ev.caught:
			e.publish()
		case ev.pinned:
			e.settle()
			l.fixed = true
		default:
			l.fixed, l.owed = true, e.owed // as it is where the condition does not hold
		}
	}
	for _, index := range ev.targets { // of try_table
		target := &e.labels[len(e.labels)-1-int(index)]
		target.reached = true
		target.unchecked = mostUnchecked + 1 // what was executed before the exception
	}
	l.before.owed, l.before.unchecked = e.owed, e.unchecked
	e.labels = append(e.labels, l)
}

// close ends a block, or the first arm of an if.
func (e *emitter) close(ev *event) {
	l := &e.labels[len(e.labels)-1]
	if len(e.labels) == 1 {
		if e.live {
			e.publish()
		}
		return
	}
	if l.op == opLoop {
		e.labels = e.labels[:len(e.labels)-1]
		return
	}
	if e.live {
		e.meet(l)
	}
	e.current = false
	if ev.op == opElse {
		l.op = opElse
		e.owed, e.unchecked, e.live = l.before.owed, l.before.unchecked, l.live
		return
	}
	if l.op == opIf && l.live {
		l.reached, l.unchecked = true, max(l.unchecked, l.before.unchecked)
	}
	e.owed, e.unchecked, e.live = l.owed, l.unchecked, l.reached
	e.labels = e.labels[:len(e.labels)-1]
	if l.caught && e.live {
		e.upTo(ev.end)
		e.reload()
	}
}

// meet makes the count lack what it lacks on the other ways to a label.
func (e *emitter) meet(l *label) {
	if l.caught {
		e.publish()
		l.reached, l.unchecked = true, max(l.unchecked, e.unchecked)
		return
	}
	if l.fixed {
		e.add(e.owed - l.owed)
		e.owed = l.owed
	}
	l.fixed, l.owed = true, e.owed
	l.reached, l.unchecked = true, max(l.unchecked, e.unchecked)
}

// branch leads to a label, always or on a condition.
func (e *emitter) branch(index uint32, always bool) {
	at := len(e.labels) - 1 - int(index)
	switch {
	case at > 0:
		e.meet(&e.labels[at])
	case always:
		e.publish()
	default:
		e.settle()
		e.publish()
	}
	e.live = !always
}

func (e *emitter) branchTable(ev *event) {
	same := true
	for _, index := range ev.targets {
		same = same && index == ev.targets[0]
	}
	if same {
		e.branch(ev.targets[0], true)
		return
	}
	e.settle() // the labels are pinned
	for _, index := range ev.targets {
		if at := len(e.labels) - 1 - int(index); at > 0 {
			e.meet(&e.labels[at])
		} else {
			e.publish()
		}
	}
	e.live = false
}

// callOut lets the global be the count around a call.
func (e *emitter) callOut(ev *event) {
	e.publish()
	e.through(ev)
	if ev.op == opCall {
		e.unchecked += leafCost
	}
	e.reload()
}

// reload takes the count from the global, which has all of it.
func (e *emitter) reload() {
	e.owed = 0
	if e.body.loops {
		e.added()
		e.code.op(opGlobalGet, e.w.count)
		e.code.Set(e.local)
		e.current = true
	}
}

// bulk counts how much an instruction handled, after it: it traps before it handles
// anything, and only then the amount may be any number.
func (e *emitter) bulk(ev *event) {
	kept := e.narrow
	if ev.wide {
		kept = e.wide
	}
	e.added()
	e.code.tee(kept)
	e.through(ev)
	e.change(func(c *Code) {
		c.Get(kept)
		if !ev.wide {
			c.op(opI64ExtendI32U)
		}
		if shift := ev.shift(); shift > 0 {
			c.number(shift)
			c.op(opI64ShrU)
		}
		if price := int64(e.w.meter.BulkPer64); price != 1 {
			c.number(price)
			c.op(opI64Mul)
		}
	})
	e.unchecked += mostUnchecked + 1
}

// add changes the count by a constant.
func (e *emitter) add(cost int64) {
	if cost != 0 {
		e.change(func(c *Code) { c.number(cost) })
	}
}

// change adds what is pushed to the count.
func (e *emitter) change(push func(*Code)) {
	e.added()
	get, set, index := byte(opGlobalGet), byte(opGlobalSet), e.w.count
	if e.body.loops {
		get, set, index = opLocalGet, opLocalSet, e.local
		e.current = false
	}
	e.code.op(get, index)
	push(&e.code)
	e.code.op(opI64Add)
	e.code.op(set, index)
}

// settle adds what the count lacks.
func (e *emitter) settle() {
	e.add(e.owed)
	e.owed = 0
}

// publish makes the global the count. The local may stay behind, by what is owed.
func (e *emitter) publish() {
	if !e.body.loops {
		e.settle()
		return
	}
	if e.current && e.owed == 0 {
		return
	}
	e.added()
	e.code.Get(e.local)
	if e.owed != 0 {
		e.code.number(e.owed)
		e.code.op(opI64Add)
	}
	e.code.op(opGlobalSet, e.w.count)
	e.current = e.owed == 0
}

// check stops if the count is not negative.
func (e *emitter) check() {
	e.settle()
	e.publish()
	e.added()
	if e.body.loops {
		e.code.Get(e.local)
	} else {
		e.code.op(opGlobalGet, e.w.count)
	}
	e.test()
	e.unchecked = 0
}

// test stops if the count on top is not negative.
func (e *emitter) test() {
	e.code.number(0)
	e.code.op(opI64GeS)
	e.code.If()
	e.code.Unreachable()
	e.code.End()
}
