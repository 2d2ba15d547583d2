package wasi

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The data plane counts the functions in the same order.
func TestFunctions_areThoseOfTheDataPlane(t *testing.T) {
	header, err := os.ReadFile("../cabi/wg_wasi.h")
	if err != nil {
		t.Fatal(err)
	}
	list, _, found := strings.Cut(string(header), "WG_WASI_COUNT")
	if !found {
		t.Fatal("no WG_WASI_COUNT")
	}
	names := regexp.MustCompile(`(?m)^  WG_WASI_(\w+)`).FindAllStringSubmatch(list, -1)
	if len(names) != len(Functions) {
		t.Fatalf("%d in the header, %d here", len(names), len(Functions))
	}
	for i, name := range names {
		if got := strings.ToLower(name[1]); got != Functions[i].Name {
			t.Errorf("%d: %s in the header, %s here", i, got, Functions[i].Name)
		}
	}
}

func TestFind(t *testing.T) {
	for _, tc := range []struct {
		name, shape string
		want        int
	}{
		{"args_get", "ww>w", 0},
		{"sock_shutdown", "ww>w", len(Functions) - 1},
		{"args_get", "w>w", -1},
		{"args_getx", "ww>w", -1},
	} {
		if got := Find(tc.name, tc.shape); got != tc.want {
			t.Errorf("%s %s: got %d, want %d", tc.name, tc.shape, got, tc.want)
		}
	}
}
