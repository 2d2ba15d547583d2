// Package config decodes the options documents that the JavaScript layer sends
// along with cold calls. JavaScript has already checked them for people; here
// unknown keys, wrong types and what is out of range are refused once more,
// because the C ABI is a boundary of its own.
package config

import (
	"fmt"

	"wasmgate/go/errs"
)

// DefaultMaxModuleBytes caps a module, before and after decompression: 256 MiB.
const DefaultMaxModuleBytes = 256 << 20

// What a guest's stack may be, in bytes: 64 KiB to 64 MiB, by default 512 KiB.
const (
	MinStackBytes     = 64 << 10
	DefaultStackBytes = 512 << 10
	MaxStackBytes     = 64 << 20
)

// Module are the options of a load.
type Module struct {
	// Path of the module's file; empty if the bytes come with the call.
	Path string `json:"path"`
	// MaxModuleBytes caps the module before and after decompression.
	MaxModuleBytes int64 `json:"maxModuleBytes"`
	// Signatures maps export names to signature strings.
	Signatures map[string]string `json:"signatures"`
	// Sidecar: look for a .d.ts beside Path.
	Sidecar bool `json:"sidecar"`
	// Plain: nothing but the module itself is wanted, for the WebAssembly namespace.
	Plain bool `json:"plain"`

	Profile
	// Costs are prices of instructions, for Metering.
	Costs Costs `json:"costs"`
}

// Costs are prices of classes of instructions, from 0 to MaxCost; nil is 1. The classes
// are those of wasmbin.Costs.
type Costs struct {
	Simple    *int64 `json:"simple,omitempty"`
	Memory    *int64 `json:"memory,omitempty"`
	Float     *int64 `json:"float,omitempty"`
	Division  *int64 `json:"division,omitempty"`
	SIMD      *int64 `json:"simd,omitempty"`
	Branch    *int64 `json:"branch,omitempty"`
	Call      *int64 `json:"call,omitempty"`
	Entry     *int64 `json:"entry,omitempty"`
	BulkPer64 *int64 `json:"bulkPer64,omitempty"`
	Grow      *int64 `json:"grow,omitempty"`
}

// MaxCost is the highest price.
const MaxCost = 1000

func (c *Costs) check() error {
	for _, price := range []struct {
		name string
		cost *int64
	}{
		{"simple", c.Simple},
		{"memory", c.Memory},
		{"float", c.Float},
		{"division", c.Division},
		{"simd", c.SIMD},
		{"branch", c.Branch},
		{"call", c.Call},
		{"entry", c.Entry},
		{"bulkPer64", c.BulkPer64},
		{"grow", c.Grow},
	} {
		if price.cost != nil && (*price.cost < 0 || *price.cost > MaxCost) {
			return option(errs.OptionRange, "metering.costs."+price.name, fmt.Sprintf("must be from 0 to %d, got %d", MaxCost, *price.cost))
		}
	}
	return nil
}

// Profile is what is fixed when a module is compiled. Profiles can be compared
// and be keys of a map: modules of equal ones can share an engine.
type Profile struct {
	// Metering: instructions are counted, so that there can be fuel.
	Metering bool `json:"metering"`
	// Interruptible: a call can be stopped from outside.
	Interruptible bool `json:"interruptible"`
	// StackBytes is the size of the guest's stack of calls.
	StackBytes int64 `json:"stackBytes"`
	// TrapOnGrowFailure: memory.grow and table.grow trap instead of giving -1.
	TrapOnGrowFailure bool `json:"trapOnGrowFailure"`
}

// DefaultProfile is that of a load without options.
func DefaultProfile() Profile { return Profile{Interruptible: true, StackBytes: DefaultStackBytes} }

// ParseModule decodes the options of a load; an empty document gives the defaults.
func ParseModule(document []byte) (Module, error) {
	options := Module{MaxModuleBytes: DefaultMaxModuleBytes, Profile: DefaultProfile()}
	err := decode(document, &options)
	if err == nil && options.MaxModuleBytes < 1 {
		err = option(errs.OptionRange, "maxModuleBytes", fmt.Sprintf("must be at least 1, got %d", options.MaxModuleBytes))
	}
	if err == nil {
		err = options.Costs.check()
	}
	if err == nil {
		err = stackRange("stackBytes", options.StackBytes)
	}
	return options, err
}

func stackRange(path string, bytes int64) error {
	if bytes < MinStackBytes || bytes > MaxStackBytes {
		return option(errs.OptionRange, path, fmt.Sprintf("must be from %d to %d, got %d", MinStackBytes, MaxStackBytes, bytes))
	}
	return nil
}
