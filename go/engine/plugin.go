package engine

/*
#include "store.h"
*/
import "C"

import "unsafe"

// PluginServices is the wasmgate_host of the data plane, without what only the entry of a
// plugin uses; for plugin.Loader.
func PluginServices() unsafe.Pointer { return unsafe.Pointer(C.wg_plugin_services()) }
