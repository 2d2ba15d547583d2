// Values on their way into the guest: the arguments of a call, or the result of an
// import. First all are read and checked, with no guest code run, so that a bad one
// costs nothing; then text and bytes are copied in.
#ifndef WG_BINDING_ARGUMENTS_H_
#define WG_BINDING_ARGUMENTS_H_

#include <node_api.h>

#include <memory>
#include <vector>

#include "env_data.h"
#include "handle.h"
#include "plan.h"
#include "value.h"

namespace wg {

class Arguments {
 public:
  // `plans` are those that the values' `extra` refers to. `name` is that of the
  // export, or of the import whose result it is: then `lead` is kOfImport.
  Arguments(napi_env env, InstanceHandle* instance, const ModulePlans& plans, const char* name,
            const std::vector<Value>& values, size_t lead)
      : env_(env),
        instance_(instance),
        record_(instance->record),
        plans_(plans),
        name_(name),
        values_(values),
        lead_(lead) {}
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;
  ~Arguments();

  // Saves an attempt with the buffer for short text.
  void ExpectLongText() { long_text_ = true; }

  // Checks every argument; numbers are in their slots afterwards. False with a
  // pending exception. `staged`: see Plan.
  bool Read(napi_value* args, wg_raw* slots, bool staged);

  // Allocates guest memory for text and bytes, copies them and fills their
  // slots. False with a pending exception.
  bool CopyIn(wg_raw* slots);

  // The same by way of the scratch block, from where an adapter takes them;
  // `bytes` must not be more than that holds.
  bool CopyToScratch(wg_raw* slots);

  // Makes the externrefs, right before the call: see wg_refs_give. False with a pending
  // exception.
  bool GiveRefs(wg_raw* slots);

  // What text and bytes take in the guest.
  size_t bytes() const { return bytes_; }

  // After the call: copies back what the guest may have changed, and frees that.
  bool CopyBack(napi_value* args);

 private:
  // Text or bytes on their way into the guest.
  struct Pending {
    uint16_t slot;
    uint8_t element;  // bytes per element
    bool text;        // UTF-16, to be encoded; else bytes, to be copied
    size_t bytes;     // in the guest
    size_t units;     // of UTF-16
    uint16_t value;   // which argument it is
    bool back;        // to be copied back from `ptr`
    uint32_t ptr;
    const void* data;  // bytes, or text in small_; null: text in the environment's buffer …
    size_t at;         // … at this offset, because that buffer moves as it grows
  };

  bool ReadOne(napi_value value, size_t index, wg_raw* slots);
  bool ReadRich(napi_value value, size_t index, wg_raw* into);
  bool ReadReference(napi_value value, size_t index, wg_raw* slots);
  bool ReadObject(napi_value value, size_t index, wg_raw* into);
  bool ReadInMemory(napi_value value, size_t index, wg_raw* into);
  bool ReadList(napi_value value, size_t index, Pending* out);
  bool ReadCell(napi_value value, size_t index, const Value& cell, wg_raw* into);
  wg::Read ReadListed(napi_value value, const Value& type, wg_raw* into);
  bool Give(napi_value value, bool lend, wg_raw* into);
  bool Check();
  bool ThrowWrong(wg::Read read, size_t index, napi_value value);
  bool ReadText(napi_value value, size_t index, Pending* out);
  bool ReadLongText(napi_value value, Pending* out);
  Pending* Add();
  wg_given* refs() { return more_refs_ == nullptr ? inline_refs_ : more_refs_.get(); }
  Pending* list() { return more_ == nullptr ? inline_ : more_; }
  void Copy(const Pending& item, uint32_t ptr, uint8_t* into, wg_raw* slots);

  napi_env env_;
  InstanceHandle* instance_;
  wg_instance* record_;
  const ModulePlans& plans_;
  const char* name_;
  const std::vector<Value>& values_;
  const size_t lead_;  // values before those that messages count; kOfImport for a result
  bool sent_ = false;  // the guest has them, or is about to
  // Indices of the slab that the guest would own, and those that are in lists.
  std::vector<uint32_t> given_;
  std::vector<std::unique_ptr<uint32_t[]>> lists_;
  size_t ref_count_ = 0;                   // externrefs to be
  std::unique_ptr<wg_given[]> more_refs_;  // if they may be more than fit inline
  size_t count_ = 0;
  size_t bytes_ = 0;
  bool long_text_ = false;
  Pending* more_ = nullptr;  // if there are more than fit inline
  size_t scratch_used_ = 0;  // bytes of the environment's buffer
  size_t small_used_ = 0;    // units of small_
  Pending inline_[kMaxInlineArguments];
  wg_given inline_refs_[kMaxInlineArguments];
  char16_t small_[512];
};

}  // namespace wg

#endif  // WG_BINDING_ARGUMENTS_H_
