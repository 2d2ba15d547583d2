// AVX2 kernels for utf.cc.
//
// Both directions work alike: compute for every position of the source, whatever it holds, what it
// would contribute to the result; then squeeze out the positions that contribute nothing, by a byte
// shuffle that a mask selects from a table. So nothing but the output position depends on earlier
// blocks, and there are few branches to mispredict on text that mixes scripts.
//
// Blocks have a fixed size and may begin and end inside of a character. The last one ends where the
// text does and overlaps the one before, of whose positions it contributes none again.
//
// Whole registers are stored even when only a part holds results. That stays inside of the
// destination because what is yet to come will overwrite the rest: every unit of UTF-16 becomes at
// least one byte, and every byte of UTF-8 at most one unit. The results of last blocks, for which
// this would not hold, are copied from a buffer.

#include "utf.h"

#ifdef WG_UTF_X86

#include <immintrin.h>

#include <cstring>

#define WG_AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))
// For functions whose callers pass constants, or want to keep constants in registers.
#define WG_AVX2_INLINE inline __attribute__((target("avx2,bmi,bmi2,popcnt"), always_inline))

namespace wg::utf::internal {
namespace {

// ---- Tables -------------------------------------------------------------------------------------

// Shuffles of a 16-byte register, indexed by eight bits. Positions past the result become zero.
struct ShuffleTable {
  alignas(16) uint8_t row[256][16];
};

// Moves those of eight 16-bit lanes to the front whose bit is set.
constexpr ShuffleTable MakeUnitTable() {
  ShuffleTable table = {};
  for (int mask = 0; mask < 256; mask++) {
    int used = 0;
    for (int lane = 0; lane < 8; lane++) {
      if (!(mask >> lane & 1)) continue;
      table.row[mask][used++] = static_cast<uint8_t>(2 * lane);
      table.row[mask][used++] = static_cast<uint8_t>(2 * lane + 1);
    }
    while (used < 16) table.row[mask][used++] = 0x80;
  }
  return table;
}

// Keeps the last byte of each lane, and of those before it as many as the lane has bits set.
// `bytes` is the size of a lane, of which `bits` bits of the index tell.
constexpr ShuffleTable MakeSuffixTable(int bytes, int bits) {
  ShuffleTable table = {};
  for (int mask = 0; mask < 256; mask++) {
    int used = 0;
    for (int lane = 0; lane < 16 / bytes; lane++) {
      int keep = 1;
      for (int bit = 0; bit < bits; bit++) keep += mask >> (lane * bits + bit) & 1;
      for (int byte = bytes - keep; byte < bytes; byte++) {
        table.row[mask][used++] = static_cast<uint8_t>(lane * bytes + byte);
      }
    }
    while (used < 16) table.row[mask][used++] = 0x80;
  }
  return table;
}

constexpr ShuffleTable kUnits = MakeUnitTable();
constexpr ShuffleTable kOneOrTwoBytes = MakeSuffixTable(2, 1);
constexpr ShuffleTable kOneToThreeBytes = MakeSuffixTable(4, 2);

// Ill-formed pairs of adjacent bytes, as sets of nibbles: a pair is ill-formed by a rule if the
// high and low nibble of its first byte and the high nibble of its second are in the rule's sets.
// The last rule is met by the third and fourth byte of a character too, and has to be exactly
// there (Keiser and Lemire, "Validating UTF-8 In Less Than One Instruction Per Byte").
struct PairRule {
  uint16_t high1, low1, high2;
};
constexpr PairRule kPairRules[8] = {
    {0xf000, 0xffff, 0xf0ff},  // A lead, no continuation.
    {0x00ff, 0xffff, 0x0f00},  // ASCII, then a continuation.
    {0x1000, 0x0003, 0x0f00},  // C0, C1: overlong.
    {0x4000, 0x0001, 0x0300},  // E0 80 to E0 9F: overlong.
    {0x4000, 0x2000, 0x0c00},  // ED A0 to ED BF: surrogates.
    {0x8000, 0xffe1, 0x0100},  // F0 80 to F0 8F: overlong. F5 and up: too large.
    {0x8000, 0xfff0, 0x0e00},  // F4 90 and up: too large.
    {0x0f00, 0xffff, 0x0f00},  // Two continuations.
};

// For each nibble the rules, one per bit, whose set it is in.
struct NibbleTable {
  alignas(16) uint8_t row[16];
};
constexpr NibbleTable MakeNibbleTable(uint16_t PairRule::*set) {
  NibbleTable table = {};
  for (int rule = 0; rule < 8; rule++) {
    for (int nibble = 0; nibble < 16; nibble++) {
      table.row[nibble] |= static_cast<uint8_t>((kPairRules[rule].*set >> nibble & 1) << rule);
    }
  }
  return table;
}
constexpr NibbleTable kHigh1 = MakeNibbleTable(&PairRule::high1);
constexpr NibbleTable kLow1 = MakeNibbleTable(&PairRule::low1);
constexpr NibbleTable kHigh2 = MakeNibbleTable(&PairRule::high2);

// ---- Helpers ------------------------------------------------------------------------------------

WG_AVX2 inline __m128i Row(const ShuffleTable& table, uint32_t index) {
  return _mm_load_si128(reinterpret_cast<const __m128i*>(table.row[index]));
}
WG_AVX2 inline __m256i Row(const NibbleTable& table) {
  return _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(table.row)));
}
WG_AVX2 inline __m256i Load256(const void* p) { return _mm256_loadu_si256(static_cast<const __m256i*>(p)); }
WG_AVX2 inline void Store256(void* p, __m256i v) { _mm256_storeu_si256(static_cast<__m256i*>(p), v); }
WG_AVX2 inline void Store128(void* p, __m128i v) { _mm_storeu_si128(static_cast<__m128i*>(p), v); }
WG_AVX2 inline __m256i Set8(int v) { return _mm256_set1_epi8(static_cast<char>(v)); }
WG_AVX2 inline __m256i Set16(int v) { return _mm256_set1_epi16(static_cast<short>(v)); }
// AVX2 compares for order only signed.
WG_AVX2 inline __m256i AtLeast8(__m256i a, int b) { return _mm256_cmpeq_epi8(_mm256_max_epu8(a, Set8(b)), a); }
WG_AVX2 inline __m256i AtLeast16(__m256i a, int b) { return _mm256_cmpeq_epi16(_mm256_max_epu16(a, Set16(b)), a); }
// Lanes whose bits in `mask` are `value`.
WG_AVX2 inline __m256i Matches16(__m256i a, int mask, int value) {
  return _mm256_cmpeq_epi16(_mm256_and_si256(a, Set16(mask)), Set16(value));
}
WG_AVX2 inline __m256i Or(__m256i a, __m256i b) { return _mm256_or_si256(a, b); }
WG_AVX2 inline __m256i And(__m256i a, __m256i b) { return _mm256_and_si256(a, b); }

