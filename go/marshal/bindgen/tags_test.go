package bindgen

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"wasmgate/go/errs"
)

// tagColumns are the first versions of the columns of tagNumbers.
var tagColumns = []int{61, 79, 84, 92, 93, 96, 119, 121, 130}

// tagNumbers is the table of the specification, §3.2, and 0.2.130; -1 where it has none.
var tagNumbers = map[Tag][9]int{
	TagI8:             {0, 0, 0, 0, 0, 0, 0, 0, 0},
	TagU8:             {1, 1, 1, 1, 1, 1, 1, 1, 1},
	TagI16:            {2, 2, 2, 2, 2, 2, 2, 2, 2},
	TagU16:            {3, 3, 3, 3, 3, 3, 3, 3, 3},
	TagI32:            {4, 4, 4, 4, 4, 4, 4, 4, 4},
	TagU32:            {5, 5, 5, 5, 5, 5, 5, 5, 5},
	TagI64:            {6, 6, 6, 6, 6, 6, 6, 6, 6},
	TagU64:            {7, 7, 7, 7, 7, 7, 7, 7, 7},
	TagI64AsF64:       {-1, -1, -1, -1, -1, -1, 8, 8, 8},
	TagU64AsF64:       {-1, -1, -1, -1, -1, -1, 9, 9, 9},
	TagI128:           {-1, -1, -1, -1, -1, 8, 10, 10, 10},
	TagU128:           {-1, -1, -1, -1, -1, 9, 11, 11, 11},
	TagF32:            {8, 8, 8, 8, 8, 10, 12, 12, 12},
	TagF64:            {9, 9, 9, 9, 9, 11, 13, 13, 13},
	TagBoolean:        {10, 10, 10, 10, 10, 12, 14, 14, 14},
	TagFunction:       {11, 11, 11, 11, 11, 13, 15, 15, 15},
	TagClosure:        {12, 12, 12, 12, 12, 14, 16, 16, 16},
	TagCachedString:   {13, 13, 13, 13, 13, 15, 17, 17, 17},
	TagString:         {14, 14, 14, 14, 14, 16, 18, 18, 18},
	TagRef:            {15, 15, 15, 15, 15, 17, 19, 19, 19},
	TagRefMut:         {16, 16, 16, 16, 16, 18, 20, 20, 20},
	TagLongRef:        {-1, -1, 17, 17, 17, 19, 21, 21, 21},
	TagSlice:          {17, 17, 18, 18, 18, 20, 22, 22, 22},
	TagVector:         {18, 18, 19, 19, 19, 21, 23, 23, 23},
	TagExternref:      {19, 19, 20, 20, 20, 22, 24, 24, 24},
	TagNamedExternref: {20, 20, 21, 21, 21, 23, 25, 25, 25},
	TagEnum:           {21, 21, 22, 22, 22, 24, 26, 26, 26},
	TagStringEnum:     {-1, -1, -1, -1, 23, 25, 27, 27, 27},
	TagDynamicUnion:   {-1, -1, -1, -1, -1, -1, -1, 28, 28},
	TagRustStruct:     {22, 22, 23, 23, 24, 26, 28, 29, 29},
	TagChar:           {23, 23, 24, 24, 25, 27, 29, 30, 30},
	TagOptional:       {24, 24, 25, 25, 26, 28, 30, 31, 31},
	TagResult:         {-1, 25, 26, 26, 27, 29, 31, 32, 32},
	TagUnit:           {25, 26, 27, 27, 28, 30, 32, 33, 33},
	tagClamped:        {26, 27, 28, 28, 29, 31, 33, 34, 34},
	TagNonNull:        {-1, -1, -1, 29, 30, 32, 34, 35, 35},
	TagRawPointer:     {-1, -1, -1, -1, -1, -1, 35, 36, 36},
	TagSeqMode:        {-1, -1, -1, -1, -1, -1, -1, -1, 37},
	TagNullable:       {-1, -1, -1, -1, -1, -1, -1, -1, 38},
}

// post is the state between two releases.
var post = Version{Minor: lastBefore, Post127: true, Text: "0.2.127", Schema: postSchema}

// versions are all versions that are known.
func versions() []Version {
	var all []Version
	for n := oldest; n <= newest; n++ {
		all = append(all, released(n))
	}
	return append(all, post)
}

// numberOf gives the number of a tag out of tagNumbers.
func numberOf(v Version, tag Tag) (uint32, bool) {
	column := 0
	for i, first := range tagColumns {
		if v.number() >= first {
			column = i
		}
	}
	number := tagNumbers[tag][column]
	return uint32(number), number >= 0
}

