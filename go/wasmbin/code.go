package wasmbin

import "encoding/binary"

// Operation codes of the instructions that Code writes.
const (
	opUnreachable = 0x00
	opIf          = 0x04
	opEnd         = 0x0b
	opCall        = 0x10
	opLocalGet    = 0x20
	opLocalSet    = 0x21
	opMemoryGrow  = 0x40
	opI32Const    = 0x41
	opI64Const    = 0x42
	opI32Eqz      = 0x45
	opI32Eq       = 0x46
	opI64Eq       = 0x51
	opI32Shl      = 0x74
	opBulk        = 0xfc
	bulkCopy      = 10
	noResult      = 0x40
)

// Code is a sequence of instructions in the making.
type Code []byte

func (c *Code) op(op byte, operands ...uint32) {
	*c = append(*c, op)
	for _, operand := range operands {
		*c = binary.AppendUvarint(*c, uint64(operand))
	}
}

// Get pushes a local.
func (c *Code) Get(local uint32) { c.op(opLocalGet, local) }

// Set pops into a local.
func (c *Code) Set(local uint32) { c.op(opLocalSet, local) }

// Small pushes an i32 of 0 to 63.
func (c *Code) Small(value byte) { c.op(opI32Const, uint32(value)) }

// equalsMinusOne tests whether the integer on top, of that type, is -1.
func (c *Code) equalsMinusOne(t ValType) {
	if t == I64 {
		*c = append(*c, opI64Const, 0x7f, opI64Eq)
	} else {
		*c = append(*c, opI32Const, 0x7f, opI32Eq)
	}
}

// Shl shifts the i32 below to the left by the i32 on top.
func (c *Code) Shl() { c.op(opI32Shl) }

// IsZero tests the i32 on top.
func (c *Code) IsZero() { c.op(opI32Eqz) }

// If begins what is done only if the i32 on top is not 0.
func (c *Code) If() { c.op(opIf, noResult) }

// End ends an If.
func (c *Code) End() { c.op(opEnd) }

// Unreachable traps.
func (c *Code) Unreachable() { c.op(opUnreachable) }

// Call calls a function.
func (c *Code) Call(function uint32) { c.op(opCall, function) }

// Grow grows a memory by the pages on top, and pushes its size before, or -1.
func (c *Code) Grow(memory uint32) { c.op(opMemoryGrow, memory) }

// Copy copies within a memory: (to, from, bytes).
func (c *Code) Copy(memory uint32) { c.op(opBulk, bulkCopy, memory, memory) }
