package wasi

import (
	"slices"
	"strings"
	"testing"

	"wasmgate/go/caps"
	"wasmgate/go/config"
)

func decide(granted caps.Granted, names ...string) []caps.Decision {
	registry := &caps.Registry{}
	registry.Register(Rules()...)
	var imports []caps.Import
	for _, name := range names {
		imports = append(imports, caps.Import{Module: Module, Name: name})
	}
	return registry.Decide(imports, granted)
}

// suffices lists the grants each of which, alone, allows a function.
func suffices(name string) string {
	var out []string
	for _, grant := range []string{
		config.GrantArgs, config.GrantEnv, config.GrantFS, config.GrantStdin, config.GrantStdout, config.GrantStderr,
		config.GrantClock, config.GrantRandom,
	} {
		if decide(caps.Granted{Given: []string{grant}}, name)[0].Allowed {
			out = append(out, grant)
		}
	}
	return strings.Join(out, " ")
}

func TestRules(t *testing.T) {
	const (
		files = "fs stdin stdout stderr"
		all   = "args env " + files + " clock random"
	)
	for grants, functions := range map[string]string{
		"args":   "args_get args_sizes_get",
		"env":    "environ_get environ_sizes_get",
		"clock":  "clock_res_get clock_time_get poll_oneoff",
		"random": "random_get",
		files: "fd_advise fd_allocate fd_close fd_datasync fd_fdstat_get fd_fdstat_set_flags fd_fdstat_set_rights " +
			"fd_filestat_get fd_filestat_set_size fd_filestat_set_times fd_pread fd_prestat_get fd_prestat_dir_name " +
			"fd_pwrite fd_read fd_readdir fd_renumber fd_seek fd_sync fd_tell fd_write path_create_directory " +
			"path_filestat_get path_filestat_set_times path_link path_open path_readlink path_remove_directory " +
			"path_rename path_symlink path_unlink_file",
		all: "proc_exit proc_raise sched_yield sock_accept sock_recv sock_send sock_shutdown a_function_to_come",
	} {
		for _, name := range strings.Fields(functions) {
			if got := suffices(name); got != grants {
				t.Errorf("%s: got %s, want %s", name, got, grants)
			}
			if !decide(caps.Granted{Given: []string{config.GrantWASI}}, name)[0].Allowed {
				t.Errorf("%s: the usual set does not cover it", name)
			}
			if decide(caps.Granted{Refused: []string{config.GrantClock, config.GrantRandom}}, name)[0].Allowed {
				t.Errorf("%s: a refusal grants it", name)
			}
		}
	}
}

func TestRules_refusalsCountMoreThanTheUsualSet(t *testing.T) {
	granted := caps.Granted{Given: []string{config.GrantWASI}, Refused: []string{config.GrantClock, config.GrantRandom}}
	var denied []string
	for _, d := range decide(granted, "clock_time_get", "poll_oneoff", "random_get", "fd_write", "proc_exit") {
		if !d.Allowed {
			denied = append(denied, d.Import)
		}
	}
	want := []string{Module + ".clock_time_get", Module + ".poll_oneoff", Module + ".random_get"}
	if !slices.Equal(denied, want) {
		t.Errorf("got %v", denied)
	}
}

func TestRules_whatIsSuggested(t *testing.T) {
	for functions, want := range map[string]string{
		"fd_write environ_get environ_sizes_get proc_exit": "env stdout",
		"fd_close fd_seek fd_write proc_exit":              "stdout",
		"fd_read fd_close":                                 "stdin",
		"fd_prestat_get fd_close path_open fd_write":       "fs stdout",
		"fd_close":                         "fs",
		"proc_exit":                        "wasi",
		"proc_exit sched_yield random_get": "random",
	} {
		registry := &caps.Registry{}
		registry.Register(Rules()...)
		var imports []caps.Import
		for _, name := range strings.Fields(functions) {
			imports = append(imports, caps.Import{Module: Module, Name: name})
		}
		if got := strings.Join(registry.Needs(imports), " "); got != want {
			t.Errorf("%s: got %s, want %s", functions, got, want)
		}
	}
}
