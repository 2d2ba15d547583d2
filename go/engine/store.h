/* Internals of the data plane: what stands behind a wg_instance. */
#ifndef WG_STORE_H
#define WG_STORE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <wasmtime.h>

#include "wg_call.h"

/* A value of the guest's JavaScript world that never reaches JavaScript itself:
 * what wasm-bindgen's string_new, error_new and the like make. `text` is owned. */
typedef struct wg_value {
  int32_t kind; /* enum wg_value_kind */
  uint32_t raw; /* the externref that holds it, if `home` has noted that: see wg_ref_note */
  double number;
  int64_t integer;
  char* text;
  size_t text_bytes;
  size_t* account;        /* of the store, from which text_bytes is taken off in the end; may be NULL */
  struct wg_store* owner; /* of a handle: a use of it belongs to the value; else NULL */
  wg_native* native;      /* of WG_VALUE_NATIVE: one use of it, see plugin.h */
  struct wg_store* home;
} wg_value;

/* How many externrefs of a store are found without asking the engine. */
#define WG_NOTED_REFS 64

/* What the guest has at an index: a value, or the number of one that JavaScript
 * holds (a handle), told apart by the lowest bits. 0: nothing. */
typedef uintptr_t wg_item;

/* wasm-bindgen's heap slab, for modules without reference types: i32 indices to
 * values. Below `offset` are the loans, which grow down; then four constants
 * (undefined, null, true, false); then what the guest owns. */
typedef struct wg_slab {
  uint32_t offset;
  uint32_t loans; /* how many are out */
  wg_item* lent;  /* NULL before the first; loan i has index offset - 1 - i */
  wg_item* owned; /* item i has index offset + 4 + i */
  uint32_t count, capacity, first_free;
} wg_slab;

/* The values that JavaScript holds for the guest: users of each number, and the
 * numbers that have none. Number 0 is none. */
typedef struct wg_handles {
  uint32_t* users;
  uint32_t* free;
  uint32_t count, capacity, free_count;
} wg_handles;

/* Return areas: one per depth of calls that imports make. */
typedef struct wg_areas {
  uint32_t* at;
  uint32_t capacity;
} wg_areas;

/* What describes the casts of wasm-bindgen 0.2.102 and newer, by function. */
typedef struct wg_casts {
  struct {
    uint32_t func, answer;
  } * known;
  uint32_t count, capacity;
  uint32_t* words; /* what the guest is telling just now */
  uint32_t word_count;
  uint32_t area; /* WG_CAST_BYTES of guest memory */
} wg_casts;

/* A standard stream: 0 is input, 1 and 2 are output. */
enum wg_stream_kind {
  WG_STREAM_IGNORE = 0, /* nothing to read; what is written is gone */
  WG_STREAM_BUFFER,     /* input: `data`, from `at` on. Output: gathered there, for wg_output_take */
  WG_STREAM_FD,         /* a file descriptor of the process, not owned */
  WG_STREAM_HOST        /* wg_host.read and write */
};
typedef struct wg_stream {
  int32_t kind; /* enum wg_stream_kind */
  int32_t fd;
  int32_t own_fd; /* the same file opened for us alone, -1: none */
  bool is_file, is_socket;
  uint64_t limit; /* most bytes, UINT64_MAX: any number */
  uint64_t moved; /* bytes so far, of those that the limit counts */
  uint64_t total; /* bytes so far */
  uint8_t* data;  /* owned */
  size_t bytes, capacity, at;
} wg_stream;

/* Texts as WASI hands them to the guest: `count` of them, each with a NUL, in `data`. */
typedef struct wg_texts {
  char* data; /* owned */
  size_t bytes, count;
} wg_texts;

/* Layouts of the witx file. */
typedef struct wg_vector {
  uint32_t ptr, bytes;
} wg_vector;
typedef struct wg_filestat {
  uint64_t device, number;
  uint8_t type; /* enum wg_filetype */
  uint8_t pad[7];
  uint64_t links, bytes, times[3];
} wg_filestat;
enum wg_filetype {
  WG_TYPE_UNKNOWN = 0,
  WG_TYPE_BLOCKS,
  WG_TYPE_CHARACTERS,
  WG_TYPE_DIRECTORY,
  WG_TYPE_REGULAR,
  WG_TYPE_SYMLINK = 7
};

