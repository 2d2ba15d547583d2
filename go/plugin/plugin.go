package plugin

/*
#cgo CFLAGS: -std=gnu11 -O3 -Wall -I${SRCDIR}
#include <stdlib.h>
#include "wg_plugin.h"
*/
import "C"

import (
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"unicode/utf8"
	"unsafe"

	"github.com/ebitengine/purego"

	"wasmgate/go/errs"
)

// Function is a host function of a plugin.
type Function struct {
	Module string `json:"module"`
	Name   string `json:"name"`
	// Signature as the plugin wrote it, in the usual form; Type is what a guest imports.
	Signature string `json:"signature"`
	Type      string `json:"type"`
	// Grant is what an instance needs, within the plugin's name.
	Grant string `json:"grant"`

	// Wasm is the type that a guest imports.
	Wasm Signature `json:"-"`
	// Record is a wg_plugin_func, which lives as long as the process.
	Record unsafe.Pointer `json:"-"`
}

// Import is "module.name".
func (f *Function) Import() string { return f.Module + "." + f.Name }

// Plugin is a library that has been loaded. It stays so as long as the process lives.
type Plugin struct {
	Path      string     `json:"path"`
	Name      string     `json:"name"`
	Version   string     `json:"version"`
	Functions []Function `json:"functions"`
}

// Find gives the function behind an import, nil if there is none.
func (p *Plugin) Find(module, name string) *Function {
	for i := range p.Functions {
		if f := &p.Functions[i]; f.Module == module && f.Name == name {
			return f
		}
	}
	return nil
}

// Loader keeps the plugins of the process by their real paths.
type Loader struct {
	// Services gives the wasmgate_host of the data plane, Version that of wasmgate.
	Services func() unsafe.Pointer
	Version  string

	mu     sync.Mutex
	host   *C.wasmgate_host
	loaded map[string]*Plugin
}

// Load opens a library, or finds it among those that are open. What fails may be tried again.
func (l *Loader) Load(path string) (*Plugin, error) {
	if path == "" || strings.ContainsRune(path, 0) {
		return nil, cannot(path, "is no path")
	}
	whole, err := realPath(path)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if p := l.loaded[whole]; p != nil {
		return p, nil
	}
	if l.host == nil {
		l.host = C.wg_plugin_host((*C.wasmgate_host)(l.Services()), C.CString(l.Version))
		l.loaded = map[string]*Plugin{}
	}
	p, err := l.open(whole)
	if err == nil {
		l.loaded[whole] = p
	}
	return p, err
}

// open loads a library for good: what it may have started cannot be taken back, so it
// stays mapped even if it is refused.
func (l *Loader) open(path string) (*Plugin, error) {
	if err := checkFile(path); err != nil {
		return nil, err
	}
	runtime.LockOSThread() // what the loader says of an error belongs to the thread
	defer runtime.UnlockOSThread()
	signals := noteSignals()
	defer signals.restore()
	library, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, cannot(path, "%s", strings.TrimPrefix(err.Error(), path+": "))
	}
	abi, err := purego.Dlsym(library, abiSymbol)
	if err != nil {
		return nil, missing(path, abiSymbol)
	}
	entry, err := purego.Dlsym(library, entrySymbol)
	if err != nil {
		return nil, missing(path, entrySymbol)
	}
	if number := *(*uint32)(pointer(abi)); number != C.WASMGATE_PLUGIN_ABI {
		return nil, errs.New(errs.PluginABI, "plugin %q: is built for version %d of the interface, this is version %d; build it with the wasmgate_plugin.h of wasmgate %s",
			path, number, C.WASMGATE_PLUGIN_ABI, l.Version).With("path", path)
	}
	return l.enter(path, pointer(entry))
}

// pointer is an address outside of Go's memory.
func pointer(address uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&address)) }

// enter asks the entry what there is. The registry itself stays: the plugin may have kept its address.
func (l *Loader) enter(path string, entry unsafe.Pointer) (*Plugin, error) {
	registry := (*C.wasmgate_registry)(C.calloc(1, C.sizeof_wasmgate_registry))
	defer C.wg_registry_free(registry)
	status := C.wg_plugin_enter(entry, l.host, registry)
	if registry.refusal != nil {
		return nil, cannot(path, "refused to be loaded: %s", text(registry.refusal))
	}
	if status != C.WASMGATE_OK {
		return nil, cannot(path, "its %s failed with status %d%s", entrySymbol, int(status), registryProblem(registry))
	}
	if problem := registryProblem(registry); problem != "" {
		return nil, cannot(path, "%s", strings.TrimPrefix(problem, ": "))
	}
	p, err := l.read(path, registry)
	if err != nil {
		return nil, cannot(path, "%w", err)
	}
	return p, nil
}

func registryProblem(r *C.wasmgate_registry) string {
	switch {
	case bool(r.described_twice):
		return ": it describes itself twice"
	case bool(r.too_small):
		return ": a function has the wrong size: set wasmgate_function.size"
	case bool(r.full):
		return ": it defines too many functions"
	}
	return ""
}

