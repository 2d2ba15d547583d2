// One call of an export, for an instance with limits or meters, or with limits of the
// call's own.
#ifndef WG_BINDING_SPAN_H_
#define WG_BINDING_SPAN_H_

#include <node_api.h>

#include "call.h"
#include "env_data.h"

namespace wg {

class Span {
 public:
  Span(napi_env env, const BoundExport* target) : env_(env), record_(target->record) {
    open_ = record_->watched != 0 || target->limited;
    bool outermost = record_->state == WG_OPEN;
    record_->calls += outermost ? 1 : 0;
    if (!open_) return;
    if (outermost) target->instance->last_name = target->name;
    wg_begin(record_, target->limited ? &target->limits : nullptr, &span_);
  }
  Span(const Span&) = delete;
  Span& operator=(const Span&) = delete;
  ~Span() {
    if (open_) wg_end(record_, &span_, Outcome());
  }

 private:
  int Outcome() const {
    bool pending = false;
    if (napi_is_exception_pending(env_, &pending) != napi_ok || !pending) return WG_OK;
    EnvData* data = GetEnvData(env_);
    return data == nullptr ? WG_ERR_INTERNAL : data->last_code;
  }

  napi_env env_;
  wg_instance* record_;
  bool open_;
  wg_span span_{};
};

}  // namespace wg

#endif  // WG_BINDING_SPAN_H_
