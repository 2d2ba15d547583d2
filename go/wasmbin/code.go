package wasmbin

import "encoding/binary"

// Operation codes of instructions that Code writes, or that say what a body consists of.
const (
	opUnreachable        = 0x00
	opNop                = 0x01
	opBlock              = 0x02
	opLoop               = 0x03
	opIf                 = 0x04
	opElse               = 0x05
	opThrow              = 0x08
	opThrowRef           = 0x0a
	opEnd                = 0x0b
	opBr                 = 0x0c
	opBrIf               = 0x0d
	opBrTable            = 0x0e
	opReturn             = 0x0f
	opCall               = 0x10
	opCallIndirect       = 0x11
	opReturnCall         = 0x12
	opReturnCallIndirect = 0x13
	opCallRef            = 0x14
	opReturnCallRef      = 0x15
	opDrop               = 0x1a
	opTryTable           = 0x1f
	opLocalGet           = 0x20
	opLocalSet           = 0x21
	opLocalTee           = 0x22
	opGlobalGet          = 0x23
	opGlobalSet          = 0x24
	opMemorySize         = 0x3f
	opMemoryGrow         = 0x40
	opI32Const           = 0x41
	opI64Const           = 0x42
	opI32Eqz             = 0x45
	opI32Eq              = 0x46
	opI32LtU             = 0x49
	opI32GtU             = 0x4b
	opI32LeU             = 0x4d
	opI64Eq              = 0x51
	opI64GeS             = 0x59
	opI64GtU             = 0x56
	opI32Add             = 0x6a
	opI32Sub             = 0x6b
	opI32Shl             = 0x74
	opI64Add             = 0x7c
	opI64Sub             = 0x7d
	opI64Mul             = 0x7e
	opI64ShrU            = 0x88
	opI64ExtendI32U      = 0xad
	opRefIsNull          = 0xd1
	opRefAsNonNull       = 0xd4
	opBrOnNull           = 0xd5
	opBrOnNonNull        = 0xd6
	opBulk               = 0xfc // prefix
	opVector             = 0xfd // prefix
	opAtomic             = 0xfe // prefix
	bulkCopy             = 10
	bulkTableGrow        = 15
	bulkTableSize        = 16
	noResult             = 0x40
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

// tee copies the top into a local.
func (c *Code) tee(local uint32) { c.op(opLocalTee, local) }

// number pushes an i64, …
func (c *Code) number(value int64) { c.constant(opI64Const, value) }

// int pushes an i32.
func (c *Code) int(value int64) { c.constant(opI32Const, value) }

func (c *Code) constant(op byte, value int64) {
	*c = append(*c, op)
	for value < -0x40 || value >= 0x40 {
		*c = append(*c, byte(value)|0x80)
		value >>= 7
	}
	*c = append(*c, byte(value)&0x7f)
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
