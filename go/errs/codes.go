package errs

// Class is the JavaScript class that an error of a code is thrown as.
type Class string

const (
	// TypeError: a value of the wrong kind was given.
	TypeError Class = "TypeError"
	// RangeError: a value of the right kind lies outside what is allowed.
	RangeError Class = "RangeError"
	// WasmError: the guest, the module or the engine failed.
	WasmError Class = "WasmError"
)

// Code is the number of an error on the C ABI. Numbers may change between
// versions (both sides of the ABI come from one build); names never do.
type Code int32

// The codes, in the order of the table below. 0 means success.
const (
	OK Code = iota
	Internal
	ArgType
	ArgRange
	ArgCount
	OptionUnknown
	OptionType
	OptionRange
	SourceType
	SourceRead
	SourceFormat
	SourceTooLarge
	SourceCompression
	TextSyntax
	ModuleInvalid
	ModuleUnsupported
	SignatureSyntax
	SignatureMismatch
	SignatureUnknown
	ImportMissing
	ImportCalled
	ImportThrew
	AsyncImport
	Capability
	Start
	ExportMissing
	ExportUnsupported
	ObjectFreed
	ObjectForeign
	Trap
	Panic
	GuestError
	Exit
	Allocator
	ResultBounds
	ResultUTF8
	ResultTooLarge
	ResultInvalid
	OutOfMemory
	MemoryBounds
	Busy
	Closed
	Poisoned
	Handle
	GrantInvalid
	Timeout
	Fuel
	Stopped
	Limit
	OutputLimit
	Profile
	Link
	Exception
	Load
	LoadVersion
	Plugin
	PluginLoad
	PluginABI
	numCodes
)

// Row describes one code: its stable name, the class it is thrown as and what
// it means to the person who reads it.
type Row struct {
	Code    Code
	Name    string
	Class   Class
	Meaning string
}

