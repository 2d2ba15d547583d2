// Package wasi knows WASI preview 1: which grant each of its functions needs,
// and whether what a guest is given can be used. The engine sets it up.
package wasi

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"wasmgate/go/config"
	"wasmgate/go/errs"
)

// Check finds what the engine would only report as a failure: text with a
// NUL in it, variable names with "=", directories that are not there. Errors
// name the option.
func Check(g *config.Grants) error {
	for i, arg := range g.Args {
		if strings.ContainsRune(arg, 0) {
			return invalid(optionAt(config.GrantArgs, i), "contains a NUL character")
		}
	}
	names := map[string]bool{}
	for _, pair := range g.Env {
		name, value := pair[0], pair[1]
		if name == "" || strings.ContainsAny(name, "=\x00") || strings.ContainsRune(value, 0) {
			return invalid("grants.env", "%q is not a usable variable (empty, with \"=\" in its name, or with a NUL)", name)
		}
		if names[name] {
			return invalid("grants.env", "%q is given twice", name)
		}
		names[name] = true
	}
	guests := map[string]bool{}
	for i := range g.FS {
		dir := &g.FS[i]
		if dir.Guest == "" || strings.ContainsRune(dir.Guest, 0) {
			return invalid(optionAt(config.GrantFS, i)+".guest", "%q is not a usable path (empty, or with a NUL)", dir.Guest)
		}
		if guests[dir.Guest] {
			return invalid(optionAt(config.GrantFS, i)+".guest", "%q is given twice", dir.Guest)
		}
		guests[dir.Guest] = true
		if err := checkHost(dir); err != nil {
			return err
		}
	}
	return nil
}

func checkHost(dir *config.Dir) error {
	if strings.ContainsRune(dir.Host, 0) {
		return invalid(dir.Option, "%q is not a usable path (with a NUL)", dir.Host)
	}
	info, err := os.Stat(dir.Host)
	if err != nil {
		return invalid(dir.Option, "cannot use the host directory %q: %w", dir.Host, reason(err))
	}
	if !info.IsDir() {
		return invalid(dir.Option, "%q is not a directory", dir.Host)
	}
	return nil
}

// reason is what the system said, without the path, which stands in the message.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

func optionAt(grant string, i int) string { return fmt.Sprintf("grants.%s[%d]", grant, i) }

func invalid(option, format string, args ...any) error {
	args = append([]any{option}, args...) // which may have a "%" in it
	return errs.New(errs.GrantInvalid, "%s: "+format, args...).With("option", option)
}