typedef struct wg_dir wg_dir; /* dirs.c */

/* What stands behind a function import that is bound when an instance is opened (a
 * late-bound import). They are numbered in the order of the module's imports. */
enum wg_late_kind { WG_LATE_NONE = 0, WG_LATE_JS, WG_LATE_PLUGIN };
typedef struct wg_late {
  int32_t kind;                      /* enum wg_late_kind */
  uint32_t number;                   /* of JavaScript's: the import's number for wg_host.call */
  const struct wg_plugin_func* func; /* of a plugin's; lives as long as the process */
} wg_late;

/* What an instance is granted and limited to; go/engine/setup.go fills it. What it owns
 * goes over to the store. */
typedef struct wg_setup {
  wg_limits limits;                     /* of each call */
  int64_t memory_bytes, table_elements; /* -1: no limit but the engine's */
  uint64_t meter_ns;                    /* wg_host.tick is told of so often; 0: never */
  wg_stream streams[3];
  wg_texts args, env;
  wasi_config_t* files; /* the granted directories; NULL: none */
  uint8_t* files_only;  /* of each of them 1 if no entry may change in it; owned */
  size_t dir_count;
  bool virtual_clock, seeded;
  uint64_t clock_ns, step_ns; /* where a virtual clock starts, and how far a reading moves it */
  uint8_t seed[32];
  wg_late* late; /* of each late-bound import; owned */
  uint32_t late_count;
} wg_setup;

/* What belongs to the engine and not to a module (go/engine/profile.go). */
typedef struct wg_profile {
  wasm_engine_t* engine;
  size_t stack_bytes; /* that a guest may use */
  bool interruptible; /* compiled with epochs */
  /* bridge.c; NULL until a module of the profile imports WASI */
  const wasmtime_module_t* bridge;
  wasmtime_linker_t* wasi;
} wg_profile;

/* From here on code is at `was` in the module as it was loaded, and as far behind it;
 * code that was added is at `was` itself. Mirrors wasmbin.Move. */
typedef struct wg_move {
  uint32_t at, was;
  bool added;
} wg_move;

/* What go/marshal found out about the guest; names are NULL where it has none. */
typedef struct wg_guest_abi {
  bool bindgen;
  uint32_t tables;
  bool has_start; /* it has a start function, which runs while it is instantiated */
  bool odd_types; /* functions have types that the C API ends the process over when it is asked for them */
  bool poisons;   /* a trap leaves it in an unknown state: it is Rust */
  uint8_t malloc_args, free_args;
  uint32_t slab_offset;
  uint32_t func_count;  /* functions from this index on are adapters (go/marshal/adapters.go) … */
  uint32_t growers;     /* the first of them trap where memory cannot grow */
  const wg_move* moves; /* from places in the compiled code to those of the module, by `at` */
  size_t move_count;
  const char *memory, *malloc_name, *free_name;
  const char *externref_table, *externref_dealloc;
  const char *start, *initialize;
  const char *exn_store, *table, *stack_pointer, *format;
  const char *fuel, *own_start; /* of metered modules: go/wasmbin/meter.go */
  bool metered;
  uint8_t format_args;
  const char* const* starts; /* further start functions, in order; NULL at the end */
} wg_guest_abi;