// `u` moved by one unit to the front or the back, with `unit` moved in.
WG_AVX2 inline __m256i NextUnits(__m256i u, char16_t unit) {
  __m256i next = _mm256_alignr_epi8(_mm256_permute2x128_si256(u, u, 0x81), u, 2);
  return _mm256_insert_epi16(next, static_cast<short>(unit), 15);
}
WG_AVX2 inline __m256i PreviousUnits(__m256i u, char16_t unit) {
  __m256i previous = _mm256_alignr_epi8(u, _mm256_permute2x128_si256(u, u, 0x08), 14);
  return _mm256_insert_epi16(previous, static_cast<short>(unit), 0);
}
// `b` moved by some bytes to the back, with zeros moved in.
template <int kBytes>
WG_AVX2 inline __m256i PreviousBytes(__m256i b) {
  return _mm256_alignr_epi8(b, _mm256_permute2x128_si256(b, b, 0x08), 16 - kBytes);
}

// ---- Length -------------------------------------------------------------------------------------

// Minus the bytes that each unit takes beyond one. The halves of a pair count 0 and 2.
WG_AVX2 inline __m256i MinusExtraBytes(__m256i u, __m256i next) {
  __m256i pair = And(Matches16(u, 0xfc00, 0xd800), Matches16(next, 0xfc00, 0xdc00));
  __m256i extra = _mm256_add_epi16(AtLeast16(u, 0x80), AtLeast16(u, 0x800));
  return _mm256_sub_epi16(extra, _mm256_add_epi16(pair, pair));
}

