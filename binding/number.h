// Numbers that take one slot, inline: the short path of calls lives on these.
#ifndef WG_BINDING_NUMBER_H_
#define WG_BINDING_NUMBER_H_

#include <node_api.h>

#include <cstring>

#include "wasmgate.h"

namespace wg {

// What reading an argument came to.
enum class Read { kOk, kWrongType, kOutOfRange };

// Indexed by enum wg_kind: the lowest integer of a kind and how many follow it.
// Only the rows of 32-bit kinds are used.
struct IntegerRange {
  int64_t low;
  uint64_t span;
};
constexpr IntegerRange kIntegerRanges[] = {
    {0, 0},          {-128, 0xFF},
    {0, 0xFF},       {-0x8000, 0xFFFF},
    {0, 0xFFFF},     {-0x80000000LL, 0xFFFFFFFF},
    {0, 0xFFFFFFFF}, {0, 0},
    {0, 0},          {0, 0},
    {0, 0},          {0, 0},
    {0, 0},          {0, 0},
    {0, 0},          {-0x80000000LL, 0x17FFFFFFF},
};
static_assert(sizeof kIntegerRanges / sizeof kIntegerRanges[0] == WG_KIND_ANY32 + 1, "one row per kind");

// The integer that a number in the range of int32_t is; any other integer if it
// is none. The sum leaves the integer in the low bits of the mantissa, with no
// conversion that C++ leaves undefined.
inline int32_t NearInt32(double number) {
  constexpr double kShift = 6755399441055744.0;  // 2^52 + 2^51
  double shifted = number + kShift;
  int64_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  return static_cast<int32_t>(bits);
}

inline Read CheckInteger(double number, uint8_t kind, wg_raw* slot) {
  if (!(number >= -9007199254740992.0 && number <= 9007199254740992.0)) return Read::kOutOfRange;
  int64_t integer = static_cast<int64_t>(number);
  const IntegerRange& range = kIntegerRanges[kind];
  slot->i32 = static_cast<int32_t>(integer);
  bool fits = static_cast<uint64_t>(integer - range.low) <= range.span && static_cast<double>(integer) == number;
  return fits ? Read::kOk : Read::kOutOfRange;
}

inline Read ReadInt32(napi_env env, napi_value value, uint8_t kind, wg_raw* slot) {
  double number;
  if (napi_get_value_double(env, value, &number) != napi_ok) return Read::kWrongType;
  int32_t integer = NearInt32(number);
  slot->i32 = integer;
  bool whole = kind == WG_KIND_I32 || kind == WG_KIND_ANY32;
  if (whole && static_cast<double>(integer) == number) return Read::kOk;
  return CheckInteger(number, kind, slot);
}

inline Read ReadInt64(napi_env env, napi_value value, uint8_t kind, int64_t* out) {
  bool exact = false;
  if (napi_get_value_bigint_int64(env, value, out, &exact) != napi_ok) return Read::kWrongType;
  if (exact) return kind == WG_KIND_U64 && *out < 0 ? Read::kOutOfRange : Read::kOk;
  if (kind == WG_KIND_I64) return Read::kOutOfRange;
  uint64_t bits;
  if (napi_get_value_bigint_uint64(env, value, &bits, &exact) != napi_ok || !exact) return Read::kOutOfRange;
  *out = static_cast<int64_t>(bits);
  return Read::kOk;
}

// Kinds that ReadNumber and MakeNumber serve.
inline bool IsNumber(uint8_t kind) {
  return (kind >= WG_KIND_I8 && kind <= WG_KIND_BOOL) || kind == WG_KIND_ANY32 || kind == WG_KIND_ANY64;
}

inline bool IsInt32(uint8_t kind) { return kind <= WG_KIND_U32 || kind == WG_KIND_ANY32; }

inline Read ReadNumber(napi_env env, napi_value value, uint8_t kind, wg_raw* slot) {
  switch (kind) {
    case WG_KIND_I64:
    case WG_KIND_U64:
    case WG_KIND_ANY64:
      return ReadInt64(env, value, kind, &slot->i64);
    case WG_KIND_F64:
      return napi_get_value_double(env, value, &slot->f64) == napi_ok ? Read::kOk : Read::kWrongType;
    case WG_KIND_F32: {
      double number;
      if (napi_get_value_double(env, value, &number) != napi_ok) return Read::kWrongType;
      slot->f32 = static_cast<float>(number);
      return Read::kOk;
    }
    case WG_KIND_BOOL: {
      bool flag;
      if (napi_get_value_bool(env, value, &flag) != napi_ok) return Read::kWrongType;
      slot->i32 = flag ? 1 : 0;
      return Read::kOk;
    }
    default:
      return ReadInt32(env, value, kind, slot);
  }
}

inline napi_status MakeNumber(napi_env env, uint8_t kind, const wg_raw& raw, napi_value* value) {
  switch (kind) {
    case WG_KIND_I8:
      return napi_create_int32(env, static_cast<int8_t>(raw.i32), value);
    case WG_KIND_U8:
      return napi_create_int32(env, static_cast<uint8_t>(raw.i32), value);
    case WG_KIND_I16:
      return napi_create_int32(env, static_cast<int16_t>(raw.i32), value);
    case WG_KIND_U16:
      return napi_create_int32(env, static_cast<uint16_t>(raw.i32), value);
    case WG_KIND_U32:
      return napi_create_uint32(env, static_cast<uint32_t>(raw.i32), value);
    case WG_KIND_I64:
    case WG_KIND_ANY64:
      return napi_create_bigint_int64(env, raw.i64, value);
    case WG_KIND_U64:
      return napi_create_bigint_uint64(env, static_cast<uint64_t>(raw.i64), value);
    case WG_KIND_F32:
      return napi_create_double(env, static_cast<double>(raw.f32), value);
    case WG_KIND_F64:
      return napi_create_double(env, raw.f64, value);
    case WG_KIND_BOOL:
      return napi_get_boolean(env, raw.i32 != 0, value);
    default:
      return napi_create_int32(env, raw.i32, value);
  }
}

}  // namespace wg

#endif  // WG_BINDING_NUMBER_H_
