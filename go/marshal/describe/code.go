package describe

// code is read byte by byte; what is not there reads as 0 and sets bad.
type code struct {
	data []byte
	pos  int
	bad  bool
}

func (c *code) byte() byte {
	if c.pos >= len(c.data) {
		c.bad = true
		return 0
	}
	c.pos++
	return c.data[c.pos-1]
}

func (c *code) u32() uint32 {
	var v uint64
	for shift := 0; shift < 35; shift += 7 {
		b := c.byte()
		v |= uint64(b&0x7f) << shift
		if b&0x80 == 0 {
			break
		}
	}
	return uint32(v)
}

func (c *code) signed() int64 {
	var v int64
	for shift := 0; shift < 70; shift += 7 {
		b := c.byte()
		v |= int64(b&0x7f) << shift
		if b&0x80 == 0 {
			if shift+7 < 64 && b&0x40 != 0 {
				v |= -1 << (shift + 7)
			}
			break
		}
	}
	return v
}

// jumps says where the blocks of a function end, by where they begin.
type jumps map[int]jump

type jump struct{ end, orElse int }

// jumpsOf finds the blocks of a function; those that follow an instruction with
// operands that are not known here are not found.
func (m *Module) jumpsOf(function uint32, body []byte) jumps {
	if found, ok := m.targets[function]; ok {
		return found
	}
	found := jumps{}
	m.targets[function] = found
	c := &code{data: body}
	for n := c.u32(); n > 0 && !c.bad; n-- {
		c.u32()
		c.byte()
	}
	var open []int
	for !c.bad && c.pos < len(body) {
		start := c.pos
		switch op := c.byte(); {
		case op == 0x02 || op == 0x03 || op == 0x04:
			c.signed()
			open = append(open, start)
		case op == 0x05 && len(open) > 0:
			at := open[len(open)-1]
			found[at] = jump{orElse: c.pos}
		case op == 0x0b:
			if len(open) == 0 {
				return found
			}
			at := open[len(open)-1]
			found[at] = jump{end: c.pos, orElse: found[at].orElse}
			open = open[:len(open)-1]
		case !c.operands(op):
			return found
		}
	}
	return found
}

// operands passes over those of an instruction.
func (c *code) operands(op byte) bool {
	switch {
	case op == 0x0e:
		for n := uint64(c.u32()) + 1; n > 0 && !c.bad; n-- {
			c.u32()
		}
	case op == 0x0c || op == 0x0d || op == 0x10 || op >= 0x20 && op <= 0x26 || op == 0xd2:
		c.u32()
	case op == 0x11 || op >= 0x28 && op <= 0x3e:
		c.u32()
		c.u32()
	case op == 0x3f || op == 0x40:
		c.byte()
	case op == 0x41 || op == 0x42:
		c.signed()
	case op == 0x43:
		c.pos += 4
	case op == 0x44:
		c.pos += 8
	case op <= 0x01 || op == 0x0f || op == 0x1a || op == 0x1b || op >= 0x45 && op <= 0xc4:
	default:
		return false
	}
	return true
}
