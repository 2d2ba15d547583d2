// Memories, tables, globals, tags and objects of WebAssembly namespaces.
#include <string>

#include "error.h"
#include "space.h"
#include "value.h"
#include "view.h"

namespace wg {
namespace {

// What most of the functions here begin with: a namespace and numbers, of which an
// undefined one is UINT64_MAX.
template <size_t kCount>
struct Numbers {
  InstanceHandle* space = nullptr;
  napi_value args[kCount + 1];
  uint64_t numbers[kCount > 0 ? kCount : 1];

  uint32_t id() const { return static_cast<uint32_t>(numbers[0]); }
  wg_instance* record() const { return space->record; }

  bool Read(napi_env env, napi_callback_info info) {
    if (!GetArguments(env, info, args, kCount + 1)) return false;
    space = UnwrapSpace(env, args[0]);
    for (size_t i = 0; space != nullptr && i < kCount; i++) {
      if (!ReadNumber(env, args[i + 1], &numbers[i])) return false;
    }
    return space != nullptr;
  }

 private:
  static bool ReadNumber(napi_env env, napi_value value, uint64_t* out) {
    napi_valuetype type;
    double number = 0;
    bool lossless, flag;
    *out = UINT64_MAX;
    if (!Ok(env, napi_typeof(env, value, &type)) || type == napi_undefined) return type == napi_undefined;
    if (type == napi_bigint) return Ok(env, napi_get_value_bigint_uint64(env, value, out, &lossless));
    if (type == napi_boolean) {
      if (!Ok(env, napi_get_value_bool(env, value, &flag))) return false;
      *out = flag ? 1 : 0;
      return true;
    }
    if (!Ok(env, napi_get_value_double(env, value, &number))) return false;
    *out = static_cast<uint64_t>(number);
    return true;
  }
};

napi_value MakeNumber(napi_env env, InstanceHandle* space, int code, uint64_t number) {
  napi_value value;
  if (code != WG_OK) return ThrowLast(env, space->record);
  return Ok(env, napi_create_double(env, static_cast<double>(number), &value)) ? value : nullptr;
}

napi_value MakeFlag(napi_env env, InstanceHandle* space, int code, bool flag) {
  napi_value value;
  if (code != WG_OK) return ThrowLast(env, space->record);
  return Ok(env, napi_get_boolean(env, flag, &value)) ? value : nullptr;
}

// undefined, or an error.
napi_value Done(napi_env env, InstanceHandle* space, int code) {
  return code == WG_OK ? nullptr : ThrowLast(env, space->record);
}

}  // namespace

// memoryNew(space, initial, maximum, shared, is64) → id
napi_value SpaceMemoryNew(napi_env env, napi_callback_info info) {
  Numbers<4> of;
  uint32_t id = 0;
  if (!of.Read(env, info)) return nullptr;
  int code =
      wg_space_memory_new(of.record(), of.numbers[0], of.numbers[1], of.numbers[2] == 1, of.numbers[3] == 1, &id);
  return MakeNumber(env, of.space, code, id);
}

// memoryBytes(space, id)
napi_value SpaceMemoryBytes(napi_env env, napi_callback_info info) {
  Numbers<1> of;
  uint8_t* data;
  size_t bytes = 0;
  bool shared;
  if (!of.Read(env, info)) return nullptr;
  int code = wg_space_memory(of.record(), of.id(), &data, &bytes, &shared);
  return MakeNumber(env, of.space, code, bytes);
}

// memoryGrow(space, id, delta) → pages before, undefined if it cannot grow
napi_value SpaceMemoryGrow(napi_env env, napi_callback_info info) {
  Numbers<2> of;
  uint64_t before = 0;
  bool grown = false;
  if (!of.Read(env, info)) return nullptr;
  int code = wg_space_memory_grow(of.record(), of.id(), of.numbers[1], &before, &grown);
  if (code == WG_OK && !grown) return nullptr;
  DetachView(env, of.space, of.id());
  return MakeNumber(env, of.space, code, before);
}

// memoryBuffer(space, id)
napi_value SpaceMemoryBuffer(napi_env env, napi_callback_info info) {
  Numbers<1> of;
  return of.Read(env, info) ? MakeView(env, of.space, of.id()) : nullptr;
}

// tableNew(space, letter, initial, maximum) → id
napi_value SpaceTableNew(napi_env env, napi_callback_info info) {
  napi_value args[4];
  Text letter;
  uint32_t initial, maximum = UINT32_MAX, id = 0;
  if (!GetArguments(env, info, args, 4)) return nullptr;
  InstanceHandle* space = UnwrapSpace(env, args[0]);
  if (space == nullptr || !letter.Read(env, args[1]) || !Ok(env, napi_get_value_uint32(env, args[2], &initial)) ||
      (!IsAbsent(env, args[3]) && !Ok(env, napi_get_value_uint32(env, args[3], &maximum)))) {
    return nullptr;
  }
  char kind = letter.bytes() == 1 ? letter.data()[0] : 'x';
  int code = wg_space_table_new(space->record, kind, initial, maximum, &id);
  return MakeNumber(env, space, code, id);
}

// tableSize(space, id)
napi_value SpaceTableSize(napi_env env, napi_callback_info info) {
  Numbers<1> of;
  uint64_t size = 0;
  if (!of.Read(env, info)) return nullptr;
  int code = wg_space_table_size(of.record(), of.id(), &size);
  return MakeNumber(env, of.space, code, size);
}

// tableGet(space, id, index) → whether there is one
napi_value SpaceTableGet(napi_env env, napi_callback_info info) {
  Numbers<2> of;
  bool found = false;
  if (!of.Read(env, info)) return nullptr;
  int code = wg_space_table_get(of.record(), of.id(), of.numbers[1], &found);
  return MakeFlag(env, of.space, code, found);
}

// tableSet(space, id, index) → whether there is one
napi_value SpaceTableSet(napi_env env, napi_callback_info info) {
  Numbers<2> of;
  bool found = false;
  if (!of.Read(env, info)) return nullptr;
  int code = wg_space_table_set(of.record(), of.id(), of.numbers[1], &found);
  return MakeFlag(env, of.space, code, found);
}

// tableGrow(space, id, delta) → elements before, undefined if it cannot grow
napi_value SpaceTableGrow(napi_env env, napi_callback_info info) {
  Numbers<2> of;
  uint64_t before = 0;
  bool grown = false;
  if (!of.Read(env, info)) return nullptr;
  int code = wg_space_table_grow(of.record(), of.id(), of.numbers[1], &before, &grown);
  return code == WG_OK && !grown ? nullptr : MakeNumber(env, of.space, code, before);
}

// globalNew(space, letter, mutable) → id
napi_value SpaceGlobalNew(napi_env env, napi_callback_info info) {
  napi_value args[3];
  Text letter;
  bool is_mutable;
  uint32_t id = 0;
  if (!GetArguments(env, info, args, 3)) return nullptr;
  InstanceHandle* space = UnwrapSpace(env, args[0]);
  if (space == nullptr || !letter.Read(env, args[1]) || !Ok(env, napi_get_value_bool(env, args[2], &is_mutable))) {
    return nullptr;
  }
  char kind = letter.bytes() == 1 ? letter.data()[0] : 'x';
  int code = wg_space_global_new(space->record, kind, is_mutable, &id);
  return MakeNumber(env, space, code, id);
}

// globalGet(space, id)
napi_value SpaceGlobalGet(napi_env env, napi_callback_info info) {
  Numbers<1> of;
  return of.Read(env, info) ? Done(env, of.space, wg_space_global_get(of.record(), of.id())) : nullptr;
}

// globalSet(space, id)
napi_value SpaceGlobalSet(napi_env env, napi_callback_info info) {
  Numbers<1> of;
  return of.Read(env, info) ? Done(env, of.space, wg_space_global_set(of.record(), of.id())) : nullptr;
}

// tagNew(space, letters) → id
napi_value SpaceTagNew(napi_env env, napi_callback_info info) {
  napi_value args[2];
  Text letters;
  uint32_t id = 0;
  if (!GetArguments(env, info, args, 2)) return nullptr;
  InstanceHandle* space = UnwrapSpace(env, args[0]);
  if (space == nullptr || !letters.Read(env, args[1])) return nullptr;
  std::string text(letters.data(), letters.bytes());
  int code = wg_space_tag_new(space->record, text.c_str(), &id);
  return MakeNumber(env, space, code, id);
}

// make(space, bytes, letters) → id
napi_value SpaceMake(napi_env env, napi_callback_info info) {
  napi_value args[3];
  Bytes bytes;
  Text letters;
  uint32_t id = 0;
  if (!GetArguments(env, info, args, 3)) return nullptr;
  InstanceHandle* space = UnwrapSpace(env, args[0]);
  if (space == nullptr || !letters.Read(env, args[2])) return nullptr;
  if (ReadBytes(env, args[1], WG_KIND_U8_ARRAY, &bytes) != Read::kOk) return ThrowCode(env, WG_ERR_SOURCE_TYPE);
  std::string text(letters.data(), letters.bytes());
  int code = wg_space_make(space->record, bytes.data, bytes.bytes, text.c_str(), &id);
  return MakeNumber(env, space, code, id);
}

// gcKind(space, number) → 1 struct, 2 array, 0 neither
napi_value SpaceObjectKind(napi_env env, napi_callback_info info) {
  Numbers<1> of;
  if (!of.Read(env, info)) return nullptr;
  return MakeNumber(env, of.space, WG_OK, static_cast<uint64_t>(wg_space_object_kind(of.record(), of.id())));
}

// releaseGc(space, number, uses)
napi_value SpaceObjectRelease(napi_env env, napi_callback_info info) {
  Numbers<2> of;
  if (of.Read(env, info)) wg_space_object_release(of.record(), of.id(), static_cast<uint32_t>(of.numbers[1]));
  return nullptr;
}

// collect(space)
napi_value SpaceCollect(napi_env env, napi_callback_info info) {
  Numbers<0> of;
  if (of.Read(env, info)) wg_space_collect(of.record());
  return nullptr;
}

}  // namespace wg
