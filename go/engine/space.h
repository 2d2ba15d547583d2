/* A WebAssembly namespace: a store with any number of instances, memories, tables,
 * globals and tags, which JavaScript reaches by number (its entities). They live as
 * long as the store. See docs/webassembly.md. */
#ifndef WG_SPACE_H
#define WG_SPACE_H

#include "store.h"
#include "wg_space.h"

typedef struct wg_space wg_space;

/* As many parameters as the WebAssembly standard's JavaScript API allows, and as many results. */
#define WG_MOST_VALUES 1000

/* What the control plane knows of a module; made in space.go, counted by users. */
typedef struct wg_space_import {
  /* Of a function: for each result '?' if values have to be compared with its type, '0'
   * if they may be null besides; else a space. NULL if it is no function. */
  char* checks;
} wg_space_import;

typedef struct wg_space_export {
  char* name;
  size_t name_bytes;
  uint8_t kind;   /* wasmbin.Kind */
  uint32_t index; /* among the module's functions, memories, … */
  int32_t import; /* the position of the import that it is, -1 */
  int32_t same;   /* an earlier export of the same thing, -1 */
  char* letters;  /* of a table, a global or a tag's values: wg_slot_to_raw */
} wg_space_export;

struct wg_space_module {
  _Atomic uint32_t users;
  wasmtime_module_t* module;
  bool starts; /* its start function is to be called by us */
  wasm_importtype_vec_t import_types;
  wg_space_import* imports;
  size_t import_count;
  wg_space_export* exports;
  size_t export_count;
  uint32_t* escaping; /* functions that can get out as references, in ascending order */
  size_t escaping_count;
  uint32_t* narrowed; /* those to be called by their narrowed export, likewise */
  size_t narrowed_count;
  int32_t* functions; /* positions of the imported functions among the imports */
  size_t function_count;
};

typedef struct wg_entity {
  uint8_t kind; /* wasmtime_extern_kind_t */
  bool host;    /* a function of JavaScript's */
  bool of_part; /* a function with an origin: */
  uint32_t part, index;
  const char* letters;        /* of a table, a global or a tag; owned by its module or by the space */
  wasmtime_extern_union_t of; /* a sharedmemory is owned */
} wg_entity;

/* An instance in the space. */
typedef struct wg_part {
  wasmtime_instance_t instance;
  wg_space_module* module; /* a use of it */
  uint32_t number;         /* JavaScript's */
  uint32_t* ids;           /* of its imports; owned */
  bool known;              /* its functions have entities */
} wg_part;

/* A garbage-collected object that JavaScript has. */
typedef struct wg_rooted {
  wasmtime_anyref_t ref;
  uint32_t raw;
  uint32_t uses; /* 0: free */
  uint32_t next; /* of those with the same bucket, or of the free ones; + 1, 0: none */
} wg_rooted;

struct wg_space {
  wg_entity* entities;
  uint32_t count, capacity;
  wg_part* parts;
  uint32_t part_count, part_capacity, unknown; /* parts before `unknown` are known */
  struct {
    const void* func;
    uint32_t id;
  } * funcs; /* a hash table of functions' entities */
  uint32_t func_count, func_capacity;
  wg_rooted* rooted;
  uint32_t* buckets; /* the first of each, by the hash of `raw`; as many as there is room for `rooted` */
  uint32_t rooted_capacity, rooted_free;
  uint32_t* tags; /* those of the entities that are tags */
  uint32_t tag_count, tag_capacity;
  char** texts; /* letters that the space owns */
  uint32_t text_count, text_capacity;
  wg_raw* slots;       /* of the environment */
  uint32_t thrown;     /* the tag of what a host function threw */
  wasmtime_exn_t* exn; /* that nobody has caught, until wg_space_caught */
};

/* space.c: the number of a function, made known if it is not yet; WG_NO_ENTITY if there
 * is no memory. */
uint32_t wg_space_func(wg_store* s, const wasmtime_func_t* func);
uint32_t wg_space_add(wg_store* s, const wg_entity* entity);
wg_entity* wg_space_get(wg_store* s, uint32_t id, uint8_t kind); /* NULL, with the error set, if it is no such thing */
int wg_space_check(wg_store* s);                                 /* that it is a namespace and open */
/* A function that the module exports for us, by its index: go/wasmbin/open.go. */
bool wg_space_hidden(wg_store* s, const wg_part* part, char what, uint32_t index, wasmtime_func_t* func);
bool wg_space_begin(wg_store* s);
void wg_space_end(wg_store* s);                           /* while there is a store … */
void wg_space_free(wg_store* s);                          /* … and when it is gone */
const char* wg_space_text(wg_store* s, const char* text); /* a copy that lives as long as the space; NULL: no memory */
uint8_t wg_kind_of_letter(char letter);                   /* wasm_valkind_t */
void wg_space_module_release(wg_space_module* module);

/* space_refs.c: values to slots and back. A root keeps what it made alive until it is
 * let go of: raw values do not. False with the error set. */
typedef struct wg_root {
  wasmtime_val_t val;
} wg_root;
bool wg_slot_to_root(wg_store* s, char letter, const wg_raw* slot, wg_root* root);
/* Of what wg_slot_to_root was given and gave: runs no collector, so that the raw value is
 * good until the guest is entered. */
void wg_root_to_raw(wg_store* s, char letter, const wg_raw* slot, const wg_root* root, wg_raw* raw);
bool wg_raw_to_slot(wg_store* s, char letter, const wg_raw* raw, wg_raw* slot);
bool wg_slot_to_val(wg_store* s, char letter, const wg_raw* slot, wasmtime_val_t* val); /* to be unrooted */
bool wg_val_to_slot(wg_store* s, const wasmtime_val_t* val, wg_raw* slot);
void wg_root_free(wg_root* root);

#endif /* WG_SPACE_H */
