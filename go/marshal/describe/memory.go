package describe

import (
	"encoding/binary"

	"wasmgate/go/wasmbin"
)

const (
	pageBits = 12
	maxPages = 64 // that one run may touch
)

type page [1 << pageBits]byte

// memory holds the pages that a run has touched, made from the data segments.
type memory struct {
	pages map[uint32]*page
	data  []wasmbin.Segment
	steps *int // a page costs some
}

func (m *memory) page(number uint32) *page {
	if p := m.pages[number]; p != nil {
		return p
	}
	if len(m.pages) == maxPages {
		return nil
	}
	if m.pages == nil {
		m.pages = map[uint32]*page{}
	}
	*m.steps -= 64 + len(m.data)
	p := &page{}
	start := uint64(number) << pageBits
	for _, s := range m.data {
		end := s.Address + uint64(len(s.Bytes))
		if s.Address >= start+uint64(len(p)) || end <= start {
			continue
		}
		from := max(s.Address, start)
		copy(p[from-start:], s.Bytes[from-s.Address:])
	}
	m.pages[number] = p
	return p
}

// load reads so many bytes, 8 at most, as an unsigned number.
func (m *memory) load(address uint64, bytes int) (uint64, bool) {
	var b [8]byte
	for i := range bytes {
		at := address + uint64(i)
		p := m.at(at)
		if p == nil {
			return 0, false
		}
		b[i] = p[at&(1<<pageBits-1)]
	}
	return binary.LittleEndian.Uint64(b[:]), true
}

func (m *memory) store(address uint64, bytes int, value uint64) bool {
	for i := range bytes {
		at := address + uint64(i)
		p := m.at(at)
		if p == nil {
			return false
		}
		p[at&(1<<pageBits-1)] = byte(value >> (8 * i))
	}
	return true
}

func (m *memory) at(address uint64) *page {
	if address >= 1<<32 {
		return nil
	}
	return m.page(uint32(address >> pageBits))
}
