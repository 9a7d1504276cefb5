// Foreign bytes to the control socket's decoder, cut into pieces as the first byte says: the lines are the same however they
// were cut, and what is a request can be answered.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "control/answer.h"
#include "control/line_buffer.h"

namespace {

std::vector<std::string> lines_of(std::string_view bytes, std::size_t piece) {
  std::vector<std::string> lines;
  reeve::LineBuffer buffer;
  while (!bytes.empty() && !buffer.is_too_long()) {
    const auto room = buffer.room();
    const std::size_t count = std::min({room.size(), bytes.size(), piece});
    std::copy_n(bytes.begin(), count, room.begin());
    buffer.filled(count);
    bytes.remove_prefix(count);
    while (auto line = buffer.next()) lines.push_back(std::move(*line));
  }
  return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::vector<std::string> lines = lines_of(bytes, std::size_t{data[0]} + 1);
  REEVE_CHECK(lines == lines_of(bytes, SIZE_MAX));
  for (const std::string& line : lines) {
    const auto request = reeve::decode_request(line);
    if (!request) {
      REEVE_CHECK(!request.error().text.empty());
      continue;
    }
    std::string out;
    reeve::LastLine last(out, *request);
    last.finish();
    REEVE_CHECK(std::count(out.begin(), out.end(), '\n') == 1);
  }
  return 0;
}
