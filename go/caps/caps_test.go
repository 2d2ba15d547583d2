package caps

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"wasmgate/go/errs"
)

func registry() *Registry {
	r := &Registry{}
	r.Register(
		Rule{Module: "m", Function: "read_all", Grants: []string{"read", "all"}},
		Rule{Module: "m", Function: "read_*", Grants: []string{"in", "read", "all"}},
		Rule{Module: "m", Function: "close", Grants: []string{"write", "read", "all"}, Aside: true},
		Rule{Module: "m", Function: "exit", Grants: []string{"all", "in", "read", "write", "time"}, Aside: true},
		Rule{Module: "m", Function: "now", Grants: []string{"time", "all"}},
		Rule{Module: "n", Function: "*", Grants: []string{"net"}},
	)
	return r
}

func imports(names ...string) []Import {
	var out []Import
	for _, name := range names {
		module, function, _ := strings.Cut(name, ".")
		out = append(out, Import{module, function})
	}
	return out
}

func TestDecide(t *testing.T) {
	for _, tc := range []struct {
		name, of       string
		given, refused []string
		grant          string
		allowed        bool
		reason         string
	}{
		{"nothing given", "m.now", nil, nil, "time", false, "not granted"},
		{"given", "m.now", []string{"time"}, nil, "time", true, "time is granted"},
		{"covered by another", "m.now", []string{"all"}, nil, "all", true, "all is granted"},
		{"its own grant is named first", "m.now", []string{"all", "time"}, nil, "time", true, "time is granted"},
		{"another grant", "m.now", []string{"read", "net"}, nil, "time", false, "not granted"},
		{"refused by name", "m.now", []string{"all"}, []string{"time"}, "time", false, "time is refused by name"},
		{"another is refused", "m.now", []string{"all"}, []string{"net"}, "all", true, "all is granted"},
		{"an alternative is refused", "m.exit", []string{"all"}, []string{"time"}, "all", true, "all is granted"},
		{"a refusal grants nothing", "m.exit", nil, []string{"time"}, "all", false, "not granted"},
		{"the exact name counts more", "m.read_all", []string{"in"}, nil, "read", false, "not granted"},
		{"a beginning", "m.read_some", []string{"in"}, nil, "in", true, "in is granted"},
		{"the beginning alone", "m.read_", nil, nil, "in", false, "not granted"},
		{"all of a module", "n.", []string{"net"}, nil, "net", true, "net is granted"},
		{"a function that no rule names", "m.other", []string{"all", "m.other", ""}, nil, "", false, "no grant covers it"},
		{"a star in the import's name", "m.*", []string{"all"}, nil, "", false, "no grant covers it"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := registry().Decide(imports(tc.of), Granted{tc.given, tc.refused})
			if len(got) != 1 {
				t.Fatalf("got %+v", got)
			}
			d := got[0]
			if d.Import != tc.of || d.Grant != tc.grant || d.Allowed != tc.allowed || d.Reason != tc.reason {
				t.Errorf("got %+v", d)
			}
		})
	}
}

func TestDecide_isAboutWhatHasRules(t *testing.T) {
	got := registry().Decide(imports("env.f", "m.now", "M.now", "m.now", "n.x"), Granted{})
	if len(got) != 2 || got[0].Import != "m.now" || got[1].Import != "n.x" {
		t.Errorf("got %+v", got)
	}
	text, err := json.Marshal(got[:1])
	if want := `[{"import":"m.now","grant":"time","allowed":false,"reason":"not granted"}]`; err != nil || string(text) != want {
		t.Errorf("got %s, %v", text, err)
	}
	if text, _ := json.Marshal(registry().Decide(nil, Granted{})); string(text) != "[]" {
		t.Errorf("of nothing: %s", text)
	}
}

