package main

/*
#include <stdlib.h>
#include "wg_types.h"
*/
import "C"

import (
	"encoding/json"
	"unsafe"

	"wasmgate/go/engine"
	"wasmgate/go/plugin"
)

// plugins are the libraries that have been loaded, for ever.
var plugins = plugin.Loader{Services: engine.PluginServices, Version: version}

//export wg_plugin_load
func wg_plugin_load(path *C.char, pathBytes C.size_t, description **C.char, failure *C.wg_error) (code C.int) {
	defer enter(failure, &code)()
	p, err := plugins.Load(string(borrow(unsafe.Pointer(path), pathBytes)))
	if err != nil {
		return fail(failure, err)
	}
	text, err := json.Marshal(p)
	if err != nil {
		return fail(failure, err)
	}
	*description = C.CString(string(text))
	return C.WG_OK
}
