// The arguments of one call: first all are read and checked, with no guest code
// run, so that a bad one costs nothing; then text and bytes are copied in.
#ifndef WG_BINDING_ARGUMENTS_H_
#define WG_BINDING_ARGUMENTS_H_

#include <node_api.h>

#include "env_data.h"
#include "plan.h"
#include "value.h"

namespace wg {

// Calls of up to so many arguments and wasm values need no allocation here.
constexpr size_t kMaxInlineArguments = 12;
constexpr size_t kMaxInlineSlots = 24;

class Arguments {
 public:
  Arguments(napi_env env, wg_instance* record, const char* name, const Plan& plan)
      : env_(env), record_(record), name_(name), plan_(plan) {}
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;
  ~Arguments();

  // Checks every argument; numbers are in their slots afterwards. False with a
  // pending exception.
  bool Read(napi_value* args, wg_raw* slots);

  // Allocates guest memory for text and bytes, copies them and fills their
  // slots. False with a pending exception.
  bool CopyIn(wg_raw* slots);

 private:
  // Text or bytes on their way into the guest.
  struct Pending {
    uint16_t slot;
    uint8_t element;   // bytes per element
    bool wide;         // UTF-16 in the environment's scratch buffer, at offset `at`
    size_t units;      // of UTF-16
    size_t bytes;      // in the guest
    size_t at;         // offset in the scratch buffer
    const void* data;  // if not wide
  };

  bool ReadText(napi_value value, size_t index, const Value& type, Pending* out);
  bool ReadLongText(napi_value value, Pending* out);
  Pending* Add();

  napi_env env_;
  wg_instance* record_;
  const char* name_;
  const Plan& plan_;
  size_t count_ = 0;
  Pending* more_ = nullptr;   // if there are more than fit inline
  size_t scratch_used_ = 0;   // of the environment's buffer
  size_t small_used_ = 0;     // of small_
  Pending inline_[kMaxInlineArguments];
  char small_[1024];
};

}  // namespace wg

#endif  // WG_BINDING_ARGUMENTS_H_
