// Call plans as the shim executes them: the decoded form of what
// go/marshal/encode.go writes.
#ifndef WG_BINDING_PLAN_H_
#define WG_BINDING_PLAN_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "wasmgate.h"

namespace wg {

// Calls of up to so many arguments and wasm values need no allocation.
constexpr size_t kMaxInlineArguments = 12;
constexpr size_t kMaxInlineSlots = 24;

// Calls that go through the environment's number slots have up to so many
// arguments (js/numbers.js has a function for each).
constexpr size_t kMaxMailed = 3;

// Imports of plain numbers have up to so many parameters that way (js/trampolines.js); the
// slot behind the last tells whether the result is in the first.
constexpr size_t kMaxMailedImport = 6;

// Most elements of an array of JavaScript values, either way: as many as a slab holds.
constexpr uint32_t kMaxListed = 1u << 22;

// Plans of plain numbers have a short path for up to so many arguments.
constexpr size_t kMaxNumbers = 5;

// One argument or result.
struct Value {
  uint8_t kind;    // enum wg_kind
  uint8_t form;    // enum wg_form
  uint8_t flags;   // enum wg_flag
  uint8_t words;   // how many wasm values it takes
  uint16_t first;  // index of the first of them among the arguments or results
  uint32_t extra;  // what it refers to: see go/marshal/kind.go
};

// Bytes of one element of an array kind, 0 for other kinds.
size_t ElementBytes(uint8_t kind);

// One element of an array of anything but numbers: by default an index, else what `extra`
// says (CellsOf in go/marshal/kind.go).
Value CellOf(const Value& list);

// Bytes of such an element, and what it is aligned to.
size_t CellBytes(const Value& cell);
size_t CellAlignment(const Value& cell);

// Whether a kind travels through guest memory as (pointer, length).
bool InMemory(uint8_t kind);

// Bytes of the first of a value's words.
size_t FirstWordBytes(const Value& value);

// Whether a kind is a plain value of a slot or two, made and read without anything
// but that: see ReadScalar and MakeScalar.
bool IsScalar(uint8_t kind);

// When an argument is read: 0, arrays, whose reading may run JavaScript; then 1, what
// is only looked at; 2, objects, which are taken from their owner.
int StageOf(const Value& value);

struct Plan {
  bool usable = false;
  std::string reason;  // why not
  std::vector<Value> params;
  std::vector<Value> results;
  uint8_t placement = WG_IN_SLOTS;
  uint8_t fallible = WG_INFALLIBLE;
  bool copies_back = false;  // a parameter is an array that the guest may change
  bool staged = false;       // its parameters are not simply read in order (see Arguments)
  bool numbers = false;      // plain numbers only: the short path (OnNumbers)
  bool refs_in = false;      // externrefs are among its parameters, …
  bool refs_out = false;     // … or results
  uint16_t slots = 0;        // wasm values in or out, whichever are more
  // Offsets in the return area of each result word, then of the error words.
  std::vector<uint16_t> offsets;
  std::vector<uint8_t> widths;  // bytes of each
};

// How JavaScript calls a function that the guest gave it (go/marshal/encode.go).
struct FunctionPlan {
  Plan plan;  // its first two parameters say which closure it is
  uint32_t shim = 0;
  uint32_t dtor = 0;
  bool owned = false;
  bool is_mutable = false;
  std::string shape;  // its wasm type, as wg_table_func spells it
};

struct ExportPlan {
  std::string name;
  std::string title;  // for messages
  uint8_t lead = 0;   // typed: parameters before those that a caller gives
  Plan wasm;
  Plan typed;
  std::string adapter;  // the export that does a short typed call in one go; empty if there is none
};

struct ImportPlan {
  std::string name;  // for messages
  Plan plan;         // its params are what the guest gives
};

struct ModulePlans {
  std::vector<std::vector<std::string>> lists;  // of string enums
  std::vector<FunctionPlan> functions;
  std::vector<ExportPlan> exports;
  std::vector<ImportPlan> imports;
};

// The plan of a function with that wasm type, as wg_func_look spells it, as that of the one
// export.
std::shared_ptr<const ModulePlans> PlansOfShape(const char* shape);

// Decodes what go/marshal wrote; null if it is of another version or damaged.
std::shared_ptr<const ModulePlans> DecodePlans(const uint8_t* data, size_t bytes);

}  // namespace wg

#endif  // WG_BINDING_PLAN_H_
