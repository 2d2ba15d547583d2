#include "run.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "error.h"
#include "handle.h"
#include "meter.h"
#include "value.h"
#include "wasmgate.h"

namespace wg {
namespace {

// Output that is on its way before the program waits, and input that is kept ready.
constexpr size_t kMostOutput = 1024 * 1024;

// Pieces of output are joined up to this size. Each counts as more than its bytes: memory
// is needed for it, and time to hand it over.
constexpr size_t kMostJoined = 64 * 1024;
constexpr size_t kPieceCost = 1024;
constexpr size_t kEnoughInput = 256 * 1024;

// How long a hook waits before the data plane looks whether to stop.
constexpr auto kSlice = std::chrono::milliseconds(2);

// Random once, fixed for ever: see handle.cc.
constexpr napi_type_tag kJobTag = {0x51c7a90e83d2f46b, 0xb8260d9f1e7a53c4};

// A program that runs. Three sides hold it: its thread, until it is done; the
// thread-safe function, until that or the environment ends; the JavaScript object. The
// program's thread never touches the environment: it leaves things under the lock and
// calls the thread-safe function, which is there unless `ended`.
class Job {
 public:
  std::mutex mutex;
  std::condition_variable changed;
  bool ended = false;    // the environment is gone, or everything was told
  bool stopped = false;  // before or while it runs
  wg_instance* record = nullptr;
  napi_threadsafe_function tell = nullptr;
  struct Chunk {
    int stream;
    std::vector<uint8_t> bytes;
  };
  std::deque<Chunk> output;
  size_t pending_output = 0;  // bytes not taken yet
  std::vector<uint8_t> input;
  size_t input_at = 0;
  bool input_ended = false, input_wanted = false;
  bool meter_due = false;
  uint64_t meters[WG_METER_COUNT] = {};
  wg_run* run = nullptr;  // set when it is done

  void Ref() { refs_++; }
  void Unref() {
    if (--refs_ == 0) delete this;
  }

  // For one that never came to be shared.
  static void Discard(Job* job) { delete job; }

  // With the lock held.
  void Wake() {
    if (!ended) napi_call_threadsafe_function(tell, nullptr, napi_tsfn_nonblocking);
  }
  void StopNow() {
    stopped = true;
    if (record != nullptr) wg_stop_call(record, WG_ERR_STOPPED);
    changed.notify_all();
  }

 private:
  ~Job() {
    if (run == nullptr) return;
    wg_error_free(&run->error);
    for (uint8_t* data : run->output) wg_free(data);
    wg_free(run->report);
    wg_free(run);
  }
  std::atomic<int> refs_{2};  // its thread and the thread-safe function
};

// ---- On the program's thread

void OnOpened(void* context, wg_instance* record) {
  auto* job = static_cast<Job*>(context);
  std::lock_guard<std::mutex> lock(job->mutex);
  job->record = record;
}

int OnRead(void* context, uint8_t* into, size_t bytes, size_t* got) {
  auto* job = static_cast<Job*>(context);
  std::unique_lock<std::mutex> lock(job->mutex);
  size_t left = job->input.size() - job->input_at;
  if (left == 0 && !job->input_ended) {
    if (!job->input_wanted) {
      job->input_wanted = true;
      job->Wake();
    }
    job->changed.wait_for(lock, kSlice);
    left = job->input.size() - job->input_at;
  }
  if (left == 0) {
    *got = 0;
    return job->input_ended ? WG_OK : WG_AGAIN;
  }
  *got = bytes == 0 ? 1 : std::min(left, bytes);
  if (bytes == 0) return WG_OK;
  memcpy(into, job->input.data() + job->input_at, *got);
  job->input_at += *got;
  return WG_OK;
}

int OnWrite(void* context, int stream, const uint8_t* bytes, size_t count) {
  auto* job = static_cast<Job*>(context);
  std::unique_lock<std::mutex> lock(job->mutex);
  if (job->pending_output > kMostOutput) {
    job->changed.wait_for(lock, kSlice);
    if (job->pending_output > kMostOutput) return job->ended ? WG_ERR_STOPPED : WG_AGAIN;
  }
  job->pending_output += count;
  if (!job->output.empty() && job->output.back().stream == stream &&
      job->output.back().bytes.size() + count <= kMostJoined) {
    auto& last = job->output.back().bytes;
    last.insert(last.end(), bytes, bytes + count);
    return WG_OK;
  }
  job->output.push_back({stream, std::vector<uint8_t>(bytes, bytes + count)});
  job->pending_output += kPieceCost;
  job->Wake();
  return WG_OK;
}

int OnTick(void* context, bool meter) {
  auto* job = static_cast<Job*>(context);
  std::lock_guard<std::mutex> lock(job->mutex);
  if (job->stopped) return WG_ERR_STOPPED;
  if (meter && job->record != nullptr) {
    wg_meters_peek(job->record, job->meters);
    job->meter_due = true;
    job->Wake();
  }
  return WG_OK;
}

void OnDone(void* context, wg_run* run) {
  auto* job = static_cast<Job*>(context);
  {
    std::lock_guard<std::mutex> lock(job->mutex);
    job->run = run;
    job->Wake();
    if (!job->ended) napi_release_threadsafe_function(job->tell, napi_tsfn_release);
  }
  job->Unref();
}

// ---- On the environment's thread

// When the function is released for the last time, or the environment ends.
void OnEnd(napi_env, void* data, void*) {
  auto* job = static_cast<Job*>(data);
  {
    std::lock_guard<std::mutex> lock(job->mutex);
    job->ended = true;
    job->StopNow();
  }
  job->Unref();
}

void FinalizeJob(napi_env, void* data, void*) { static_cast<Job*>(data)->Unref(); }

napi_value MakeMeters(napi_env env, const uint64_t* meters) {
  napi_value buffer, array;
  void* data;
  constexpr size_t kBytes = WG_METER_COUNT * sizeof *meters;
  if (!Ok(env, napi_create_arraybuffer(env, kBytes, &data, &buffer))) return nullptr;
  memcpy(data, meters, kBytes);
  return Ok(env, napi_create_typedarray(env, napi_biguint64_array, WG_METER_COUNT, buffer, 0, &array)) ? array
                                                                                                       : nullptr;
}

class Events {
 public:
  Events(napi_env env, napi_value on_event) : env_(env), on_event_(on_event) {}

