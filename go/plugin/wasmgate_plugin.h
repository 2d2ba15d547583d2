/* Host functions for wasmgate in C, loaded at run time. docs/plugins.md has a tutorial.
 *
 * A plugin is a shared library that exports one function, wasmgate_plugin. It is called once
 * per process and says which functions there are:
 *
 *     #include <wasmgate_plugin.h>
 *
 *     static int add(wasmgate_ctx *ctx, const wasmgate_value *args, wasmgate_value *results) {
 *       (void)ctx;
 *       results[0].i32 = args[0].i32 + args[1].i32;
 *       return WASMGATE_OK;
 *     }
 *
 *     WASMGATE_PLUGIN(host, registry) {
 *       const wasmgate_function function = {
 *           .size = sizeof function, .module = "math", .name = "add", .signature = "(i32, i32) -> i32", .callback =
 * add}; host->describe(registry, "math", "1.0.0"); return host->define(registry, &function);
 *     }
 *
 * This header needs nothing but the three standard headers below, and there is nothing to
 * link with. It can be used from C11 and C++. All texts are UTF-8. */
#ifndef WASMGATE_PLUGIN_H
#define WASMGATE_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The interface that this header describes. A later one with the same number has more at the
 * ends of its structs, which `size` tells; a host refuses plugins of other numbers. */
#define WASMGATE_PLUGIN_ABI 1

/* What services answer, and callbacks may: 0, or why not. */
enum {
  WASMGATE_OK = 0,
  WASMGATE_FAILED = 1,  /* anything else; what wasmgate_host.fail answers */
  WASMGATE_BOUNDS = 2,  /* a range that does not lie in guest memory */
  WASMGATE_TYPE = 3,    /* a value or function of another type, a native object of another tag */
  WASMGATE_STALE = 4,   /* a context or reference after its call was over, or on another thread */
  WASMGATE_MISSING = 5, /* there is no such export; the instance has no memory */
  WASMGATE_MEMORY = 6,  /* no memory is left */
  WASMGATE_STOPPED = 7  /* the guest that was called trapped, threw, or was stopped */
};

/* A reference, externref or funcref, as a plugin sees it: a number that is valid until the
 * callback that got or made it returns. 0 is the null reference. */
typedef uint64_t wasmgate_ref;

/* A wasm value. Which member counts is said by the signature. */
typedef union wasmgate_value {
  int32_t i32;
  int64_t i64;
  float f32;
  double f64;
  wasmgate_ref ref;
  uint64_t words[2]; /* the size of a value is 16 bytes */
} wasmgate_value;

/* What a reference holds. */
enum {
  WASMGATE_NULL = 0,
  WASMGATE_UNDEFINED = 1,
  WASMGATE_BOOLEAN = 2,
  WASMGATE_NUMBER = 3,
  WASMGATE_STRING = 4,
  WASMGATE_BIGINT = 5,
  WASMGATE_VALUE = 6,   /* another JavaScript value, which can only be passed on */
  WASMGATE_OBJECT = 7,  /* a native object, see object_new */
  WASMGATE_FUNCTION = 8 /* a funcref */
};

/* A type of native objects: its address is the tag, so it must be static. */
typedef struct wasmgate_type {
  const char* name; /* for messages: "geo.point" */
  /* Called once for each object: when nothing refers to it any more, at the latest when the
   * instance in which it was made is closed. On that instance's thread, possibly in the middle
   * of a call of it; no service may be used. May be NULL. */
  void (*destroy)(void* payload);
} wasmgate_type;

typedef struct wasmgate_host wasmgate_host;
typedef struct wasmgate_registry wasmgate_registry;

/* The call that is under way in an instance. There is one context per instance, and it is of
 * use from the time that a callback gets it until that returns, on the same thread. */
typedef struct wasmgate_ctx {
  const wasmgate_host* host;
  void* user; /* of the function that was called */
} wasmgate_ctx;

/* A host function. `args` has a value for each parameter, `results` one for each result, all
 * zero at first. Anything but WASMGATE_OK stops the guest: the call from JavaScript throws a
 * WasmError with the code ERR_PLUGIN and the text of the last service that failed, `fail`
 * among them, or what the guest did if that was called.
 *
 * It runs on the instance's thread, on the guest's stack (100 KiB are there for it in any case),
 * and must return: longjmp and exceptions must not leave it. */
typedef int (*wasmgate_callback)(wasmgate_ctx* ctx, const wasmgate_value* args, wasmgate_value* results);

/* What `define` wants to know. Texts are copied. */
typedef struct wasmgate_function {
  uint32_t size;         /* sizeof(wasmgate_function) */
  const char* module;    /* the import is module.name */
  const char* name;      /* … */
  const char* signature; /* "(i32, f64) -> i32"; see `native` for plain functions */
  const char* grant;     /* what an instance must be granted; NULL: the same as `name` */
  void* user;            /* wasmgate_ctx.user */
  wasmgate_callback callback;
  /* Instead of a callback: any C function of at most 6 integers and pointers, 8 floating-point
   * numbers, in any order, and at most one result. The signature says what the C function takes:
   *
   *     i32  int32_t, or a wider signed type   u32  uint32_t, or a wider unsigned type
   *     i64  int64_t, uint64_t                 f32  float        f64  double
   *     bytes    a pointer and a length (size_t or uint32_t): the guest passes (i32, i32), which
   *              is checked to lie in its memory
   *     cstring  const char *: the guest passes an i32; a NUL must follow in its memory
   *
   * So `double pow(double, double)` is "(f64, f64) -> f64", and zlib's crc32 "(u32, bytes) -> u32".
   * Not supported: variadic functions, structs by value, long double, results that are pointers.
   * On x86-64 (but Windows) and AArch64. */
  void (*native)(void);
} wasmgate_function;