typedef struct wg_store {
  wg_instance head;      /* first: a wg_instance* is a wg_store* */
  uint64_t handle;       /* of the Go object */
  uintptr_t stack_floor; /* of the thread that it belongs to: see stack.c */
  wasmtime_store_t* store;
  wasmtime_context_t* context;
  wasmtime_instance_t instance;
  bool bindgen, has_memory, has_malloc, has_free, has_externrefs, has_dealloc, has_exn_store, has_table,
      has_stack_pointer, has_format;
  bool odd_types, poisons, interruptible, has_fuel, has_files, virtual_clock, seeded;
  bool ticked; /* there was a tick in the call that is under way: when, and what it had used by then, see wall_ticked */
  uint8_t malloc_args, free_args, format_args;
  bool memory_limited, table_limited; /* by whoever made it */
  bool scoped;                        /* `limits` are also those of calls inside of others: see wg_set_limits */
  bool kept;                          /* its memory is never unmapped: see wg_memory_keep */
  bool instantiated;                  /* `instance` is there */
  bool running;                       /* frames of the guest are on the stack, whatever the state */
  bool shown;                         /* the shim has seen it: it is the shim's to release */
  bool in_host;                       /* an import of JavaScript's is running: it may call the guest */
  bool quiet;                         /* the guest is allocating: no import may run */
  uint32_t depth;                     /* of calls */
  wg_host host;
  wasmtime_memory_t memory;
  uint8_t* memory_base; /* where memory starts; see wg_in_memory */
  size_t memory_known;  /* it has at least so many bytes */
  wasmtime_func_t malloc_func, free_func, dealloc_func, exn_store_func, format_func;
  wasmtime_table_t externrefs, table;
  wasmtime_global_t stack_pointer;
  wasmtime_val_t stack_top;                  /* where it was before the first call */
  uint32_t dead_stack;                       /* where a guest that was just stopped left it */
  wg_areas areas;                            /* the scratch block follows the first */
  uint32_t owed_ptr, owed_bytes, owed_align; /* a result to be freed by the next call */
  uint32_t func_count, growers;
  const wg_move* moves;
  size_t move_count;
  wg_slab slab;
  wg_handles handles;
  wg_late* late; /* owned; late_count of them */
  wg_casts casts;
  wg_value* noted[WG_NOTED_REFS]; /* see wg_ref_note */
  wg_value* looked;               /* what wg_value_look took last */
  size_t value_bytes;             /* of the texts of all values that the guest keeps */
  wg_value* panic;                /* text of the last Rust panic, if a hook reported it */
  wg_value* thrown;               /* set by a host function that stops the guest … */
  int32_t thrown_code;            /* … with this code */
  int32_t exit_status;            /* of WG_ERR_EXIT */

  /* limits.c */
  wg_limits limits;      /* of each call */
  uint32_t spans;        /* calls between wg_begin and wg_end */
  uint64_t timeout_ns;   /* of the current call; its deadline is set by the first look at the clock */
  uint64_t deadline;     /* wg_now(); 0: none, or not yet */
  int32_t stopping;      /* code for which the guest is being stopped */
  _Atomic int32_t asked; /* code that another thread asked for: wg_stop_call */
  wasmtime_global_t fuel;
  int64_t fuel_start; /* what `fuel` was when the call began */
  uint64_t fuel_limit;
  uint64_t meter_ns, meter_due;

  /* meter.c */
  uint64_t instructions, wall_ns, host_ns, cpu_ns, host_cpu_ns;
  uint64_t wall_start, call_instructions, memory_peak;
  uint64_t live_instructions, live_wall, live_cpu; /* of the call that is under way, at the last tick */
  uint64_t waited_ns;                              /* in wg_wait, likewise */
  uint64_t wall_ticked, cpu_ticked, cpu_before;
  int32_t call_code;

  /* wasi.c, stream.c */
  wg_stream streams[3];
  int32_t stream_fds[3]; /* the guest's descriptor of each, -1: closed */
  wg_texts args, env;
  uint8_t* access; /* of each descriptor, access.c; NULL if no grant needs it */
  uint32_t access_count, late_count;
  const wg_profile* profile;
  const char* early_memory; /* name of the memory, while the start function runs */
  wasmtime_func_t* bridge;  /* of each enum wg_wasi_function; NULL until the first is needed */
  wg_dir* dirs;             /* that the guest is reading */
  size_t dir_count, dir_places;
  uint64_t clock_ns, step_ns, opened_ns;
  uint64_t random[4];     /* state of the seeded generator, if any */
  struct wg_space* space; /* of a WebAssembly namespace: space.h; NULL for an instance */
  wg_error error;
  wg_error plugin_error;      /* with which a plugin stops the guest, instead of `thrown` */
  struct wg_plugins* plugins; /* plugin.h; NULL if it uses none */
} wg_store;

