/* The data plane: everything that happens per call. Plain C, no entry into Go.
 *
 * All functions must be called on one thread at a time per instance, and none
 * may be called on an instance that is closed unless it says so. Functions
 * that return int give 0, or a code of wg_codes.h whose details wg_last_error
 * hands over. */
#ifndef WG_CALL_H
#define WG_CALL_H

#include "wg_types.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32)
#define WG_API __declspec(dllexport)
#else
#define WG_API __attribute__((visibility("default")))
#endif

/* Finds an exported function. Returns WG_ERR_EXPORT_MISSING if there is none. */
WG_API int wg_export_func(wg_instance* instance, const char* name, size_t name_bytes, wg_func* func);

/* Calls a function. `slots` holds the arguments and receives the results; it
 * has room for whichever are more. Fails with WG_ERR_CLOSED, WG_ERR_BUSY or
 * WG_ERR_POISONED by the state, and with what the guest did: WG_ERR_TRAP,
 * WG_ERR_PANIC, WG_ERR_EXIT, WG_ERR_GUEST_ERROR, WG_ERR_IMPORT_CALLED. */
WG_API int wg_call(wg_instance* instance, const wg_func* func, wg_raw* slots, size_t slot_count);

/* Stand around every call that is `watched` or has limits of its own, with whatever
 * is entered between them: allocator, function, deallocator. They nest where imports
 * call the guest; what is inside cannot exceed what is left outside. NULL limits: the
 * instance's own. `code` is how the call ended. */
WG_API void wg_begin(wg_instance* instance, const wg_limits* limits, wg_span* span);
WG_API void wg_end(wg_instance* instance, wg_span* span, int code);

/* Limits of each call from now on that has none of its own; `scoped`: of calls that come
 * from inside others, too. */
WG_API void wg_set_limits(wg_instance* instance, const wg_limits* limits, bool scoped);

/* Stops the call that is under way, if any, from any thread: it fails with `code`
 * (WG_ERR_STOPPED). The instance must not be released meanwhile. */
WG_API void wg_stop_call(wg_instance* instance, int code);

/* The meters: up to date on the instance's thread; from others at most about a
 * millisecond old, if the instance is watched. `out` has room for WG_METER_COUNT. */
WG_API void wg_meters_read(wg_instance* instance, uint64_t* out);
WG_API void wg_meters_peek(wg_instance* instance, uint64_t* out);

/* What the guest has written to stdout (1) or stderr (2) since it was last taken, if
 * that is buffered. The caller frees it with free(). */
WG_API uint8_t* wg_output_take(wg_instance* instance, int stream, size_t* bytes);

/* 0 if wg_call would call just now, else why not. */
WG_API int wg_check(wg_instance* instance);

/* Calls the guest's allocator. `ptr` is checked: [ptr, ptr + bytes) lies in
 * memory, or the call fails with WG_ERR_ALLOCATOR. `at` is where that is for the
 * host. */
WG_API int wg_guest_alloc(wg_instance* instance, size_t bytes, size_t align, uint32_t* ptr, uint8_t** at);

/* Gives a result's memory back to the guest. Freeing 0 bytes does nothing. */
WG_API int wg_guest_free(wg_instance* instance, uint32_t ptr, size_t bytes, size_t align);

/* The same, when the next call comes: an adapter does it on its way, any other
 * call before it begins. A large result is freed at once. */
WG_API int wg_guest_owe(wg_instance* instance, uint32_t ptr, size_t bytes, size_t align);

/* Calls an adapter (go/marshal/adapters.go). `slots` begins with WG_OWED_SLOTS of
 * its own, which are filled here; the results start at the first of all. */
WG_API int wg_call_adapter(wg_instance* instance, const wg_func* func, wg_raw* slots, size_t slot_count);

/* Address of the instance's scratch block of WG_SCRATCH_BYTES in guest memory,
 * and where that is for the host. */
WG_API int wg_scratch(wg_instance* instance, uint32_t* ptr, uint8_t** at);

/* Address of the instance's return area of WG_AREA_BYTES in guest memory,
 * taken from the guest's allocator at first use and kept. */
WG_API int wg_return_area(wg_instance* instance, uint32_t* ptr);

/* Where [ptr, ptr + bytes) of guest memory is for the host; NULL if it does not
 * lie in memory. Valid until the instance is closed. */
WG_API const uint8_t* wg_memory_at(wg_instance* instance, uint64_t ptr, uint64_t bytes);

/* Start and size of guest memory; NULL and 0 without one. It does not move, but
 * any call into the guest may grow it. */
WG_API uint8_t* wg_memory(wg_instance* instance, size_t* bytes);

/* Somebody has an address into guest memory for good: it stays mapped after the instance is
 * closed, until the process ends. */
WG_API void wg_memory_keep(wg_instance* instance);

/* Turns the thrown value that a Result left at `index` into the last error. */
WG_API int wg_take_thrown(wg_instance* instance, uint32_t index);

