package main

import "sync"

// table maps numbers to Go objects, so that no Go pointer ever crosses to C. A
// number is a slot and its generation: one that was given up never finds what
// came after it.
type table[T any] struct {
	mu    sync.Mutex
	slots []slot[T]
	free  []uint32
	live  int64
}

type slot[T any] struct {
	generation uint32
	used       bool
	value      T
}

func (t *table[T]) add(value T) uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	var index uint32
	if n := len(t.free); n > 0 {
		index = t.free[n-1]
		t.free = t.free[:n-1]
	} else {
		index = uint32(len(t.slots))
		t.slots = append(t.slots, slot[T]{})
	}
	s := &t.slots[index]
	s.generation++
	s.used = true
	s.value = value
	t.live++
	return uint64(s.generation)<<32 | uint64(index)
}

func (t *table[T]) get(handle uint64) (T, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.find(handle); s != nil {
		return s.value, true
	}
	var none T
	return none, false
}

// use calls f with what a handle stands for, if it does, while the table is locked.
func (t *table[T]) use(handle uint64, f func(T)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.find(handle); s != nil {
		f(s.value)
	}
}

func (t *table[T]) remove(handle uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.find(handle)
	if s == nil {
		return
	}
	var none T
	s.value = none
	s.used = false
	t.free = append(t.free, uint32(handle))
	t.live--
}

func (t *table[T]) find(handle uint64) *slot[T] {
	index := uint32(handle)
	if uint64(index) >= uint64(len(t.slots)) {
		return nil
	}
	s := &t.slots[index]
	if !s.used || s.generation != uint32(handle>>32) {
		return nil
	}
	return s
}

func (t *table[T]) count() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.live
}
