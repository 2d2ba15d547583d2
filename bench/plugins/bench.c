/* What bench/plugins.js measures. */
#include "wasmgate_plugin.h"

static int add(wasmgate_ctx *ctx, const wasmgate_value *args, wasmgate_value *results) {
  (void)ctx;
  results[0].i32 = args[0].i32 + args[1].i32;
  return WASMGATE_OK;
}

static int32_t plain(int32_t a, int32_t b) { return a + b; }

static int sum(wasmgate_ctx *ctx, const wasmgate_value *args, wasmgate_value *results) { /* of the byte at b, and a */
  const uint8_t *at = ctx->host->memory_at(ctx, (uint32_t)args[1].i32, 1);
  if (at == NULL) return WASMGATE_BOUNDS;
  results[0].i32 = args[0].i32 + *at;
  return WASMGATE_OK;
}

WASMGATE_PLUGIN(host, registry) {
  const wasmgate_function functions[] = {
      {.size = sizeof *functions, .module = "callback", .name = "add", .signature = "(i32, i32) -> i32", .callback = add},
      {.size = sizeof *functions, .module = "plain", .name = "add", .signature = "(i32, i32) -> i32", .native = (void (*)(void))plain},
      {.size = sizeof *functions, .module = "memory", .name = "add", .signature = "(i32, i32) -> i32", .callback = sum},
  };
  int status = host->describe(registry, "bench", "1");
  for (int i = 0; i < 3 && status == WASMGATE_OK; i++) status = host->define(registry, &functions[i]);
  return status;
}