WG_AVX2 size_t LengthAvx2(const char16_t* src, size_t n) {
  // The last sixteen units, less those that are counted before.
  static constexpr int16_t kLanes[32] = {0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
                                         -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
  __m256i last = Load256(src + n - 16);
  last = And(MinusExtraBytes(last, NextUnits(last, 0)), Load256(kLanes + ((n - 1) % 16 + 1)));
  __m256i total = _mm256_madd_epi16(last, Set16(-1));
  size_t whole = (n - 1) / 16 * 16;
  for (size_t i = 0; i < whole;) {
    // Lanes change by two at most each time, so they cannot overflow in this many.
    size_t end = whole - i < 16 * 8192 ? whole : i + 16 * 8192;
    __m256i minus = _mm256_setzero_si256();
    for (; i < end; i += 16) {
      minus = _mm256_add_epi16(minus, MinusExtraBytes(Load256(src + i), Load256(src + i + 1)));
    }
    total = _mm256_add_epi32(total, _mm256_madd_epi16(minus, Set16(-1)));
  }
  alignas(32) uint32_t lanes[8];
  Store256(lanes, total);
  size_t sum = n;
  for (uint32_t lane : lanes) sum += lane;
  return sum;
}

// ---- UTF-16 to UTF-8 ----------------------------------------------------------------------------

// The last two bytes of what each unit becomes, in the order of memory: of a unit below 0x80 the
// one byte in the upper half, of others both.
WG_AVX2 inline __m256i LastTwoBytes(__m256i u, __m256i two, __m256i marks) {
  __m256i last = _mm256_slli_epi16(u, 8);
  __m256i middle = And(_mm256_srli_epi16(u, 6), Set16(0x003f));
  __m256i both = Or(Or(And(last, Set16(0x3f00)), middle), marks);
  return _mm256_blendv_epi8(last, both, two);
}

// Replaces unpaired surrogates in `u` by U+FFFD and returns the mask of the others. Puts what these
// become into their lanes of `halves`.
WG_AVX2 inline __m256i Surrogates(__m256i previous, __m256i next, __m256i* u, __m256i* halves) {
  __m256i high = And(Matches16(*u, 0xfc00, 0xd800), Matches16(next, 0xfc00, 0xdc00));
  __m256i low = And(Matches16(*u, 0xfc00, 0xdc00), Matches16(previous, 0xfc00, 0xd800));
  __m256i paired = Or(high, low);
  __m256i unpaired = _mm256_andnot_si256(paired, Matches16(*u, 0xf800, 0xd800));
  // Bits 10 and up of the code point.
  __m256i top = _mm256_add_epi16(And(*u, Set16(0x3ff)), Set16(0x40));
  __m256i first = Or(Or(_mm256_srli_epi16(top, 8), And(_mm256_slli_epi16(top, 6), Set16(0x3f00))), Set16(0x80f0));
  __m256i second = Or(And(_mm256_srli_epi16(*u, 6), Set16(0x0f)), And(_mm256_slli_epi16(*u, 8), Set16(0x3f00)));
  second = Or(second, _mm256_slli_epi16(And(previous, Set16(3)), 4));
  *halves = _mm256_blendv_epi8(Or(second, Set16(0x8080)), first, high);
  *u = _mm256_blendv_epi8(*u, Set16(0xfffd), unpaired);
  return paired;
}

// Where the bytes of a block of units start and end.
struct Bytes {
  char* begin;
  char* end;
};

// Encodes the 16 units `u`, that are between `before` and `after`, at `out`. Of the first `skip`
// units the bytes are written but left out of the result. The last four units write 16 bytes.
WG_AVX2_INLINE Bytes EncodeBlock(__m256i u, char16_t before, char16_t after, size_t skip, char* out) {
  if (_mm256_testz_si256(u, Set16(0xff80))) {
    Store128(out, _mm_packus_epi16(_mm256_castsi256_si128(u), _mm256_extracti128_si256(u, 1)));
    return {out + skip, out + 16};
  }
  __m256i two = AtLeast16(u, 0x80);
  if (_mm256_testz_si256(u, Set16(0xf800))) {
    __m256i tail = LastTwoBytes(u, two, Set16(0x80c0));
    uint32_t mask = static_cast<uint32_t>(
        _mm_movemask_epi8(_mm_packs_epi16(_mm256_castsi256_si128(two), _mm256_extracti128_si256(two, 1))));
    __m128i low = _mm256_castsi256_si128(tail);
    Store128(out, _mm_shuffle_epi8(low, Row(kOneOrTwoBytes, mask & 0xff)));
    char* middle = out + 8 + _mm_popcnt_u32(mask & 0xff);
    __m128i high = _mm256_extracti128_si256(tail, 1);
    Store128(middle, _mm_shuffle_epi8(high, Row(kOneOrTwoBytes, mask >> 8)));
    return {out + skip + _mm_popcnt_u32(mask & ((1u << skip) - 1)), middle + 8 + _mm_popcnt_u32(mask >> 8)};
  }
  __m256i three = AtLeast16(u, 0x800);
  __m256i tail;
  if (!_mm256_testz_si256(Matches16(u, 0xf800, 0xd800), Set8(0xff))) {
    __m256i halves;
    __m256i paired = Surrogates(PreviousUnits(u, before), NextUnits(u, after), &u, &halves);
    if (_mm256_movemask_epi8(paired) == -1) {
      Store256(out, halves);
      return {out + 2 * skip, out + 32};
    }
    three = _mm256_andnot_si256(paired, three);
    tail = LastTwoBytes(u, two, _mm256_blendv_epi8(Set16(0x80c0), Set16(0x8080), three));
    tail = _mm256_blendv_epi8(tail, halves, paired);
  } else {
    tail = LastTwoBytes(u, two, _mm256_blendv_epi8(Set16(0x80c0), Set16(0x8080), three));
  }
  __m256i lead = _mm256_slli_epi16(Or(_mm256_srli_epi16(u, 12), Set16(0xe0)), 8);
  uint32_t mask = static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_blendv_epi8(three, two, Set16(0xff00))));
  __m256i even = _mm256_unpacklo_epi16(lead, tail);
  __m256i odd = _mm256_unpackhi_epi16(lead, tail);
  char* begin = out + skip + _mm_popcnt_u32(mask & ((1u << 2 * skip) - 1));
  __m128i quads[4] = {_mm256_castsi256_si128(even), _mm256_castsi256_si128(odd), _mm256_extracti128_si256(even, 1),
                      _mm256_extracti128_si256(odd, 1)};
  for (__m128i quad : quads) {
    Store128(out, _mm_shuffle_epi8(quad, Row(kOneToThreeBytes, mask & 0xff)));
    out += 4 + _mm_popcnt_u32(mask & 0xff);
    mask >>= 8;
  }
  return {begin, out};
}

