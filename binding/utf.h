// UTF-8 <-> UTF-16 transcoding between JavaScript strings and guest memory.
//
// JavaScript strings are sequences of UTF-16 code units that need not be well-formed; guest strings
// are UTF-8 that must be. No function here reads outside its source or writes outside its
// destination, not even by a byte: both may end at the end of a mapping.

#ifndef WASMGATE_BINDING_UTF_H_
#define WASMGATE_BINDING_UTF_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace wg::utf {

// What Utf8ToUtf16() returns for a source that is not well-formed UTF-8.
inline constexpr size_t kInvalid = SIZE_MAX;

// Bytes of UTF-8 that `n` UTF-16 code units become. An unpaired surrogate counts as U+FFFD.
size_t Utf8Length(const char16_t* src, size_t n);

// Encodes `src` as UTF-8, each unpaired surrogate as U+FFFD, and returns the number of bytes
// written: exactly Utf8Length(src, n). Bytes of `dst` past these are not touched.
size_t Utf16ToUtf8(const char16_t* src, size_t n, char* dst);

// True if every byte is below 0x80.
bool IsAscii(const char* src, size_t n);

// Decodes UTF-8 and returns the number of units written, or kInvalid if `src` is not well-formed
// (Unicode, table 3-7). `dst` must have room for `n` units, all of which may be overwritten
// whatever the result. On success `*all` is the bitwise OR of the units written, by which a caller
// can tell text that fits Latin-1.
size_t Utf8ToUtf16(const char* src, size_t n, char16_t* dst, char16_t* all);

// Offset at which the first ill-formed sequence starts, or `n` if there is none. For error
// messages: not optimized.
size_t FirstInvalid(const char* src, size_t n);

// Copies units that are all below 0x100 as one byte each.
void NarrowLatin1(const char16_t* src, size_t n, char* dst);

// The OR of all 8-byte words of `bytes` bytes, at least 8: the last one overlaps.
inline uint64_t OrWords(const void* src, size_t bytes) {
  const char* at = static_cast<const char*>(src);
  uint64_t word, all = 0;
  for (size_t i = 0; i + 8 < bytes; i += 8) {
    memcpy(&word, at + i, 8);
    all |= word;
  }
  memcpy(&word, at + bytes - 8, 8);
  return all | word;
}

// IsAscii(), inline for texts so short that a call would cost more than the work.
inline bool IsShortAscii(const char* src, size_t n) {
  if (n >= 8) return (OrWords(src, n) & 0x8080808080808080) == 0;
  char all = 0;
  for (size_t i = 0; i < n; i++) all = static_cast<char>(all | src[i]);
  return (all & 0x80) == 0;
}

// The same for UTF-16.
inline bool IsShortAscii(const char16_t* src, size_t n) {
  if (n >= 4) return (OrWords(src, n * sizeof *src) & 0xFF80FF80FF80FF80) == 0;
  char16_t all = 0;
  for (size_t i = 0; i < n; i++) all = static_cast<char16_t>(all | src[i]);
  return all < 0x80;
}

// Texts of up to so many units or bytes are worked on inline.
inline constexpr size_t kShort = 64;

// Utf8Length(), quick for short ASCII.
inline size_t EncodedBytes(const char16_t* src, size_t n) {
  return n <= kShort && IsShortAscii(src, n) ? n : Utf8Length(src, n);
}

// Utf16ToUtf8(), with the `bytes` that EncodedBytes() told: as many as units means
// ASCII, since any other unit takes more.
inline void Encode(const char16_t* src, size_t n, size_t bytes, char* dst) {
  if (bytes != n || n > kShort) {
    Utf16ToUtf8(src, n, dst);
    return;
  }
  for (size_t i = 0; i < n; i++) dst[i] = static_cast<char>(src[i]);
}

// For utf*.cc and their tests only.
namespace internal {

// Instruction sets there is code for. Each level includes those before it.
enum class Level : int { kScalar, kAvx2 };

// The highest level that this processor and operating system support.
Level BestLevel();

// The level in use, and a way to choose a lower one. A level above BestLevel() is lowered to it.
Level ActiveLevel();
void SetLevelForTest(Level level);

// The functions above, for one level, for texts of kMinVectorUnits or kMinVectorBytes at least.
inline constexpr size_t kMinVectorUnits = 16;
inline constexpr size_t kMinVectorBytes = 35;
struct Kernels {
  size_t (*length)(const char16_t* src, size_t n);
  size_t (*encode)(const char16_t* src, size_t n, char* dst);
  size_t (*decode)(const char* src, size_t n, char16_t* dst, char16_t* all);
};

// GCC for Windows does not align its stack for AVX.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(_WIN32)
#define WG_UTF_X86 1
Level BestX86Level();
// Null for kScalar.
const Kernels* X86Kernels(Level level);
#endif

}  // namespace internal
}  // namespace wg::utf

#endif  // WASMGATE_BINDING_UTF_H_
