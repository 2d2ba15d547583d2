// What an instance has in JavaScript: the functions behind its imports and its standard
// streams, the values that the guest refers to, the classes of its objects
// (js/world.js). The native
// side refers to it weakly; the JavaScript functions of the instance keep it alive.
#ifndef WG_BINDING_WORLD_H_
#define WG_BINDING_WORLD_H_

#include <node_api.h>

#include "handle.h"

namespace wg {

// Elements of the array that js/world.js makes.
enum WorldPlace : uint32_t {
  kUnwrap = 0,       // (class, value, take) => address, undefined if it is none; (…, name, index) throws then
  kWrap = 1,         // (class, address) => object
  kMakeClosure = 2,  // (call, a, b, isMutable, owned, free, count) => function
  kEndClosure = 3,   // (function) => undefined: it must not be called any more
  kValues = 4,       // array: value i is the one with handle i
  kThrown = 5,       // what an import threw
  kEncodeError = 6,  // (thrown) => bytes: an error for the guest crate
  kRead = 7,         // (bytes) => Uint8Array | null: standard input
  kWrite = 8,        // (stream, bytes) => undefined, or an errno of WASI: stdout is 1, stderr 2
  kMeter = 9,        // () => undefined: a meter is due
  kFunctionOut =
      10,  // (number, function) => function: the one of a funcref; undefined if there is none and none is given
  kFunctionIn = 11,  // (value) => number of a function of the instance, or undefined
  kImports = 12,     // from here on the imports, in the order of the plans
};

// Whether a value is one of those that need no place among the values that JavaScript
// holds: what it is stands in `kind` and `number` then.
bool IsPlain(napi_env env, napi_value value, int32_t* kind, double* number);

// Puts a value among those that JavaScript holds. 0 with a pending exception.
uint32_t Hold(napi_env env, InstanceHandle* instance, napi_value value);

// The value that the guest has; null with a pending exception. Not for handles.
napi_value MakeSeen(napi_env env, const wg_seen& seen);

// A value to a slot of the guest's slab. False with a pending exception.
bool GiveValue(napi_env env, InstanceHandle* instance, napi_value value, bool lend, uint32_t* index);

// The value at an index of the slab, which is given up if `take`. Null with a
// pending exception.
napi_value SeeValue(napi_env env, InstanceHandle* instance, uint32_t index, bool take);

// The value of a handle.
napi_value HandleValue(napi_env env, InstanceHandle* instance, uint32_t handle);

// An element of the world; null with a pending exception if it is gone.
napi_value WorldElement(napi_env env, InstanceHandle* instance, uint32_t place);

// Calls an element of the world. Null with a pending exception.
napi_value CallWorld(napi_env env, InstanceHandle* instance, uint32_t place, size_t count, const napi_value* args);

// Lets go of the values that the guest has let go of. Called at the end of every
// outermost call if `record->uncleared` is not 0.
void ClearValues(napi_env env, InstanceHandle* instance);

// Lets go of all values, for an instance that is closed.
void EmptyValues(napi_env env, InstanceHandle* instance);

// Keeps what an import threw, for the end of the call that it stops; and throws it
// then, with the stack of `error`. Throwing gives false if there is nothing (the thread is being stopped).
void KeepThrown(napi_env env, InstanceHandle* instance);
bool ThrowKept(napi_env env, InstanceHandle* instance, const wg_error& error);

}  // namespace wg

#endif  // WG_BINDING_WORLD_H_
