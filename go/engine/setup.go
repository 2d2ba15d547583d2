package engine

/*
#include <stdlib.h>
#include <string.h>
#include "store.h"
*/
import "C"

import (
	"math"
	"unsafe"

	"wasmgate/go/config"
	"wasmgate/go/errs"
	"wasmgate/go/plugin"
)

// Spec is what an instance is made with.
type Spec struct {
	*config.Instance
	// Input is what stdin gives, if that is config.StreamBytes. It is copied.
	Input []byte
	// Handle is the number under which the control plane knows the instance.
	Handle uint64
	// Host is a wg_host of the shim, nil if there is nothing.
	Host Host
	// Plugins are those whose functions may stand behind imports, if the grants say so.
	Plugins []*plugin.Plugin
	// Late says what stands behind each late-bound import, in the order of Late.
	Late []LateImport
}

// LateImport is what stands behind a late-bound import.
type LateImport struct {
	Kind LateKind
	// Number of JavaScript's functions is that for wg_host.call.
	Number uint32
	// Function is a plugin's.
	Function *plugin.Function
}

// LateKind is an enum wg_late_kind.
type LateKind int32

// Kinds.
const (
	LateNone   = LateKind(C.WG_LATE_NONE)
	LateJS     = LateKind(C.WG_LATE_JS)
	LatePlugin = LateKind(C.WG_LATE_PLUGIN)
)

// setup hands a specification to the data plane, which takes over what it owns.
func (m *Module) setup(spec *Spec) (*C.wg_setup, error) {
	s := (*C.wg_setup)(C.calloc(1, C.sizeof_wg_setup))
	if err := m.fillSetup(s, spec); err != nil {
		C.wg_setup_free(s)
		C.free(unsafe.Pointer(s))
		return nil, err
	}
	return s, nil
}

func (m *Module) fillSetup(s *C.wg_setup, spec *Spec) error {
	g, l := &spec.Grants, &spec.Limits
	s.limits.timeout_ns = C.uint64_t(l.Timeout)
	if l.Fuel != nil {
		s.limits.fuel = C.uint64_t(max(*l.Fuel, 1)) // 0 is no limit there
	}
	s.memory_bytes = C.int64_t(share(l.MemoryBytes, m.memories))
	s.table_elements = C.int64_t(share(l.TableElements, m.tables))
	s.meter_ns = C.uint64_t(spec.MeterEvery)
	if g.Clock.Kind == config.ClockVirtual {
		s.virtual_clock = true
		s.clock_ns, s.step_ns = C.uint64_t(g.Clock.Start), C.uint64_t(g.Clock.Step)
	}
	if g.Random.Kind == config.RandomSeeded {
		s.seeded = true
		copy(unsafe.Slice((*byte)(&s.seed[0]), len(s.seed)), g.Random.Seed)
	}
	fillLate(s, spec.Late)
	s.args = textsOf(g.Args)
	variables := make([]string, len(g.Env))
	for i, pair := range g.Env {
		variables[i] = pair[0] + "=" + pair[1]
	}
	s.env = textsOf(variables)
	for i, stream := range []config.Stream{g.Stdin, g.Stdout, g.Stderr} {
		if err := fillStream(&s.streams[i], stream, i); err != nil {
			return err
		}
	}
	s.streams[1].limit, s.streams[2].limit = limitOf(l.StdoutBytes), limitOf(l.StderrBytes)
	if n := len(spec.Input); n > 0 && g.Stdin.Kind == config.StreamBytes {
		s.streams[0].data, s.streams[0].bytes = (*C.uint8_t)(C.CBytes(spec.Input)), C.size_t(n)
	}
	if len(g.FS) == 0 {
		return nil
	}
	s.files = C.wasi_config_new()
	s.files_only, s.dir_count = (*C.uint8_t)(C.calloc(C.size_t(len(g.FS)), 1)), C.size_t(len(g.FS))
	for i, dir := range g.FS {
		if dir.Write == config.AccessFiles {
			unsafe.Slice(s.files_only, len(g.FS))[i] = 1
		}
	}
	return openDirs(s.files, g.FS)
}

func fillLate(s *C.wg_setup, late []LateImport) {
	if len(late) == 0 {
		return
	}
	s.late, s.late_count = (*C.wg_late)(C.calloc(C.size_t(len(late)), C.sizeof_wg_late)), C.uint32_t(len(late))
	list := unsafe.Slice(s.late, len(late))
	for i, l := range late {
		list[i] = C.wg_late{kind: C.int32_t(l.Kind), number: C.uint32_t(l.Number)}
		if l.Function != nil {
			list[i]._func = (*C.struct_wg_plugin_func)(l.Function.Record)
		}
	}
}

// share is what each of several gets of a limit on all. The engine limits each memory and
// each table by itself.
func share(limit int64, several int) int64 {
	if limit == config.NoLimit || several < 2 {
		return limit
	}
	return limit / int64(several)
}

func limitOf(bytes int64) C.uint64_t {
	if bytes == config.NoLimit {
		return math.MaxUint64
	}
	return C.uint64_t(bytes)
}

func fillStream(out *C.wg_stream, stream config.Stream, number int) error {
	out.limit = math.MaxUint64
	switch stream.Kind {
	case config.StreamBytes, config.StreamBuffer:
		out.kind = C.WG_STREAM_BUFFER
	case config.StreamInherit:
		out.kind, out.fd = C.WG_STREAM_FD, C.int32_t(number)
	case config.StreamFD:
		out.kind, out.fd = C.WG_STREAM_FD, C.int32_t(stream.FD)
	case config.StreamHost:
		out.kind = C.WG_STREAM_HOST
	default:
		out.kind = C.WG_STREAM_IGNORE
	}
	return nil
}

// textsOf joins texts, each with a NUL at its end, in C memory.
func textsOf(texts []string) C.wg_texts {
	if len(texts) == 0 {
		return C.wg_texts{}
	}
	var joined []byte
	for _, text := range texts {
		joined = append(append(joined, text...), 0)
	}
	return C.wg_texts{data: (*C.char)(C.CBytes(joined)), bytes: C.size_t(len(joined)), count: C.size_t(len(texts))}
}

func openDirs(files *C.wasi_config_t, dirs []config.Dir) error {
	for _, dir := range dirs {
		var entries C.wasi_dir_perms = C.WASMTIME_WASI_DIR_PERMS_READ
		var contents C.wasi_file_perms = C.WASMTIME_WASI_FILE_PERMS_READ
		if dir.Write != config.AccessRead {
			contents |= C.WASMTIME_WASI_FILE_PERMS_WRITE
		}
		if dir.Write != config.AccessRead { // for AccessFiles: see access.c
			entries |= C.WASMTIME_WASI_DIR_PERMS_WRITE
		}
		host, guest := C.CString(dir.Host), C.CString(dir.Guest)
		opened := bool(C.wasi_config_preopen_dir(files, host, guest, entries, contents))
		C.free(unsafe.Pointer(host))
		C.free(unsafe.Pointer(guest))
		if !opened {
			return errs.New(errs.GrantInvalid, "%s: cannot open the host directory %q", dir.Option, dir.Host).
				With("option", dir.Option)
		}
	}
	return nil
}
