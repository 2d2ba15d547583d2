/* The two symbols of a plugin, and the way from the callbacks of the interface to functions of Go. */
#include <wasmgate_plugin.h>

#include "_cgo_export.h"

static int words(wasmgate_ctx *c, const wasmgate_value *a, wasmgate_value *r) { return goWords(c, (wasmgate_value *)a, r); }
static int upper(wasmgate_ctx *c, const wasmgate_value *a, wasmgate_value *r) { return goUpper(c, (wasmgate_value *)a, r); }
static int each(wasmgate_ctx *c, const wasmgate_value *a, wasmgate_value *r) { return goEach(c, (wasmgate_value *)a, r); }
static int tally_new(wasmgate_ctx *c, const wasmgate_value *a, wasmgate_value *r) { return goTallyNew(c, (wasmgate_value *)a, r); }
static int tally_add(wasmgate_ctx *c, const wasmgate_value *a, wasmgate_value *r) { return goTallyAdd(c, (wasmgate_value *)a, r); }
static int order(wasmgate_ctx *c, const wasmgate_value *a, wasmgate_value *r) { return goOrder(c, (wasmgate_value *)a, r); }
static int sort(wasmgate_ctx *c, const wasmgate_value *a, wasmgate_value *r) { return goSort(c, (wasmgate_value *)a, r); }

static void destroy(void *handle) { goDestroy((uintptr_t)handle); }
const wasmgate_type texts_tally = {"texts.tally", destroy};
const wasmgate_type texts_order = {"texts.order", destroy};

extern unsigned long crc32(unsigned long crc, const unsigned char *bytes, unsigned count); /* zlib's, as it is */

WASMGATE_PLUGIN(host, registry) {
  static const struct {
    const char *name, *signature, *grant;
    wasmgate_callback callback;
    void (*native)(void);
  } functions[] = {
      {"words", "(i32, i32) -> i32", "read", words, 0},
      {"upper", "(i32, i32) -> ()", "write", upper, 0},
      {"each", "(funcref, i32, i32) -> ()", "read", each, 0},
      {"tally_new", "() -> externref", "tally", tally_new, 0},
      {"tally_add", "(externref, i32, i32) -> i32", "tally", tally_add, 0},
      {"order", "(i32) -> externref", "sort", order, 0},
      {"sort", "(externref, i32, i32) -> ()", "sort", sort, 0},
      {"crc32", "(u32, bytes) -> u32", "crc32", 0, (void (*)(void))crc32},
  };
  int status = host->describe(registry, "texts", "1.0.0");
  for (size_t i = 0; i < sizeof functions / sizeof functions[0] && status == WASMGATE_OK; i++) {
    const wasmgate_function f = {.size = sizeof f, .module = "texts", .name = functions[i].name,
                                 .signature = functions[i].signature, .grant = functions[i].grant,
                                 .callback = functions[i].callback, .native = functions[i].native};
    status = host->define(registry, &f);
  }
  return status;
}
