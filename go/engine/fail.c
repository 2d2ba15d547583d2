/* From what the engine reports to a wg_error. Runs only when something failed. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "space.h"

static char* copy_text(const char* text, size_t bytes) {
  char* copy = malloc(bytes + 1);
  if (copy == NULL) return NULL;
  memcpy(copy, text, bytes);
  copy[bytes] = 0;
  return copy;
}

void wg_error_set(wg_error* error, int code, const char* text, size_t bytes) {
  wg_error_free(error);
  error->code = code;
  error->message = copy_text(text, bytes);
  error->message_bytes = error->message == NULL ? 0 : bytes;
}

void wg_error_detail(wg_error* error, const char* format, const char* text) {
  char detail[128];
  int n = snprintf(detail, sizeof detail, format, text);
  if (n < 0 || (size_t)n >= sizeof detail) return;
  free(error->detail);
  error->detail = copy_text(detail, (size_t)n);
}

void wg_error_free(wg_error* error) {
  free(error->message);
  free(error->trap);
  free(error->stack);
  free(error->detail);
  memset(error, 0, sizeof *error);
}

void wg_last_error(wg_instance* instance, wg_error* error) {
  wg_store* s = wg_store_of(instance);
  *error = s->error;
  memset(&s->error, 0, sizeof s->error);
}

int wg_fail(wg_store* s, int code, const char* format, ...) {
  char text[512];
  va_list args;
  va_start(args, format);
  int n = vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (n < 0) n = 0;
  if ((size_t)n >= sizeof text) n = sizeof text - 1;
  wg_error_set(&s->error, code, text, (size_t)n);
  return code;
}

/* Index = wasmtime_trap_code_t. The first is the stable name in `error.trap`. */
static const struct {
  const char *name, *text;
} traps[] = {
    {"stack_overflow", "the guest's call stack is exhausted"},
    {"memory_out_of_bounds", "memory access out of bounds"},
    {"heap_misaligned", "unaligned atomic memory access"},
    {"table_out_of_bounds", "table access out of bounds"},
    {"indirect_call_to_null", "indirect call to a null table entry"},
    {"bad_signature", "indirect call with the wrong signature"},
    {"integer_overflow", "integer overflow"},
    {"integer_division_by_zero", "integer division by zero"},
    {"bad_conversion_to_integer", "float cannot be converted to an integer"},
    {"unreachable", "unreachable instruction executed"},
    {"interrupt", "the call was interrupted"},
    {"out_of_fuel", "all fuel is consumed"},
    {"atomic_wait_non_shared_memory", "atomic wait on memory that is not shared"},
    {"null_reference", "call through a null reference"},
    {"array_out_of_bounds", "array access out of bounds"},
    {"allocation_too_large", "allocation too large"},
    {"cast_failure", "cast failure"},
};

int wg_fail_stack(wg_store* s) {
  int code = wg_fail(s, WG_ERR_TRAP, "the thread's stack has no room left for the %zu bytes that the guest may use",
                     s->profile->stack_bytes);
  s->error.trap = copy_text(traps[0].name, strlen(traps[0].name));
  return code;
}

static bool looks_like_panic(const char* stack) {
  return stack != NULL && (strstr(stack, "panicking") != NULL || strstr(stack, "rust_panic") != NULL ||
                           strstr(stack, "__rust_start_panic") != NULL);
}

static int fail_exit(wg_store* s, int status, char* stack) {
  int code = wg_fail(s, WG_ERR_EXIT, "the guest exited with status %d", status);
  s->error.exit_code = status;
  s->error.stack = stack;
  if (s->poisons) s->head.state = WG_POISONED;
  return code;
}

/* The guest was stopped in the middle of whatever it did. */
int wg_fail_stop(wg_store* s, char* stack) {
  int code = s->stopping;
  const char* trap = "interrupt";
  switch (code) {
    case WG_ERR_TIMEOUT:
      wg_fail(s, code, "the call took longer than its limit of %.10g ms and was stopped", (double)s->timeout_ns / 1e6);
      break;
    case WG_ERR_FUEL:
      wg_fail(s, code, "the call used up its fuel of %llu and was stopped", (unsigned long long)s->fuel_limit);
      trap = "out_of_fuel";
      break;
    case WG_ERR_OUTPUT_LIMIT: {
      bool out = s->streams[1].moved >= s->streams[1].limit;
      wg_fail(s, code, "the guest wrote more than %llu bytes to %s and was stopped",
              (unsigned long long)s->streams[out ? 1 : 2].limit, out ? "stdout" : "stderr");
      break;
    }
    case WG_ERR_LIMIT:
      wg_fail(s, code, "the guest's memory or table cannot grow any further");
      trap = "unreachable";
      break;
    case WG_ERR_STOPPED:
      wg_fail(s, code, "the call was stopped from outside");
      break;
    default: /* a hook of the host failed and says itself how */
      wg_fail(s, code, "a host function stopped the guest");
  }
  if (s->has_fuel) wg_error_detail(&s->error, "{\"fuelUsed\":%s}", wg_fuel_text(s));
  s->error.trap = copy_text(trap, strlen(trap));
  s->error.stack = stack;
  if (s->poisons) s->head.state = WG_POISONED;
  if (s->spans == 0 && !s->in_host) wg_stop_done(s); /* no wg_end will come */
  return code;
}

