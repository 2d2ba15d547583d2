package wasi

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wasmgate/go/config"
	"wasmgate/go/errs"
)

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	one := func(guest, host string) config.Grants {
		return config.Grants{FS: []config.Dir{{Guest: guest, Host: host, Option: "here 100%d"}}}
	}
	for _, tc := range []struct {
		name string
		in   config.Grants
		want string // the option of the error, "" for none
	}{
		{"nothing", config.Grants{}, ""},
		{"all of it", config.Grants{
			Args: []string{"p", ""}, Env: [][2]string{{"A", "="}, {"a", ""}},
			FS: []config.Dir{{Guest: "/", Host: dir}, {Guest: ".", Host: dir}, {Guest: "a b/c", Host: dir}},
		}, ""},
		{"NUL in an argument", config.Grants{Args: []string{"", "a\x00b"}}, "grants.args[1]"},
		{"variable without a name", config.Grants{Env: [][2]string{{"", "x"}}}, "grants.env"},
		{"variable with = in its name", config.Grants{Env: [][2]string{{"A=B", "x"}}}, "grants.env"},
		{"NUL in a name", config.Grants{Env: [][2]string{{"\x00", "x"}}}, "grants.env"},
		{"NUL in a value", config.Grants{Env: [][2]string{{"A", "\x00"}}}, "grants.env"},
		{"variable given twice", config.Grants{Env: [][2]string{{"A", "1"}, {"A", "1"}}}, "grants.env"},
		{"missing directory", one("/", filepath.Join(dir, "none")), "here 100%d"},
		{"no host directory", one("/", ""), "here 100%d"},
		{"file instead of a directory", one("/", file), "here 100%d"},
		{"NUL in the host's path", one("/", dir+"\x00"), "here 100%d"},
		{"NUL in the guest's path", one("/\x00", dir), "grants.fs[0].guest"},
		{"no guest path", one("", dir), "grants.fs[0].guest"},
		{
			"guest path given twice",
			config.Grants{FS: []config.Dir{{Guest: "/a", Host: dir}, {Guest: "/a", Host: dir}}},
			"grants.fs[1].guest",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := Check(&tc.in)
			if tc.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil {
				t.Fatal("no error")
			}
			failure := errs.From(err)
			if failure.Code != errs.GrantInvalid || failure.Detail["option"] != tc.want || !strings.HasPrefix(failure.Msg, tc.want+": ") {
				t.Errorf("got %s %v: %s", failure.Code.Name(), failure.Detail, failure.Msg)
			}
		})
	}
}
