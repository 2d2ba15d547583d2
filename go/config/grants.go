package config

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"

	"wasmgate/go/errs"
)

// Names of the grants, as they are keys of the option grants.
const (
	GrantWASI   = "wasi"
	GrantArgs   = "args"
	GrantEnv    = "env"
	GrantFS     = "fs"
	GrantStdin  = "stdin"
	GrantStdout = "stdout"
	GrantStderr = "stderr"
	GrantClock  = "clock"
	GrantRandom = "random"
	// GrantPlugins is followed by a plugin's name, and that by the name of a grant: "plugins.geo"
	// is all of geo, "plugins.geo.distance" what goes by that.
	GrantPlugins = "plugins"
)

// StreamKind says where a standard stream leads.
type StreamKind string

const (
	// StreamIgnore: nothing can be read, what is written is dropped.
	StreamIgnore StreamKind = "ignore"
	// StreamInherit: the stream of the process.
	StreamInherit StreamKind = "inherit"
	// StreamBytes: input that came beside the document.
	StreamBytes StreamKind = "bytes"
	// StreamBuffer: output that is collected.
	StreamBuffer StreamKind = "buffer"
	// StreamFD: a file descriptor of the process.
	StreamFD StreamKind = "fd"
	// StreamHost: a function of JavaScript.
	StreamHost StreamKind = "host"
)

// ClockKind says what time a guest sees.
type ClockKind string

const (
	// ClockNone: the clock is not granted.
	ClockNone ClockKind = "none"
	// ClockReal is that of the host.
	ClockReal ClockKind = "real"
	// ClockVirtual begins where it is told and takes a step each time it is read.
	ClockVirtual ClockKind = "virtual"
)

// RandomKind says where random numbers come from.
type RandomKind string

const (
	// RandomNone: random numbers are not granted.
	RandomNone RandomKind = "none"
	// RandomSecure are those of the operating system.
	RandomSecure RandomKind = "secure"
	// RandomSeeded are the same for the same seed.
	RandomSeeded RandomKind = "seeded"
)

// Access says what a guest may do in a directory.
type Access string

const (
	// AccessRead: nothing can be changed.
	AccessRead Access = "none"
	// AccessFiles: what is in a file may change; no entry is made, removed or renamed.
	AccessFiles Access = "files"
	// AccessAll: everything.
	AccessAll Access = "all"
)

// MaxSeedBytes is how long a seed of random numbers may be.
const MaxSeedBytes = 32

// DefaultStepNs is how far a virtual clock goes each time it is read: 1 ms.
const DefaultStepNs = 1_000_000

// Grants are what a guest may reach. What is not given has the value that
// reaches nothing: ParseInstance leaves no kind empty.
type Grants struct {
	// Args are the guest's arguments, the program name first.
	Args []string
	// Env are the guest's variables as [name, value], in order.
	Env [][2]string
	// FS are the directories the guest may use.
	FS []Dir
	// Stdin, Stdout and Stderr are the standard streams.
	Stdin, Stdout, Stderr Stream
	Clock                 Clock
	Random                Random

	// Given are the names of the grants that were given, Refused those that were
	// denied by name: clock and random can be taken out of the usual set.
	Given, Refused []string
}

// Any reports whether anything was granted; nil grants nothing.
func (g *Grants) Any() bool { return g != nil && len(g.Given) > 0 }

// Dir makes the host directory Host visible as Guest.
type Dir struct {
	Guest string `json:"guest"`
	Host  string `json:"host"`
	Write Access `json:"write"`
	// Option is where the caller wrote Host, for messages.
	Option string `json:"option"`
}

// Stream is a standard stream.
type Stream struct {
	Kind StreamKind `json:"kind"`
	// FD is the file descriptor of StreamFD.
	FD int `json:"fd"`
}

// Clock is the time a guest sees.
type Clock struct {
	Kind ClockKind
	// Start and Step are those of ClockVirtual, in nanoseconds.
	Start, Step uint64
}

// Random is where random numbers come from.
type Random struct {
	Kind RandomKind
	// Seed is that of RandomSeeded: at most MaxSeedBytes bytes.
	Seed []byte
}

// The form of the document: absent is nil, and large numbers are text.
type grantsDocument struct {
	WASI   bool         `json:"wasi"`
	Args   *[]string    `json:"args"`
	Env    *[][2]string `json:"env"`
	FS     *[]Dir       `json:"fs"`
	Stdin  *Stream      `json:"stdin"`
	Stdout *Stream      `json:"stdout"`
	Stderr *Stream      `json:"stderr"`
	Clock  *struct {
		Kind    ClockKind `json:"kind"`
		StartNs *string   `json:"startNs"`
		StepNs  *string   `json:"stepNs"`
	} `json:"clock"`
	Random *struct {
		Kind RandomKind `json:"kind"`
		Seed *string    `json:"seed"`
	} `json:"random"`
	// Plugins has names as Given does, without "plugins.".
	Plugins []string `json:"plugins"`
}

