// Tests of binding/utf.h against a dead-simple reference, at each level of instruction set.
//
//   utf_test [--quick]
//
// --quick leaves out most of the three-byte sequences: for sanitizers and emulators.

#include "../../binding/utf.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

using namespace wg::utf;  // NOLINT: what this file is about.

int g_passed = 0;
int g_failed = 0;
const char* g_level = "";

void Check(bool ok, const char* what, size_t detail) {
  if (ok) {
    g_passed++;
    return;
  }
  if (g_failed++ < 20) printf("FAILED (%s): %s, at %zu\n", g_level, what, detail);
}

// ---- Reference ----------------------------------------------------------------------------------

void AppendUtf8(uint32_t c, std::string* out) {
  auto put = [out](uint32_t byte) { out->push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xc0 + c / 64);
    put(0x80 + c % 64);
  } else if (c < 0x10000) {
    put(0xe0 + c / 4096);
    put(0x80 + c / 64 % 64);
    put(0x80 + c % 64);
  } else {
    put(0xf0 + c / 262144);
    put(0x80 + c / 4096 % 64);
    put(0x80 + c / 64 % 64);
    put(0x80 + c % 64);
  }
}

void AppendUtf16(uint32_t c, std::u16string* out) {
  if (c >= 0x10000) {
    out->push_back(static_cast<char16_t>(0xd800 + (c - 0x10000) / 1024));
    out->push_back(static_cast<char16_t>(0xdc00 + (c - 0x10000) % 1024));
  } else {
    out->push_back(static_cast<char16_t>(c));
  }
}

std::string ReferenceEncode(const std::u16string& s) {
  std::string out;
  for (size_t i = 0; i < s.size(); i++) {
    uint32_t c = s[i];
    if (c >= 0xd800 && c <= 0xdbff && i + 1 < s.size() && s[i + 1] >= 0xdc00 && s[i + 1] <= 0xdfff) {
      c = 0x10000 + (c - 0xd800) * 1024 + (s[++i] - 0xdc00u);
    } else if (c >= 0xd800 && c <= 0xdfff) {
      c = 0xfffd;
    }
    AppendUtf8(c, &out);
  }
  return out;
}

// Table 3-7 of the Unicode standard, row by row.
struct Row {
  int length;
  unsigned char low[4], high[4];
};
const Row kTable37[] = {
    {1, {0x00}, {0x7f}},
    {2, {0xc2, 0x80}, {0xdf, 0xbf}},
    {3, {0xe0, 0xa0, 0x80}, {0xe0, 0xbf, 0xbf}},
    {3, {0xe1, 0x80, 0x80}, {0xec, 0xbf, 0xbf}},
    {3, {0xed, 0x80, 0x80}, {0xed, 0x9f, 0xbf}},
    {3, {0xee, 0x80, 0x80}, {0xef, 0xbf, 0xbf}},
    {4, {0xf0, 0x90, 0x80, 0x80}, {0xf0, 0xbf, 0xbf, 0xbf}},
    {4, {0xf1, 0x80, 0x80, 0x80}, {0xf3, 0xbf, 0xbf, 0xbf}},
    {4, {0xf4, 0x80, 0x80, 0x80}, {0xf4, 0x8f, 0xbf, 0xbf}},
};

// Returns the offset of the first ill-formed sequence, or the size. Appends what is before it.
size_t ReferenceDecode(const char* s, size_t n, std::u16string* out) {
  static const uint32_t kLeadOffset[] = {0, 0x00, 0xc0, 0xe0, 0xf0};
  size_t i = 0;
  while (i < n) {
    int found = 0;
    for (const Row& row : kTable37) {
      if (i + static_cast<size_t>(row.length) > n) continue;
      bool match = true;
      for (int k = 0; k < row.length; k++) {
        unsigned char byte = static_cast<unsigned char>(s[i + static_cast<size_t>(k)]);
        if (byte < row.low[k] || byte > row.high[k]) match = false;
      }
      if (match) found = row.length;
    }
    if (found == 0) return i;
    uint32_t c = static_cast<unsigned char>(s[i]) - kLeadOffset[found];
    for (int k = 1; k < found; k++) {
      c = c * 64 + (static_cast<unsigned char>(s[i + static_cast<size_t>(k)]) - 0x80u);
    }
    AppendUtf16(c, out);
    i += static_cast<size_t>(found);
  }
  return i;
}

