package bindgen

// Tag says what a described type is, whatever number its version gives it
// (wasm-bindgen binary interface, §3.2).
type Tag uint8

// Tags, in the order in which every version numbers those that it has.
const (
	TagI8 Tag = iota
	TagU8
	TagI16
	TagU16
	TagI32
	TagU32
	TagI64
	TagU64
	TagI64AsF64
	TagU64AsF64
	TagI128
	TagU128
	TagF32
	TagF64
	TagBoolean
	TagFunction
	TagClosure
	TagCachedString
	TagString
	TagRef
	TagRefMut
	TagLongRef
	TagSlice
	TagVector
	TagExternref
	TagNamedExternref
	TagEnum
	TagStringEnum
	TagDynamicUnion
	TagRustStruct
	TagChar
	TagOptional
	TagResult
	TagUnit
	tagClamped // never in a Type: it becomes Type.Clamped
	TagNonNull
	TagRawPointer
	TagSeqMode
	TagNullable
	numTags
)

// tagTable holds, for each tag, the version that brought it, its name in Rust
// (%s stands for the element), and whether an element or a name follows it.
// A tag's number in a version is how many tags before it that version has.
var tagTable = [numTags]struct {
	since   int
	rust    string
	element bool
	name    bool
}{
	TagI8:             {rust: "i8"},
	TagU8:             {rust: "u8"},
	TagI16:            {rust: "i16"},
	TagU16:            {rust: "u16"},
	TagI32:            {rust: "i32"},
	TagU32:            {rust: "u32"},
	TagI64:            {rust: "i64"},
	TagU64:            {rust: "u64"},
	TagI64AsF64:       {rust: "isize", since: 119},
	TagU64AsF64:       {rust: "usize", since: 119},
	TagI128:           {rust: "i128", since: 96},
	TagU128:           {rust: "u128", since: 96},
	TagF32:            {rust: "f32"},
	TagF64:            {rust: "f64"},
	TagBoolean:        {rust: "bool"},
	TagFunction:       {rust: "fn"},
	TagClosure:        {rust: "Closure"},
	TagCachedString:   {rust: "String"},
	TagString:         {rust: "String"},
	TagRef:            {rust: "&%s", element: true},
	TagRefMut:         {rust: "&mut %s", element: true},
	TagLongRef:        {rust: "&%s", element: true, since: 84},
	TagSlice:          {rust: "[%s]", element: true},
	TagVector:         {rust: "Vec<%s>", element: true},
	TagExternref:      {rust: "JsValue"},
	TagNamedExternref: {rust: "JsValue", name: true},
	TagEnum:           {rust: "enum"},
	TagStringEnum:     {rust: "enum", name: true, since: 93},
	TagDynamicUnion:   {rust: "enum", name: true, since: 121},
	TagRustStruct:     {rust: "struct", name: true},
	TagChar:           {rust: "char"},
	TagOptional:       {rust: "Option<%s>", element: true},
	TagResult:         {rust: "Result<%s, _>", element: true, since: 79},
	TagUnit:           {rust: "()"},
	tagClamped:        {},
	TagNonNull:        {rust: "NonNull<_>", since: 92},
	TagRawPointer:     {rust: "*mut _", since: 119},
	TagSeqMode:        {rust: "%s", element: true, since: 130},
	TagNullable:       {rust: "Nullable<%s>", element: true, since: 130},
}

// tags lists the tags of v by their numbers.
func (v Version) tags() []Tag {
	list := make([]Tag, 0, numTags)
	for tag := range numTags {
		if v.since(tagTable[tag].since) {
			list = append(list, tag)
		}
	}
	return list
}