/* A host function stopped the guest and left the reason in the store. */
static int fail_thrown(wg_store* s, char* stack) {
  int code = s->thrown_code;
  wg_value* value = s->thrown;
  s->thrown = NULL;
  s->thrown_code = WG_OK;
  if (s->plugin_error.code != WG_OK) { /* a plugin's, or that of a call which it made */
    wg_error_free(&s->error);
    s->error = s->plugin_error;
    memset(&s->plugin_error, 0, sizeof s->plugin_error);
    if (s->error.stack == NULL)
      s->error.stack = stack;
    else
      free(stack);
    return code;
  }
  if (code == WG_ERR_EXIT) return fail_exit(s, s->exit_status, stack);
  wg_error_free(&s->error);
  if (value != NULL) {
    wg_error_take_value(&s->error, value);
    wg_value_free(value);
  }
  if (code != WG_ERR_GUEST_ERROR) s->error.value_kind = WG_VALUE_NONE;
  s->error.code = code;
  s->error.stack = stack;
  return code;
}

/* Adapters themselves trap only over what the guest's allocator answered. */
static int fail_allocator(wg_store* s, char* stack) {
  int code = wg_fail(s, WG_ERR_ALLOCATOR, "the guest's allocator answered what does not lie in a memory of %zu bytes",
                     s->memory_known);
  free(stack); /* empty */
  return code;
}

static int fail_trap(wg_store* s, wasmtime_trap_code_t kind, char* stack) {
  bool known = kind < sizeof traps / sizeof traps[0];
  const char* text = known ? traps[kind].text : "the guest trapped";
  int code = WG_ERR_TRAP;
  if (kind == WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED && s->panic != NULL) {
    wg_error_set(&s->error, WG_ERR_PANIC, s->panic->text, s->panic->text_bytes);
    code = WG_ERR_PANIC;
  } else if (kind == WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED &&
             wg_panic_text(s, s->dead_stack, looks_like_panic(stack), &s->error)) {
    code = WG_ERR_PANIC;
  } else if (kind == WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED && looks_like_panic(stack)) {
    bool told = s->streams[2].total > 0;
    code = wg_fail(s, WG_ERR_PANIC, "%s",
                   told ? "the Rust guest panicked; what it says of that is in what it wrote to stderr"
                        : "the Rust guest panicked; its message is not exposed (set a panic hook, such as "
                          "console_error_panic_hook, to see it)");
  } else if (kind == WASMTIME_TRAP_CODE_STACK_OVERFLOW && s->in_host) {
    /* All calls inside of others share what the outermost may use. */
    wg_fail(s, code, "%s, with %u calls inside of host functions on it; the option stackBytes gives it more", text,
            s->depth + 1);
  } else {
    wg_error_set(&s->error, code, text, strlen(text));
  }
  wg_value_free(s->panic);
  s->panic = NULL;
  s->error.trap = copy_text(known ? traps[kind].name : "other", strlen(known ? traps[kind].name : "other"));
  s->error.stack = stack;
  /* Rust aborts on panic: destructors did not run, borrows stay locked. */
  if (s->poisons) s->head.state = WG_POISONED;
  return code;
}

/* A failure without a code where the guest was running. The engine is not asked for a
 * text: it would hold the backtrace, and demangle names that the guest chose, which can
 * take for ever. There is one reason: what the engine collects (objects, exceptions) finds
 * no room in its heap, which grows as a memory does. Everything else is a trap with a code,
 * or was noted in the store before. */
static int fail_heap(wg_store* s, char* stack) {
  int code = wg_fail(s, s->memory_limited ? WG_ERR_LIMIT : WG_ERR_OUT_OF_MEMORY,
                     s->memory_limited ? "the guest's structs, arrays and exceptions need more memory than it may have"
                                       : "the guest's structs, arrays and exceptions need more memory than there is");
  s->error.stack = stack;
  if (s->poisons) s->head.state = WG_POISONED;
  return code;
}