func TestNeeds(t *testing.T) {
	for _, tc := range []struct{ of, want []string }{
		{nil, []string{}},
		{[]string{"env.f"}, []string{}},
		{[]string{"n.x", "m.now", "m.read_all"}, []string{"read", "time", "net"}},
		{[]string{"m.close"}, []string{"write"}},
		{[]string{"m.close", "m.read_all"}, []string{"read"}},
		{[]string{"m.exit", "m.close"}, []string{"write"}},
		{[]string{"m.exit"}, []string{"all"}},
		{[]string{"m.exit", "m.now"}, []string{"time"}},
	} {
		got := registry().Needs(imports(tc.of...))
		if !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%v: got %v, want %v", tc.of, got, tc.want)
		}
		if err := Denied(registry().Decide(imports(tc.of...), Granted{Given: got})); err != nil {
			t.Errorf("%v: %v do not suffice: %v", tc.of, got, err)
		}
	}
}

func TestDenied(t *testing.T) {
	const from = "the module imports from m what is not granted; it needs "
	for _, tc := range []struct {
		of      []string
		granted Granted
		want    string
	}{
		{[]string{"m.now"}, Granted{Given: []string{"all"}}, ""},
		{[]string{"m.now"}, Granted{}, from + "time (for now)"},
		{[]string{"m.now", "m.exit"}, Granted{}, from + "time (for now, exit)"},
		{[]string{"m.now", "m.read_a", "m.read_b"}, Granted{}, from + "time (for now), in (for read_a, read_b), or all for all of it"},
		{[]string{"m.now", "m.read_a"}, Granted{Given: []string{"read"}}, from + "time (for now)"},
		{[]string{"m.read_a", "m.now"}, Granted{Refused: []string{"time"}}, from + "in (for read_a), time, which is refused by name (for now)"},
		{[]string{"m.other", "m.now"}, Granted{}, from + "what no grant gives (for other), time (for now)"},
		{
			[]string{"m.now", "n.x"},
			Granted{},
			"the module imports what is not granted; it needs time (for m.now), net (for n.x)",
		},
	} {
		err := Denied(registry().Decide(imports(tc.of...), tc.granted))
		if tc.want == "" {
			if err != nil {
				t.Error(err)
			}
			continue
		}
		if err == nil || err.Error() != tc.want || errs.From(err).Code != errs.Capability {
			t.Errorf("got %v\nwant %s", err, tc.want)
		}
	}
}

func TestDenied_details(t *testing.T) {
	err := errs.From(Denied(registry().Decide(imports("m.now", "n.x", "m.read_a"), Granted{Given: []string{"net"}})))
	text, failure := json.Marshal(err.Detail)
	want := `{"grants":[{"import":"m.now","grant":"time"},{"import":"m.read_a","grant":"in"}],"imports":["m.now","m.read_a"]}`
	if failure != nil || string(text) != want {
		t.Errorf("got %s", text)
	}
}

func TestRegister_refusesWhatIsAmbiguous(t *testing.T) {
	for name, rules := range map[string][]Rule{
		"no grant":  {{Module: "m", Function: "f"}},
		"two rules": {{Module: "m", Function: "f", Grants: []string{"a"}}, {Module: "m", Function: "f", Grants: []string{"b"}}},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: got through", name)
				}
			}()
			(&Registry{}).Register(rules...)
		}()
	}
}

func FuzzDecide(f *testing.F) {
	f.Add("m.now\nm.exit\nn.x", "all", "time")
	f.Add("m.read_\nm.other\n.\nm.*", "in\nread", "")
	f.Fuzz(func(t *testing.T, names, given, refused string) {
		granted := Granted{strings.Split(given, "\n"), strings.Split(refused, "\n")}
		list := imports(strings.Split(names, "\n")...)
		decisions := registry().Decide(list, granted)
		denied := false
		for _, d := range decisions {
			denied = denied || !d.Allowed
			if d.Allowed && !slices.Contains(granted.Given, d.Grant) {
				t.Errorf("allowed by what was not given: %+v", d)
			}
			if d.Allowed && d.Grant == d.rule.Grants[0] && slices.Contains(granted.Refused, d.Grant) {
				t.Errorf("allowed though it was refused: %+v", d)
			}
		}
		if denied != (Denied(decisions) != nil) {
			t.Errorf("denied %v, %v", denied, Denied(decisions))
		}
		nothing := registry().Decide(list, Granted{})
		if len(nothing) != len(decisions) || slices.ContainsFunc(nothing, func(d Decision) bool { return d.Allowed }) {
			t.Errorf("allowed without a grant: %+v", nothing)
		}
	})
}