func (d *grantsDocument) grants() (Grants, error) {
	g := Grants{Clock: Clock{Kind: ClockNone}, Random: Random{Kind: RandomNone}}
	if d.WASI {
		g.Given = append(g.Given, GrantWASI)
		g.Clock.Kind, g.Random.Kind = ClockReal, RandomSecure
	}
	take(&g, GrantArgs, d.Args, &g.Args)
	take(&g, GrantEnv, d.Env, &g.Env)
	take(&g, GrantFS, d.FS, &g.FS)
	for i := range g.FS {
		if err := g.FS[i].check(i); err != nil {
			return g, err
		}
	}
	for _, name := range d.Plugins {
		g.Given = append(g.Given, GrantPlugins+"."+name)
	}
	if err := d.streams(&g); err != nil {
		return g, err
	}
	if err := d.clock(&g); err != nil {
		return g, err
	}
	return g, d.random(&g)
}

// take notes a grant that was given and copies its value.
func take[T any](g *Grants, name string, from, to *T) {
	if from != nil {
		*to = *from
		g.Given = append(g.Given, name)
	}
}

func (d *Dir) check(i int) error {
	path := fmt.Sprintf("grants.fs[%d]", i)
	if d.Option == "" {
		d.Option = path + ".host"
	}
	return oneOf(path+".write", d.Write, AccessRead, AccessFiles, AccessAll)
}

func (d *grantsDocument) streams(g *Grants) error {
	common := []StreamKind{StreamIgnore, StreamInherit, StreamFD, StreamHost}
	for _, s := range []struct {
		name     string
		from, to *Stream
		special  StreamKind
	}{
		{GrantStdin, d.Stdin, &g.Stdin, StreamBytes},
		{GrantStdout, d.Stdout, &g.Stdout, StreamBuffer},
		{GrantStderr, d.Stderr, &g.Stderr, StreamBuffer},
	} {
		*s.to = Stream{Kind: StreamIgnore}
		take(g, s.name, s.from, s.to)
		path := "grants." + s.name
		if err := oneOf(path+".kind", s.to.Kind, append(common, s.special)...); err != nil {
			return err
		}
		if s.to.FD < 0 || s.to.FD > maxFD || (s.to.FD != 0 && s.to.Kind != StreamFD) {
			return option(errs.OptionRange, path+".fd", fmt.Sprintf("not a file descriptor of a stream: %d", s.to.FD))
		}
	}
	return nil
}

// maxFD is the largest number a file descriptor can have.
const maxFD = 1<<31 - 1

func (d *grantsDocument) clock(g *Grants) error {
	if d.Clock == nil {
		return nil
	}
	if err := oneOf("grants.clock.kind", d.Clock.Kind, ClockNone, ClockReal, ClockVirtual); err != nil {
		return err
	}
	g.Clock = Clock{Kind: d.Clock.Kind}
	g.note(GrantClock, d.Clock.Kind == ClockNone)
	if d.Clock.Kind != ClockVirtual {
		if d.Clock.StartNs != nil || d.Clock.StepNs != nil {
			return option(errs.OptionRange, "grants.clock", "only a virtual clock has startNs and stepNs")
		}
		return nil
	}
	g.Clock.Step = DefaultStepNs
	if err := decimal("grants.clock.startNs", d.Clock.StartNs, &g.Clock.Start); err != nil {
		return err
	}
	return decimal("grants.clock.stepNs", d.Clock.StepNs, &g.Clock.Step)
}

func (d *grantsDocument) random(g *Grants) error {
	if d.Random == nil {
		return nil
	}
	if err := oneOf("grants.random.kind", d.Random.Kind, RandomNone, RandomSecure, RandomSeeded); err != nil {
		return err
	}
	g.Random = Random{Kind: d.Random.Kind}
	g.note(GrantRandom, d.Random.Kind == RandomNone)
	if (d.Random.Kind == RandomSeeded) != (d.Random.Seed != nil) {
		return option(errs.OptionRange, "grants.random.seed", "seeded random numbers need a seed, and no others have one")
	}
	if d.Random.Seed == nil {
		return nil
	}
	seed, err := hex.DecodeString(*d.Random.Seed)
	if err != nil || len(seed) > MaxSeedBytes {
		return option(errs.OptionRange, "grants.random.seed", fmt.Sprintf("expected at most %d bytes in hexadecimal", MaxSeedBytes))
	}
	g.Random.Seed = seed
	return nil
}

func (g *Grants) note(name string, refused bool) {
	if refused {
		g.Refused = append(g.Refused, name)
	} else {
		g.Given = append(g.Given, name)
	}
}

func oneOf[T ~string](path string, value T, allowed ...T) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return option(errs.OptionRange, path, fmt.Sprintf("expected one of %q, got %q", allowed, clip(string(value))))
}

// decimal reads an integer of 64 bits that is written as text; nil leaves what
// stands in to.
func decimal(path string, text *string, to *uint64) error {
	if text == nil {
		return nil
	}
	value, err := strconv.ParseUint(*text, 10, 64)
	if err != nil {
		return option(errs.OptionRange, path, fmt.Sprintf("expected an integer from 0 to 2^64-1 as text, got %q", clip(*text)))
	}
	*to = value
	return nil
}
