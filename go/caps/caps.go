// Package caps holds the one decision about what a guest may import. Host
// modules register which grant each of their functions needs; Decide answers,
// and nothing else does. It knows neither the engine nor what a grant reaches:
// what is granted is narrowed where it is used.
package caps

import (
	"slices"
	"strings"
)

// Import is a function that a module imports.
type Import struct{ Module, Name string }

func (i Import) String() string { return i.Module + "." + i.Name }

// Rule says what an import needs.
type Rule struct {
	// Module is the name of the host module.
	Module string
	// Function is a name, or the beginning of names with a "*" behind it; "*" is
	// every function of the module. The longest that fits an import counts.
	Function string
	// Grants are those of which one suffices, the one that is suggested first.
	Grants []string
	// Aside marks a function that comes along with others: it suggests no grant of
	// its own where one that is suggested for another import will do.
	Aside bool
}

// suits tells how much of an import's name the rule names, -1 if it is not about it.
func (r *Rule) suits(i Import) int {
	if r.Module != i.Module {
		return -1
	}
	if r.Function == i.Name {
		return len(r.Function) + 1 // more than any beginning
	}
	if start, ok := strings.CutSuffix(r.Function, "*"); ok && strings.HasPrefix(i.Name, start) {
		return len(start)
	}
	return -1
}

// Registry has the rules of all host modules. It may be read from any number of
// threads once it is complete.
type Registry struct{ rules []Rule }

// Register adds rules. A rule without grants would allow what nobody can grant,
// a rule that stands twice would be a matter of order: both are mistakes of ours.
func (r *Registry) Register(rules ...Rule) {
	for _, rule := range rules {
		if len(rule.Grants) == 0 {
			panic("caps: no grant for " + rule.Module + "." + rule.Function)
		}
		if slices.ContainsFunc(r.rules, func(o Rule) bool { return o.Module == rule.Module && o.Function == rule.Function }) {
			panic("caps: a second rule for " + rule.Module + "." + rule.Function)
		}
		r.rules = append(r.rules, rule)
	}
}

// find gives the rule of an import; nil if no rule is about its module. A
// function that no rule of its module names is covered by no grant.
func (r *Registry) find(i Import) *Rule {
	var found *Rule
	best := -1
	for k := range r.rules {
		rule := &r.rules[k]
		if fit := rule.suits(i); fit > best {
			found, best = rule, fit
		} else if found == nil && rule.Module == i.Module {
			found = &Rule{Module: i.Module, Function: i.Name}
		}
	}
	return found
}

// Granted is what was granted, and what was refused by name: a refusal counts
// more than a grant that covers several things.
type Granted struct{ Given, Refused []string }

// Decision is the answer about one import.
type Decision struct {
	// Import is "module.name".
	Import string `json:"import"`
	// Grant is the one that allows it, or that would; "" if none can.
	Grant   string `json:"grant"`
	Allowed bool   `json:"allowed"`
	// Reason is for people.
	Reason string `json:"reason"`

	source  Import
	rule    *Rule
	refused bool
}

// Decide answers for each import that a rule is about, in their order, once each.
func (r *Registry) Decide(imports []Import, granted Granted) []Decision {
	out := []Decision{}
	seen := map[Import]bool{}
	for _, i := range imports {
		rule := r.find(i)
		if rule == nil || seen[i] {
			continue
		}
		seen[i] = true
		out = append(out, decide(i, rule, granted))
	}
	suggest(out)
	return out
}

func decide(i Import, rule *Rule, granted Granted) Decision {
	d := Decision{Import: i.String(), source: i, rule: rule}
	if len(rule.Grants) == 0 {
		d.Reason = "no grant covers it"
		return d
	}
	d.Grant = rule.Grants[0]
	if slices.Contains(granted.Refused, d.Grant) {
		d.refused = true
		d.Reason = d.Grant + " is refused by name"
		return d
	}
	for _, name := range rule.Grants {
		if slices.Contains(granted.Given, name) {
			d.Grant, d.Allowed, d.Reason = name, true, name+" is granted"
			return d
		}
	}
	d.Reason = "not granted"
	return d
}

// suggest names, for what comes along with others, a grant that is named
// already if there is one. What fewer grants would do for chooses first.
func suggest(decisions []Decision) {
	named := map[string]bool{}
	var aside []*Decision
	for i := range decisions {
		d := &decisions[i]
		switch {
		case d.Allowed || d.refused:
		case d.rule.Aside:
			aside = append(aside, d)
		default:
			named[d.Grant] = true
		}
	}
	slices.SortStableFunc(aside, func(a, b *Decision) int { return len(a.rule.Grants) - len(b.rule.Grants) })
	for _, d := range aside {
		if i := slices.IndexFunc(d.rule.Grants, func(name string) bool { return named[name] }); i >= 0 {
			d.Grant = d.rule.Grants[i]
		}
		named[d.Grant] = true
	}
}

// Needs lists the grants that imports imply: with all of them, each import is
// allowed. In the order of the rules.
func (r *Registry) Needs(imports []Import) []string {
	needed := map[string]bool{}
	for _, d := range r.Decide(imports, Granted{}) {
		needed[d.Grant] = true
	}
	out := []string{}
	for _, rule := range r.rules {
		if name := rule.Grants[0]; needed[name] && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}
