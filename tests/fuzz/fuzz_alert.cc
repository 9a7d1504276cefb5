// Alerts of strangers' bytes in every form: JSON stays JSON, XML stays well-formed, a line one line; and forms that
// administrators write are read without harm.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "base/check.h"
#include "base/printable.h"
#include "config/alert_form.h"
#include "record/alert.h"
#include "record/alert_formats.h"

namespace {

using namespace reeve;

void expect_one_line(std::string_view line) {
  for (const char byte : line) REEVE_CHECK(static_cast<unsigned char>(byte) >= 0x20);
}

void expect_json(std::string_view text) {
  boost::system::error_code error;
  const auto value = boost::json::parse(boost::json::string_view(text.data(), text.size()), error);
  REEVE_CHECK(!error && value.is_object());
}

// Elements that close what they open, attributes in quotes, references that XML knows, and characters that it can hold.
void expect_xml(std::string_view text) {
  std::vector<std::string_view> open;
  while (!text.empty()) {
    if (text.front() == '<') {
      const std::size_t end = text.find('>');
      REEVE_CHECK(end != std::string_view::npos);
      std::string_view tag = text.substr(1, end - 1);
      text.remove_prefix(end + 1);
      REEVE_CHECK(std::ranges::count(tag, '"') % 2 == 0 && tag.find('<') == std::string_view::npos);
      if (tag.starts_with('/')) {
        REEVE_CHECK(!open.empty() && open.back() == tag.substr(1));
        open.pop_back();
      } else if (!tag.ends_with('/')) {
        open.push_back(tag.substr(0, tag.find(' ')));
      }
      continue;
    }
    REEVE_CHECK(!open.empty() && text.front() != '>' && text.front() != '"');
    if (text.front() == '&') {
      const std::string_view name = text.substr(1, text.find(';') - 1);
      REEVE_CHECK(name == "amp" || name == "lt" || name == "gt" || name == "quot" || name == "#9" || name == "#10" || name == "#13");
    }
    const Utf8Character character = first_character(text);
    REEVE_CHECK(character.printable);
    text.remove_prefix(character.bytes);
  }
  REEVE_CHECK(open.empty());
}

// Head and extension: seven bars that are not escaped, and no equals sign that is not a key's or escaped.
void expect_cef(std::string_view line) {
  std::size_t bars = 0, at = 0;
  for (; at < line.size() && bars < 7; ++at) {
    if (line[at] == '\\')
      ++at;
    else if (line[at] == '|')
      ++bars;
  }
  REEVE_CHECK(bars == 7);
  bool in_key = true;
  for (; at < line.size(); ++at) {
    if (line[at] == '\\') {
      REEVE_CHECK(at + 1 < line.size() && std::string_view("\\=nr").find(line[at + 1]) != std::string_view::npos);
      ++at;
    } else if (line[at] == '=') {
      REEVE_CHECK(in_key);
      in_key = false;
    } else if (line[at] == ' ') {
      in_key = true;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kHead = 24;
  if (size < kHead) return 0;
  EventMessage event;
  event.what = static_cast<DefenceEvent>(1 + data[0] % 7);
  event.origin = static_cast<BanOrigin>(1 + data[1] % 6);
  event.hits = data[2];
  event.prefix = to_wire(Prefix::of(Address::v4(0xc0000200U + data[3]), data[4] % 129U));
  if ((data[5] & 1) != 0) event.source = to_wire(Endpoint{Address::v4(data[3]), data[4]});
  if ((data[5] & 2) != 0) event.local = to_wire(Endpoint{*parse_address("2001:db8::1"), data[4]});
  if ((data[5] & 4) != 0) event.local = to_wire(Endpoint{Address::local(data[3]), 0});
  event.protocol = data[6];
  std::memcpy(&event.at_ns, data + 8, sizeof event.at_ns);
  std::memcpy(&event.until_ns, data + 16, sizeof event.until_ns);
  const std::string_view text(reinterpret_cast<const char*>(data) + kHead, size - kHead);
  event.detail_size = static_cast<std::uint32_t>(std::min(text.size(), event.detail.size()));
  text.copy(event.detail.data(), event.detail_size);
  Alert alert = alert_of(event, Instant(std::chrono::seconds(1000)), WallTime(std::chrono::seconds(1'795'600'000)), text, {});
  alert.service = text.substr(0, text.size() / 2);
  alert.reason = text.substr(text.size() / 2);

  const auto form = parse_alert_form(text);
  const auto good = parse_alert_form("{\"a\": \"{recorded}\", \"b\": [\"{service}\", \"{reason}{machine}\", \"{text}\"]}");
  REEVE_CHECK(good.has_value());
  for (const auto format : {AlertSink::Format::json, AlertSink::Format::idmef, AlertSink::Format::idmef2, AlertSink::Format::cef,
                            AlertSink::Format::plain, AlertSink::Format::custom}) {
    const std::string line = alert_line(format, *good, alert);
    expect_one_line(line);
    if (media_type(format) == "application/json") expect_json(line);
    if (format == AlertSink::Format::idmef) expect_xml(line);
    if (format == AlertSink::Format::cef) expect_cef(line);
  }
  if (form) (void)alert_line(AlertSink::Format::custom, *form, alert);
  return 0;
}