/* Puts a value into the slab of the guest, for it to own, or for the length of a
 * call: then as a loan, which wg_loans_end takes back. `kind` is undefined, null,
 * bool, number, or a handle with its number in `number`. */
WG_API int wg_value_give(wg_instance* instance, int32_t kind, double number, bool lend, uint32_t* index);

/* Loans that are out; and takes back all but the first `count` of them. */
WG_API uint32_t wg_loans(wg_instance* instance);
WG_API void wg_loans_end(wg_instance* instance, uint32_t count);

/* Looks at an entry of the slab; `take` also removes it, and with it what it kept
 * alive: a handle is the caller's then, to be let go of with wg_handle_drop. */
WG_API void wg_value_look(wg_instance* instance, uint32_t index, bool take, wg_seen* seen);

/* Makes an entry of the slab a handle, from now on. */
WG_API void wg_value_hold(wg_instance* instance, uint32_t index, uint32_t handle);

/* A number for a value that JavaScript holds for the guest, with one user; and
 * one user less. 0 if there are too many. */
WG_API uint32_t wg_handle_new(wg_instance* instance);
WG_API void wg_handle_drop(wg_instance* instance, uint32_t handle);

/* The numbers without a user for which JavaScript still holds a value, one after
 * the other; 0 at the end. There are `instance->uncleared` of them. */
WG_API uint32_t wg_handle_cleared(wg_instance* instance);

/* What an externref is that the guest just gave; null is WG_VALUE_NULL, a reference that
 * no host made WG_VALUE_NONE. */
WG_API void wg_ref_look(wg_instance* instance, uint32_t ref, wg_seen* seen);

/* Makes the value behind an externref a handle, from now on. */
WG_API void wg_ref_hold(wg_instance* instance, uint32_t ref, uint32_t handle);

/* Makes externrefs of values, in their slots, right before the guest gets these: nothing
 * may enter the guest in between. The handles are the guest's then, also on failure. */
WG_API int wg_refs_give(wg_instance* instance, const wg_given* given, size_t count, wg_raw* slots);

/* Collects what the guest has let go of. Called if `refs_made` is above
 * WG_REFS_BEFORE_COLLECTION, where no raw reference is on its way: at the end of a call,
 * and in an import before its result is made. */
WG_API void wg_refs_collect(wg_instance* instance);

/* The funcref of a function, for a slot; and the function of one that the guest gave,
 * which is not null, with its type as wg_table_func spells it ("x" is an externref, "r" a
 * funcref, "?" anything else), cut off where there is no room. */
WG_API int64_t wg_func_ref(wg_instance* instance, const wg_func* func);
WG_API void wg_func_look(wg_instance* instance, int64_t ref, wg_func* func, char* shape, size_t room);

/* Finds a function of the guest's table. False if there is none at the index, or
 * one of another type; `shape` spells the type, "ww>d" for (i32, i32) -> f64. */
WG_API bool wg_table_func(wg_instance* instance, uint32_t index, const char* shape, wg_func* func);

/* Calls the function of the guest's table that describes a closure; `words` are
 * what it told, and belong to the instance. */
WG_API int wg_describe(wg_instance* instance, uint32_t index, const uint32_t** words, size_t* count);

/* Where the reply to a cast is to be left: WG_CAST_BYTES of guest memory. */
WG_API int wg_cast_area(wg_instance* instance, uint32_t* ptr);

/* Tells the guest that a failed import is to be caught (its `__wbindgen_exn_store`
 * gets the value at `index`). */
WG_API int wg_store_exception(wg_instance* instance, uint32_t index);

/* The object of a plugin behind an externref, with one use more, to be let go of with
 * wg_native_drop on the instance's thread; NULL if it is none. `type` is the name of its type,
 * for ever. */
WG_API wg_native* wg_ref_native(wg_instance* instance, uint32_t ref, const char** type);
WG_API void wg_native_drop(wg_native* native);

/* The `context` of the instance's wg_host; NULL if it has none. */
WG_API void* wg_host_context(wg_instance* instance);

/* Moves the error of the last failed call to `error`. */
WG_API void wg_last_error(wg_instance* instance, wg_error* error);

/* Releases the texts of an error and zeroes it. NULL texts are fine. */
WG_API void wg_error_free(wg_error* error);

/* Lets go of the call record of a closed instance; the pointer is dead then. */
WG_API void wg_instance_release(wg_instance* instance);

/* Instances that have been opened and not closed, of the whole process. */
WG_API int64_t wg_live_instances(void);

/* Crossings since start, counted in debug builds only (all 0 otherwise). */
typedef struct wg_counters {
  uint64_t guest_entries; /* calls into wasm */
  uint64_t go_entries;    /* calls into Go */
} wg_counters;
WG_API void wg_read_counters(wg_counters* counters);

#ifdef __cplusplus
}
#endif

#endif /* WG_CALL_H */