// ---- Buffers between guard pages ----------------------------------------------------------------

class Guarded {
 public:
  explicit Guarded(size_t size) {
    size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    size_ = (size + page - 1) / page * page;
    void* p = mmap(nullptr, size_ + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) abort();
    begin_ = static_cast<char*>(p) + page;
    if (mprotect(begin_, size_, PROT_READ | PROT_WRITE) != 0) abort();
  }
  // A place for `n` bytes that starts, or ends, at a guard page but for a gap of `skip` bytes.
  char* AtStart(size_t skip) { return begin_ + skip; }
  char* AtEnd(size_t n, size_t skip) { return begin_ + size_ - n - skip; }

 private:
  char* begin_;
  size_t size_;
};

constexpr size_t kBufferSize = 1 << 18;
struct Buffers {
  Guarded src{kBufferSize};
  Guarded dst{kBufferSize};
};
Buffers* g_buffers;

// What is around a destination is filled with canaries, to see later that they are still there.
constexpr size_t kGap = 160;
constexpr char kCanary = 0x5a;
bool CanariesLive(const char* p, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (p[i] != kCanary) return false;
  }
  return true;
}

void CheckEncode(const std::u16string& s, const std::string& expected, bool at_end, size_t skip, size_t gap,
                 size_t detail) {
  size_t n = s.size() * 2;
  char* from = at_end ? g_buffers->src.AtEnd(n, skip * 2) : g_buffers->src.AtStart(skip * 2);
  memcpy(from, s.data(), n);
  const char16_t* src = reinterpret_cast<const char16_t*>(from);
  size_t size = expected.size();
  char* dst = at_end ? g_buffers->dst.AtEnd(size, gap) : g_buffers->dst.AtStart(gap);
  size_t before = at_end ? kGap : gap;
  size_t after = at_end ? gap : kGap;
  memset(dst - before, kCanary, before + size + after);
  bool ok = Utf8Length(src, s.size()) == size;
  Check(ok, "Utf8Length", detail);
  if (!ok) return;
  ok = Utf16ToUtf8(src, s.size(), dst) == size && memcmp(dst, expected.data(), size) == 0;
  Check(ok, "Utf16ToUtf8", detail);
  Check(CanariesLive(dst - before, before) && CanariesLive(dst + size, after), "bytes beyond dst", detail);
}

// `valid` is the offset of the first ill-formed sequence.
void CheckDecode(const std::string& s, const std::u16string& expected, size_t valid, bool at_end, size_t skip,
                 size_t detail) {
  size_t n = s.size();
  char* src = at_end ? g_buffers->src.AtEnd(n, skip) : g_buffers->src.AtStart(skip);
  memcpy(src, s.data(), n);
  char* to = at_end ? g_buffers->dst.AtEnd(n * 2, 0) : g_buffers->dst.AtStart(0);
  char* canaries = at_end ? to - kGap : to + n * 2;
  memset(canaries, kCanary, kGap);
  char16_t* dst = reinterpret_cast<char16_t*>(to);
  char16_t all = 0x1234;
  size_t units = Utf8ToUtf16(src, n, dst, &all);
  if (valid < n) {
    Check(units == kInvalid, "Utf8ToUtf16 of ill-formed text", detail);
    Check(FirstInvalid(src, n) == valid, "FirstInvalid", detail);
  } else {
    bool ok = units == expected.size() && memcmp(dst, expected.data(), units * 2) == 0;
    Check(ok, "Utf8ToUtf16", detail);
    char16_t seen = 0;
    for (char16_t c : expected) seen |= c;
    Check(all == seen, "all", detail);
  }
  Check(CanariesLive(canaries, kGap), "bytes beyond dst of Utf8ToUtf16", detail);
}