/* What the engine says of a failure that has no code. */
static char* engine_text(const wasmtime_error_t* error) {
  static const char unknown[] = "the engine stopped the guest";
  if (error == NULL) return copy_text(unknown, sizeof unknown - 1);
  wasm_byte_vec_t message;
  wasmtime_error_message(error, &message);
  char* text = copy_text(message.data, message.size);
  wasm_byte_vec_delete(&message);
  return text;
}

static int fail_other(wg_store* s, const wasmtime_error_t* error, char* stack) {
  char* text = engine_text(error);
  bool memory = text != NULL &&
                (strstr(text, "mmap") != NULL || strstr(text, "allocate") != NULL || strstr(text, "exceeds") != NULL);
  bool limited = text != NULL && ((s->memory_limited && strstr(text, "exceeds memory limits") != NULL) ||
                                  (s->table_limited && strstr(text, "exceeds table limits") != NULL));
  int code = limited ? WG_ERR_LIMIT : memory ? WG_ERR_OUT_OF_MEMORY : WG_ERR_TRAP;
  wg_error_set(&s->error, code, text == NULL ? "" : text, text == NULL ? 0 : strlen(text));
  if (!memory) s->error.trap = copy_text("other", 5);
  s->error.stack = stack;
  free(text);
  return code;
}

static bool is_unreachable(const wasm_trap_t* trap) {
  wasmtime_trap_code_t kind;
  return trap != NULL && wasmtime_trap_code(trap, &kind) && kind == WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED;
}

/* Whether the innermost frame is a function of ours that traps where memory cannot grow. */
static bool is_grower(const wg_store* s, const wasm_frame_vec_t* frames) {
  if (!wg_is_adapter(s, frames, 0)) return false;
  return wasm_frame_func_index(frames->data[0]) - s->func_count < s->growers;
}

/* What the guest throws and nobody in it catches. */
static bool take_exception(wg_store* s) {
  wasmtime_exn_t* exn;
  if (!wasmtime_context_take_exception(s->context, &exn)) return false;
  if (s->space == NULL) {
    wasmtime_exn_delete(exn);
    return true;
  }
  if (s->space->exn != NULL) wasmtime_exn_delete(s->space->exn);
  s->space->exn = exn;
  return true;
}

/* As after a trap, what should have happened on the way out did not. */
static int fail_exception(wg_store* s, char* stack) {
  int code = wg_fail(s, WG_ERR_EXCEPTION, "the guest threw an exception that nobody caught");
  s->error.stack = stack;
  if (s->poisons) s->head.state = WG_POISONED;
  return code;
}

int wg_fail_engine(wg_store* s, wasmtime_error_t* error, wasm_trap_t* trap) {
  wasmtime_trap_code_t kind;
  int status, code;
  wasm_frame_vec_t frames = {0};
  if (trap != NULL) {
    wasm_trap_trace(trap, &frames);
  } else {
    wasmtime_error_wasm_trace(error, &frames);
  }
  char* stack = wg_stack_text(s, &frames);
  if (s->thrown_code == WG_OK && s->stopping == WG_OK && is_unreachable(trap)) {
    if (wg_fuel_spent(s)) s->stopping = WG_ERR_FUEL;
    if (is_grower(s, &frames)) s->stopping = WG_ERR_LIMIT;
  }
  bool thrown = take_exception(s);
  if (s->thrown_code != WG_OK) {
    code = fail_thrown(s, stack);
  } else if (thrown) {
    code = fail_exception(s, stack);
  } else if (s->stopping != WG_OK) {
    code = wg_fail_stop(s, stack);
  } else if (trap != NULL && wasmtime_trap_code(trap, &kind)) {
    bool answer =
        kind == WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED || kind == WASMTIME_TRAP_CODE_MEMORY_OUT_OF_BOUNDS;
    code = wg_is_adapter(s, &frames, 0) && answer ? fail_allocator(s, stack) : fail_trap(s, kind, stack);
  } else if (error != NULL && wasmtime_error_exit_status(error, &status)) {
    code = fail_exit(s, status, stack);
  } else if (error != NULL && frames.size > 0) {
    code = fail_heap(s, stack);
  } else {
    code = fail_other(s, error, stack);
  }
  wasm_frame_vec_delete(&frames);
  if (trap != NULL) wasm_trap_delete(trap);
  if (error != NULL) wasmtime_error_delete(error);
  return code;
}
