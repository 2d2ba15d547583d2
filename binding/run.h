// Programs that run on a thread of their own.
#ifndef WG_BINDING_RUN_H_
#define WG_BINDING_RUN_H_

#include <node_api.h>

namespace wg {

// run(module, document, input, uses, report, onEvent): starts a program and gives an
// object for the functions below. `onEvent` gets
//   ("output", stream, Buffer)                 answered by runTaken(job, bytes)
//   ("input")                                  answered by runInput(job, bytes | null)
//   ("meter", meters)                          a BigUint64Array
//   ("done", error, stdout, stderr, meters)    last; error is null after a good end
// `uses` are enum Uses of handle.h.
napi_value Run(napi_env env, napi_callback_info info);

// runInput(job, bytes | null): more standard input, null for its end. It is asked for
// when there is room, and copied.
napi_value RunInput(napi_env env, napi_callback_info info);

// runTaken(job, bytes): output that has reached its place; the program waits while too
// much has not.
napi_value RunTaken(napi_env env, napi_callback_info info);

// runStop(job)
napi_value RunStop(napi_env env, napi_callback_info info);

}  // namespace wg

#endif  // WG_BINDING_RUN_H_