/* call.c: whether [ptr, ptr + bytes) lies in guest memory. On success
 * memory_base is up to date. */
bool wg_in_memory(wg_store* s, uint64_t ptr, uint64_t bytes);
void wg_look_at_memory(wg_store* s);

static inline wg_store* wg_store_of(wg_instance* instance) { return (wg_store*)instance; }

/* store.c. Takes over what `setup` owns. */
int wg_store_open(const wg_profile* profile, const wasmtime_instance_pre_t* pre, wg_setup* setup,
                  const wg_guest_abi* abi, uint64_t handle, const wg_host* host, wg_instance** out, wg_error* error);
void wg_setup_free(wg_setup* setup);
int wg_store_close(wg_instance* instance);
uint64_t wg_store_handle(wg_instance* instance);

int wg_program(wg_instance* instance);

/* call.c: frees what the last call owes. */
int wg_settle(wg_store* s);

/* call.c: a call in which no import of JavaScript's may run. */
int wg_call_quietly(wg_instance* instance, const wg_func* func, wg_raw* slots, size_t slot_count);

/* fail.c: each sets the last error and returns its code. */
int wg_fail(wg_store* s, int code, const char* format, ...);
int wg_fail_stack(wg_store* s);
int wg_fail_engine(wg_store* s, wasmtime_error_t* error, wasm_trap_t* trap);
void wg_error_set(wg_error* error, int code, const char* text, size_t bytes);
void wg_error_detail(wg_error* error, const char* format, const char* text);

int wg_fail_stop(wg_store* s, char* stack); /* for s->stopping; takes `stack` over */

/* stack.c: the lowest address at which this thread may enter a guest that may use so
 * many bytes of stack. */
uintptr_t wg_stack_floor(size_t stack_bytes);
void wg_store_adopt(wg_instance* instance); /* it belongs to the calling thread from now on */

/* ticker.c */
void wg_ticker_add(wasm_engine_t* engine); /* of a profile that is interruptible; for ever */
bool wg_ticker_ready(void);                /* false: it has no thread, and gets none */
void wg_ticker_arm(void);                  /* epochs are to advance until disarmed */
void wg_ticker_disarm(void);
void wg_ticker_once(void); /* now, once */

/* limits.c */
uint64_t wg_now(void); /* monotonic, in nanoseconds */
void wg_limits_open(wg_store* s, const wg_setup* setup);
void wg_fuel_open(wg_store* s, const char* global);
bool wg_fuel_spent(wg_store* s);    /* all of it … */
bool wg_fuel_exceeded(wg_store* s); /* … or more */
int wg_look(wg_store* s);           /* 0, or why the guest is to be stopped */
/* The same once in so many turns, counted from 1, of a loop as long as the guest likes. */
static inline int wg_look_each(wg_store* s, uint64_t every, uint64_t turn) {
  return turn % every == 0 ? wg_look(s) : WG_OK;
}
#define WG_FEW 4096              /* vectors or subscriptions: they take no time each */
void wg_leave_soon(wg_store* s); /* for the host, which may take long: a deadline counts from now on */
wasm_trap_t* wg_stop_now(wg_store* s, int code);
void wg_stop_done(wg_store* s); /* the guest has been stopped, or has ended before */
/* Waits until `until`, or `fd` (if it is not -1) is ready for `events` of poll(2). */
int wg_wait(wg_store* s, int fd, short events, uint64_t until, bool* ready);

/* meter.c: the beginning and the end of an outermost call of a metered guest, and a tick
 * of the clock in any call. */
void wg_meter_begin(wg_store* s);
void wg_meter_tick(wg_store* s);
void wg_meter_end(wg_store* s);
uint64_t wg_host_begin(wg_store* s);
void wg_host_end(wg_store* s, uint64_t began, uint64_t waited); /* waited_ns, as it was then */
uint64_t wg_fuel_used(wg_store* s);
const char* wg_fuel_text(wg_store* s); /* the same in digits; valid until the next use on this thread */