WG_AVX2 size_t EncodeAvx2(const char16_t* src, size_t n, char* dst) {
  size_t i = 0;
  char16_t before = 0;
  char* out = dst;
  // The 16 bytes of a block's last four units are written as long as these are among 16 or more.
  for (; i + 28 <= n; i += 16) {
    out = EncodeBlock(Load256(src + i), before, src[i + 16], 0, out).end;
    before = src[i + 15];
  }
  // The rest, by way of a buffer. The last block overlaps the one before.
  char buffer[48 + 4];
  while (i < n) {
    size_t at = i + 16 < n ? i : n - 16;
    Bytes bytes = EncodeBlock(Load256(src + at), at > 0 ? src[at - 1] : u'\0', at + 16 < n ? src[at + 16] : u'\0',
                              i - at, buffer);
    size_t size = static_cast<size_t>(bytes.end - bytes.begin);
    memcpy(out, bytes.begin, size);
    out += size;
    i = at + 16;
  }
  return static_cast<size_t>(out - dst);
}

// ---- UTF-8 to UTF-16 ----------------------------------------------------------------------------

WG_AVX2 inline void StoreAscii(__m256i bytes, char16_t* out) {
  Store256(out, _mm256_cvtepu8_epi16(_mm256_castsi256_si128(bytes)));
  Store256(out + 16, _mm256_cvtepu8_epi16(_mm256_extracti128_si256(bytes, 1)));
}

