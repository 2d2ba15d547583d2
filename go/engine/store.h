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

/* wasm-bindgen's heap slab, for modules without reference types: i32 indices to
 * values. Slots below `offset` + 4 are constants (undefined, null, true, false). */
typedef struct wg_slot {
  wg_value* value;    /* NULL: free */
  uint32_t next_free; /* 1 + number of the next free slot, 0 at the end */
} wg_slot;

typedef struct wg_slab {
  uint32_t offset;
  wg_slot* slots; /* slot i has index offset + 4 + i */
  uint32_t count, capacity, first_free;
} wg_slab;

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
} wg_guest_abi;

typedef struct wg_store {
  wg_instance head;      /* first: a wg_instance* is a wg_store* */
  uint64_t handle;       /* of the Go object */
  uintptr_t stack_floor; /* of the thread that it belongs to: see stack.c */
  wasmtime_store_t* store;
  wasmtime_context_t* context;
  wasmtime_instance_t instance;
  bool bindgen, has_memory, has_externrefs, has_dealloc;
  uint8_t malloc_args, free_args;
  wasmtime_memory_t memory;
  uint8_t* memory_base; /* where memory starts; see wg_in_memory */
  size_t memory_known;  /* it has at least so many bytes */
  wasmtime_func_t malloc_func, free_func, dealloc_func;
  wasmtime_table_t externrefs;
  uint32_t area;                             /* 0: not taken yet; the scratch block follows it */
  uint32_t owed_ptr, owed_bytes, owed_align; /* a result to be freed by the next call */
  uint32_t func_count, code_shift;
  wg_slab slab;
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
                  const wg_guest_abi* abi, uint64_t handle, wg_instance** out, wg_error* error);
int wg_store_close(wg_instance* instance);
uint64_t wg_store_handle(wg_instance* instance);

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

/* frames.c */
char* wg_stack_text(const wg_store* s, const wasm_frame_vec_t* frames);
bool wg_is_adapter(const wg_store* s, const wasm_frame_vec_t* frames, size_t i);

/* refs.c: values and the places guests keep them in. */
wg_value* wg_value_new(int32_t kind);
wg_value* wg_value_text(int32_t kind, const uint8_t* text, size_t bytes);
void wg_value_free(void* value);
uint32_t wg_slab_add(wg_slab* slab, wg_value* value);
const wg_value* wg_slab_get(const wg_slab* slab, uint32_t index);
wg_value* wg_slab_take(wg_slab* slab, uint32_t index);
void wg_slab_free(wg_slab* slab);
bool wg_ref_new(wg_store* s, wg_value* value, uint32_t* raw);
const wg_value* wg_ref_get(wasmtime_context_t* context, uint32_t raw);
wg_value* wg_value_copy(const wg_value* value);
void wg_error_take_value(wg_error* error, const wg_value* value);

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
  WG_INTRINSIC_EXIT
};
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
