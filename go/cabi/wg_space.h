/* The data plane of WebAssembly namespaces (js/webassembly). A namespace is a
 * wg_instance without a module of its own; what it consists of are entities, which have
 * numbers that are never used again. Rules of wg_call.h hold. */
#ifndef WG_SPACE_API_H
#define WG_SPACE_API_H

#include "wg_call.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Arguments and results cross in so many slots, of which a reference takes one: */
#define WG_SPACE_SLOTS 1024
typedef struct wg_slot_ref {
  int32_t kind; /* enum wg_ref_kind */
  uint32_t number;
} wg_slot_ref;

enum wg_ref_kind {
  WG_REF_NULL = 0,
  WG_REF_VALUE,    /* a JavaScript value, by its handle */
  WG_REF_FUNCTION, /* an entity */
  WG_REF_I31,      /* number, as int32_t */
  WG_REF_OBJECT    /* a struct or an array, by the number of its root */
};

#define WG_NO_ENTITY UINT32_MAX

/* Kinds of entities, as the binary format numbers them. */
enum wg_entity_kind { WG_FUNCTION = 0, WG_TABLE, WG_MEMORY, WG_GLOBAL, WG_TAG };

typedef struct wg_space_module wg_space_module;

WG_API size_t wg_space_export_count(const wg_space_module* module);

/* A function with how its arguments and results cross: letters w l f d for numbers, x a p
 * for references of the extern, any and func hierarchies. Owned by whoever made it. */
typedef struct wg_space_plan {
  wg_func func;
  bool narrowed; /* it checks its arguments */
  uint16_t params, results;
  bool plain; /* numbers only */
  char letters[];
} wg_space_plan;

/* Where the slots are; once, before anything else. */
WG_API void wg_space_slots(wg_instance* space, wg_raw* slots);

/* Makes an instance. `ids` are its imports, in the order of the module; `number` is for
 * wg_space_origin. `out` gets the entities of its exports. WG_ERR_LINK if an import does
 * not fit. */
WG_API int wg_space_instantiate(wg_instance* space, wg_space_module* module, const uint32_t* ids, size_t id_count,
                                uint32_t number, uint32_t* out);

/* A function of the type of an import, for which wg_host.call is called with `place`. */
WG_API int wg_space_host(wg_instance* space, const wg_space_module* module, size_t import, uint32_t place,
                         const char* plan, uint32_t* id);

/* The same of a type of kinds that `plan` names: numbers, x for externref, p for funcref. */
WG_API int wg_space_host_of(wg_instance* space, uint32_t place, const char* plan, uint32_t* id);

/* Throws an exception of a tag, with its values in the slots: called in wg_host.call,
 * which then answers WG_ERR_EXCEPTION. */
WG_API void wg_space_throw(wg_instance* space, uint32_t tag);

/* After WG_ERR_EXCEPTION: the tag of what nobody caught, its values in the slots. */
WG_API int wg_space_caught(wg_instance* space, uint32_t* tag);

/* `plan` is like "wx>p". To be freed with free(). */
WG_API int wg_space_bind(wg_instance* space, uint32_t id, const char* plan, wg_space_plan** out);
WG_API int wg_space_call(wg_instance* space, const wg_space_plan* plan);

/* Where a function comes from: false if JavaScript made it. */
WG_API bool wg_space_origin(wg_instance* space, uint32_t id, uint32_t* number, uint32_t* index);

/* Limits beyond what exists mean none (UINT64_MAX). */
WG_API int wg_space_memory_new(wg_instance* space, uint64_t initial, uint64_t maximum, bool shared, bool is64,
                               uint32_t* id);
WG_API int wg_space_memory(wg_instance* space, uint32_t id, uint8_t** data, size_t* bytes, bool* shared);
/* A use of a shared memory, for as long as JavaScript has it; NULL if it is not shared.
 * May be released on any thread. */
WG_API void* wg_space_memory_hold(wg_instance* space, uint32_t id);
WG_API void wg_shared_release(void* hold);
WG_API int wg_space_memory_grow(wg_instance* space, uint32_t id, uint64_t delta, uint64_t* previous, bool* grown);
WG_API int wg_space_table_new(wg_instance* space, char letter, uint32_t initial, uint32_t maximum, uint32_t* id);
WG_API int wg_space_table_size(wg_instance* space, uint32_t id, uint64_t* size);
/* Of and to slot 0; `found` is false past the end. */
WG_API int wg_space_table_get(wg_instance* space, uint32_t id, uint64_t index, bool* found);
WG_API int wg_space_table_set(wg_instance* space, uint32_t id, uint64_t index, bool* found);
WG_API int wg_space_table_grow(wg_instance* space, uint32_t id, uint64_t delta, uint64_t* previous, bool* grown);
WG_API int wg_space_global_new(wg_instance* space, char letter, bool is_mutable, uint32_t* id);
WG_API int wg_space_global_get(wg_instance* space, uint32_t id);
WG_API int wg_space_global_set(wg_instance* space, uint32_t id);
WG_API int wg_space_tag_new(wg_instance* space, const char* letters, uint32_t* id);
/* An immutable global of exactly the type of an import, whose value crosses by `letter`.
 * WG_ERR_ARG_TYPE if the value is none of the type. */
WG_API int wg_space_global_import(wg_instance* space, const wg_space_module* module, size_t import, char letter,
                                  uint32_t* id);
/* How the values of a tag cross: letters of plans, v and e for what does not. Lives as long as the space. */
WG_API const char* wg_space_tag_letters(wg_instance* space, uint32_t id);
/* Text to a binary module, to be freed with free(). WG_ERR_TEXT_SYNTAX. */
WG_API int wg_assemble(const char* text, size_t bytes, uint8_t** out, size_t* out_bytes);

/* The first export of a small module without imports. */
WG_API int wg_space_make(wg_instance* space, const uint8_t* module, size_t bytes, const char* letters, uint32_t* id);

/* Whether an object is a struct (1) or an array (2); 0 if there is none of that number. */
WG_API int wg_space_object_kind(wg_instance* space, uint32_t number);
WG_API void wg_space_object_release(wg_instance* space, uint32_t number, uint32_t uses);

/* Runs the engine's collector. */
WG_API void wg_space_collect(wg_instance* space);

#ifdef __cplusplus
}
#endif

#endif /* WG_SPACE_API_H */
