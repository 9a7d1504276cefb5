// A bundle from a memfd: foreign bytes are refused, or are a bundle that can be written, read and parsed.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "config/bundle.h"
#include "config/parse.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reeve;
  const Result<Bundle> bundle = deserialize(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!bundle) {
    REEVE_CHECK(!bundle.error().what.empty());
    return 0;
  }
  const std::string written = serialize(*bundle);
  const Result<Bundle> again = deserialize(written);
  REEVE_CHECK(again.has_value() && serialize(*again) == written);
  const auto names = recorded_names(*bundle);
  const Parsed parsed = parse(*bundle, *names, {});
  for (const Diagnostic& diagnostic : parsed.diagnostics) REEVE_CHECK(!log_text(diagnostic, *bundle).empty());
  REEVE_CHECK(parsed.configuration != nullptr);
  return 0;
}
