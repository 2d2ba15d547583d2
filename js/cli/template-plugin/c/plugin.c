#include <wasmgate_plugin.h>

/* A callback: arguments and results are wasm values. */
static int add(wasmgate_ctx *ctx, const wasmgate_value *args, wasmgate_value *results) {
  int64_t sum = (int64_t)args[0].i32 + args[1].i32;
  if (sum != (int32_t)sum) return ctx->host->fail(ctx, "the sum does not fit 32 bits");
  results[0].i32 = (int32_t)sum;
  return WASMGATE_OK;
}

/* A plain function: wasmgate checks that the bytes lie in the guest's memory, and passes a pointer. */
static uint32_t sum(const uint8_t *bytes, uint32_t count) {
  uint32_t total = 0;
  for (uint32_t i = 0; i < count; i++) total += bytes[i];
  return total;
}

WASMGATE_PLUGIN(host, registry) {
  const wasmgate_function functions[] = {
      {.size = sizeof *functions, .module = "{{crate}}", .name = "add", .signature = "(i32, i32) -> i32", .callback = add},
      {.size = sizeof *functions, .module = "{{crate}}", .name = "sum", .signature = "(bytes) -> u32", .native = (void (*)(void))sum},
  };
  int status = host->describe(registry, "{{name}}", "0.1.0");
  for (size_t i = 0; i < sizeof functions / sizeof *functions && status == WASMGATE_OK; i++) {
    status = host->define(registry, &functions[i]);
  }
  return status;
}