func TestVersion_tags(t *testing.T) {
	for _, v := range versions() {
		tags := v.tags()
		count := 0
		for tag := range numTags {
			number, exists := numberOf(v, tag)
			if !exists {
				continue
			}
			count++
			if int(number) >= len(tags) || tags[number] != tag {
				t.Errorf("%s: number %d is not tag %d", v, number, tag)
			}
		}
		if count != len(tags) {
			t.Errorf("%s: %d tags, want %d", v, len(tags), count)
		}
	}
}

func TestParseVersion(t *testing.T) {
	for _, tc := range []struct {
		text, schema string
		minor        int
		post         bool
	}{
		{"0.2.61", "0.2.61", 61, false},
		{"0.2.73", "0.2.73", 73, false},
		{"0.2.74", "0.2.74", 74, false},
		{"0.2.79", "0.2.74", 79, false},
		{"0.2.81", "0.2.74", 81, false},
		{"0.2.83", "0.2.83", 83, false},
		{"0.2.86", "0.2.85", 86, false},
		{"0.2.91", "0.2.88", 91, false},
		{"0.2.98", "0.2.96", 98, false},
		{"0.2.99", "0.2.98", 99, false},
		{"0.2.104", "0.2.102", 104, false},
		{"0.2.113", "0.2.107", 113, false},
		{"0.2.117 (0123abcd)", "0.2.115", 117, false},
		{"0.2.120", "0.2.119", 120, false},
		{"0.2.127", "0.2.122", 127, false},
		{"0.2.127", "0.2.123", 127, true},
		{"0.2.128", "0.2.128", 128, false},
		{"0.2.129 (0123abcd)", "0.2.128", 129, false},
		{"0.2.130", "0.2.130", 130, false},
	} {
		t.Run(tc.text+" "+tc.schema, func(t *testing.T) {
			v, err := ParseVersion(tc.text, tc.schema)
			want := Version{Minor: tc.minor, Post127: tc.post, Text: tc.text, Schema: tc.schema}
			if err != nil || v != want {
				t.Errorf("got %+v, %v", v, err)
			}
		})
	}
}

func TestParseVersion_errors(t *testing.T) {
	for _, tc := range []struct{ name, text, schema string }{
		{"too old", "0.2.60", "0.2.60"},
		{"too new", "0.2.131", "0.2.131"},
		{"too new for its schema", "0.2.131", "0.2.130"},
		{"older schema", "0.2.130", "0.2.128"},
		{"schema of before the release", "0.2.128", "0.2.123"},
		{"other schema", "0.2.100", "0.2.99"},
		{"schema of the future", "0.2.127", "0.2.124"},
		{"late schema of an early version", "0.2.100", "0.2.123"},
		{"no version", "", "0.2.100"},
		{"no number", "0.2.x", "0.2.100"},
		{"sign", "0.2.+100", "0.2.100"},
		{"leading zero", "0.2.0100", "0.2.100"},
		{"prerelease", "0.2.100-rc1", "0.2.100"},
		{"other line", "0.3.100", "0.2.100"},
		{"only a number", "100", "0.2.100"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := ParseVersion(tc.text, tc.schema)
			if err == nil || errs.From(err).Code != errs.ModuleUnsupported {
				t.Fatalf("got %v", err)
			}
			for _, says := range []string{strconv.Quote(tc.text), strconv.Quote(tc.schema), "0.2.61 to 0.2.130"} {
				if !strings.Contains(err.Error(), says) {
					t.Errorf("%q does not say %s", err, says)
				}
			}
		})
	}
}

func TestEras(t *testing.T) {
	eras := Eras()
	if len(eras) != len(eraEnds)+1 || !slices.Contains(eras, post) || eras[len(eras)-1] != released(newest) {
		t.Fatalf("got %v", eras)
	}
	for i, v := range eras {
		again, err := ParseVersion(v.Text, v.Schema)
		if err != nil || again != v {
			t.Errorf("%s reads as %+v, %v", v, again, err)
		}
		if i > 0 && eras[i-1].number() >= v.number() {
			t.Errorf("%s is not after %s", v, eras[i-1])
		}
	}
	for _, first := range tagColumns[1:] {
		found := false
		for _, v := range eras {
			found = found || v.number() == first-1
		}
		if !found {
			t.Errorf("no era ends before 0.2.%d, which numbers tags anew", first)
		}
	}
	if got := post.String(); got != "0.2.127 with schema 0.2.123" {
		t.Errorf("got %s", got)
	}
}
