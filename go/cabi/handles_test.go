package main

import (
	"sync"
	"testing"
)

func TestTable_staleHandlesFindNothing(t *testing.T) {
	var handles table[string]
	first := handles.add("a")
	if got, ok := handles.get(first); !ok || got != "a" {
		t.Fatalf("got %q, %v", got, ok)
	}
	handles.remove(first)
	handles.remove(first) // a second time does nothing
	if _, ok := handles.get(first); ok {
		t.Error("a handle that was given up still finds something")
	}
	second := handles.add("b")
	if second == first || uint32(second) != uint32(first) {
		t.Errorf("handles %x and %x: want the same slot in another generation", first, second)
	}
	if _, ok := handles.get(first); ok {
		t.Error("an old handle finds what came after it")
	}
	for _, foreign := range []uint64{0, 1 << 40, ^uint64(0)} {
		if _, ok := handles.get(foreign); ok {
			t.Errorf("a handle that was never given out (%x) finds something", foreign)
		}
		handles.remove(foreign)
	}
	if handles.count() != 1 {
		t.Errorf("%d live, want 1", handles.count())
	}
}

func TestTable_fromManyGoroutines(t *testing.T) {
	var handles table[int]
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range 1000 {
				want := worker<<16 | i
				handle := handles.add(want)
				if got, ok := handles.get(handle); !ok || got != want {
					t.Errorf("got %d, %v, want %d", got, ok, want)
				}
				handles.remove(handle)
			}
		}()
	}
	wg.Wait()
	if handles.count() != 0 {
		t.Errorf("%d live at the end", handles.count())
	}
}
