// Lines of logs, whoever wrote them: reading one never fails but with a word, and what it finds lies inside the line.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "base/check.h"
#include "record/log_line.h"

namespace {

using namespace reeve;

bool lies_in(std::string_view line, std::string_view part) noexcept {
  if (part.empty() || part == "address") return true;
  return !std::less<>()(part.data(), line.data()) && !std::less<>()(line.data() + line.size(), part.data() + part.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const auto read = read_log_line(line);
  if (!read) {
    REEVE_CHECK(!to_text(read.error()).empty());
    return 0;
  }
  REEVE_CHECK(lies_in(line, read->service) && lies_in(line, read->word) && lies_in(line, read->rule));
  REEVE_CHECK(read->pid >= 0 && read->duration_ms >= -1);
  REEVE_CHECK(read->time.nanoseconds >= 0 && read->time.nanoseconds < 1'000'000'000);
  const bool is_of_a_service = read->event == LogLine::Event::start || read->event == LogLine::Event::refused;
  REEVE_CHECK(!is_of_a_service || !read->service.empty());
  return 0;
}
