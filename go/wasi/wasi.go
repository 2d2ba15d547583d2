// Package wasi checks what a guest is given through WASI preview 1; the engine
// sets it up.
package wasi

import (
	"os"
	"strings"

	"wasmgate/go/config"
	"wasmgate/go/errs"
)

// Check finds what the engine would only report as a failure: text with a
// NUL in it, variable names with "=", directories that are not there.
func Check(c *config.WASI) error {
	for i, arg := range c.Args {
		if strings.ContainsRune(arg, 0) {
			return errs.New(errs.GrantInvalid, "args[%d]: contains a NUL character", i)
		}
	}
	for _, pair := range c.Env {
		if pair[0] == "" || strings.ContainsAny(pair[0], "=\x00") || strings.ContainsRune(pair[1], 0) {
			return errs.New(errs.GrantInvalid, "env: %q is not a usable variable (empty, with \"=\" in its name, or with a NUL)", pair[0])
		}
	}
	for _, dir := range c.Preopens {
		if strings.ContainsRune(dir.Guest+dir.Host, 0) {
			return errs.New(errs.GrantInvalid, "preopens: %q contains a NUL character", dir.Guest)
		}
		info, err := os.Stat(dir.Host)
		if err != nil {
			return errs.New(errs.GrantInvalid, "preopens[%q]: cannot use the host directory: %w", dir.Guest, err)
		}
		if !info.IsDir() {
			return errs.New(errs.GrantInvalid, "preopens[%q]: %q is not a directory", dir.Guest, dir.Host)
		}
	}
	return nil
}
