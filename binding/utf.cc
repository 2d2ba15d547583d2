#include "utf.h"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace wg::utf {
namespace internal {
namespace {

// -1 until the processor has been asked. Workers may race to set it, all to the same value.
std::atomic<int> g_level{-1};

}  // namespace

Level BestLevel() {
#ifdef WG_UTF_X86
  return BestX86Level();
#else
  return Level::kScalar;
#endif
}

Level ActiveLevel() {
  int level = g_level.load(std::memory_order_relaxed);
  if (level < 0) {
    level = static_cast<int>(BestLevel());
    g_level.store(level, std::memory_order_relaxed);
  }
  return static_cast<Level>(level);
}

void SetLevelForTest(Level level) {
  if (level > BestLevel()) level = BestLevel();
  g_level.store(static_cast<int>(level), std::memory_order_relaxed);
}

}  // namespace internal

namespace {

using internal::Kernels;

constexpr uint64_t kNonAsciiBytes = 0x8080808080808080;
constexpr uint64_t kNonAsciiUnits = 0xff80ff80ff80ff80;

// Null for a text that only the scalar code can do.
const Kernels* KernelsFor(size_t n, size_t min) {
#ifdef WG_UTF_X86
  return n < min ? nullptr : internal::X86Kernels(internal::ActiveLevel());
#else
  (void)n;
  (void)min;
  return nullptr;
#endif
}

uint64_t LoadWord(const void* p) {
  uint64_t word;
  memcpy(&word, p, sizeof(word));
  return word;
}

bool IsHigh(uint32_t c) { return (c & 0xfc00) == 0xd800; }
bool IsLow(uint32_t c) { return (c & 0xfc00) == 0xdc00; }
bool IsContinuation(char c) { return (c & 0xc0) == 0x80; }
uint32_t LowSix(char c) { return static_cast<uint32_t>(c & 0x3f); }

// Encodes the character at `s`, of which `n` > 0 units are there, as `*length` bytes at `d`.
// Returns the number of units it consists of.
inline size_t EncodeOne(const char16_t* s, size_t n, char* d, size_t* length) {
  uint32_t c = s[0];
  if (c < 0x80) {
    d[0] = static_cast<char>(c);
    *length = 1;
    return 1;
  }
  if (c < 0x800) {
    d[0] = static_cast<char>(0xc0 | c >> 6);
    d[1] = static_cast<char>(0x80 | (c & 0x3f));
    *length = 2;
    return 1;
  }
  if ((c & 0xf800) == 0xd800) {
    if (IsHigh(s[0]) && n > 1 && IsLow(s[1])) {
      c = 0x10000 + ((c & 0x3ff) << 10) + (s[1] & 0x3ffu);
      d[0] = static_cast<char>(0xf0 | c >> 18);
      d[1] = static_cast<char>(0x80 | (c >> 12 & 0x3f));
      d[2] = static_cast<char>(0x80 | (c >> 6 & 0x3f));
      d[3] = static_cast<char>(0x80 | (c & 0x3f));
      *length = 4;
      return 2;
    }
    c = 0xfffd;
  }
  d[0] = static_cast<char>(0xe0 | c >> 12);
  d[1] = static_cast<char>(0x80 | (c >> 6 & 0x3f));
  d[2] = static_cast<char>(0x80 | (c & 0x3f));
  *length = 3;
  return 1;
}

// Decodes the character at `s`, of which `n` > 0 bytes are there, and returns its length in bytes,
// or 0 if it is ill-formed.
inline size_t DecodeOne(const char* s, size_t n, uint32_t* c) {
  uint32_t lead = static_cast<unsigned char>(s[0]);
  if (lead < 0x80) {
    *c = lead;
    return 1;
  }
  if (lead < 0xc2 || n < 2 || !IsContinuation(s[1])) return 0;
  uint32_t bits = LowSix(s[1]);
  if (lead < 0xe0) {
    *c = (lead & 0x1f) << 6 | bits;
    return 2;
  }
  if (n < 3 || !IsContinuation(s[2])) return 0;
  bits = bits << 6 | LowSix(s[2]);
  if (lead < 0xf0) {
    *c = (lead & 0x0f) << 12 | bits;
    return *c < 0x800 || (*c & 0xf800) == 0xd800 ? 0 : 3;
  }
  if (n < 4 || !IsContinuation(s[3])) return 0;
  // Leads above 0xf7 keep their high bits here and so come out too large.
  *c = (lead - 0xf0) << 18 | bits << 6 | LowSix(s[3]);
  return *c < 0x10000 || *c > 0x10ffff ? 0 : 4;
}

}  // namespace