// A light check without guard pages, for the exhaustive loops.
class Haystack {
 public:
  Haystack() { memset(text_, 'a', kSize); }
  // Whether decoding the sequence in the midst of ASCII gives `units`, or fails if `valid` is
  // false. The length of the text and the place in it vary.
  bool Decodes(const char* bytes, size_t n, const char16_t* units, size_t count, bool valid) {
    size_t size = 8 + turn_ % (kSize - 8);
    size_t at = turn_ / (kSize - 8) % (size - n + 1);
    turn_++;
    char* text = text_ + kSize - size;
    memcpy(text + at, bytes, n);
    char16_t all;
    size_t got = Utf8ToUtf16(text, size, out_, &all);
    memset(text + at, 'a', n);
    if (!valid) return got == kInvalid;
    if (got != size - n + count || memcmp(out_ + at, units, count * 2) != 0) return false;
    for (size_t i = 0; i < got; i++) {
      if ((i < at || i >= at + count) && out_[i] != 'a') return false;
    }
    return true;
  }

 private:
  static constexpr size_t kSize = 112;
  char text_[kSize];
  char16_t out_[kSize];
  size_t turn_ = 0;
};

// ---- Tests --------------------------------------------------------------------------------------

void TestAllCodePoints() {
  std::u16string all16;
  std::string all8;
  bool ok = true;
  Haystack haystack;
  for (uint32_t c = 0; c <= 0x10ffff; c++) {
    if (c >= 0xd800 && c <= 0xdfff) continue;
    std::u16string units;
    std::string bytes;
    AppendUtf16(c, &units);
    AppendUtf8(c, &bytes);
    ok &= haystack.Decodes(bytes.data(), bytes.size(), units.data(), units.size(), true);
    char buffer[4];
    ok &= Utf16ToUtf8(units.data(), units.size(), buffer) == bytes.size();
    ok &= memcmp(buffer, bytes.data(), bytes.size()) == 0;
    all16 += units;
    all8 += bytes;
  }
  Check(ok, "each code point", 0);
  // All of them in one text, at some shifts of the vector code's blocks.
  for (size_t shift = 0; shift < 64; shift += 7) {
    std::u16string in16 = std::u16string(shift, u'x') + all16;
    std::string in8 = std::string(shift, 'x') + all8;
    std::string out8(in8.size(), '\0');
    std::u16string out16(in8.size(), u'\0');
    char16_t all;
    Check(Utf8Length(in16.data(), in16.size()) == in8.size(), "length of all", shift);
    Check(Utf16ToUtf8(in16.data(), in16.size(), &out8[0]) == in8.size(), "encode all", shift);
    Check(out8 == in8, "encoding of all", shift);
    size_t units = Utf8ToUtf16(in8.data(), in8.size(), &out16[0], &all);
    Check(units == in16.size() && all == 0xffff, "decode all", shift);
    out16.resize(in16.size());
    Check(out16 == in16, "decoding of all", shift);
  }
}

void TestAllSequences(bool quick) {
  // Values on both sides of each border of table 3-7.
  static const unsigned char kEdges[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0,
                                         0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff};
  Haystack haystack;
  size_t bad = 0;
  unsigned char s[4];
  auto check = [&](size_t n) {
    const char* bytes = reinterpret_cast<const char*>(s);
    std::u16string units;
    // What follows does not matter, as it is no continuation.
    bool valid = ReferenceDecode(bytes, n, &units) == n;
    if (!haystack.Decodes(bytes, n, units.data(), units.size(), valid)) bad++;
  };
  for (int a = 0; a < 256; a++) {
    s[0] = static_cast<unsigned char>(a);
    check(1);
    for (int b = 0; b < 256; b++) {
      s[1] = static_cast<unsigned char>(b);
      check(2);
      for (int c = 0; c < 256; c += quick ? 13 : 1) {
        s[2] = static_cast<unsigned char>(c);
        check(3);
      }
      // Four bytes: those that start with a whole character are covered by the above.
      if (a < 0xc0) continue;
      for (unsigned char c : kEdges) {
        for (unsigned char d : kEdges) {
          s[2] = c;
          s[3] = d;
          check(4);
        }
      }
    }
  }
  Check(bad == 0, "each sequence", bad);
}

