/* Types of wasmgate's C ABI, shared by C, C++ and cgo. Functions stand in
 * wg_call.h (data plane) and wasmgate.h (control plane). */
#ifndef WG_TYPES_H
#define WG_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wg_codes.h"

/* Raised whenever a struct, an enum or a function of the ABI changes. Both
 * sides come from one build; the handshake catches a mixed installation. */
#define WG_ABI_VERSION 5

/* What a value is for JavaScript. Mirrors go/marshal/kind.go. */
enum wg_kind {
  WG_KIND_UNIT = 0,
  WG_KIND_I8,
  WG_KIND_U8,
  WG_KIND_I16,
  WG_KIND_U16,
  WG_KIND_I32,
  WG_KIND_U32,
  WG_KIND_I64,
  WG_KIND_U64,
  WG_KIND_F32,
  WG_KIND_F64,
  WG_KIND_BOOL,
  WG_KIND_CHAR,
  WG_KIND_STRING,
  WG_KIND_V128,
  WG_KIND_ANY32,
  WG_KIND_ANY64,
  WG_KIND_FUNCREF,
  WG_KIND_EXTERNREF,
  WG_KIND_I8_ARRAY,
  WG_KIND_U8_ARRAY,
  WG_KIND_U8_CLAMPED_ARRAY,
  WG_KIND_I16_ARRAY,
  WG_KIND_U16_ARRAY,
  WG_KIND_I32_ARRAY,
  WG_KIND_U32_ARRAY,
  WG_KIND_I64_ARRAY,
  WG_KIND_U64_ARRAY,
  WG_KIND_F32_ARRAY,
  WG_KIND_F64_ARRAY,
  WG_KIND_I128,
  WG_KIND_U128,
  WG_KIND_ANY,         /* any JavaScript value, by its index in the slab */
  WG_KIND_OBJECT,      /* of an exported class (extra: its number), by its address */
  WG_KIND_ENUM,        /* an integer */
  WG_KIND_STRING_ENUM, /* a string of a list (extra: its number), by its index there */
  WG_KIND_ANY_ARRAY,   /* an array of indices into the slab */
  WG_KIND_FUNCTION,    /* a function of the guest's table and two words (extra: its plan) */
  WG_KIND_COUNT
};

/* How a kind is spread over wasm values. Mirrors go/marshal/kind.go. */
enum wg_form {
  WG_FORM_PLAIN = 0,
  WG_FORM_PAIR64,
  WG_FORM_OPT_SMALL,
  WG_FORM_OPT_DOUBLE_OLD,
  WG_FORM_OPT_DOUBLE,
  WG_FORM_OPT_FLAG,
  WG_FORM_OPT_FLAG_PAIR64,
  WG_FORM_OPT_POINTER,
  WG_FORM_OPT_HOLE,
  WG_FORM_COUNT
};

/* More about a value, a set of bits. Mirrors go/marshal/kind.go. */
enum wg_flag {
  WG_FLAG_BORROWED = 1, /* whoever receives it does not own it */
  WG_FLAG_MUTABLE = 2,  /* the guest may change it: it is copied back */
  WG_FLAG_ARRAY = 4,    /* a third word has the index of the JavaScript array, for that */
  WG_FLAG_TAKEN = 8     /* of an import's argument: lent, but gone if the result is not 0 */
};

/* Where an export leaves its results. Mirrors go/marshal/resolve.go. */
enum wg_placement { WG_IN_SLOTS = 0, WG_IN_AREA };

/* Whether a reply can carry an error. Mirrors go/marshal/resolve.go. */
enum wg_fallible { WG_INFALLIBLE = 0, WG_FALLIBLE, WG_FALLIBLE_IF_SEEN, WG_FALLIBLE_BYTES };

/* Life of an instance. Only WG_OPEN may be called, and what an import of a call calls. */
enum wg_state { WG_OPEN = 0, WG_CALLING, WG_POISONED, WG_CLOSED };

/* Bytes of an instance's return area: the widest reply is an optional 128-bit
 * integer that may fail (8 + 16 + 8), rounded up to 16. */
#define WG_AREA_BYTES 48

/* Bytes of an instance's scratch block, from where adapters take arguments, and
 * the slots that an adapter has before those of its export. */
#define WG_SCRATCH_BYTES 512
#define WG_OWED_SLOTS 3

/* Bytes of guest memory in which the reply to a cast is left. */
#define WG_CAST_BYTES 64

