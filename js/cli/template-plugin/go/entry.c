/* The two symbols of a plugin, and the way from the interface to functions of Go. */
#include <wasmgate_plugin.h>

#include "_cgo_export.h"

static int add(wasmgate_ctx *ctx, const wasmgate_value *args, wasmgate_value *results) {
  int64_t sum = goAdd(args[0].i32, args[1].i32);
  if (sum != (int32_t)sum) return ctx->host->fail(ctx, "the sum does not fit 32 bits");
  results[0].i32 = (int32_t)sum;
  return WASMGATE_OK;
}

WASMGATE_PLUGIN(host, registry) {
  const wasmgate_function functions[] = {
      {.size = sizeof *functions, .module = "{{crate}}", .name = "add", .signature = "(i32, i32) -> i32", .callback = add},
      {.size = sizeof *functions, .module = "{{crate}}", .name = "sum", .signature = "(bytes) -> u32", .native = (void (*)(void))goSum},
  };
  int status = host->describe(registry, "{{name}}", "0.1.0");
  for (size_t i = 0; i < sizeof functions / sizeof *functions && status == WASMGATE_OK; i++) {
    status = host->define(registry, &functions[i]);
  }
  return status;
}