/* The services. A service that answers with a status other than WASMGATE_OK, or with NULL, has
 * left a text for the error that the callback may then return with. A service that fills in
 * `out` leaves it alone if it fails. */
struct wasmgate_host {
  uint32_t abi;        /* WASMGATE_PLUGIN_ABI of the host */
  uint32_t size;       /* bytes of this struct: what lies behind is not there */
  const char* version; /* of wasmgate */

  /* ---- In wasmgate_plugin only */

  /* Name (small letters, digits, "_" and "-") and version of the plugin. Required once. The name
   * is that under which functions are granted: grants: { plugins: { name: [grant, …] } } */
  int (*describe)(wasmgate_registry* registry, const char* name, const char* version);
  /* Adds a function. What is wrong with it is told when wasmgate_plugin has returned. */
  int (*define)(wasmgate_registry* registry, const wasmgate_function* function);
  /* Says why the plugin cannot be used; answers WASMGATE_FAILED, which wasmgate_plugin returns. */
  int (*refuse)(wasmgate_registry* registry, const char* message);

  /* ---- In callbacks: guest memory */

  /* Bytes of the guest's memory, 0 if it exports none. */
  uint64_t (*memory_bytes)(wasmgate_ctx* ctx);
  /* Where `bytes` bytes at the guest's address `at` are. NULL if they do not lie in memory. Valid
   * until the callback returns. Whatever the guest left there may be wrong; it is also the guest's
   * to change in a call of `call`. */
  void* (*memory_at)(wasmgate_ctx* ctx, uint64_t at, uint64_t bytes);
  int (*memory_read)(wasmgate_ctx* ctx, uint64_t at, void* into, size_t bytes);
  int (*memory_write)(wasmgate_ctx* ctx, uint64_t at, const void* from, size_t bytes);

  /* ---- Errors */

  /* Leaves a text (at most 1,000 bytes of it are kept); answers WASMGATE_FAILED. */
  int (*fail)(wasmgate_ctx* ctx, const char* message);

  /* ---- References */

  int (*ref_kind)(wasmgate_ctx* ctx, wasmgate_ref ref); /* WASMGATE_NULL …, -1 if it is stale */
  /* Makes a native object, which `type->destroy` ends; not if this fails. */
  int (*object_new)(wasmgate_ctx* ctx, void* payload, const wasmgate_type* type, wasmgate_ref* out);
  /* WASMGATE_TYPE for anything but an object of that type that has not been destroyed. */
  int (*object_get)(wasmgate_ctx* ctx, wasmgate_ref ref, const wasmgate_type* type, void** out);
  int (*number_new)(wasmgate_ctx* ctx, double number, wasmgate_ref* out);
  int (*number_get)(wasmgate_ctx* ctx, wasmgate_ref ref, double* out); /* also of a boolean: 0 or 1 */
  int (*string_new)(wasmgate_ctx* ctx, const char* text, size_t bytes, wasmgate_ref* out);
  /* The text is valid until the callback returns; it has a NUL behind its end. */
  int (*string_get)(wasmgate_ctx* ctx, wasmgate_ref ref, const char** text, size_t* bytes);

  /* ---- Calling the guest */

  /* An exported function of that type. */
  int (*export_get)(wasmgate_ctx* ctx, const char* name, const char* signature, wasmgate_ref* out);
  /* Checks that a funcref is not null and has that type; before it is called. */
  int (*func_check)(wasmgate_ctx* ctx, wasmgate_ref func, const char* signature);
  /* Calls a function that export_get or func_check has let pass. `values` holds the arguments and
   * gets the results; `count` is the number of its elements. The guest may call plugins again, to
   * the depth that its stack allows. WASMGATE_STOPPED: the guest's error is what the callback
   * should return with; if it goes on instead, the guest may be stopped all the same. */
  int (*call)(wasmgate_ctx* ctx, wasmgate_ref func, wasmgate_value* values, size_t count);

  /* ---- Data of the plugin for each instance */

  void* (*data_get)(wasmgate_ctx* ctx); /* NULL before it is set */
  /* `destroy`, unless NULL, is called when the instance is closed, after all native objects have
   * been destroyed, or when other data is set. */
  int (*data_set)(wasmgate_ctx* ctx, void* data, void (*destroy)(void* data));
};

#if defined(_WIN32)
#define WASMGATE_EXPORT __declspec(dllexport)
#else
#define WASMGATE_EXPORT __attribute__((visibility("default")))
#endif

/* Both are exported by a plugin. The number is looked at before anything of it is called. The entry
 * describes the plugin and defines its functions; anything but WASMGATE_OK, and the plugin is not
 * loaded. It runs once in the life of the process, on any thread. */
extern WASMGATE_EXPORT const uint32_t wasmgate_plugin_abi;
WASMGATE_EXPORT int wasmgate_plugin(const wasmgate_host* host, wasmgate_registry* registry);

#ifdef __cplusplus
}
#endif

/* Defines the first and begins the second: WASMGATE_PLUGIN(host, registry) { … } */
#ifdef __cplusplus
#define WASMGATE_C extern "C"
#else
#define WASMGATE_C
#endif
/* NOLINTBEGIN(bugprone-macro-parentheses): the arguments are names */
#define WASMGATE_PLUGIN(host, registry)                                \
  WASMGATE_C const uint32_t wasmgate_plugin_abi = WASMGATE_PLUGIN_ABI; \
  WASMGATE_C int wasmgate_plugin(const wasmgate_host* host, wasmgate_registry* registry)
/* NOLINTEND(bugprone-macro-parentheses) */

#endif /* WASMGATE_PLUGIN_H */
