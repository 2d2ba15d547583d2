/* The C ABI of the wasmgate runtime, for the N-API shim.
 *
 * Three groups of functions: the data plane (wg_call.h), and the control plane
 * below, which is Go. cgo cannot see this header: it drops `const`, and its own
 * declarations of the exported functions would clash. */
#ifndef WASMGATE_H
#define WASMGATE_H

#include "wg_call.h"
#include "wg_space.h"

#ifdef __cplusplus
extern "C" {
#endif

/* WG_ABI_VERSION of the library. The first call, before anything else. */
uint32_t wg_abi_version(void);

/* The package version that the library was built from; static. */
const char* wg_package_version(void);

/* Loads and compiles a module on the calling thread.
 * `options` is a JSON document (go/config, ModuleOptions), `bytes` the module
 * unless the options name a path; both are borrowed for the call. */
int wg_module_load(const char* options, size_t options_bytes, const uint8_t* bytes, size_t byte_count,
                   wg_module* module, wg_error* error);

/* The same on a thread of the runtime. `bytes` are copied before it returns.
 * `done` is called once, on any thread, and owns what it is handed. */
void wg_module_load_async(const char* options, size_t options_bytes, const uint8_t* bytes, size_t byte_count,
                          wg_module_done done, void* context);

/* Opens a library with host functions, once per process, and describes it: JSON, freed with
 * wg_free. It stays loaded. `path` is borrowed. */
int wg_plugin_load(const char* path, size_t path_bytes, char** description, wg_error* error);

/* Describes a module without compiling it: JSON, freed with wg_free. */
int wg_inspect(const char* options, size_t options_bytes, const uint8_t* bytes, size_t byte_count, char** description,
               wg_error* error);

/* Gives a module handle up; its instances stay. A stale handle is ignored. */
void wg_module_close(uint64_t handle);

/* Makes an instance: imports, start function, initialisers. `options` is a JSON
 * document (go/config, Instance) or empty, `input` what stdin gives where the options
 * say so; both are borrowed. `host` may be NULL; what it names must live as long as
 * the instance. `report` gets the decisions about imports, if the options ask for
 * them, also if opening fails: JSON, freed with wg_free. The record is released with
 * wg_instance_release after wg_instance_close. */
int wg_instance_open(uint64_t module, const char* options, size_t options_bytes, const uint8_t* input,
                     size_t input_bytes, const wg_host* host, wg_instance** instance, char** report, wg_error* error);

/* Plans of the late-bound imports of a module, with the signatures that the document
 * gives for some: what go/marshal/encode.go describes, and JSON about those that are
 * given (go/vm/late.go). Both are freed with wg_free. */
int wg_import_plans(uint64_t module, const char* options, size_t options_bytes, uint8_t** plans, size_t* plans_bytes,
                    char** details, wg_error* error);

/* The number of an instance: names it to other threads, never names another. */
uint64_t wg_instance_handle(wg_instance* instance);

/* For any thread: stops the call that is under way in an instance; its meters, at most
 * about a millisecond old (wg_meters_peek). False if there is no such instance. */
bool wg_instance_stop(uint64_t handle);
bool wg_instance_meters(uint64_t handle, uint64_t* out);

/* Makes an instance of a program on a thread of its own, runs its _start there and
 * closes it. Arguments as of wg_instance_open; they are copied, but what `host` names
 * must live until `done`. That is called once, on any thread, and owns `run`, to be
 * freed with wg_free. */
void wg_run_async(uint64_t module, const char* options, size_t options_bytes, const uint8_t* input, size_t input_bytes,
                  const wg_host* host, wg_run_done done, void* context);

/* Decodes what a guest told of a cast, or of a closure: plans for wg_host as
 * go/marshal/encode.go describes, freed with wg_free. For a cast that needs none,
 * `answer` is what wg_host.cast answers. */
int wg_marker_plan(wg_instance* instance, bool closure, const uint32_t* words, size_t count, uint32_t* answer,
                   uint8_t** plans, size_t* plans_bytes, wg_error* error);

/* Closes an instance and frees all but its call record. WG_ERR_BUSY in the
 * middle of a call, 0 if it was closed already. */
int wg_instance_close(wg_instance* instance);

/* Makes a WebAssembly namespace: an instance without a module (wg_space.h), closed and
 * released like one. `options` is a document of limits as of wg_instance_open. */
int wg_space_open(const char* options, size_t options_bytes, const wg_host* host, wg_instance** space, wg_error* error);

/* Of a module that was loaded with `plain`, valid while its handle is open. A very large one is
 * compiled now. */
int wg_space_module_of(uint64_t module, struct wg_space_module** out, wg_error* error);

/* The type of a function of such a module, by its index: JSON, freed with wg_free. */
int wg_function_type(uint64_t module, uint32_t index, char** type, wg_error* error);

/* Contents of custom section `number` of those of that name, freed with wg_free; NULL when
 * there are no more. */
void* wg_custom_section(uint64_t module, const char* name, size_t name_bytes, size_t number, size_t* bytes);

/* Whether bytes are a module that a WebAssembly namespace takes. */
bool wg_valid(const uint8_t* bytes, size_t byte_count);

/* Modules that have been loaded and not closed, of the whole process. */
int64_t wg_live_modules(void);

/* free() of the library's own allocator. */
void wg_free(void* pointer);

#ifdef __cplusplus
}
#endif

#endif /* WASMGATE_H */
