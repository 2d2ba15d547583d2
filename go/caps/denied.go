package caps

import (
	"slices"
	"strings"

	"wasmgate/go/errs"
)

// Denied is the error for decisions that deny something, nil if none does. It
// names every import that was denied, and by which grant it would be allowed.
func Denied(decisions []Decision) error {
	var denied []Decision
	for _, d := range decisions {
		if !d.Allowed {
			denied = append(denied, d)
		}
	}
	if len(denied) == 0 {
		return nil
	}
	type need struct {
		Import string `json:"import"`
		Grant  string `json:"grant"`
	}
	var imports []string
	var grants []need
	for _, d := range denied {
		imports = append(imports, d.Import)
		grants = append(grants, need{d.Import, d.Grant})
	}
	return errs.New(errs.Capability, "%s", message(denied)).With("imports", imports).With("grants", grants)
}

func message(denied []Decision) string {
	module := denied[0].source.Module
	from, name := " from "+module, func(d Decision) string { return d.source.Name }
	if slices.ContainsFunc(denied, func(d Decision) bool { return d.source.Module != module }) {
		from, name = "", func(d Decision) string { return d.Import }
	}
	var groups []string
	functions := map[string][]string{}
	for _, d := range denied {
		group := d.Grant
		switch {
		case d.Grant == "":
			group = "what no grant gives"
		case d.refused:
			group += ", which is refused by name"
		}
		if functions[group] == nil {
			groups = append(groups, group)
		}
		functions[group] = append(functions[group], name(d))
	}
	for i, group := range groups {
		groups[i] = group + " (for " + strings.Join(functions[group], ", ") + ")"
	}
	if all := forAll(denied); all != "" {
		groups = append(groups, "or "+all+" for all of it")
	}
	return "the module imports" + from + " what is not granted; it needs " + strings.Join(groups, ", ")
}

// forAll is a grant that allows everything that was denied, where several
// grants were named; "" if there is none.
func forAll(denied []Decision) string {
	if !slices.ContainsFunc(denied, func(d Decision) bool { return d.Grant != denied[0].Grant }) {
		return ""
	}
	for _, name := range denied[0].rule.Grants {
		if !slices.ContainsFunc(denied, func(d Decision) bool { return d.refused || !slices.Contains(d.rule.Grants, name) }) {
			return name
		}
	}
	return ""
}
