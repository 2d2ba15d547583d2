/* Host functions for guests: texts in guest memory, a table of words behind an externref, an
 * order that goes through the guest as a function pointer, and zlib's crc32 as it is. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "wasmgate_plugin.h"

/* ---- Texts in guest memory */

static int words(wasmgate_ctx *ctx, const wasmgate_value *args, wasmgate_value *results) {
  const unsigned char *text = ctx->host->memory_at(ctx, (uint32_t)args[0].i32, (uint32_t)args[1].i32);
  if (text == NULL) return WASMGATE_BOUNDS;
  int count = 0;
  for (uint32_t i = 0; i < (uint32_t)args[1].i32; i++) {
    if (!isspace(text[i]) && (i == 0 || isspace(text[i - 1]))) count++;
  }
  results[0].i32 = count;
  return WASMGATE_OK;
}

static int upper(wasmgate_ctx *ctx, const wasmgate_value *args, wasmgate_value *results) {
  unsigned char *text = ctx->host->memory_at(ctx, (uint32_t)args[0].i32, (uint32_t)args[1].i32);
  (void)results;
  if (text == NULL) return WASMGATE_BOUNDS;
  for (uint32_t i = 0; i < (uint32_t)args[1].i32; i++) text[i] = (unsigned char)toupper(text[i]);
  return WASMGATE_OK;
}

/* ---- A native object: how often each word was seen */

typedef struct entry {
  struct entry *next;
  int count;
  size_t bytes;
  char word[];
} entry;
typedef struct tally {
  entry *first;
} tally;

static void tally_destroy(void *payload) {
  tally *t = payload;
  for (entry *e = t->first, *next; e != NULL; e = next) {
    next = e->next;
    free(e);
  }
  free(t);
}

static const wasmgate_type TALLY = {"texts.tally", tally_destroy};

static int tally_new(wasmgate_ctx *ctx, const wasmgate_value *args, wasmgate_value *results) {
  (void)args;
  tally *t = calloc(1, sizeof *t);
  if (t == NULL) return ctx->host->fail(ctx, "no memory for a tally");
  int status = ctx->host->object_new(ctx, t, &TALLY, &results[0].ref);
  if (status != WASMGATE_OK) tally_destroy(t);
  return status;
}

static int tally_add(wasmgate_ctx *ctx, const wasmgate_value *args, wasmgate_value *results) {
  void *payload;
  size_t bytes = (uint32_t)args[2].i32;
  int status = ctx->host->object_get(ctx, args[0].ref, &TALLY, &payload);
  if (status != WASMGATE_OK) return status;
  const char *word = ctx->host->memory_at(ctx, (uint32_t)args[1].i32, bytes);
  if (word == NULL) return WASMGATE_BOUNDS;
  tally *t = payload;
  entry *e = t->first;
  while (e != NULL && (e->bytes != bytes || memcmp(e->word, word, bytes) != 0)) e = e->next;
  if (e == NULL) {
    e = malloc(sizeof *e + bytes);
    if (e == NULL) return ctx->host->fail(ctx, "no memory for a word");
    *e = (entry){.next = t->first, .bytes = bytes};
    memcpy(e->word, word, bytes);
    t->first = e;
  }
  results[0].i32 = ++e->count;
  return WASMGATE_OK;
}

/* ---- A function pointer that the guest carries from one host function to another */

typedef int (*order)(const void *, const void *);

static int ascending(const void *a, const void *b) {
  int32_t x, y;
  memcpy(&x, a, sizeof x);
  memcpy(&y, b, sizeof y);
  return (x > y) - (x < y);
}
static int descending(const void *a, const void *b) { return ascending(b, a); }

static const wasmgate_type ORDER = {"texts.order", NULL}; /* nothing to destroy */

static int order_get(wasmgate_ctx *ctx, const wasmgate_value *args, wasmgate_value *results) {
  static const order orders[] = {ascending, descending};
  uint32_t which = (uint32_t)args[0].i32;
  if (which > 1) return ctx->host->fail(ctx, "there is order 0 and order 1");
  return ctx->host->object_new(ctx, (void *)&orders[which], &ORDER, &results[0].ref);
}

static int sort(wasmgate_ctx *ctx, const wasmgate_value *args, wasmgate_value *results) {
  void *payload;
  uint32_t count = (uint32_t)args[2].i32;
  (void)results;
  int status = ctx->host->object_get(ctx, args[0].ref, &ORDER, &payload);
  if (status != WASMGATE_OK) return status;
  void *numbers = ctx->host->memory_at(ctx, (uint32_t)args[1].i32, (uint64_t)count * sizeof(int32_t));
  if (numbers == NULL) return WASMGATE_BOUNDS;
  qsort(numbers, count, sizeof(int32_t), *(const order *)payload);
  return WASMGATE_OK;
}

/* ---- Calling the guest: its export "visit" gets each word of a text */

static int each(wasmgate_ctx *ctx, const wasmgate_value *args, wasmgate_value *results) {
  uint32_t at = (uint32_t)args[1].i32, end = at + (uint32_t)args[2].i32;
  (void)results;
  if (ctx->host->memory_at(ctx, at, (uint32_t)args[2].i32) == NULL) return WASMGATE_BOUNDS;
  int status = ctx->host->func_check(ctx, args[0].ref, "(i32, i32) -> ()");
  while (status == WASMGATE_OK && at < end) {
    const char *text = ctx->host->memory_at(ctx, at, end - at);
    uint32_t bytes = 0;
    while (bytes < end - at && text[bytes] != ' ') bytes++;
    wasmgate_value word[2] = {{.i32 = (int32_t)at}, {.i32 = (int32_t)bytes}};
    if (bytes > 0) status = ctx->host->call(ctx, args[0].ref, word, 2);
    at += bytes + 1;
  }
  return status;
}

/* ---- zlib, whose header need not be installed */

extern unsigned long crc32(unsigned long crc, const unsigned char *bytes, unsigned count);

WASMGATE_PLUGIN(host, registry) {
  static const struct {
    const char *name, *signature, *grant;
    wasmgate_callback callback;
  } functions[] = {
      {"words", "(i32, i32) -> i32", "read", words},
      {"upper", "(i32, i32) -> ()", "write", upper},
      {"each", "(funcref, i32, i32) -> ()", "read", each},
      {"tally_new", "() -> externref", "tally", tally_new},
      {"tally_add", "(externref, i32, i32) -> i32", "tally", tally_add},
      {"order", "(i32) -> externref", "sort", order_get},
      {"sort", "(externref, i32, i32) -> ()", "sort", sort},
  };
  int status = host->describe(registry, "texts", "1.0.0");
  for (size_t i = 0; i < sizeof functions / sizeof functions[0] && status == WASMGATE_OK; i++) {
    const wasmgate_function f = {
        .size = sizeof f,
        .module = "texts",
        .name = functions[i].name,
        .signature = functions[i].signature,
        .grant = functions[i].grant,
        .callback = functions[i].callback,
    };
    status = host->define(registry, &f);
  }
  const wasmgate_function checksum = {
      .size = sizeof checksum,
      .module = "texts",
      .name = "crc32",
      .signature = "(u32, bytes) -> u32",
      .native = (void (*)(void))crc32,
  };
  return status == WASMGATE_OK ? host->define(registry, &checksum) : status;
}
