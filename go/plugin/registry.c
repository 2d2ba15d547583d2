/* What a plugin's entry tells of it. Nothing is judged here: that is Go's. */
#include <stdlib.h>
#include <string.h>

#include "wg_plugin.h"

/* Most functions of one plugin. */
#define MOST_FUNCTIONS 4096

static char* copy(const char* text) { return text == NULL ? NULL : strdup(text); }

static int describe(wasmgate_registry* r, const char* name, const char* version) {
  if (r == NULL || r->closed) return WASMGATE_STALE;
  if (r->name != NULL) {
    r->described_twice = true;
    return WASMGATE_FAILED;
  }
  r->name = copy(name);
  r->version = copy(version);
  return WASMGATE_OK;
}

static int define(wasmgate_registry* r, const wasmgate_function* function) {
  if (r == NULL || r->closed) return WASMGATE_STALE;
  if (function == NULL || function->size < sizeof *function) {
    r->too_small = true;
    return WASMGATE_FAILED;
  }
  if (r->count == r->capacity) {
    size_t capacity = r->capacity == 0 ? 16 : r->capacity * 2;
    wg_definition* functions = capacity > MOST_FUNCTIONS ? NULL : realloc(r->functions, capacity * sizeof *functions);
    if (functions == NULL) {
      r->full = true;
      return WASMGATE_MEMORY;
    }
    r->functions = functions;
    r->capacity = capacity;
  }
  r->functions[r->count++] = (wg_definition){
      .module = copy(function->module),
      .name = copy(function->name),
      .signature = copy(function->signature),
      .grant = copy(function->grant),
      .user = function->user,
      .callback = function->callback,
      .native = function->native,
  };
  return WASMGATE_OK;
}

static int refuse(wasmgate_registry* r, const char* message) {
  if (r == NULL || r->closed) return WASMGATE_STALE;
  free(r->refusal);
  r->refusal = copy(message);
  return WASMGATE_FAILED;
}

const wasmgate_host* wg_plugin_host(const wasmgate_host* services, const char* version) {
  wasmgate_host* host = malloc(sizeof *host);
  if (host == NULL) return NULL;
  *host = *services;
  host->version = version;
  host->describe = describe;
  host->define = define;
  host->refuse = refuse;
  return host;
}

int wg_plugin_enter(void* entry, const wasmgate_host* host, wasmgate_registry* registry) {
  int (*call)(const wasmgate_host*, wasmgate_registry*);
  memcpy(&call, &entry, sizeof call);
  int status = call(host, registry);
  registry->closed = true;
  return status;
}

void wg_registry_free(wasmgate_registry* registry) {
  for (size_t i = 0; i < registry->count; i++) {
    wg_definition* d = &registry->functions[i];
    free(d->module);
    free(d->name);
    free(d->signature);
    free(d->grant);
  }
  free(registry->functions);
  free(registry->name);
  free(registry->version);
  free(registry->refusal);
  memset(registry, 0, sizeof *registry);
  registry->closed = true; /* the plugin may have kept the address */
}
