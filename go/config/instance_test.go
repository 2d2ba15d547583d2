package config

import (
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"wasmgate/go/errs"
)

const everything = `{
	"grants": {
		"wasi": true, "args": ["p", ""], "env": [["A", "1"]],
		"fs": [{"guest": "/d", "host": "d", "write": "files"}, {"guest": "/e", "host": "e", "write": "all", "option": "preopens"}],
		"stdin": {"kind": "bytes"}, "stdout": {"kind": "buffer"}, "stderr": {"kind": "fd", "fd": 7},
		"clock": {"kind": "virtual", "startNs": "18446744073709551615", "stepNs": "0"},
		"random": {"kind": "seeded", "seed": "00ff"}
	},
	"limits": {
		"memoryBytes": 9007199254740991, "tableElements": 0, "instances": 1, "stdoutBytes": 0, "stderrBytes": 5,
		"timeoutMs": 1.5, "fuel": "18446744073709551615", "stackBytes": 65536, "trapOnGrowFailure": false
	},
	"audit": true, "meterMs": 100, "imports": [{"number": 3}, {"number": 0, "signature": ""}]
}`

func TestParseInstance_everything(t *testing.T) {
	got, err := ParseInstance([]byte(everything))
	if err != nil {
		t.Fatal(err)
	}
	fuel, trap, text := uint64(math.MaxUint64), false, ""
	want := Instance{
		Grants: Grants{
			Args: []string{"p", ""}, Env: [][2]string{{"A", "1"}},
			FS: []Dir{
				{Guest: "/d", Host: "d", Write: AccessFiles, Option: "grants.fs[0].host"},
				{Guest: "/e", Host: "e", Write: AccessAll, Option: "preopens"},
			},
			Stdin: Stream{Kind: StreamBytes}, Stdout: Stream{Kind: StreamBuffer}, Stderr: Stream{Kind: StreamFD, FD: 7},
			Clock:  Clock{Kind: ClockVirtual, Start: math.MaxUint64},
			Random: Random{Kind: RandomSeeded, Seed: []byte{0, 255}},
			Given: []string{
				GrantWASI, GrantArgs, GrantEnv, GrantFS, GrantStdin, GrantStdout, GrantStderr, GrantClock, GrantRandom,
			},
		},
		Limits: Limits{
			MemoryBytes: 1<<53 - 1, Instances: 1, StderrBytes: 5, Timeout: 1500 * time.Microsecond,
			Fuel: &fuel, StackBytes: 65536, TrapOnGrowFailure: &trap,
		},
		Audit: true, MeterEvery: 100 * time.Millisecond,
		Imports: []Import{{Number: 3}, {Signature: &text}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestParseInstance_nothing(t *testing.T) {
	for _, document := range []string{"", "{}", `{"grants":{},"limits":{},"audit":false}`, `{"grants":{"wasi":false}}`} {
		got, err := ParseInstance([]byte(document))
		ignore := Stream{Kind: StreamIgnore}
		want := Instance{
			Grants: Grants{
				Stdin: ignore, Stdout: ignore, Stderr: ignore, Clock: Clock{Kind: ClockNone}, Random: Random{Kind: RandomNone},
			},
			Limits: Limits{
				MemoryBytes: NoLimit, TableElements: NoLimit, Instances: NoLimit, StdoutBytes: NoLimit, StderrBytes: NoLimit,
			},
		}
		if err != nil || !reflect.DeepEqual(got, want) || got.Grants.Any() {
			t.Errorf("%q: got %+v, %v", document, got, err)
		}
	}
}

func TestParseInstance_whatWasGiven(t *testing.T) {
	for _, tc := range []struct {
		grants         string
		given, refused []string
		clock          ClockKind
		random         RandomKind
	}{
		{`{"wasi":true}`, []string{"wasi"}, nil, ClockReal, RandomSecure},
		{`{"args":[]}`, []string{"args"}, nil, ClockNone, RandomNone},
		{`{"env":[],"fs":[]}`, []string{"env", "fs"}, nil, ClockNone, RandomNone},
		{`{"stdin":{"kind":"ignore"}}`, []string{"stdin"}, nil, ClockNone, RandomNone},
		{`{"wasi":true,"clock":{"kind":"none"},"random":{"kind":"none"}}`, []string{"wasi"}, []string{"clock", "random"}, ClockNone, RandomNone},
		{`{"clock":{"kind":"real"},"random":{"kind":"secure"}}`, []string{"clock", "random"}, nil, ClockReal, RandomSecure},
		{`{"random":{"kind":"seeded","seed":""}}`, []string{"random"}, nil, ClockNone, RandomSeeded},
	} {
		got, err := ParseInstance([]byte(`{"grants":` + tc.grants + `}`))
		g := got.Grants
		if err != nil || !slices.Equal(g.Given, tc.given) || !slices.Equal(g.Refused, tc.refused) {
			t.Errorf("%s: given %v, refused %v, %v", tc.grants, g.Given, g.Refused, err)
		}
		if g.Clock.Kind != tc.clock || g.Random.Kind != tc.random {
			t.Errorf("%s: clock %s, random %s", tc.grants, g.Clock.Kind, g.Random.Kind)
		}
	}
}

func TestParseInstance_defaults(t *testing.T) {
	got, err := ParseInstance([]byte(`{"grants":{"clock":{"kind":"virtual"},"stdout":{"kind":"buffer"},"stderr":{"kind":"host"}}}`))
	if err != nil || got.Grants.Clock != (Clock{Kind: ClockVirtual, Step: 1_000_000}) {
		t.Errorf("clock: %+v, %v", got.Grants.Clock, err)
	}
	if got.Limits.StdoutBytes != 16<<20 || got.Limits.StderrBytes != NoLimit {
		t.Errorf("limits: %+v", got.Limits)
	}
	got, err = ParseInstance([]byte(`{"limits":{"timeoutMs":1e-9,"fuel":"0"}}`))
	if err != nil || got.Limits.Timeout != 1 || got.Limits.Fuel == nil || *got.Limits.Fuel != 0 {
		t.Errorf("the least: %+v, %v", got.Limits, err)
	}
}

func TestParseInstance_errors(t *testing.T) {
	unknown, wrong, outside := errs.OptionUnknown, errs.OptionType, errs.OptionRange
	for _, tc := range []struct {
		in     string
		want   errs.Code
		option any
	}{
		{`{"wasi":{}}`, unknown, "wasi"},
		{`{"grants":{"root":"/"}}`, unknown, "grants.root"},
		{`{"grants":{"WASI":true}}`, unknown, "grants.WASI"},
		{`{"grants":"wasi"}`, wrong, "grants"},
		{`{"grants":{"args":null}}`, wrong, "grants.args"},
		{`{"grants":{"args":["a",1]}}`, wrong, "grants.args[1]"},
		{`{"grants":{"env":[["A"]]}}`, wrong, "grants.env[0]"},
		{`{"grants":{"env":[["A","1","2"]]}}`, wrong, "grants.env[0]"},
		{`{"grants":{"env":{"A":"1"}}}`, wrong, "grants.env"},
		{`{"grants":{"fs":[{"guest":"/","host":"."}]}}`, outside, "grants.fs[0].write"},
		{`{"grants":{"fs":[{"guest":"/","host":".","write":true}]}}`, wrong, "grants.fs[0].write"},
		{`{"grants":{"fs":[{"guest":"/","host":".","write":"none"},{"guest":"/","host":".","write":"ALL"}]}}`, outside, "grants.fs[1].write"},
		{`{"grants":{"stdin":{"kind":"buffer"}}}`, outside, "grants.stdin.kind"},
		{`{"grants":{"stdout":{"kind":"bytes"}}}`, outside, "grants.stdout.kind"},
		{`{"grants":{"stderr":{}}}`, outside, "grants.stderr.kind"},
		{`{"grants":{"stdin":{"kind":"fd","fd":-1}}}`, outside, "grants.stdin.fd"},
		{`{"grants":{"stdin":{"kind":"fd","fd":2147483648}}}`, outside, "grants.stdin.fd"},
		{`{"grants":{"stdin":{"kind":"host","fd":1}}}`, outside, "grants.stdin.fd"},
		{`{"grants":{"stdin":{"kind":"fd","fd":1.5}}}`, outside, "grants.stdin.fd"},
		{`{"grants":{"clock":{"kind":"fake"}}}`, outside, "grants.clock.kind"},
		{`{"grants":{"clock":{"kind":"real","startNs":"1"}}}`, outside, "grants.clock"},
		{`{"grants":{"clock":{"kind":"virtual","startNs":"-1"}}}`, outside, "grants.clock.startNs"},
		{`{"grants":{"clock":{"kind":"virtual","startNs":"+1"}}}`, outside, "grants.clock.startNs"},
		{`{"grants":{"clock":{"kind":"virtual","stepNs":"18446744073709551616"}}}`, outside, "grants.clock.stepNs"},
		{`{"grants":{"clock":{"kind":"virtual","stepNs":"1_0"}}}`, outside, "grants.clock.stepNs"},
		{`{"grants":{"clock":{"kind":"virtual","stepNs":1}}}`, wrong, "grants.clock.stepNs"},
		{`{"grants":{"random":{"kind":"seeded"}}}`, outside, "grants.random.seed"},
		{`{"grants":{"random":{"kind":"secure","seed":"00"}}}`, outside, "grants.random.seed"},
		{`{"grants":{"random":{"kind":"seeded","seed":"0"}}}`, outside, "grants.random.seed"},
		{`{"grants":{"random":{"kind":"seeded","seed":"zz"}}}`, outside, "grants.random.seed"},
		{`{"grants":{"random":{"kind":"seeded","seed":"` + string(slices.Repeat([]byte("00"), 33)) + `"}}}`, outside, "grants.random.seed"},
		{`{"imports":{}}`, wrong, "imports"},
		{`{"imports":[{"number":"0"}]}`, wrong, "imports[0].number"},
		{`{"imports":[{"number":0,"signature":5}]}`, wrong, "imports[0].signature"},
		{`{"limits":{"memoryBytes":-1}}`, outside, "limits.memoryBytes"},
		{`{"limits":{"memoryBytes":9007199254740992}}`, outside, "limits.memoryBytes"},
		{`{"limits":{"tableElements":4294967296}}`, outside, "limits.tableElements"},
		{`{"limits":{"instances":0}}`, outside, "limits.instances"},
		{`{"limits":{"stdoutBytes":0.5}}`, outside, "limits.stdoutBytes"},
		{`{"limits":{"timeoutMs":0}}`, outside, "limits.timeoutMs"},
		{`{"limits":{"timeoutMs":-1}}`, outside, "limits.timeoutMs"},
		{`{"limits":{"timeoutMs":1e12}}`, outside, "limits.timeoutMs"},
		{`{"limits":{"timeoutMs":1e999}}`, wrong, nil},
		{`{"limits":{"timeoutMs":"5"}}`, wrong, "limits.timeoutMs"},
		{`{"limits":{"fuel":5}}`, wrong, "limits.fuel"},
		{`{"limits":{"fuel":""}}`, outside, "limits.fuel"},
		{`{"limits":{"stackBytes":1}}`, outside, "limits.stackBytes"},
		{`{"audit":1}`, wrong, "audit"},
		{`{"meterMs":0}`, outside, "meterMs"},
		{`{"meterMs":3600001}`, outside, "meterMs"},
	} {
		t.Run(tc.in, func(t *testing.T) {
			_, err := ParseInstance([]byte(tc.in))
			wantOption(t, err, tc.want, tc.option)
		})
	}
}

func FuzzParseInstance(f *testing.F) {
	for _, seed := range []string{everything, "", "{}", `{"grants":{"wasi":true,"clock":{"kind":"none"}}}`, `{"limits":{"timeoutMs":1e-300}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		got, err := ParseInstance(document)
		if err != nil {
			return
		}
		g, l := got.Grants, got.Limits
		if g.Stdin.Kind == "" || g.Stdout.Kind == "" || g.Stderr.Kind == "" || g.Clock.Kind == "" || g.Random.Kind == "" {
			t.Errorf("a kind is open: %+v", g)
		}
		reaches := len(g.Args)+len(g.Env)+len(g.FS) > 0 || g.Stdin.Kind != StreamIgnore || g.Stdout.Kind != StreamIgnore ||
			g.Stderr.Kind != StreamIgnore || g.Clock.Kind != ClockNone || g.Random.Kind != RandomNone
		if reaches && !g.Any() {
			t.Errorf("reaches something without a grant: %+v", g)
		}
		if min(l.MemoryBytes, l.TableElements, l.StdoutBytes, l.StderrBytes) < NoLimit || l.Timeout < 0 || len(g.Random.Seed) > MaxSeedBytes {
			t.Errorf("out of range: %+v", l)
		}
	})
}