/* One wasm value. Size and layout of wasmtime_val_raw_t; integers of 32 bits
 * occupy the low half, and everything is little-endian as in guest memory. */
typedef union wg_raw {
  int32_t i32;
  int64_t i64;
  float f32;
  double f64;
  uint8_t v128[16];
  uint32_t ref;
  uint64_t align_[2];
} wg_raw;

/* An exported function of an open instance. Layout of wasmtime_func_t. */
typedef struct wg_func {
  uint64_t store;
  void* code;
} wg_func;

/* The call record of an instance: what the shim may look at without a call.
 * The engine's own fields follow it in memory (go/engine/store.h). It lives
 * until wg_instance_release, so that `state` can always be read. */
typedef struct wg_instance {
  uint32_t state;       /* enum wg_state */
  uint32_t uncleared;   /* handles that the guest has let go of: see wg_handle_cleared */
  uint32_t watched;     /* every call is to stand between wg_begin and wg_end, even without limits of its own */
  uint32_t metered;     /* input_bytes and receipts are wanted */
  uint64_t calls;       /* of exports, counted by whoever makes them */
  uint64_t input_bytes; /* of arguments, copied into the guest since the outermost wg_begin */
  uint32_t refs_made;   /* externrefs since the last wg_refs_collect: see there */
} wg_instance;

/* Externrefs that may be made before the engine is told to collect: its heap would grow
 * long before it does so by itself, and it does not see the memory behind a reference. */
#define WG_REFS_BEFORE_COLLECTION 1000

/* An object of a plugin (go/engine/plugin.h). */
typedef struct wg_native wg_native;

/* A value that is to become an externref in a slot: of the kinds undefined, bool, number,
 * handle with its number in `number`, and native, which gets a use of its own. */
typedef struct wg_given {
  uint32_t slot;
  int32_t kind; /* enum wg_value_kind */
  double number;
  wg_native* native;
} wg_given;

/* Limits of one call. 0: none. */
typedef struct wg_limits {
  uint64_t timeout_ns;
  uint64_t fuel; /* instructions; only of a metered module */
} wg_limits;

/* What wg_begin notes for wg_end: belongs to the data plane. */
typedef struct wg_span {
  uint64_t timeout_ns, deadline, borrowed;
  bool armed, open;
} wg_span;

/* Meters of an instance, in the order of wg_meters_read. Times are nanoseconds;
 * they and the instructions are 0 unless the module is metered. */
enum wg_meter {
  WG_METER_CALLS = 0,
  WG_METER_INSTRUCTIONS, /* of metered modules */
  WG_METER_FUEL_LEFT,    /* of the current call, or the last; WG_NO_FUEL without a limit */
  WG_METER_WALL_NS,      /* in calls, of which … */
  WG_METER_HOST_NS,      /* … in host functions */
  WG_METER_CPU_NS,       /* the same of the thread's processor time */
  WG_METER_HOST_CPU_NS,
  WG_METER_MEMORY_BYTES,
  WG_METER_PEAK_BYTES,
  WG_METER_STDIN_BYTES,
  WG_METER_STDOUT_BYTES,
  WG_METER_STDERR_BYTES,
  WG_METER_RUNNING,           /* 1 in the middle of a call */
  WG_METER_CALL_INSTRUCTIONS, /* of the current or last outermost call, as are the rest */
  WG_METER_CALL_INPUT_BYTES,
  WG_METER_CALL_CODE, /* enum wg_code */
  WG_METER_COUNT
};
#define WG_NO_FUEL UINT64_MAX

/* What a hook answers that has nothing yet and has waited a little already. */
#define WG_AGAIN (-1)

/* What wg_host.write answers for an errno of WASI: WG_HOOK_ERRNO - errno. */
#define WG_HOOK_ERRNO (-1000)

/* What a value thrown by a guest is, in wg_error.value_kind. */
enum wg_value_kind {
  WG_VALUE_NONE = 0, /* no value was thrown */
  WG_VALUE_UNDEFINED,
  WG_VALUE_NULL,
  WG_VALUE_BOOL,    /* number is 0 or 1 */
  WG_VALUE_NUMBER,  /* number */
  WG_VALUE_STRING,  /* message */
  WG_VALUE_ERROR,   /* message: that of an Error object */
  WG_VALUE_BIGINT,  /* integer, */
  WG_VALUE_UBIGINT, /* the same without a sign */
  WG_VALUE_HANDLE,  /* integer: the number under which JavaScript holds it */
  WG_VALUE_NATIVE   /* an object of a plugin */
};

