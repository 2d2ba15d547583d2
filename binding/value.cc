#include "value.h"

#include <cmath>
#include <cstring>

#include "env_data.h"
#include "error.h"
#include "utf.h"

namespace wg {
namespace {

// None of an optional that fits 24 bits, and of a 32-bit number as f64.
constexpr int32_t kNoneSmall = 0x00FFFFFF;
constexpr double kNoneDoubleOld = 4294967297.0;  // 2^32 + 1
constexpr double kNoneDouble = 9007199254740991.0;

// A char is one Unicode scalar value; Rust does not check, so this does.
Read ReadChar(napi_env env, napi_value value, wg_raw* slot) {
  char16_t units[4];
  size_t count = 0;
  if (napi_get_value_string_utf16(env, value, units, 4, &count) != napi_ok) {
    return Read::kWrongType;
  }
  bool high = count > 0 && units[0] >= 0xD800 && units[0] < 0xDC00;
  bool low = count > 0 && units[0] >= 0xDC00 && units[0] < 0xE000;
  if (count == 1 && !high && !low) {
    slot->i32 = units[0];
    return Read::kOk;
  }
  if (count == 2 && high && units[1] >= 0xDC00 && units[1] < 0xE000) {
    slot->i32 = 0x10000 + ((units[0] - 0xD800) << 10) + (units[1] - 0xDC00);
    return Read::kOk;
  }
  return Read::kOutOfRange;
}

Read ReadV128(napi_env env, napi_value value, wg_raw* slot) {
  Bytes bytes;
  Read read = ReadBytes(env, value, WG_KIND_U8_ARRAY, &bytes);
  if (read != Read::kOk) return read;
  if (bytes.bytes != sizeof slot->v128) return Read::kOutOfRange;
  memcpy(slot->v128, bytes.data, sizeof slot->v128);
  return Read::kOk;
}

// A 128-bit integer, into two slots.
Read ReadWide(napi_env env, napi_value value, uint8_t kind, wg_raw* slots) {
  int sign = 0;
  size_t count = 2;
  uint64_t words[2] = {0, 0};
  if (napi_get_value_bigint_words(env, value, &sign, &count, words) != napi_ok) return Read::kWrongType;
  constexpr uint64_t kTop = uint64_t{1} << 63;
  bool fits = count <= 2;
  if (kind == WG_KIND_U128) fits = fits && (sign == 0 || count == 0);
  if (kind == WG_KIND_I128) fits = fits && (words[1] < kTop || (sign != 0 && words[1] == kTop && words[0] == 0));
  if (!fits) return Read::kOutOfRange;
  if (sign != 0) {
    words[0] = ~words[0] + 1;
    words[1] = ~words[1] + (words[0] == 0 ? 1 : 0);
  }
  slots[0].i64 = static_cast<int64_t>(words[0]);
  slots[1].i64 = static_cast<int64_t>(words[1]);
  return Read::kOk;
}

// The value itself, without the wrapping of an optional.
Read ReadPlain(napi_env env, napi_value value, uint8_t kind, wg_raw* slot) {
  if (kind == WG_KIND_I128 || kind == WG_KIND_U128) return ReadWide(env, value, kind, slot);
  if (kind == WG_KIND_ENUM) kind = WG_KIND_ANY32;
  if (kind == WG_KIND_CHAR) return ReadChar(env, value, slot);
  if (kind == WG_KIND_V128) return ReadV128(env, value, slot);
  return ReadNumber(env, value, kind, slot);
}

void Halve(int64_t value, wg_raw* slots) {
  slots[0].i32 = static_cast<int32_t>(value);
  slots[1].i32 = static_cast<int32_t>(value >> 32);
}

// An optional 32-bit number that travels as f64. Kind f64 is that of a .d.ts,
// which does not say whether it is an i32, a u32 or an f32: what all of them
// hold goes through.
Read ReadWidened(napi_env env, napi_value value, uint8_t kind, wg_raw* slot) {
  wg_raw plain{};
  Read read = ReadPlain(env, value, kind, &plain);
  if (read != Read::kOk) return read;
  if (kind == WG_KIND_F64) {
    wg_raw integer;
    read = CheckInteger(plain.f64, WG_KIND_U32, &integer);
    if (read != Read::kOk || integer.i32 < 0) return Read::kOutOfRange;
  }
  switch (kind) {
    case WG_KIND_U32:
      slot->f64 = static_cast<uint32_t>(plain.i32);
      break;
    case WG_KIND_F32:
      slot->f64 = plain.f32;
      break;
    case WG_KIND_F64:
      slot->f64 = plain.f64;
      break;
    default:
      slot->f64 = plain.i32;
  }
  return Read::kOk;
}

void WriteNone(const Value& type, wg_raw* slots) {
  switch (type.form) {
    case WG_FORM_OPT_HOLE:
      if (type.kind == WG_KIND_F64) {
        slots[0].f64 = type.extra;
      } else {
        slots[0].i32 = static_cast<int32_t>(type.extra);
      }
      break;
    case WG_FORM_OPT_SMALL:
      slots[0].i32 = kNoneSmall;
      break;
    case WG_FORM_OPT_DOUBLE_OLD:
      slots[0].f64 = kNoneDoubleOld;
      break;
    case WG_FORM_OPT_DOUBLE:
      slots[0].f64 = kNoneDouble;
      break;
    default:  // a flag or a pointer, and whatever follows it
      slots[0].i64 = 0;
      slots[1].i64 = 0;
      if (type.words > 2) slots[2].i64 = 0;
  }
}

napi_value MakeChar(napi_env env, uint32_t scalar) {
  char16_t units[2];
  size_t count = 1;
  if (scalar >= 0x110000 || (scalar >= 0xD800 && scalar < 0xE000)) {
    return ThrowCode(env, WG_ERR_RESULT_INVALID, "the guest returned a char that is no Unicode scalar value");
  }
  if (scalar < 0x10000) {
    units[0] = static_cast<char16_t>(scalar);
  } else {
    units[0] = static_cast<char16_t>(0xD800 + ((scalar - 0x10000) >> 10));
    units[1] = static_cast<char16_t>(0xDC00 + ((scalar - 0x10000) & 0x3FF));
    count = 2;
  }
  napi_value text;
  return Ok(env, napi_create_string_utf16(env, units, count, &text)) ? text : nullptr;
}

napi_value MakeWide(napi_env env, uint8_t kind, const wg_raw* raw) {
  uint64_t words[2] = {static_cast<uint64_t>(raw[0].i64), static_cast<uint64_t>(raw[1].i64)};
  int sign = kind == WG_KIND_I128 && raw[1].i64 < 0 ? 1 : 0;
  if (sign != 0) {
    words[0] = ~words[0] + 1;
    words[1] = ~words[1] + (words[0] == 0 ? 1 : 0);
  }
  napi_value value;
  return Ok(env, napi_create_bigint_words(env, sign, 2, words, &value)) ? value : nullptr;
}

napi_value MakePlain(napi_env env, uint8_t kind, const wg_raw& raw) {
  napi_value value = nullptr;
  if (kind == WG_KIND_I128 || kind == WG_KIND_U128) return MakeWide(env, kind, &raw);
  if (kind == WG_KIND_CHAR) return MakeChar(env, static_cast<uint32_t>(raw.i32));
  if (kind == WG_KIND_V128) return MakeArray(env, WG_KIND_U8_ARRAY, raw.v128, sizeof raw.v128);
  return Ok(env, MakeNumber(env, kind, raw, &value)) ? value : nullptr;
}

napi_value Undefined(napi_env env) {
  napi_value value;
  return Ok(env, napi_get_undefined(env, &value)) ? value : nullptr;
}

wg_raw Joined(const wg_raw* halves) {
  wg_raw whole{};
  whole.i64 = static_cast<int64_t>(static_cast<uint64_t>(static_cast<uint32_t>(halves[1].i32)) << 32 |
                                   static_cast<uint32_t>(halves[0].i32));
  return whole;
}

napi_value MakeNarrowed(napi_env env, uint8_t kind, double number) {
  wg_raw raw{};
  switch (kind) {
    case WG_KIND_U32:
      raw.i32 = static_cast<int32_t>(static_cast<uint32_t>(static_cast<int64_t>(number)));
      break;
    case WG_KIND_F32:
      raw.f32 = static_cast<float>(number);
      break;
    case WG_KIND_F64:
      raw.f64 = number;
      break;
    default:
      raw.i32 = static_cast<int32_t>(static_cast<int64_t>(number));
  }
  return MakePlain(env, kind, raw);
}

}  // namespace

bool GetArguments(napi_env env, napi_callback_info info, napi_value* args, size_t count) {
  size_t got = count;
  return Ok(env, napi_get_cb_info(env, info, &got, args, nullptr, nullptr));
}

bool Text::Read(napi_env env, napi_value value) {
  napi_valuetype type;
  size_t bytes = 0;
  if (!Ok(env, napi_typeof(env, value, &type))) return false;
  if (type == napi_undefined) return true;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &bytes) != napi_ok) {
    ThrowCode(env, WG_ERR_HANDLE, "internal: a string was expected");
    return false;
  }
  text_.resize(bytes + 1);  // room for the terminator
  if (!Ok(env, napi_get_value_string_utf8(env, value, &text_[0], bytes + 1, &bytes))) return false;
  text_.resize(bytes);
  return true;
}

