package describe

import "math/bits"

// arithmetic does an instruction on integers; false if it does not know it.
func (f *frame) arithmetic(op byte) bool {
	switch {
	case op == 0x45: // i32.eqz
		f.pushBool(f.pop32() == 0)
	case op >= 0x46 && op <= 0x4f:
		b, a := f.pop32(), f.pop32()
		f.pushBool(compare(op-0x46, int64(int32(a)), int64(int32(b)), uint64(a), uint64(b)))
	case op == 0x50: // i64.eqz
		f.pushBool(f.pop() == 0)
	case op >= 0x51 && op <= 0x5a:
		b, a := f.pop(), f.pop()
		f.pushBool(compare(op-0x51, int64(a), int64(b), a, b))
	case op >= 0x6a && op <= 0x6c, op >= 0x71 && op <= 0x78:
		b, a := f.pop32(), f.pop32()
		f.push32(binary32(op, a, b))
	case op >= 0x7c && op <= 0x7e, op >= 0x83 && op <= 0x88:
		b, a := f.pop(), f.pop()
		f.push(binary64(op, a, b))
	case op == 0xa7: // i32.wrap_i64
		f.push32(f.pop32())
	case op == 0xac: // i64.extend_i32_s
		f.push(uint64(int64(int32(f.pop32()))))
	case op == 0xad: // i64.extend_i32_u
		f.push(uint64(f.pop32()))
	case op == 0xc0: // i32.extend8_s
		f.push32(uint32(int8(f.pop32())))
	case op == 0xc1: // i32.extend16_s
		f.push32(uint32(int16(f.pop32())))
	default:
		return false
	}
	return true
}

// compare does eq, ne, then lt, gt, le and ge, each signed and unsigned.
func compare(which byte, a, b int64, ua, ub uint64) bool {
	switch which {
	case 0:
		return ua == ub
	case 1:
		return ua != ub
	case 2:
		return a < b
	case 3:
		return ua < ub
	case 4:
		return a > b
	case 5:
		return ua > ub
	case 6:
		return a <= b
	case 7:
		return ua <= ub
	case 8:
		return a >= b
	}
	return ua >= ub
}

func binary32(op byte, a, b uint32) uint32 {
	switch op {
	case 0x6a:
		return a + b
	case 0x6b:
		return a - b
	case 0x6c:
		return a * b
	case 0x71:
		return a & b
	case 0x72:
		return a | b
	case 0x73:
		return a ^ b
	case 0x74:
		return a << (b & 31)
	case 0x75:
		return uint32(int32(a) >> (b & 31))
	case 0x76:
		return a >> (b & 31)
	case 0x77:
		return bits.RotateLeft32(a, int(b&31))
	}
	return bits.RotateLeft32(a, -int(b&31))
}

func binary64(op byte, a, b uint64) uint64 {
	switch op {
	case 0x7c:
		return a + b
	case 0x7d:
		return a - b
	case 0x7e:
		return a * b
	case 0x83:
		return a & b
	case 0x84:
		return a | b
	case 0x85:
		return a ^ b
	case 0x86:
		return a << (b & 63)
	case 0x87:
		return uint64(int64(a) >> (b & 63))
	}
	return a >> (b & 63)
}
