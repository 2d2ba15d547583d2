/* Internals of the data plane: what stands behind a wg_instance. */
#ifndef WG_STORE_H
#define WG_STORE_H

#include <stdbool.h>
#include <wasmtime.h>

#include "wg_call.h"

/* A value of the guest's JavaScript world that never reaches JavaScript itself:
 * what wasm-bindgen's string_new, error_new and the like make. `text` is owned. */
typedef struct wg_value {
  int32_t kind; /* enum wg_value_kind */
  double number;
  int64_t integer;
  char* text;
  size_t text_bytes;
  size_t* account; /* of the store, from which text_bytes is taken off in the end; may be NULL */
} wg_value;

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

/* What go/marshal found out about the guest; names are NULL where it has none. */
typedef struct wg_guest_abi {
  bool bindgen;
  uint8_t malloc_args, free_args;
  uint32_t slab_offset;
  uint32_t func_count; /* functions from this index on are adapters (go/marshal/adapters.go) … */
  uint32_t code_shift; /* … which moved the guest's code by so many bytes */
  const char *memory, *malloc_name, *free_name;
  const char *externref_table, *externref_dealloc;
  const char *start, *initialize;
  const char *exn_store, *table, *stack_pointer, *format;
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
  bool running;   /* frames of the guest are on the stack, whatever the state */
  bool shown;     /* the shim has seen it: it is the shim's to release */
  bool in_host;   /* an import of JavaScript's is running: it may call the guest */
  bool quiet;     /* the guest is allocating: no import may run */
  uint32_t depth; /* of calls */
  wg_host host;
  uint8_t malloc_args, free_args;
  wasmtime_memory_t memory;
  uint8_t* memory_base; /* where memory starts; see wg_in_memory */
  size_t memory_known;  /* it has at least so many bytes */
  uint8_t format_args;
  wasmtime_func_t malloc_func, free_func, dealloc_func, exn_store_func, format_func;
  wasmtime_table_t externrefs, table;
  wasmtime_global_t stack_pointer;
  wasmtime_val_t stack_top;                  /* where it was before the first call */
  uint32_t dead_stack;                       /* where a guest that was just stopped left it */
  wg_areas areas;                            /* the scratch block follows the first */
  uint32_t owed_ptr, owed_bytes, owed_align; /* a result to be freed by the next call */
  uint32_t func_count, code_shift;
  wg_slab slab;
  wg_handles handles;
  wg_casts casts;
  wg_value* looked;    /* what wg_value_look took last */
  size_t value_bytes;  /* of the texts of all values that the guest keeps */
  uint32_t refs_made;  /* externrefs since the last collection */
  wg_value* panic;     /* text of the last Rust panic, if a hook reported it */
  wg_value* thrown;    /* set by a host function that stops the guest … */
  int32_t thrown_code; /* … with this code */
  int32_t exit_status; /* of WG_ERR_EXIT */
  wg_error error;
} wg_store;

/* call.c: whether [ptr, ptr + bytes) lies in guest memory. On success
 * memory_base is up to date. */
bool wg_in_memory(wg_store* s, uint64_t ptr, uint64_t bytes);
void wg_look_at_memory(wg_store* s);

static inline wg_store* wg_store_of(wg_instance* instance) { return (wg_store*)instance; }

/* store.c */
int wg_store_open(wasm_engine_t* engine, const wasmtime_instance_pre_t* pre, wasi_config_t* wasi,
                  const wg_guest_abi* abi, uint64_t handle, const wg_host* host, wg_instance** out, wg_error* error);
int wg_store_close(wg_instance* instance);
uint64_t wg_store_handle(wg_instance* instance);

/* call.c: a call in which no import of JavaScript's may run. */
int wg_call_quietly(wg_instance* instance, const wg_func* func, wg_raw* slots, size_t slot_count);

/* fail.c: each sets the last error and returns its code. */
int wg_fail(wg_store* s, int code, const char* format, ...);
int wg_fail_stack(wg_store* s);
int wg_fail_engine(wg_store* s, wasmtime_error_t* error, wasm_trap_t* trap);
void wg_error_set(wg_error* error, int code, const char* text, size_t bytes);
void wg_error_detail(wg_error* error, const char* format, const char* text);

/* stack.c: the lowest address at which this thread may enter a guest. */
#define WG_WASM_STACK (512 * 1024) /* bytes of stack that a guest may use */
uintptr_t wg_stack_floor(void);
void wg_store_adopt(wg_instance* instance); /* it belongs to the calling thread from now on */

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
wg_item wg_item_value(wg_value* value);
const wg_value* wg_item_get(wg_item item, uint32_t* handle); /* NULL for a handle, and for nothing */

/* refs.c: values as externrefs. */
bool wg_ref_new(wg_store* s, wg_value* value, uint32_t* raw);
const wg_value* wg_ref_get(wasmtime_context_t* context, uint32_t raw);

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
  WG_INTRINSIC_EXIT,
  WG_INTRINSIC_DESCRIBE,
  WG_INTRINSIC_CAST,
  WG_INTRINSIC_CLOSURE,
  WG_INTRINSIC_HOST /* plus the number of the import */
};
wasm_trap_t* wg_stop(wg_store* s, int code, wg_value* value);
wasm_trap_t* wg_stop_text(wg_store* s, int code, const char* text);
wasm_trap_t* wg_give_value(wg_store* s, wg_value* value, uint32_t* index);
wg_value* wg_guest_text(wg_store* s, int32_t kind, uint32_t ptr, uint32_t bytes);
wasmtime_error_t* wg_define_intrinsic(wasmtime_linker_t* linker, const char* module, const char* name,
                                      const uint8_t* params, size_t param_count, const uint8_t* results,
                                      size_t result_count, int intrinsic);

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