void TestSurrogatePatterns() {
  static const char16_t kUnits[] = {u'A', 0xe9, 0x4e2d, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xffff};
  size_t place = 0;
  for (size_t pattern = 0; pattern < 8 * 8 * 8 * 8; pattern++) {
    std::u16string core;
    for (size_t k = 0; k < 4; k++) core.push_back(kUnits[pattern >> (3 * k) & 7]);
    static const char16_t kFill[] = {u'x', 0xe9, 0x4e2d};
    for (char16_t fill : kFill) {
      // Alone, at the start, at the end, and across the borders of blocks.
      size_t before = place++ % 70;
      std::u16string s = std::u16string(before, fill) + core;
      CheckEncode(s, ReferenceEncode(s), true, 0, 0, pattern);
      s += std::u16string(50, fill);
      CheckEncode(s, ReferenceEncode(s), before & 1, 0, 0, pattern);
      s = core + s;
      CheckEncode(s, ReferenceEncode(s), !(before & 1), 0, 0, pattern);
    }
    CheckEncode(core, ReferenceEncode(core), true, 0, 0, pattern);
  }
  // Every high surrogate with every low one, and the other way round, all in one text.
  std::u16string s;
  for (uint32_t high = 0xd800; high < 0xdc00; high++) {
    for (uint32_t low = 0xdc00; low < 0xe000; low += 1 + high % 3) {
      s.push_back(static_cast<char16_t>(high));
      s.push_back(static_cast<char16_t>(low));
      if (low % 5 == 0) s.push_back(static_cast<char16_t>(low % 2 ? high : low));
    }
  }
  std::string expected = ReferenceEncode(s);
  std::string out(expected.size(), '\0');
  Check(Utf8Length(s.data(), s.size()) == expected.size(), "length of surrogates", 0);
  Check(Utf16ToUtf8(s.data(), s.size(), &out[0]) == expected.size(), "surrogates", 0);
  Check(out == expected, "encoding of surrogates", 0);
}

uint64_t g_random = 88172645463325252;
uint32_t Random(uint32_t below) {
  g_random ^= g_random << 13;
  g_random ^= g_random >> 7;
  g_random ^= g_random << 17;
  return static_cast<uint32_t>((g_random >> 20) % below);
}

// A code point of a script chosen by `kind`; the last kind mixes them.
uint32_t RandomCodePoint(uint32_t kind) {
  switch (kind == 6 ? Random(6) : kind) {
    case 0:
      return Random(0x80);
    case 1:
      return Random(8) ? 0x20 + Random(0x60) : 0xa0 + Random(0x60);
    case 2:
      return 0x80 + Random(0x780);
    case 3:
      return 0x800 + Random(0xd000);
    case 4:
      return 0x10000 + Random(0x100000);
    default:
      return 0xe000 + Random(0x2000);
  }
}

void FuzzOne(size_t length, uint32_t kind) {
  std::u16string s16;
  std::string s8;
  // A run of one kind, then of another, so that the fast paths meet.
  size_t turn = Random(static_cast<uint32_t>(length) + 1);
  uint32_t other = Random(7);
  while (s16.size() < length) AppendUtf16(RandomCodePoint(s16.size() < turn ? kind : other), &s16);
  s8 = ReferenceEncode(s16);
  size_t skip = Random(64);
  size_t gap = Random(2) ? 0 : Random(kGap);
  for (bool at_end : {false, true}) {
    CheckDecode(s8, s16, s8.size(), at_end, at_end ? 0 : skip, length);
    CheckDecode(s8, s16, s8.size(), at_end, at_end ? skip : 0, length);
    CheckEncode(s16, s8, at_end, skip, gap, length);
    CheckEncode(s16, s8, at_end, 0, 0, length);
  }
  if (length == 0) return;
  // Damage some units, and some bytes.
  for (uint32_t k = 0; k < 1 + Random(3); k++) {
    s16[Random(static_cast<uint32_t>(s16.size()))] = static_cast<char16_t>(0xd800 + Random(0x800));
  }
  CheckEncode(s16, ReferenceEncode(s16), Random(2), skip, gap, length);
  switch (Random(3)) {
    case 0:
      s8[Random(static_cast<uint32_t>(s8.size()))] = static_cast<char>(Random(256));
      break;
    case 1:
      s8.resize(s8.size() - 1);
      break;
    default:
      s8[Random(static_cast<uint32_t>(s8.size()))] ^= static_cast<char>(1 << Random(8));
  }
  std::u16string expected;
  size_t valid = ReferenceDecode(s8.data(), s8.size(), &expected);
  for (bool at_end : {false, true}) CheckDecode(s8, expected, valid, at_end, skip, length);
}

