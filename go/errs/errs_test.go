package errs

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"
)

func TestTable_isDenseAndNamesAreUnique(t *testing.T) {
	if len(Table) != int(numCodes)-1 {
		t.Fatalf("table has %d rows, there are %d codes", len(Table), numCodes-1)
	}
	seen := map[string]bool{}
	for i, row := range Table {
		if int(row.Code) != i+1 {
			t.Errorf("row %d (%s) has code %d", i+1, row.Name, row.Code)
		}
		if seen[row.Name] {
			t.Errorf("name %s stands twice", row.Name)
		}
		seen[row.Name] = true
		if row.Meaning == "" {
			t.Errorf("%s has no meaning", row.Name)
		}
		if got := row.Code.Name(); got != row.Name {
			t.Errorf("Code(%d).Name() = %s, want %s", row.Code, got, row.Name)
		}
	}
}

func TestFrom_keepsCodeAndCause(t *testing.T) {
	inner := New(SourceRead, "module: %w", fs.ErrNotExist)
	wrapped := fmt.Errorf("while loading: %w", inner)
	if got := From(wrapped); got.Code != SourceRead {
		t.Errorf("From lost the code: %v", got.Code.Name())
	}
	if !errors.Is(wrapped, fs.ErrNotExist) {
		t.Error("the cause is lost")
	}
	if got := From(errors.New("plain")); got.Code != Internal {
		t.Errorf("an error without a code became %s", got.Code.Name())
	}
}

func TestRecovered_carriesTheStack(t *testing.T) {
	defer func() {
		err := Recovered(recover())
		if err.Code != Internal || err.Detail["goStack"] == "" {
			t.Errorf("got %+v", err)
		}
	}()
	panic("boom")
}