bool IsAbsent(napi_env env, napi_value value) {
  napi_valuetype type;
  return napi_typeof(env, value, &type) == napi_ok && (type == napi_undefined || type == napi_null);
}

Read ReadScalar(napi_env env, napi_value value, const Value& type, wg_raw* slots) {
  if (type.form == WG_FORM_PLAIN) return ReadPlain(env, value, type.kind, slots);
  if (type.form != WG_FORM_PAIR64 && IsAbsent(env, value)) {
    WriteNone(type, slots);
    return Read::kOk;
  }
  Read read;
  int64_t whole = 0;
  switch (type.form) {
    case WG_FORM_PAIR64:
      read = ReadInt64(env, value, type.kind, &whole);
      Halve(whole, slots);
      return read;
    case WG_FORM_OPT_FLAG_PAIR64:
      read = ReadInt64(env, value, type.kind, &whole);
      slots[0].i32 = 1;
      Halve(whole, slots + 1);
      return read;
    case WG_FORM_OPT_HOLE:
      return ReadPlain(env, value, type.kind, slots);
    case WG_FORM_OPT_FLAG:
      slots[0].i32 = 1;
      return ReadPlain(env, value, type.kind, slots + 1);
    case WG_FORM_OPT_DOUBLE:
    case WG_FORM_OPT_DOUBLE_OLD:
      return ReadWidened(env, value, type.kind, slots);
    default: {  // WG_FORM_OPT_SMALL
      read = ReadPlain(env, value, type.kind, slots);
      bool fits = type.kind != WG_KIND_ANY32 || (slots[0].i32 >= -0x8000 && slots[0].i32 <= 0xFFFF);
      return read == Read::kOk && !fits ? Read::kOutOfRange : read;
    }
  }
}

