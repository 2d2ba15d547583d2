// Package bindgen reads what a raw wasm-bindgen module says of itself: the
// custom section with names, classes and import bindings, and the word streams
// of its descriptor functions, which hold the types. A raw module is what cargo
// writes, without the command line tool of wasm-bindgen.
//
// The package runs nothing and trusts nothing: counts are checked against what
// is left of the input, nesting is bounded, and a version that it does not know
// is refused by name.
//
// Source: the wasm-bindgen binary interface, §2 and §3, crate versions 0.2.61 to
// 0.2.127 and the unreleased state after 0.2.127 with schema 0.2.123; for 0.2.128
// to 0.2.130 docs/wasm-bindgen.md.
package bindgen

import (
	"strconv"
	"strings"

	"wasmgate/go/errs"
)

// Version says which wasm-bindgen crate made a module (wasm-bindgen binary
// interface, §2.3). The zero Version reads like the oldest one.
type Version struct {
	// Minor is N of 0.2.N.
	Minor int
	// Post127 marks the unreleased state between 0.2.127 and 0.2.128, which still
	// calls itself 0.2.127.
	Post127 bool
	// Text and Schema are the two strings as the module gives them; Text may
	// carry a suffix " (githash)".
	Text, Schema string
}

const (
	oldest     = 61
	newest     = 130
	lastBefore = 127 // Post127
	postNumber = lastBefore + 1
	postSchema = "0.2.123"
)

// schemas lists, newest first, the crate version at which each schema begins.
// Up to 0.2.73 the schema is the crate version.
var schemas = []struct {
	since  int
	schema int
}{
	{130, 130},
	{128, 128},
	{122, 122},
	{121, 121},
	{119, 119},
	{118, 118},
	{115, 115},
	{114, 114},
	{107, 107},
	{106, 106},
	{105, 105},
	{102, 102},
	{101, 101},
	{100, 100},
	{99, 98},
	{96, 96},
	{95, 95},
	{94, 94},
	{93, 93},
	{92, 92},
	{88, 88},
	{87, 87},
	{85, 85},
	{84, 84},
	{83, 83},
	{82, 82},
	{74, 74},
}

// ParseVersion reads the two strings of a module's header. A version that is not
// known, and a known one with another schema than its own, is refused with
// errs.ModuleUnsupported (wasm-bindgen binary interface, §2.3).
func ParseVersion(text, schema string) (Version, error) {
	v := Version{Text: text, Schema: schema}
	digits, found := strings.CutPrefix(text, "0.2.")
	digits, _, _ = strings.Cut(digits, " ")
	n, err := strconv.Atoi(digits)
	if found && err == nil && strconv.Itoa(n) == digits {
		v.Minor = n
		v.Post127 = schema == postSchema && n == lastBefore
		if v.Post127 || n >= oldest && n <= newest && schema == schemaOf(n) {
			return v, nil
		}
	}
	return Version{}, errs.New(errs.ModuleUnsupported,
		"module: made by wasm-bindgen %q with schema %q, which is not known; known are 0.2.%d to 0.2.%d",
		text, schema, oldest, newest).With("version", text).With("schema", schema)
}

func schemaOf(minor int) string {
	for _, row := range schemas {
		if minor >= row.since {
			minor = row.schema
			break
		}
	}
	return "0.2." + strconv.Itoa(minor)
}

// released is the Version of 0.2.N as its modules give it.
func released(minor int) Version {
	return Version{Minor: minor, Text: "0.2." + strconv.Itoa(minor), Schema: schemaOf(minor)}
}

// number orders the versions; Post127 reads like 0.2.128, except for what names of
// crates bring (see mangled).
func (v Version) number() int {
	if v.Post127 {
		return postNumber
	}
	return v.Minor
}

// since and until are the gates [≥N] and [≤N] of the specification.
func (v Version) since(minor int) bool { return v.number() >= minor }
func (v Version) until(minor int) bool { return v.number() <= minor }

// mangled reports whether symbols and described types name the crate they are from.
func (v Version) mangled() bool { return v.Minor >= 128 }

// Keyed reports whether casts go through __wbindgen_describe_generic_import, which
// takes a shim key.
func (v Version) Keyed() bool { return v.since(postNumber) }

// String is how messages name the version.
func (v Version) String() string {
	if v.Post127 {
		return v.Text + " with schema " + v.Schema
	}
	return v.Text
}

// eraEnds are the last versions before descriptor streams, or the core words of
// a described type, change.
var eraEnds = []int{76, 78, 82, 83, 87, 91, 92, 93, 95, 100, 114, 118, 120, 126, lastBefore, 129, newest}

// Eras gives one version, the newest, for each way to write descriptors and to
// flatten them into core words, oldest first: what to try on a module whose
// custom section was stripped (wasm-bindgen binary interface, §3.6). Types that
// all versions write alike fit several eras.
func Eras() []Version {
	eras := make([]Version, 0, len(eraEnds)+1)
	for _, minor := range eraEnds {
		eras = append(eras, released(minor))
		if minor == lastBefore {
			post := released(minor)
			post.Post127, post.Schema = true, postSchema
			eras = append(eras, post)
		}
	}
	return eras
}
