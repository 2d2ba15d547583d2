package bindgen

import "strings"

// Origin says which program a record is from: from 0.2.128 on symbols and types name
// the crate, and from 0.2.130 on the module, so that what has the same name in two of
// them can be told apart. Empty before 0.2.128.
type Origin struct {
	CrateID string
	// ModulePath is known from 0.2.130 on.
	ModulePath string
}

func (p Program) origin(v Version) Origin {
	if !v.mangled() {
		return Origin{}
	}
	return Origin{CrateID: p.CrateID, ModulePath: p.ModulePath}
}

// hash is what symbols say of the crate: what follows the last "-" of its id.
func (o Origin) hash() string { return o.CrateID[strings.LastIndexByte(o.CrateID, '-')+1:] }

// defines reports whether a described type may be from there.
func (o Origin) defines(t *Type) bool {
	return t.Crate == "" || t.Crate == o.CrateID && (t.Module == 0 || t.Module == moduleHash(o.ModulePath))
}

// moduleHash is how descriptors name a module: FNV-1a of its path, in 32 bits.
func moduleHash(path string) uint32 {
	hash := uint32(0x811c9dc5)
	for i := range len(path) {
		hash = (hash ^ uint32(path[i])) * 0x01000193
	}
	return hash
}