  void Tell(const char* name, std::initializer_list<napi_value> values) {
    napi_value args[5], undefined;
    size_t count = 1;
    if (napi_create_string_utf8(env_, name, NAPI_AUTO_LENGTH, &args[0]) != napi_ok ||
        napi_get_undefined(env_, &undefined) != napi_ok) {
      return;
    }
    for (napi_value value : values) args[count++] = value == nullptr ? undefined : value;
    /* What it throws is not caught: it is a defect of js/run.js, which catches all that users do. */
    napi_call_function(env_, undefined, on_event_, count, args, nullptr);
  }

  void Output(const Job::Chunk& chunk) {
    napi_value stream, bytes;
    if (napi_create_int32(env_, chunk.stream, &stream) != napi_ok ||
        napi_create_buffer_copy(env_, chunk.bytes.size(), chunk.bytes.data(), nullptr, &bytes) != napi_ok) {
      return;
    }
    Tell("output", {stream, bytes});
  }

  void Done(wg_run* run) {
    napi_value error, output[2];
    if (run->error.code == WG_OK) {
      napi_get_null(env_, &error);
    } else {
      error = MakeError(env_, &run->error);
    }
    for (int i = 0; i < 2; i++) {
      output[i] = BufferOf(env_, run->output[i], run->output_bytes[i]);
      run->output[i] = nullptr;
    }
    Tell("done", {error, output[0], output[1], MakeMeters(env_, run->meters)});
  }

