// The arguments of one call: first all are read and checked, with no guest code
// run, so that a bad one costs nothing; then text and bytes are copied in.
#ifndef WG_BINDING_ARGUMENTS_H_
#define WG_BINDING_ARGUMENTS_H_

#include <node_api.h>

#include "env_data.h"
#include "plan.h"
#include "value.h"

namespace wg {

class Arguments {
 public:
  Arguments(napi_env env, wg_instance* record, const char* name, const Plan& plan)
      : env_(env), record_(record), name_(name), plan_(plan) {}
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;
  ~Arguments();

  // Saves an attempt with the buffer for short text.
  void ExpectLongText() { long_text_ = true; }

  // Checks every argument; numbers are in their slots afterwards. False with a
  // pending exception.
  bool Read(napi_value* args, wg_raw* slots);

  // Allocates guest memory for text and bytes, copies them and fills their
  // slots. False with a pending exception.
  bool CopyIn(wg_raw* slots);

  // The same by way of the scratch block, from where an adapter takes them;
  // `bytes` must not be more than that holds.
  bool CopyToScratch(wg_raw* slots);

  // What text and bytes take in the guest.
  size_t bytes() const { return bytes_; }

 private:
  // Text or bytes on their way into the guest.
  struct Pending {
    uint16_t slot;
    uint8_t element;   // bytes per element
    bool text;         // UTF-16, to be encoded; else bytes, to be copied
    size_t bytes;      // in the guest
    size_t units;      // of UTF-16
    const void* data;  // bytes, or text in small_; null: text in the environment's buffer …
    size_t at;         // … at this offset, because that buffer moves as it grows
  };

  bool ReadText(napi_value value, size_t index, Pending* out);
  bool ReadLongText(napi_value value, Pending* out);
  Pending* Add();
  Pending* list() { return more_ == nullptr ? inline_ : more_; }
  void Copy(const Pending& item, uint32_t ptr, uint8_t* into, wg_raw* slots);

  napi_env env_;
  wg_instance* record_;
  const char* name_;
  const Plan& plan_;
  size_t count_ = 0;
  size_t bytes_ = 0;
  bool long_text_ = false;
  Pending* more_ = nullptr;  // if there are more than fit inline
  size_t scratch_used_ = 0;  // bytes of the environment's buffer
  size_t small_used_ = 0;    // units of small_
  Pending inline_[kMaxInlineArguments];
  char16_t small_[512];
};

}  // namespace wg

#endif  // WG_BINDING_ARGUMENTS_H_
