#include "view.h"

#include <algorithm>

#include "error.h"
#include "v8_buffer.h"

namespace wg {
namespace {

void Release(void* hint) { static_cast<RecordHold*>(hint)->Drop(); }

void Finalize(napi_env, void*, void* hint) { Release(hint); }

void ReleaseShared(void* hint) { wg_shared_release(hint); }

// Gives the reference up.
void Detach(napi_env env, InstanceHandle::View* view) {
  napi_value buffer = nullptr;
  bool detached = false;
  if (napi_get_reference_value(env, view->buffer, &buffer) == napi_ok && buffer != nullptr) {
    // Without bytes a buffer counts as detached from the start.
    if (view->bytes > 0) napi_is_detached_arraybuffer(env, buffer, &detached);
    if (!detached) napi_detach_arraybuffer(env, buffer);
  }
  napi_delete_reference(env, view->buffer);
}

// With a handle scope of its own and whatever is pending kept aside.
template <typename Action>
void Aside(napi_env env, Action action) {
  napi_handle_scope scope;
  napi_value exception = nullptr;
  bool pending = false;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  if (napi_is_exception_pending(env, &pending) == napi_ok && pending) {
    napi_get_and_clear_last_exception(env, &exception);
  }
  action();
  if (exception != nullptr) napi_throw(env, exception);
  napi_close_handle_scope(env, scope);
}

napi_value MakeShared(napi_env env, InstanceHandle* space, uint32_t memory, uint8_t* data, size_t bytes) {
  void* hold = wg_space_memory_hold(space->record, memory);
  napi_value buffer = hold == nullptr ? nullptr : MakeSharedBuffer(data, bytes, ReleaseShared, hold);
  if (buffer != nullptr) return buffer;
  wg_shared_release(hold);
  return ThrowCode(env, WG_ERR_MODULE_UNSUPPORTED, "this version of Node.js cannot share memory of wasmgate's");
}

}  // namespace

napi_value MakeView(napi_env env, InstanceHandle* space, uint32_t memory) {
  uint8_t* data;
  size_t bytes;
  bool shared;
  napi_value buffer;
  if (wg_space_memory(space->record, memory, &data, &bytes, &shared) != WG_OK) return ThrowLast(env, space->record);
  if (shared) return MakeShared(env, space, memory, data, bytes);
  DetachView(env, space, memory);
  space->hold->Use();  // the memory stays as long as somebody has it
  buffer = MakeBuffer(data, bytes, Release, space->hold);
  if (buffer == nullptr &&
      napi_create_external_arraybuffer(env, data, bytes, Finalize, space->hold, &buffer) != napi_ok) {
    // Node.js has finalized what it finds too large: whoever else does it as well ends the
    // space under its users.
    napi_get_and_clear_last_exception(env, &buffer);
    return ThrowCode(env, WG_ERR_OUT_OF_MEMORY, "no ArrayBuffer of that size can be made");
  }
  InstanceHandle::View view{nullptr, memory, bytes};
  if (!Ok(env, napi_create_reference(env, buffer, 0, &view.buffer))) return nullptr;
  space->views.push_back(view);
  return buffer;
}

void DetachView(napi_env env, InstanceHandle* space, uint32_t memory) {
  auto& views = space->views;
  auto found = std::find_if(views.begin(), views.end(), [&](const auto& view) { return view.memory == memory; });
  if (found == views.end()) return;
  Detach(env, &*found);
  views.erase(found);
}

void RefreshViews(napi_env env, InstanceHandle* space) {
  for (size_t i = 0; i < space->views.size();) {
    uint8_t* data;
    size_t bytes;
    bool shared;
    uint32_t memory = space->views[i].memory;
    if (wg_space_memory(space->record, memory, &data, &bytes, &shared) != WG_OK || bytes == space->views[i].bytes) {
      i++;
      continue;
    }
    Aside(env, [&] { DetachView(env, space, memory); });
  }
}

void DetachViews(napi_env env, InstanceHandle* space) {
  while (!space->views.empty()) DetachView(env, space, space->views.back().memory);
}

}  // namespace wg