size_t Utf8Length(const char16_t* src, size_t n) {
  if (n == 0) return 0;
  if (const Kernels* kernels = KernelsFor(n, internal::kMinVectorUnits)) return kernels->length(src, n);
  size_t bytes = n;
  size_t i = 0;
  // Without branches, and with sums that do not overflow in a lane of 16 bits, compilers turn this
  // into vector code of their own.
  while (n - 1 - i > 0) {
    size_t count = std::min<size_t>(n - 1 - i, 8192);
    uint16_t extra = 0;
    for (size_t j = i; j < i + count; j++) {
      // The halves of a pair count 1 and 3: they take four bytes together.
      int pair = static_cast<int>(IsHigh(src[j])) & static_cast<int>(IsLow(src[j + 1]));
      extra = static_cast<uint16_t>(extra + (src[j] >= 0x80) + (src[j] >= 0x800) - 2 * pair);
    }
    bytes += extra;
    i += count;
  }
  return bytes + (src[i] >= 0x80) + (src[i] >= 0x800);
}

size_t Utf16ToUtf8(const char16_t* src, size_t n, char* dst) {
  if (const Kernels* kernels = KernelsFor(n, internal::kMinVectorUnits)) return kernels->encode(src, n, dst);
  size_t i = 0;
  char* out = dst;
  while (i < n) {
    if (n - i >= 4 && !(LoadWord(src + i) & kNonAsciiUnits)) {
      for (size_t k = 0; k < 4; k++) out[k] = static_cast<char>(src[i + k]);
      i += 4;
      out += 4;
    } else {
      size_t length;
      i += EncodeOne(src + i, n - i, out, &length);
      out += length;
    }
  }
  return static_cast<size_t>(out - dst);
}

bool IsAscii(const char* src, size_t n) {
  size_t i = 0;
  // Blocks of a cache line, which compilers turn into vector code.
  for (; n - i >= 64; i += 64) {
    uint64_t seen = 0;
    for (size_t j = 0; j < 64; j += 8) seen |= LoadWord(src + i + j);
    if (seen & kNonAsciiBytes) return false;
  }
  for (; n - i >= 8; i += 8) {
    if (LoadWord(src + i) & kNonAsciiBytes) return false;
  }
  char seen = 0;
  for (; i < n; i++) seen |= src[i];
  return !(seen & 0x80);
}

size_t Utf8ToUtf16(const char* src, size_t n, char16_t* dst, char16_t* all) {
  if (const Kernels* kernels = KernelsFor(n, internal::kMinVectorBytes)) return kernels->decode(src, n, dst, all);
  size_t i = 0;
  char16_t* out = dst;
  uint32_t seen = 0;
  while (i < n) {
    if (n - i >= 8) {
      uint64_t word = LoadWord(src + i);
      if (!(word & kNonAsciiBytes)) {
        for (size_t k = 0; k < 8; k++) out[k] = static_cast<unsigned char>(src[i + k]);
        word |= word >> 32;
        word |= word >> 16;
        seen |= static_cast<uint32_t>((word | word >> 8) & 0x7f);
        i += 8;
        out += 8;
        continue;
      }
    }
    uint32_t c;
    size_t length = DecodeOne(src + i, n - i, &c);
    if (length == 0) return kInvalid;
    i += length;
    if (c >= 0x10000) {
      uint32_t high = 0xd7c0 + (c >> 10);
      uint32_t low = 0xdc00 | (c & 0x3ff);
      *out++ = static_cast<char16_t>(high);
      *out++ = static_cast<char16_t>(low);
      seen |= high | low;
    } else {
      *out++ = static_cast<char16_t>(c);
      seen |= c;
    }
  }
  *all = static_cast<char16_t>(seen);
  return static_cast<size_t>(out - dst);
}

size_t FirstInvalid(const char* src, size_t n) {
  size_t i = 0;
  while (i < n) {
    uint32_t c;
    size_t length = DecodeOne(src + i, n - i, &c);
    if (length == 0) break;
    i += length;
  }
  return i;
}

void NarrowLatin1(const char16_t* src, size_t n, char* dst) {
  for (size_t i = 0; i < n; i++) dst[i] = static_cast<char>(src[i]);
}

}  // namespace wg::utf