/* A value in the guest's slab, for JavaScript to see. `text` belongs to the
 * instance and is there until the next call of the data plane. */
typedef struct wg_seen {
  int32_t kind; /* enum wg_value_kind; WG_VALUE_NONE if there is nothing at the index */
  double number;
  int64_t integer;
  const char* text;
  size_t text_bytes;
} wg_seen;

/* What stands behind the imports that JavaScript provides. Both functions run on
 * the instance's thread, in the middle of a call. They return 0, or a code after
 * which the guest is stopped with it.
 *
 * `call` serves the import of that number. `cast` is asked once per instance and
 * kind of cast: `words` are what the guest just told of it; the answer is an
 * enum wg_cast, or WG_CAST_FIRST plus a number for which `call` is used.
 *
 * The others may be NULL. `opened` comes before the guest runs for the first time, and
 * again with NULL when it is closed.
 * `read` and `write` serve standard streams that the host provides; WG_AGAIN asks to
 * be called again. `read` of 0 bytes waits for input: `got` is 1 when there is some,
 * 0 at the end; of more, `got` 0 is the end. `tick` is asked about once a millisecond
 * while the guest runs or waits, if `watch`, and when a meter is due: see
 * wg_setup.meter_ns. */
typedef struct wg_host {
  void* context;
  int (*call)(void* context, struct wg_instance* instance, uint32_t import, wg_raw* slots);
  int (*cast)(void* context, struct wg_instance* instance, uint32_t func, const uint32_t* words, size_t count,
              uint32_t* answer);
  void (*opened)(void* context, struct wg_instance* instance);
  int (*read)(void* context, uint8_t* into, size_t bytes, size_t* got);
  int (*write)(void* context, int stream, const uint8_t* bytes, size_t count);
  int (*tick)(void* context, bool meter);
  bool watch; /* the guest's thread may be told to end at any time */
} wg_host;

enum wg_cast {
  WG_CAST_UNKNOWN = 0,
  WG_CAST_STRING, /* text to a JavaScript string */
  WG_CAST_NUMBER, /* f64 to a number */
  WG_CAST_I64,    /* to a bigint, */
  WG_CAST_U64,    /* likewise */
  WG_CAST_FIRST
};

/* Set in the number of an import for what is not one: a cast (see above) or a
 * closure, by the index of the function that describes it. */
#define WG_IMPORT_CAST 0x80000000u
#define WG_IMPORT_CLOSURE 0x40000000u

/* An error on its way to JavaScript. The texts are malloc'ed UTF-8 and owned by
 * the error; wg_error_free releases them. Unset texts are NULL. */
typedef struct wg_error {
  int32_t code;       /* enum wg_code */
  int32_t exit_code;  /* of WG_ERR_EXIT */
  int32_t value_kind; /* enum wg_value_kind */
  double number;
  int64_t integer;
  char* message;
  size_t message_bytes;
  char* trap;   /* stable name of the trap, for WG_ERR_TRAP and WG_ERR_PANIC */
  char* stack;  /* wasm frames, innermost first, one per line */
  char* detail; /* JSON object of further properties */
} wg_error;

/* What a module is, as the shim needs it. The three fields are owned by the
 * caller: close the handle with wg_module_close, free the others with wg_free. */
typedef struct wg_module {
  uint64_t handle;
  uint8_t* plans; /* what go/marshal/encode.go describes */
  size_t plans_bytes;
  char* description; /* JSON: { exports, imports, … } for JavaScript */
} wg_module;

/* Called once, on any thread, with what it owns from then on: see wg_module_load_async
 * and wg_run_async. */
typedef void (*wg_module_done)(void* context, wg_module* module, wg_error* error);

/* How a program ended. The texts and buffers are owned by whoever gets the struct. */
typedef struct wg_run {
  wg_error error;     /* WG_ERR_EXIT is an end like any other */
  uint8_t* output[2]; /* what was gathered of stdout and stderr */
  size_t output_bytes[2];
  uint64_t meters[WG_METER_COUNT];
  char* report; /* as of wg_instance_open */
} wg_run;

typedef void (*wg_run_done)(void* context, wg_run* run);

#endif /* WG_TYPES_H */
