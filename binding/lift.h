// Values on their way out of the guest: the result of a call, or the arguments of an
// import.
#ifndef WG_BINDING_LIFT_H_
#define WG_BINDING_LIFT_H_

#include <node_api.h>

#include <memory>
#include <vector>

#include "handle.h"

namespace wg {

class Lift {
 public:
  // `plans` are those that the values' `extra` refers to; `name` is for messages.
  Lift(napi_env env, InstanceHandle* instance, const std::shared_ptr<const ModulePlans>& plans, const char* name)
      : env_(env), instance_(instance), plans_(plans), name_(name) {}

  // Memory of results is given back with the next call (wg_guest_owe).
  void Owe() { owe_ = true; }

  // Makes the value of its words. Null with a pending exception.
  napi_value Make(const Value& type, const wg_raw* words);

  // Makes all of them; externrefs, if there are `refs`, before anything that may enter the
  // guest. False with a pending exception.
  bool MakeAll(const std::vector<Value>& types, bool refs, const wg_raw* words, napi_value* out);

  // The value of text or bytes at [ptr, ptr + bytes), which are freed unless borrowed.
  napi_value Take(uint8_t kind, size_t element, uint32_t ptr, uint64_t bytes, bool borrowed);

  // After an import: copies what JavaScript wrote into mutable arrays back to the
  // guest, and ends the functions that it was only lent.
  bool Finish();

 private:
  napi_value MakeList(uint32_t ptr, uint32_t length, bool borrowed);
  napi_value MakeCells(const Value& cell, uint32_t ptr, uint32_t length);
  napi_value MakeFunction(const Value& type, const wg_raw* words);
  napi_value MakeObject(const Value& type, uint32_t address);
  napi_value MakeListed(const Value& type, uint32_t index);
  napi_value Undefined();

  struct Window {
    napi_value array;
    uint8_t kind;
    uint32_t ptr;
    size_t bytes;
  };

  napi_env env_;
  InstanceHandle* instance_;
  const std::shared_ptr<const ModulePlans>& plans_;
  const char* name_;
  bool owe_ = false;
  std::vector<Window> windows_;
  std::vector<napi_value> lent_;
};

}  // namespace wg

#endif  // WG_BINDING_LIFT_H_