inline bool IsStart(char c) { return (c & 0xc0) != 0x80; }

struct DecodeState {
  __m256i errors;  // Not zero if there were any.
  __m256i ascii;   // The bitwise OR of what was copied as bytes,
  __m128i units;   // and of what was made in other ways.
};

// Decodes the characters that end in the 32 bytes `b0` (and makes high surrogates where third bytes
// of four are), and returns the end of the units. `b1` to `b3` are the bytes one to three before
// each, `ends` tells whether a character ends with the last byte. Of the first `skip` bytes nothing
// is written. Characters that start in this block and do not end in it are left to the next one to
// check. Each 8 bytes write 8 units.
WG_AVX2_INLINE char16_t* DecodeBlock(__m256i b0, __m256i b1, __m256i b2, __m256i b3, bool ends, size_t skip,
                                     char16_t* out, DecodeState* state) {
  const __m256i zero = _mm256_setzero_si256();
  const __m256i nibble = Set8(0x0f);
  __m256i continuation = _mm256_cmpgt_epi8(Set8(0xc0), b0);
  __m256i third = AtLeast8(b2, 0xe0);   // Third byte of a character of three or four.
  __m256i fourth = AtLeast8(b3, 0xf0);  // Fourth byte of four.

  __m256i rules = _mm256_shuffle_epi8(Row(kHigh1), And(_mm256_srli_epi16(b1, 4), nibble));
  rules = And(rules, _mm256_shuffle_epi8(Row(kLow1), And(b1, nibble)));
  rules = And(rules, _mm256_shuffle_epi8(Row(kHigh2), And(_mm256_srli_epi16(b0, 4), nibble)));
  state->errors = Or(state->errors, _mm256_xor_si256(rules, And(Or(third, fourth), Set8(0x80))));

  // The unit that each byte completes, if it does, is c2 << 12 | c1 << 6 | c0.
  __m256i c0 = And(b0, Set8(0x7f));
  __m256i c1 = And(b1, And(continuation, Set8(0x3f)));
  __m256i c2 = And(b2, third);
  uint32_t leads = ~static_cast<uint32_t>(_mm256_movemask_epi8(continuation));
  uint32_t keep = leads >> 1 | static_cast<uint32_t>(ends) << 31;
  __m256i high = AtLeast8(b2, 0xf0);
  if (_mm256_movemask_epi8(Or(high, fourth)) != 0) {
    // The fourth byte completes the low surrogate, the third the high one. The 0x1f is the upper
    // part of (0xd800 - (0x10000 >> 10)), to which the bits of the code point are added.
    __m256i h0 = Or(_mm256_slli_epi16(And(b1, nibble), 2), And(_mm256_srli_epi16(b0, 4), Set8(0x03)));
    __m256i h1 = Or(_mm256_slli_epi16(And(b2, Set8(0x07)), 2), And(_mm256_srli_epi16(b1, 4), Set8(0x03)));
    c0 = _mm256_blendv_epi8(c0, h0, high);
    c1 = _mm256_blendv_epi8(c1, _mm256_add_epi8(h1, Set8(0x1f)), high);
    c1 = _mm256_blendv_epi8(c1, Or(And(b1, nibble), Set8(0x30)), fourth);
    c2 = _mm256_blendv_epi8(c2, Set8(0x0d), Or(high, fourth));
    keep |= static_cast<uint32_t>(_mm256_movemask_epi8(high));
  }
  keep &= ~0u << skip;
  const __m256i weights = Set16(64 << 8 | 1);
  __m256i even = Or(_mm256_maddubs_epi16(_mm256_unpacklo_epi8(c0, c1), weights),
                    _mm256_slli_epi16(_mm256_unpacklo_epi8(zero, c2), 4));
  __m256i odd = Or(_mm256_maddubs_epi16(_mm256_unpackhi_epi8(c0, c1), weights),
                   _mm256_slli_epi16(_mm256_unpackhi_epi8(zero, c2), 4));
  __m128i octets[4] = {_mm256_castsi256_si128(even), _mm256_castsi256_si128(odd), _mm256_extracti128_si256(even, 1),
                       _mm256_extracti128_si256(odd, 1)};
  for (__m128i octet : octets) {
    __m128i units = _mm_shuffle_epi8(octet, Row(kUnits, keep & 0xff));
    Store128(out, units);
    state->units = _mm_or_si128(state->units, units);
    out += _mm_popcnt_u32(keep & 0xff);
    keep >>= 8;
  }
  return out;
}

