package wasi

import (
	"wasmgate/go/caps"
	"wasmgate/go/config"
)

// Module is the one version of WASI whose functions are provided.
const Module = "wasi_snapshot_preview1"

// Rules say which grant each function of WASI needs. The usual set covers them
// all. Descriptors are of files and of standard streams, and which one a guest
// uses is seen when it does: any grant of these lets it have the functions.
func Rules() []caps.Rule {
	with := func(grants ...string) []string { return append(grants, config.GrantWASI) }
	files := with(config.GrantFS, config.GrantStdin, config.GrantStdout, config.GrantStderr)
	all := []string{
		config.GrantWASI, config.GrantArgs, config.GrantEnv, config.GrantFS, config.GrantStdin, config.GrantStdout,
		config.GrantStderr, config.GrantClock, config.GrantRandom,
	}
	return []caps.Rule{
		{Module: Module, Function: "args_*", Grants: with(config.GrantArgs)},
		{Module: Module, Function: "environ_*", Grants: with(config.GrantEnv)},
		{Module: Module, Function: "path_*", Grants: files},
		{Module: Module, Function: "fd_prestat_*", Grants: files},
		{Module: Module, Function: "fd_readdir", Grants: files},
		{Module: Module, Function: "fd_read", Grants: with(config.GrantStdin, config.GrantFS, config.GrantStdout, config.GrantStderr)},
		{Module: Module, Function: "fd_write", Grants: with(config.GrantStdout, config.GrantStderr, config.GrantFS, config.GrantStdin)},
		{Module: Module, Function: "fd_*", Grants: files, Aside: true},
		{Module: Module, Function: "clock_*", Grants: with(config.GrantClock)},
		{Module: Module, Function: "poll_oneoff", Grants: with(config.GrantClock)},
		{Module: Module, Function: "random_get", Grants: with(config.GrantRandom)},
		{Module: Module, Function: "*", Grants: all, Aside: true},
	}
}
