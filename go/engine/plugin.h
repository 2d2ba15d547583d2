/* What stands behind a wasmgate_ctx: the plugins of an instance. */
#ifndef WG_ENGINE_PLUGIN_H
#define WG_ENGINE_PLUGIN_H

#include "store.h"
#include "wg_plugin.h"

/* What a wasmgate_ref of a call stands for. Owned by the call's frame. */
typedef struct wg_plugin_item {
  bool is_func, checked;    /* checked: the type below is the function's */
  wasmtime_externref_t ref; /* a root */
  wasmtime_func_t func;     /* lives as long as the store */
  uint8_t param_count, result_count;
  uint8_t params[WG_PLUGIN_PARAMS], results[WG_PLUGIN_RESULTS]; /* enum wg_plugin_kind */
  bool has_refs;
} wg_plugin_item;

/* A call of a plugin. They nest where one calls the guest. */
typedef struct wg_plugin_frame {
  struct wg_plugin_frame* outer;
  const wg_plugin_func* func;
  wasmtime_caller_t* caller;
  wg_plugin_item** items;
  uint32_t count, capacity;
  uint32_t serial; /* of the references of this call: the upper half of each */
} wg_plugin_frame;

/* A native object. It is counted, because values are copied, and listed, because it ends with the
 * instance at the latest. */
typedef struct wg_plugins wg_plugins;
struct wg_native {
  uint32_t refs;
  void* payload;             /* NULL once it is destroyed … */
  const wasmgate_type* type; /* … as is this */
  wg_plugins* owner;         /* NULL when its instance is closed */
  struct wg_native *before, *after;
};

typedef struct wg_plugin_data {
  const wg_plugin* plugin;
  void* data;
  void (*destroy)(void*);
} wg_plugin_data;

struct wg_plugins {
  wasmgate_ctx head; /* first: a wasmgate_ctx* is a wg_plugins* */
  wg_store* s;
  const void* thread; /* wg_thread() of the instance's */
  wg_plugin_frame* frame;
  uint32_t serial;
  wg_error error; /* of the last service that failed */
  wg_native* natives;
  size_t native_count, collect_at;
  wg_plugin_data* data;
  size_t data_count;
};

/* Different for each thread. Found without a call: services ask for it. */
#if defined(__linux__)
extern _Thread_local char wg_here __attribute__((tls_model("initial-exec")));
#else
extern _Thread_local char wg_here;
#endif
static inline const void* wg_thread(void) { return &wg_here; }

/* The frame of the call that is under way, NULL if the context is not to be used. */
static inline wg_plugin_frame* wg_plugin_now(wasmgate_ctx* ctx) {
  wg_plugins* p = (wg_plugins*)ctx;
  return p != NULL && p->frame != NULL && p->thread == wg_thread() ? p->frame : NULL;
}

/* Notes why a service fails, and answers `status`. */
int wg_plugin_note(wg_plugins* p, int status, const char* format, ...);

/* Between the values of a plugin and those of the engine, for references. False: noted. */
bool wg_plugin_lift(wg_plugins* p, uint8_t kind, const wg_raw* raw, wasmgate_value* value);
bool wg_plugin_lower(wg_plugins* p, uint8_t kind, const wasmgate_value* value, wg_raw* raw);
void wg_plugin_items_free(wg_plugin_frame* frame);

void wg_natives_end(wg_plugins* p); /* destroys those that are left */

/* plugin_refs.c, plugin_guest.c: services */
int wg_plugin_ref_kind(wasmgate_ctx* ctx, wasmgate_ref ref);
int wg_plugin_object_new(wasmgate_ctx* ctx, void* payload, const wasmgate_type* type, wasmgate_ref* out);
int wg_plugin_object_get(wasmgate_ctx* ctx, wasmgate_ref ref, const wasmgate_type* type, void** out);
int wg_plugin_number_new(wasmgate_ctx* ctx, double number, wasmgate_ref* out);
int wg_plugin_number_get(wasmgate_ctx* ctx, wasmgate_ref ref, double* out);
int wg_plugin_string_new(wasmgate_ctx* ctx, const char* text, size_t bytes, wasmgate_ref* out);
int wg_plugin_string_get(wasmgate_ctx* ctx, wasmgate_ref ref, const char** text, size_t* bytes);
int wg_plugin_export_get(wasmgate_ctx* ctx, const char* name, const char* signature, wasmgate_ref* out);
int wg_plugin_func_check(wasmgate_ctx* ctx, wasmgate_ref func, const char* signature);
int wg_plugin_guest_call(wasmgate_ctx* ctx, wasmgate_ref func, wasmgate_value* values, size_t count);

wg_plugin_item* wg_plugin_item_of(wg_plugins* p, wasmgate_ref ref);   /* NULL: noted; not for 0 */
wg_plugin_item* wg_plugin_item_new(wg_plugins* p, wasmgate_ref* out); /* NULL: noted */

#endif /* WG_ENGINE_PLUGIN_H */