 private:
  napi_env env_;
  napi_value on_event_;
};

// Tells what there is to tell. May be called more often than there is something.
void OnTell(napi_env env, napi_value on_event, void* context, void*) {
  auto* job = static_cast<Job*>(context);
  if (env == nullptr) return;
  std::deque<Job::Chunk> output;
  bool input, meter;
  wg_run* run;
  uint64_t meters[WG_METER_COUNT];
  {
    std::lock_guard<std::mutex> lock(job->mutex);
    if (job->run != nullptr) {
      output.swap(job->output);
    } else if (!job->output.empty()) { /* one, so that the event loop turns: each has a call of its own */
      output.push_back(std::move(job->output.front()));
      job->output.pop_front();
    }
    input = job->input_wanted && job->run == nullptr;
    meter = job->meter_due;
    job->meter_due = false;
    memcpy(meters, job->meters, sizeof meters);
    run = job->run;
  }
  Events events(env, on_event);
  for (const Job::Chunk& chunk : output) events.Output(chunk);
  if (input) events.Tell("input", {});
  if (meter) events.Tell("meter", {MakeMeters(env, meters)});
  if (run == nullptr) return;
  char* report = run->report;
  run->report = nullptr;
  napi_value text = nullptr;
  if (report != nullptr && napi_create_string_utf8(env, report, NAPI_AUTO_LENGTH, &text) == napi_ok) {
    events.Tell("report", {text});
  }
  wg_free(report);
  {
    std::lock_guard<std::mutex> lock(job->mutex);
    if (job->run == nullptr) return;
    job->run = nullptr;  // told once
  }
  events.Done(run);
  wg_free(run);
}

Job* UnwrapJob(napi_env env, napi_value object) { return static_cast<Job*>(UnwrapTagged(env, object, kJobTag)); }

napi_value WrapJob(napi_env env, Job* job) {
  napi_value object = WrapTagged(env, job, kJobTag, FinalizeJob);
  if (object != nullptr) job->Ref();
  return object;
}

}  // namespace

napi_value Run(napi_env env, napi_callback_info info) {
  napi_value args[5], name, object;
  Text options;
  Bytes input;
  uint32_t uses;
  if (!GetArguments(env, info, args, 5)) return nullptr;
  ModuleHandle* module = UnwrapModule(env, args[0]);
  if (module == nullptr || !options.Read(env, args[1]) || !Ok(env, napi_get_value_uint32(env, args[3], &uses))) {
    return nullptr;
  }
  if (!IsAbsent(env, args[2]) && ReadBytes(env, args[2], WG_KIND_U8_ARRAY, &input) != Read::kOk) {
    return ThrowCode(env, WG_ERR_OPTION_TYPE, "grants.stdin: bytes were expected");
  }
  if (!Ok(env, napi_create_string_utf8(env, "wasmgate.run", NAPI_AUTO_LENGTH, &name))) return nullptr;
  auto* job = new Job;
  if (!Ok(env,
          napi_create_threadsafe_function(env, args[4], nullptr, name, 0, 1, job, OnEnd, job, OnTell, &job->tell))) {
    Job::Discard(job);
    return nullptr;
  }
  object = WrapJob(env, job);
  if (object == nullptr) {
    napi_release_threadsafe_function(job->tell, napi_tsfn_abort);
    job->Unref();
    return nullptr;
  }
  wg_host host{};
  host.context = job;
  host.opened = OnOpened;
  host.read = OnRead;
  host.write = OnWrite;
  host.tick = OnTick;
  host.watch = true;
  wg_run_async(module->handle, options.data(), options.bytes(), input.data, input.bytes, &host, OnDone, job);
  return object;
}

napi_value RunInput(napi_env env, napi_callback_info info) {
  napi_value args[2], full;
  Bytes bytes;
  if (!GetArguments(env, info, args, 2)) return nullptr;
  Job* job = UnwrapJob(env, args[0]);
  if (job == nullptr) return nullptr;
  bool end = IsAbsent(env, args[1]);
  if (!end && ReadBytes(env, args[1], WG_KIND_U8_ARRAY, &bytes) != Read::kOk) {
    return ThrowCode(env, WG_ERR_OPTION_TYPE, "stdin: bytes were expected");
  }
  std::lock_guard<std::mutex> lock(job->mutex);
  job->input.erase(job->input.begin(), job->input.begin() + static_cast<std::ptrdiff_t>(job->input_at));
  job->input_at = 0;
  job->input.insert(job->input.end(), bytes.data, bytes.data + bytes.bytes);
  job->input_ended = job->input_ended || end;
  bool enough = job->input.size() >= kEnoughInput;
  job->input_wanted = !enough;
  job->changed.notify_all();
  return Ok(env, napi_get_boolean(env, enough, &full)) ? full : nullptr;
}

napi_value RunTaken(napi_env env, napi_callback_info info) {
  napi_value args[2];
  int64_t bytes;
  if (!GetArguments(env, info, args, 2)) return nullptr;
  Job* job = UnwrapJob(env, args[0]);
  if (job == nullptr || !Ok(env, napi_get_value_int64(env, args[1], &bytes))) return nullptr;
  std::lock_guard<std::mutex> lock(job->mutex);
  job->pending_output -= std::min(job->pending_output, static_cast<size_t>(std::max<int64_t>(bytes, 0)) + kPieceCost);
  job->changed.notify_all();
  return nullptr;
}

napi_value RunStop(napi_env env, napi_callback_info info) {
  napi_value args[1];
  if (!GetArguments(env, info, args, 1)) return nullptr;
  Job* job = UnwrapJob(env, args[0]);
  if (job == nullptr) return nullptr;
  std::lock_guard<std::mutex> lock(job->mutex);
  job->StopNow();
  return nullptr;
}

}  // namespace wg