WG_AVX2 size_t DecodeAvx2(const char* src, size_t n, char16_t* dst, char16_t* all) {
  const __m256i zero = _mm256_setzero_si256();
  DecodeState state = {zero, zero, _mm_setzero_si128()};
  size_t i = 0;
  char16_t* out = dst;
  for (; i + 33 <= n; i += 32) {
    __m256i b0 = Load256(src + i);
    __m256i b3 = i > 0 ? Load256(src + i - 3) : PreviousBytes<3>(b0);
    if (_mm256_movemask_epi8(Or(b0, b3)) == 0) {
      StoreAscii(b0, out);
      state.ascii = Or(state.ascii, b0);
      out += 32;
      continue;
    }
    __m256i b1 = i > 0 ? Load256(src + i - 1) : PreviousBytes<1>(b0);
    __m256i b2 = i > 0 ? Load256(src + i - 2) : PreviousBytes<2>(b0);
    out = DecodeBlock(b0, b1, b2, b3, IsStart(src[i + 32]), 0, out, &state);
  }
  const char* last = src + n - 32;
  size_t rest = n - i;
  __m256i b0 = Load256(last);
  __m256i b3 = Load256(last - 3);
  if (_mm256_movemask_epi8(Or(b0, b3)) == 0) {
    out += rest;
    StoreAscii(b0, out - 32);
    state.ascii = Or(state.ascii, b0);
  } else {
    char16_t units[32];
    char16_t* end = DecodeBlock(b0, Load256(last - 1), Load256(last - 2), b3, true, 32 - rest, units, &state);
    memcpy(out, units, static_cast<size_t>(end - units) * 2);
    out += end - units;
    // The greatest last three bytes that do not want for another.
    const __m256i most = _mm256_insert_epi32(Set8(0xff), static_cast<int>(0xbfdfefff), 7);
    state.errors = Or(state.errors, _mm256_subs_epu8(b0, most));
  }
  if (!_mm256_testz_si256(state.errors, state.errors)) return kInvalid;

  __m256i wide = Or(_mm256_unpacklo_epi8(state.ascii, zero), _mm256_unpackhi_epi8(state.ascii, zero));
  __m128i seen = _mm_or_si128(state.units, _mm256_castsi256_si128(wide));
  seen = _mm_or_si128(seen, _mm256_extracti128_si256(wide, 1));
  alignas(16) char16_t lanes[8];
  Store128(lanes, seen);
  *all = 0;
  for (char16_t lane : lanes) *all |= lane;
  return static_cast<size_t>(out - dst);
}

constexpr Kernels kAvx2Kernels = {LengthAvx2, EncodeAvx2, DecodeAvx2};

}  // namespace

Level BestX86Level() {
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi2") || !__builtin_cpu_supports("popcnt")) {
    return Level::kScalar;
  }
  return Level::kAvx2;
}

const Kernels* X86Kernels(Level level) {
  switch (level) {
    case Level::kScalar:
      return nullptr;
    case Level::kAvx2:
      return &kAvx2Kernels;
  }
  return nullptr;
}

}  // namespace wg::utf::internal

#endif  // WG_UTF_X86
