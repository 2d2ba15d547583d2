/* What a loaded plugin is for the data plane. All of it lives as long as the process. */
#ifndef WG_PLUGIN_H
#define WG_PLUGIN_H

#include "wasmgate_plugin.h"

enum { WG_PLUGIN_PARAMS = 32, WG_PLUGIN_RESULTS = 16 };

/* Types of values; of plain functions also what a parameter becomes. Mirrors signature.go. */
enum wg_plugin_kind {
  WG_PLUGIN_I32 = 0,
  WG_PLUGIN_I64,
  WG_PLUGIN_F32,
  WG_PLUGIN_F64,
  WG_PLUGIN_EXTERNREF,
  WG_PLUGIN_FUNCREF,
  WG_PLUGIN_U32,     /* an i32 without a sign */
  WG_PLUGIN_BYTES,   /* two i32: address and length */
  WG_PLUGIN_CSTRING, /* an i32: address of a text with a NUL */
  WG_PLUGIN_KINDS
};

typedef struct wg_plugin {
  const wasmgate_host* host;
  char* name;
} wg_plugin;

typedef struct wg_plugin_func {
  wasmgate_callback callback; /* or NULL, and then … */
  void (*native)(void);       /* … this */
  void* user;
  uint8_t result_count;
  bool has_refs;          /* among parameters or results */
  bool simple;            /* a callback without references and with one result at most, … */
  bool wide;              /* … which is of 64 bits */
  uint8_t param_count;    /* words of the wasm type */
  uint8_t argument_count; /* of a plain function: elements of `arguments` */
  uint8_t params[WG_PLUGIN_PARAMS], results[WG_PLUGIN_RESULTS]; /* enum wg_plugin_kind, of the wasm type */
  uint8_t arguments[WG_PLUGIN_PARAMS];                          /* of a plain function */
  const wg_plugin* plugin;
  char* import; /* "module.name" */
} wg_plugin_func;

/* One call of `define`; the texts are owned. */
typedef struct wg_definition {
  char *module, *name, *signature, *grant; /* NULL where the plugin gave none */
  void* user;
  wasmgate_callback callback;
  void (*native)(void);
} wg_definition;

struct wasmgate_registry {
  bool closed; /* the entry has returned */
  char *name, *version, *refusal;
  bool described_twice, too_small, full; /* what is wrong with calls */
  wg_definition* functions;
  size_t count, capacity;
};

/* The table of services with those for the entry. `services` are those of the data plane. */
const wasmgate_host* wg_plugin_host(const wasmgate_host* services, const char* version);

/* Calls the entry of a library. */
int wg_plugin_enter(void* entry, const wasmgate_host* host, wasmgate_registry* registry);
void wg_registry_free(wasmgate_registry* registry);

#endif /* WG_PLUGIN_H */