// Table lists every code in numerical order; the C and JavaScript tables are
// generated from it (go generate ./go/errs).
var Table = []Row{
	{Internal, "ERR_INTERNAL", WasmError, "a defect in wasmgate itself; please report it with the stack"},
	{ArgType, "ERR_ARG_TYPE", TypeError, "an argument of a call has the wrong type"},
	{ArgRange, "ERR_ARG_RANGE", RangeError, "an argument is outside the range of its type"},
	{ArgCount, "ERR_ARG_COUNT", TypeError, "a call has too few or too many arguments"},
	{OptionUnknown, "ERR_OPTION_UNKNOWN", TypeError, "an option that does not exist"},
	{OptionType, "ERR_OPTION_TYPE", TypeError, "an option has the wrong type"},
	{OptionRange, "ERR_OPTION_RANGE", RangeError, "an option is outside its range"},
	{SourceType, "ERR_SOURCE_TYPE", TypeError, "a source is neither a path, a file: URL, a Uint8Array nor a Module"},
	{SourceRead, "ERR_SOURCE_READ", WasmError, "the file of a module cannot be read"},
	{SourceFormat, "ERR_SOURCE_FORMAT", WasmError, "the bytes are not WebAssembly, nor its text, nor gzip or zstd of these"},
	{SourceTooLarge, "ERR_SOURCE_TOO_LARGE", RangeError, "the module, or what it decompresses to, is larger than maxModuleBytes"},
	{SourceCompression, "ERR_SOURCE_COMPRESSION", WasmError, "the compressed module is damaged or truncated"},
	{TextSyntax, "ERR_TEXT_SYNTAX", WasmError, "the WebAssembly text cannot be parsed"},
	{ModuleInvalid, "ERR_MODULE_INVALID", WasmError, "the module is malformed or does not validate"},
	{ModuleUnsupported, "ERR_MODULE_UNSUPPORTED", WasmError, "the module is valid but of a kind that is not supported"},
	{SignatureSyntax, "ERR_SIGNATURE_SYNTAX", TypeError, "a signature string cannot be parsed"},
	{SignatureMismatch, "ERR_SIGNATURE_MISMATCH", WasmError, "a signature does not fit the export's wasm type"},
	{SignatureUnknown, "ERR_SIGNATURE_UNKNOWN", TypeError, "a signature names a function that the module does not export"},
	{ImportMissing, "ERR_IMPORT_MISSING", WasmError, "the module imports something nobody provides"},
	{ImportCalled, "ERR_IMPORT_CALLED", WasmError, "the guest called a JavaScript import that nobody provides"},
	{ImportThrew, "ERR_IMPORT_THREW", WasmError, "an import threw; what it threw comes out of the call itself"},
	{AsyncImport, "ERR_ASYNC_IMPORT", TypeError, "a host function returned a Promise in a synchronous call"},
	{Capability, "ERR_CAPABILITY", WasmError, "the module imports something that was not granted"},
	{Start, "ERR_START", WasmError, "the module's start function or initialiser failed"},
	{ExportMissing, "ERR_EXPORT_MISSING", TypeError, "the module has no function export of that name"},
	{ExportUnsupported, "ERR_EXPORT_UNSUPPORTED", TypeError, "the export has a type that cannot be marshalled"},
	{ObjectFreed, "ERR_OBJECT_FREED", TypeError, "an object of the guest was used after it was freed or given away"},
	{ObjectForeign, "ERR_OBJECT_FOREIGN", TypeError, "an object of one instance was given to another"},
	{Trap, "ERR_TRAP", WasmError, "the guest trapped; `trap` says how"},
	{Panic, "ERR_PANIC", WasmError, "the Rust guest panicked; the message is the panic's"},
	{GuestError, "ERR_GUEST_ERROR", WasmError, "the guest returned Err or threw; `value` is what it gave"},
	{Exit, "ERR_EXIT", WasmError, "the guest called WASI proc_exit; `exitCode` is its status"},
	{Allocator, "ERR_ALLOCATOR", WasmError, "the guest's allocator gave no memory or a place outside memory"},
	{ResultBounds, "ERR_RESULT_BOUNDS", WasmError, "the guest returned a place outside its memory"},
	{ResultUTF8, "ERR_RESULT_UTF8", WasmError, "the guest returned a string that is not UTF-8"},
	{ResultTooLarge, "ERR_RESULT_TOO_LARGE", RangeError, "a result is larger than JavaScript can hold"},
	{ResultInvalid, "ERR_RESULT_INVALID", WasmError, "the guest returned a value that its type does not have"},
	{OutOfMemory, "ERR_OUT_OF_MEMORY", WasmError, "the host has no memory or address space left for this"},
	{MemoryBounds, "ERR_MEMORY_BOUNDS", RangeError, "an access outside guest memory"},
	{Busy, "ERR_BUSY", WasmError, "the instance is in the middle of a call"},
	{Closed, "ERR_CLOSED", WasmError, "the module or instance has been closed"},
	{Poisoned, "ERR_POISONED", WasmError, "an earlier trap left the guest in an unknown state; make a new instance"},
	{Handle, "ERR_HANDLE", TypeError, "a native handle that is foreign or stale"},
	{GrantInvalid, "ERR_GRANT_INVALID", WasmError, "a granted directory or value cannot be used"},
	{Timeout, "ERR_TIMEOUT", WasmError, "the call took longer than its timeoutMs and was stopped"},
	{Fuel, "ERR_FUEL", WasmError, "the call used up its fuel and was stopped"},
	{Stopped, "ERR_STOPPED", WasmError, "the call was stopped from outside, or by the end of its thread"},
	{Limit, "ERR_LIMIT", WasmError, "a limit on memory, tables or instances forbids it"},
	{OutputLimit, "ERR_OUTPUT_LIMIT", WasmError, "the guest wrote more to a standard stream than its limit and was stopped"},
	{Profile, "ERR_PROFILE", TypeError, "the module was loaded without what the option needs"},
	{Link, "ERR_LINK", WasmError, "an import of a WebAssembly namespace does not fit the module; LinkError there"},
	{Exception, "ERR_EXCEPTION", WasmError, "the guest threw a WebAssembly exception that nobody caught"},
	{Load, "ERR_LOAD", WasmError, "the native library could not be loaded; the message is a diagnosis"},
	{LoadVersion, "ERR_LOAD_VERSION", WasmError, "the native library belongs to another version of the package"},
	{Plugin, "ERR_PLUGIN", WasmError, "a host function of a plugin failed; the message is the plugin's"},
	{PluginLoad, "ERR_PLUGIN_LOAD", WasmError, "a plugin cannot be loaded: the file, its symbols, its entry, or what it defines"},
	{PluginABI, "ERR_PLUGIN_ABI", WasmError, "a plugin is built for another version of the plugin interface"},
}

// Name returns the stable name of c, ERR_INTERNAL for a number outside the table.
func (c Code) Name() string {
	if c <= OK || c >= numCodes {
		return Table[0].Name
	}
	return Table[c-1].Name
}
