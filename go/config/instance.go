package config

import (
	"fmt"
	"math"
	"time"

	"wasmgate/go/errs"
)

// NoLimit is the value of a limit that was not given.
const NoLimit = -1

// DefaultBufferBytes is how much of an output stream is collected if nobody
// says otherwise: 16 MiB.
const DefaultBufferBytes = 16 << 20

// The longest time that can be given, a day short of a hundred; the longest
// interval of meter events, an hour.
const (
	maxTimeoutMs = 99 * 24 * 60 * 60 * 1000
	maxMeterMs   = 60 * 60 * 1000
	// maxBytes is 2^53-1, the largest integer that JavaScript can tell from its neighbours.
	maxBytes = 1<<53 - 1
)

// Instance are the options of an instance.
type Instance struct {
	Grants Grants
	Limits Limits
	// Audit: the decisions about imports are wanted.
	Audit bool
	// Replaces: another instance of the module is closed right afterwards, and does not
	// count for Limits.Instances.
	Replaces bool
	// Imports are the late-bound imports that JavaScript provides.
	Imports []Import
	// Plugins are paths of libraries with host functions.
	Plugins []string
	// MeterEvery is how often the meters are reported, 0 for never.
	MeterEvery time.Duration
}

// Import is a late-bound import that JavaScript provides.
type Import struct {
	// Number is its place among the module's late-bound imports.
	Number int `json:"number"`
	// Signature is that of the function; nil: it has wasm-level types.
	Signature *string `json:"signature"`
}

// Limits of an instance. NoLimit in those of size.
type Limits struct {
	// MemoryBytes limits each memory, TableElements each table.
	MemoryBytes, TableElements int64
	// Instances limits how many instances of the module are open at once.
	Instances int64
	// StdoutBytes and StderrBytes limit what is written, or what is gathered until it is
	// taken.
	StdoutBytes, StderrBytes int64
	// Timeout is that of each call, 0 for none.
	Timeout time.Duration
	// Fuel is that of each call, nil for none; it needs metering.
	Fuel *uint64
	// StackBytes and TrapOnGrowFailure are what the module has to be loaded with;
	// 0 and nil if that does not matter.
	StackBytes        int64
	TrapOnGrowFailure *bool
}

type limitsDocument struct {
	MemoryBytes       *int64   `json:"memoryBytes"`
	TableElements     *int64   `json:"tableElements"`
	Instances         *int64   `json:"instances"`
	StdoutBytes       *int64   `json:"stdoutBytes"`
	StderrBytes       *int64   `json:"stderrBytes"`
	TimeoutMs         *float64 `json:"timeoutMs"`
	Fuel              *string  `json:"fuel"`
	StackBytes        *int64   `json:"stackBytes"`
	TrapOnGrowFailure *bool    `json:"trapOnGrowFailure"`
}

type instanceDocument struct {
	Grants   grantsDocument `json:"grants"`
	Limits   limitsDocument `json:"limits"`
	Audit    bool           `json:"audit"`
	Replaces bool           `json:"replaces"`
	MeterMs  *int64         `json:"meterMs"`
	Imports  []Import       `json:"imports"`
	Plugins  []string       `json:"plugins"`
}

// ParseInstance decodes the options of an instance; an empty document grants
// nothing and limits nothing.
func ParseInstance(document []byte) (Instance, error) {
	var d instanceDocument
	if err := decode(document, &d); err != nil {
		return Instance{}, err
	}
	grants, err := d.Grants.grants()
	if err != nil {
		return Instance{}, err
	}
	limits, err := d.Limits.limits(&grants)
	if err != nil {
		return Instance{}, err
	}
	out := Instance{Grants: grants, Limits: limits, Audit: d.Audit, Replaces: d.Replaces, Imports: d.Imports, Plugins: d.Plugins}
	if d.MeterMs != nil {
		if err := between("meterMs", *d.MeterMs, 1, maxMeterMs); err != nil {
			return Instance{}, err
		}
		out.MeterEvery = time.Duration(*d.MeterMs) * time.Millisecond
	}
	return out, nil
}

func (d *limitsDocument) limits(g *Grants) (Limits, error) {
	l := Limits{
		StdoutBytes: bufferLimit(g.Stdout), StderrBytes: bufferLimit(g.Stderr),
		MemoryBytes: NoLimit, TableElements: NoLimit, Instances: NoLimit, TrapOnGrowFailure: d.TrapOnGrowFailure,
	}
	for _, size := range []struct {
		name  string
		from  *int64
		to    *int64
		least int64
		most  int64
	}{
		{"memoryBytes", d.MemoryBytes, &l.MemoryBytes, 0, maxBytes},
		{"tableElements", d.TableElements, &l.TableElements, 0, math.MaxUint32},
		{"instances", d.Instances, &l.Instances, 1, math.MaxUint32},
		{"stdoutBytes", d.StdoutBytes, &l.StdoutBytes, 0, maxBytes},
		{"stderrBytes", d.StderrBytes, &l.StderrBytes, 0, maxBytes},
		{"stackBytes", d.StackBytes, &l.StackBytes, MinStackBytes, MaxStackBytes},
	} {
		if size.from == nil {
			continue
		}
		if err := between("limits."+size.name, *size.from, size.least, size.most); err != nil {
			return l, err
		}
		*size.to = *size.from
	}
	if d.TimeoutMs != nil {
		ms := *d.TimeoutMs
		if !(ms > 0 && ms <= maxTimeoutMs) {
			return l, option(errs.OptionRange, "limits.timeoutMs", fmt.Sprintf("must be above 0 and at most %d, got %v", maxTimeoutMs, ms))
		}
		// The shortest time is a time too: 0 would be none.
		l.Timeout = max(1, time.Duration(math.Ceil(ms*float64(time.Millisecond))))
	}
	if d.Fuel != nil {
		l.Fuel = new(uint64)
		return l, decimal("limits.fuel", d.Fuel, l.Fuel)
	}
	return l, nil
}

func bufferLimit(s Stream) int64 {
	if s.Kind == StreamBuffer {
		return DefaultBufferBytes
	}
	return NoLimit
}

func between(path string, value, least, most int64) error {
	if value < least || value > most {
		return option(errs.OptionRange, path, fmt.Sprintf("must be from %d to %d, got %d", least, most, value))
	}
	return nil
}