/* stream.c */
void wg_stream_open(wg_stream* stream, int number);
void wg_stream_close(wg_stream* stream);
/* Each gives an errno of WASI, or a negated wg_code with which to stop. */
int wg_stream_read(wg_store* s, uint8_t* into, size_t bytes, size_t* got);
int wg_stream_write(wg_store* s, int stream, const uint8_t* bytes, size_t count, size_t* written);
/* Whether reading would not wait; waits at most until `until` for it. */
int wg_stream_readable(wg_store* s, uint64_t until, size_t* available);

/* access.c */
bool wg_access_open(wg_store* s, const uint8_t* files_only, size_t count);
bool wg_access_allows(const wg_store* s, int function, wg_raw* slots);
void wg_access_opened(wg_store* s, uint32_t directory, uint32_t opened);
void wg_access_renumbered(wg_store* s, uint32_t from, uint32_t to);

/* wasi.c, bridge.c */
wasm_trap_t* wg_wasi(wg_store* s, int function, wasmtime_caller_t* caller, wg_raw* slots, size_t count);
/* Of `count` arguments; the result comes back in the first slot. */
wasm_trap_t* wg_bridge_call(wg_store* s, int function, wg_raw* slots, size_t count);
bool wg_bridge_open(wg_store* s, wasi_config_t* files); /* takes `files` over */
void wg_wasi_open(wg_store* s, wg_setup* setup);
int wg_stream_of(const wg_store* s, uint32_t fd); /* which one a descriptor of the guest is, -1: none */
uint64_t wg_clock_read(wg_store* s, uint32_t clock);
void wg_wasi_close(wg_store* s);
int wg_poll(wg_store* s, wg_raw* slots);

/* files.c. To wasmtime, with what is ours to do on the way. */
wasm_trap_t* wg_pass_on(wg_store* s, int function, wg_raw* slots, size_t count);
/* The filestat of a path or descriptor (`slots`: the arguments before the place
 * for it), of which the guest does not know; `code` is an errno of WASI. */
wasm_trap_t* wg_filestat_of(wg_store* s, int function, const wg_raw* slots, size_t count, wg_filestat* out, int* code);

/* dirs.c */
wasm_trap_t* wg_dir_read(wg_store* s, wg_raw* slots);
void wg_dir_close(wg_store* s, uint32_t fd);                   /* of the guest; it need be no directory */
void wg_dir_renumber(wg_store* s, uint32_t from, uint32_t to); /* `to` has been closed */
void wg_dirs_free(wg_store* s);

/* panic.c: the message of a Rust panic whose frames begin at `stack`, as the error;
 * false if there is none. `surely`: that it was one is known. */
bool wg_panic_text(wg_store* s, uint32_t stack, bool surely, wg_error* error);

/* frames.c */
char* wg_stack_text(const wg_store* s, const wasm_frame_vec_t* frames);
bool wg_is_adapter(const wg_store* s, const wasm_frame_vec_t* frames, size_t i);

/* value.c */
wg_value* wg_value_new(int32_t kind);
wg_value* wg_value_text(int32_t kind, const uint8_t* text, size_t bytes);
void wg_value_free(void* value);
wg_value* wg_value_copy(const wg_value* value);
void wg_error_take_value(wg_error* error, const wg_value* value);
void wg_error_take_seen(wg_error* error, const wg_seen* seen);

/* slab.c: what the guest knows by index. Items own their value, or one use of
 * their handle. */
uint32_t wg_slab_add(wg_store* s, wg_item item); /* takes the item over; 0: it is full */
wg_item wg_slab_get(wg_store* s, uint32_t index);
wg_item wg_slab_take(wg_store* s, uint32_t index);
uint32_t wg_slab_copy(wg_store* s, uint32_t index);
void wg_slab_free(wg_store* s);
void wg_item_free(wg_store* s, wg_item item);
void wg_handle_use(wg_store* s, uint32_t handle); /* one more */
wg_item wg_item_value(wg_value* value);
const wg_value* wg_item_get(wg_item item, uint32_t* handle); /* NULL for a handle, and for nothing */

/* The most that all values of a guest may take of the host's memory. */
#define WG_MOST_VALUE_BYTES ((uint64_t)256 << 20)