void TestFuzz(bool quick) {
  for (size_t length = 0; length <= 200; length++) {
    for (uint32_t kind = 0; kind < 7; kind++) {
      for (int round = 0; round < (quick ? 8 : 64); round++) FuzzOne(length, kind);
    }
  }
  for (uint32_t kind = 0; kind < 7; kind++) {
    for (size_t length : {1000u, 4095u, 4096u, 30011u}) FuzzOne(length, kind);
  }
  // Bytes at random, hardly ever well-formed.
  for (int round = 0; round < 20000; round++) {
    std::string s(Random(120), '\0');
    for (char& c : s) c = static_cast<char>(Random(2) ? 0x80 + Random(0x80) : Random(256));
    std::u16string expected;
    size_t valid = ReferenceDecode(s.data(), s.size(), &expected);
    CheckDecode(s, expected, valid, round & 1, 0, s.size());
  }
}

// `*all` must have every bit of every unit, and no other, wherever the units are.
void TestSeenBits() {
  static const char32_t kCodePoints[] = {0x40, 0xa0, 0x100, 0x1000, 0x10000};
  for (char32_t fill : kCodePoints) {
    for (char32_t other : {U'\x01', U'\xc2', U'\x0802', U'\x10008'}) {
      for (size_t n = 1; n < 120; n += 7) {
        for (size_t at = 0; at < n; at++) {
          std::u16string s16;
          for (size_t k = 0; k < n; k++) AppendUtf16(k == at ? other : fill, &s16);
          std::string s8 = ReferenceEncode(s16);
          CheckDecode(s8, s16, s8.size(), true, 0, n);
        }
      }
    }
  }
}

void TestBigCounts() {
  // More than the vector code can count in a lane of 16 bits.
  std::u16string s(1 << 20, u'\u4e2d');
  Check(Utf8Length(s.data(), s.size()) == 3 * s.size(), "length of a large text", s.size());
}

void TestLatin1AndAscii() {
  for (size_t n = 0; n <= 300; n++) {
    for (bool at_end : {false, true}) {
      char* bytes = at_end ? g_buffers->src.AtEnd(n, 0) : g_buffers->src.AtStart(0);
      memset(bytes, 0x7f, n);
      Check(IsAscii(bytes, n), "IsAscii", n);
      for (size_t k = 0; k < n; k++) {
        bytes[k] = static_cast<char>(0x80 + k % 0x80);
        if (IsAscii(bytes, n)) Check(false, "IsAscii of other text", n);
        bytes[k] = 0;
      }
      char* from = at_end ? g_buffers->src.AtEnd(2 * n, 0) : g_buffers->src.AtStart(0);
      char16_t* units = reinterpret_cast<char16_t*>(from);
      for (size_t k = 0; k < n; k++) units[k] = static_cast<char16_t>((k * 7 + n) & 0xff);
      char* to = at_end ? g_buffers->dst.AtEnd(n, 0) : g_buffers->dst.AtStart(0);
      char* canaries = at_end ? to - kGap : to + n;
      memset(canaries, kCanary, kGap);
      NarrowLatin1(units, n, to);
      bool ok = CanariesLive(canaries, kGap);
      for (size_t k = 0; k < n; k++) ok &= static_cast<unsigned char>(to[k]) == units[k];
      Check(ok, "NarrowLatin1", n);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
  g_buffers = new Buffers;
  static const char* const kNames[] = {"scalar", "avx2"};
  for (int level = 0; level <= static_cast<int>(internal::BestLevel()); level++) {
    internal::SetLevelForTest(static_cast<internal::Level>(level));
    g_level = kNames[static_cast<int>(internal::ActiveLevel())];
    printf("level: %s\n", g_level);
    TestLatin1AndAscii();
    TestSurrogatePatterns();
    TestFuzz(quick);
    TestSeenBits();
    TestBigCounts();
    TestAllCodePoints();
    TestAllSequences(quick);
  }
  delete g_buffers;
  printf("%d passed, %d failed\n", g_passed, g_failed);
  return g_failed == 0 ? 0 : 1;
}