napi_value MakeScalar(napi_env env, const Value& type, const wg_raw* slots) {
  switch (type.form) {
    case WG_FORM_PAIR64:
      return MakePlain(env, type.kind, Joined(slots));
    case WG_FORM_OPT_SMALL:
      if (slots[0].i32 == kNoneSmall) return Undefined(env);
      return MakePlain(env, type.kind, slots[0]);
    case WG_FORM_OPT_DOUBLE:
    case WG_FORM_OPT_DOUBLE_OLD: {
      double none = type.form == WG_FORM_OPT_DOUBLE ? kNoneDouble : kNoneDoubleOld;
      if (slots[0].f64 == none) return Undefined(env);
      return MakeNarrowed(env, type.kind, slots[0].f64);
    }
    case WG_FORM_OPT_HOLE:
      if (type.kind == WG_KIND_F64 ? slots[0].f64 == type.extra : slots[0].i32 == static_cast<int32_t>(type.extra)) {
        return Undefined(env);
      }
      return MakePlain(env, type.kind, slots[0]);
    case WG_FORM_OPT_FLAG:
      if (slots[0].i32 == 0) return Undefined(env);
      return MakePlain(env, type.kind, slots[1]);
    case WG_FORM_OPT_FLAG_PAIR64:
      if (slots[0].i32 == 0) return Undefined(env);
      return MakePlain(env, type.kind, Joined(slots + 1));
    default:
      return MakePlain(env, type.kind, slots[0]);
  }
}

napi_value MakeString(napi_env env, const char* data, size_t bytes) {
  napi_value text = nullptr;
  napi_status status;
  if (bytes <= utf::kShort ? utf::IsShortAscii(data, bytes) : utf::IsAscii(data, bytes)) {
    status = napi_create_string_latin1(env, data, bytes, &text);
  } else {
    EnvData* shared = GetEnvData(env);
    auto* units = static_cast<char16_t*>(shared->text.Reserve(bytes * sizeof(char16_t)));
    if (units == nullptr) return ThrowCode(env, WG_ERR_OUT_OF_MEMORY);
    char16_t all = 0;
    size_t count = utf::Utf8ToUtf16(data, bytes, units, &all);
    if (count == utf::kInvalid) {
      shared->text.Shrink();
      std::string where = "the guest returned a string that is not UTF-8, at byte " +
                          std::to_string(utf::FirstInvalid(data, bytes)) + " of " + std::to_string(bytes);
      return ThrowCode(env, WG_ERR_RESULT_UTF8, where.c_str());
    }
    if (all < 0x100) {
      // V8 keeps such text in one byte a character: half the memory, and faster to use.
      auto* narrow = reinterpret_cast<char*>(units);
      utf::NarrowLatin1(units, count, narrow);
      status = napi_create_string_latin1(env, narrow, count, &text);
    } else {
      status = napi_create_string_utf16(env, units, count, &text);
    }
    shared->text.Shrink();
  }
  if (status == napi_ok) return text;
  napi_value ignored;
  napi_get_and_clear_last_exception(env, &ignored);
  return ThrowCode(env, WG_ERR_RESULT_TOO_LARGE, "the guest returned a string longer than JavaScript can hold");
}

}  // namespace wg