/* refs.c: values as externrefs. */
bool wg_ref_new(wg_store* s, wg_value* value, uint32_t* raw);
wg_value* wg_ref_get(wg_store* s, uint32_t raw); /* NULL for null, and for what is not ours */
void wg_ref_note(wg_store* s, wg_value* value,
                 uint32_t raw); /* says which externref holds it: wg_ref_get is fast then */
void wg_ref_unnote(const wg_value* value);

/* host.c: imports that JavaScript provides. Each gives a trap, or NULL. */
wasm_trap_t* wg_host_import(wg_store* s, uint32_t import, wg_raw* slots);
wasm_trap_t* wg_host_tell(wg_store* s, uint32_t word);
wasm_trap_t* wg_host_cast(wg_store* s, wg_raw* slots);
wasm_trap_t* wg_host_closure(wg_store* s, wg_raw* slots);
void wg_host_free(wg_store* s);

/* intrinsics.c */
enum wg_intrinsic {
  WG_INTRINSIC_STUB = 0,
  WG_INTRINSIC_THROW,
  WG_INTRINSIC_RETHROW,
  WG_INTRINSIC_INIT_TABLE,
  WG_INTRINSIC_STRING_NEW,
  WG_INTRINSIC_ERROR_NEW,
  WG_INTRINSIC_NUMBER_NEW,
  WG_INTRINSIC_BIGINT_I64,
  WG_INTRINSIC_BIGINT_U64,
  WG_INTRINSIC_CLONE_REF,
  WG_INTRINSIC_DROP_REF,
  WG_INTRINSIC_PANIC_TEXT,
  WG_INTRINSIC_EMPTY_ERROR,
  WG_INTRINSIC_EMPTY_STACK,
  WG_INTRINSIC_STATICS_END, /* where the slab's own entries begin */
  WG_INTRINSIC_DESCRIBE,
  WG_INTRINSIC_CAST,
  WG_INTRINSIC_CLOSURE,
  WG_INTRINSIC_WASI,          /* plus enum wg_wasi_function */
  WG_INTRINSIC_HOST = 1000,   /* plus the number of the import */
  WG_INTRINSIC_LATE = 1 << 24 /* plus the number of the late-bound import */
};
/* host.c: leaves for JavaScript; gives what wg_host.call answers. */
int wg_leave(wg_store* s, uint32_t import, wg_raw* slots);
wasm_trap_t* wg_stop(wg_store* s, int code, wg_value* value);
wasm_trap_t* wg_stop_text(wg_store* s, int code, const char* text);
wasm_trap_t* wg_give_value(wg_store* s, wg_value* value, uint32_t* index);
wg_value* wg_guest_text(wg_store* s, int32_t kind, uint32_t ptr, uint32_t bytes);
wasmtime_error_t* wg_define_intrinsic(wasmtime_linker_t* linker, const char* module, const char* name,
                                      const uint8_t* params, size_t param_count, const uint8_t* results,
                                      size_t result_count, int intrinsic);

/* plugin.c: calls of functions in libraries that were loaded at run time. */
struct wg_plugin_func;
struct wasmgate_host;
bool wg_plugins_open(wg_store* s); /* once `late` is set; false: no memory */
void wg_plugins_close(wg_store* s);
void wg_plugins_adopt(wg_store* s); /* see wg_store_adopt */
wasm_trap_t* wg_plugin_call(wg_store* s, const struct wg_plugin_func* f, wasmtime_caller_t* caller, wg_raw* slots);
const struct wasmgate_host* wg_plugin_services(void);
void wg_native_use(wg_native* native);

/* refs.c: collects if there is a reason to. No raw reference may be on its way. */
static inline void wg_refs_collect_some(wg_store* s) {
  if (s->head.refs_made > WG_REFS_BEFORE_COLLECTION) wg_refs_collect(&s->head);
}

/* counters.c */
#ifdef WG_DEBUG
void wg_count_guest_entry(void);
void wg_count_go_entry(void);
#define WG_COUNT_GUEST_ENTRY() wg_count_guest_entry()
#else
#define WG_COUNT_GUEST_ENTRY() ((void)0)
static inline void wg_count_go_entry(void) {}
#endif

#endif /* WG_STORE_H */
