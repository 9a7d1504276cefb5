// Names, reasons and texts of strangers in log lines: whatever they hold, a line stays one harmless line
// and a JSON record one object.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/check.h"
#include "base/printable.h"
#include "record/daemon_log.h"
#include "record/record.h"

namespace {

using namespace reeve;

void expect_harmless(std::string_view line) {
  while (!line.empty()) {
    const Utf8Character character = first_character(line);
    REEVE_CHECK(character.printable);
    line.remove_prefix(character.bytes);
  }
}

// A flat object of strings and numbers in one line, as json_line makes it.
void expect_object(std::string_view text) {
  REEVE_CHECK(text.size() > 2 && text.front() == '{' && text.back() == '}');
  bool in_string = false;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    const char byte = text[i];
    REEVE_CHECK(static_cast<unsigned char>(byte) >= 0x20);
    if (in_string && byte == '\\') {
      ++i;
    } else if (byte == '"') {
      in_string = !in_string;
    } else {
      REEVE_CHECK(in_string || (byte != '{' && byte != '}'));
    }
  }
  REEVE_CHECK(!in_string);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 24) return 0;
  Record record;
  record.event = data[0] % 6 == 5 ? Event::data : static_cast<Event>(data[0] % 6);
  record.reason = static_cast<Reason>(data[1] % kReasons);
  record.has_status = (data[2] & 1) != 0;
  if ((data[2] & 2) != 0) record.source = Endpoint{Address::v4(data[3]), data[4]};
  std::int64_t nanoseconds = 0;
  std::memcpy(&record.wait_status, data + 4, sizeof record.wait_status);
  std::memcpy(&record.sys_errno, data + 8, sizeof record.sys_errno);
  std::memcpy(&nanoseconds, data + 12, sizeof nanoseconds);
  record.wall = WallTime(std::chrono::nanoseconds(nanoseconds));
  record.duration = std::chrono::nanoseconds(nanoseconds);
  record.where.line = data[20];
  const std::string_view text(reinterpret_cast<const char*>(data) + 24, size - 24);
  record.service = text.substr(0, text.size() / 2);
  record.data = text;
  record.rule_file = record.answer = record.user = text.substr(text.size() / 2);

  const SuccessFields success{.pid = true, .host = true, .userid = true, .exit = true, .duration = true};
  const FailureFields failure{.host = true};
  expect_harmless(xinetd_line(record, success, failure).value());
  expect_object(json_line(record, success, failure).value());
  const std::string line = daemon_line("reeved", 7, Level::error, record.wall, text);
  REEVE_CHECK(line.ends_with('\n'));
  expect_harmless(std::string_view(line).substr(0, line.size() - 1));
  return 0;
}
