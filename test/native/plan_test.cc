// Reads go/marshal/testdata/plans.txt, which go test compares with what Go
// encodes: the first line is an encoding in hexadecimal, each further line what
// one of its plans means.
#include "plan.h"

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

namespace {

int passed = 0, failed = 0;

void Check(bool ok, const std::string& what) {
  (ok ? passed : failed)++;
  if (!ok) printf("FAIL: %s\n", what.c_str());
}

std::vector<uint8_t> FromHex(const std::string& text) {
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<uint8_t>(std::stoi(text.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

std::string Values(const std::vector<wg::Value>& values) {
  std::string out;
  for (const wg::Value& value : values) {
    if (!out.empty()) out += ",";
    out += std::to_string(value.kind) + "." + std::to_string(value.form) + "." + std::to_string(value.flags) + "." +
           std::to_string(value.extra);
  }
  return out;
}

std::string Dump(const std::string& name, const wg::Plan& plan) {
  if (!plan.usable) return name + " unusable: " + plan.reason;
  std::string offsets;
  for (uint16_t offset : plan.offsets) {
    if (!offsets.empty()) offsets += ",";
    offsets += std::to_string(offset);
  }
  return name + " params=" + Values(plan.params) + " results=" + Values(plan.results) +
         " placement=" + std::to_string(plan.placement) + " fallible=" + std::to_string(plan.fallible) +
         " slots=" + std::to_string(plan.slots) + " offsets=" + offsets;
}

// Every truncation and every changed byte must be refused or read as something,
// within bounds: run under a sanitizer this finds over-reads.
void Damage(const std::vector<uint8_t>& bytes) {
  for (size_t size = 0; size < bytes.size(); size++) {
    std::vector<uint8_t> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    Check(wg::DecodePlans(cut.data(), cut.size()) == nullptr, "cut at " + std::to_string(size));
  }
  for (size_t at = 0; at < bytes.size(); at++) {
    std::vector<uint8_t> changed = bytes;
    changed[at] ^= 0xFF;
    wg::DecodePlans(changed.data(), changed.size());
    passed++;
  }
}

}  // namespace

int main() {
  std::ifstream file("go/marshal/testdata/plans.txt");
  std::string line;
  if (!std::getline(file, line)) {
    printf("FAIL: no vectors; run from the top of the checkout\n0 passed, 1 failed\n");
    return 1;
  }
  std::vector<uint8_t> bytes = FromHex(line);
  auto plans = wg::DecodePlans(bytes.data(), bytes.size());
  Check(plans != nullptr, "the vectors can be decoded");
  if (plans != nullptr) {
    auto check = [&](const std::string& got) {
      bool more = static_cast<bool>(std::getline(file, line));
      Check(more && got == line, "got  " + got + "\n      want " + line);
    };
    for (size_t i = 0; i < plans->lists.size(); i++) {
      std::string texts;
      for (const std::string& text : plans->lists[i]) texts += (texts.empty() ? "" : "|") + text;
      check("list " + std::to_string(i) + " " + texts);
    }
    auto truth = [](bool value) { return std::string(value ? "true" : "false"); };
    for (size_t i = 0; i < plans->functions.size(); i++) {
      const wg::FunctionPlan& f = plans->functions[i];
      check(Dump("function " + std::to_string(i), f.plan) + " shim=" + std::to_string(f.shim) +
            " dtor=" + std::to_string(f.dtor) + " owned=" + truth(f.owned) + " mutable=" + truth(f.is_mutable) +
            " shape=" + f.shape);
    }
    for (const wg::ImportPlan& entry : plans->imports) check(Dump("import " + entry.name, entry.plan));
    for (const wg::ExportPlan& entry : plans->exports) {
      check(Dump(entry.name + " wasm", entry.wasm));
      check(Dump(entry.name + " typed", entry.typed));
      check(entry.name + " adapter=" + entry.adapter + " title=" + entry.title + " lead=" + std::to_string(entry.lead));
    }
    Check(!std::getline(file, line), "every vector was read");
  }
  Damage(bytes);
  printf("plan_test: %d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