var pluginName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,63}$`)

// read makes a plugin of what was registered. C memory that it takes is never freed.
func (l *Loader) read(path string, r *C.wasmgate_registry) (*Plugin, error) {
	p := &Plugin{Path: path, Name: text(r.name), Version: text(r.version), Functions: []Function{}}
	switch {
	case r.name == nil:
		return nil, fmt.Errorf("does not call describe")
	case !pluginName.MatchString(p.Name):
		return nil, fmt.Errorf("describes itself as %q; expected small letters, digits, \"_\" and \"-\", a letter first, at most 64", clip(p.Name))
	case r.version != nil && checkText("version", p.Version) != nil:
		return nil, checkText("version", p.Version)
	case r.count == 0:
		return nil, fmt.Errorf("defines no function")
	}
	for _, d := range unsafe.Slice(r.functions, int(r.count)) {
		f, s, err := readFunction(&d)
		if err != nil {
			return nil, err
		}
		if p.Find(f.Module, f.Name) != nil {
			return nil, fmt.Errorf("defines %s twice", f.Import())
		}
		if d.native != nil && !plainSupported {
			return nil, fmt.Errorf("%s: plain C functions cannot be called on %s/%s; give a callback", f.Import(), runtime.GOOS, runtime.GOARCH)
		}
		f.Signature, f.Type, f.Wasm = s.String(), s.Wasm().String(), s.Wasm()
		f.Record = unsafe.Pointer(record(&d, f.Import(), s))
		p.Functions = append(p.Functions, f)
	}
	owner := (*C.wg_plugin)(C.calloc(1, C.sizeof_wg_plugin))
	owner.host, owner.name = l.host, C.CString(p.Name)
	for _, f := range p.Functions {
		(*C.wg_plugin_func)(f.Record).plugin = owner
	}
	return p, nil
}

// plainSupported: integers and floating-point numbers are counted apart when arguments get
// their registers, so one way of calling does for all signatures.
var plainSupported = runtime.GOOS != "windows" && (runtime.GOARCH == "amd64" || runtime.GOARCH == "arm64")

func readFunction(d *C.wg_definition) (Function, Signature, error) {
	f := Function{Module: text(d.module), Name: text(d.name), Grant: text(d.grant)}
	if d.module == nil || d.name == nil || d.signature == nil {
		return f, Signature{}, fmt.Errorf("defines a function without module, name or signature")
	}
	if d.grant == nil {
		f.Grant = f.Name
	}
	for _, text := range [][2]string{{"module", f.Module}, {"name", f.Name}, {"grant", f.Grant}} {
		if err := checkText(text[0], text[1]); err != nil {
			return f, Signature{}, err
		}
	}
	if strings.HasPrefix(f.Module, "wasi_") || strings.HasPrefix(f.Module, "__wbindgen") {
		return f, Signature{}, fmt.Errorf("defines %s: functions of %s are wasmgate's own", f.Import(), f.Module)
	}
	if (d.callback == nil) == (d.native == nil) {
		return f, Signature{}, fmt.Errorf("%s: needs a callback or a plain function, one of the two", f.Import())
	}
	s, err := ParseSignature(text(d.signature))
	if err == nil {
		err = s.check(d.native != nil)
	}
	if err != nil {
		return f, s, fmt.Errorf("%s: %w", f.Import(), err)
	}
	return f, s, nil
}

// checkText refuses what could not be written in a message or a document as it is.
func checkText(what, word string) error {
	bad := func(r rune) bool { return r < ' ' || r == 0x7f || r == '"' || r == '\\' }
	if word == "" || len(word) > 256 || !utf8.ValidString(word) || strings.ContainsFunc(word, bad) {
		return fmt.Errorf("the %s %q: expected 1 to 256 bytes of UTF-8 without quotes, backslashes and control characters", what, clip(word))
	}
	return nil
}

func record(d *C.wg_definition, name string, s Signature) *C.wg_plugin_func {
	f := (*C.wg_plugin_func)(C.calloc(1, C.sizeof_wg_plugin_func))
	f.callback, f.native, f.user = d.callback, d.native, d.user
	f._import = C.CString(name)
	wasm := s.Wasm()
	f.has_refs = C.bool(wasm.hasRefs())
	f.simple = C.bool(d.native == nil && !wasm.hasRefs() && len(wasm.Results) <= 1)
	f.wide = C.bool(len(wasm.Results) == 1 && (wasm.Results[0] == I64 || wasm.Results[0] == F64))
	f.param_count, f.result_count = C.uint8_t(len(wasm.Params)), C.uint8_t(len(wasm.Results))
	f.argument_count = C.uint8_t(len(s.Params))
	fill(f.params[:], wasm.Params)
	fill(f.results[:], wasm.Results)
	fill(f.arguments[:], s.Params)
	if d.native != nil && len(s.Results) == 1 {
		f.results[0] = C.uint8_t(s.Results[0])
	}
	return f
}

func fill(out []C.uint8_t, kinds []Kind) {
	for i, k := range kinds {
		out[i] = C.uint8_t(k)
	}
}

func text(p *C.char) string {
	if p == nil {
		return ""
	}
	return C.GoString(p)
}
