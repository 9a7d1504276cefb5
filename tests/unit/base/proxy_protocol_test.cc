// The PROXY protocol: what is read, however it is cut, and what is written.
#include "base/proxy_protocol.h"

#include <string>

#include <gtest/gtest.h>

namespace reeve {
namespace {

using Outcome = ProxyHeader::Outcome;
using namespace std::string_literals;

const std::string kV2 = "\r\n\r\n\0\r\nQUIT\n"s;

std::string v2(char version_and_command, char family, std::string_view body) {
  std::string text = kV2 + version_and_command + family;
  text += static_cast<char>(body.size() >> 8);
  text += static_cast<char>(body.size() & 0xff);
  return text + std::string(body);
}

std::string told(const ProxyHeader& header) {
  if (header.outcome == Outcome::more) return "more";
  if (header.outcome == Outcome::broken) return "broken";
  if (!header.source) return "itself";
  return to_text(*header.source) + " to " + to_text(*header.destination);
}

struct Row {
  std::string bytes;
  const char* expected;
};

const std::string kInet = "\xc0\x00\x02\x01\xc0\x00\x02\x02\x12\x34\x00\x50"s;

const Row kRows[] = {
    {"PROXY TCP4 192.0.2.1 192.0.2.2 4660 80\r\n", "192.0.2.1:4660 to 192.0.2.2:80"},
    {"PROXY TCP6 2001:db8::1 ::1 65535 0\r\n", "[2001:db8::1]:65535 to [::1]:0"},
    {"PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n", "192.0.2.1:1 to [::1]:2"},
    {"PROXY UNKNOWN\r\n", "itself"},
    {"PROXY UNKNOWN ffff:f...f:ffff whatever 65535\r\n", "itself"},
    {"PROXY TCP6 75:6e69:7800:0:75:6964:0:0 ::1 1 2\r\n", "broken"},  // Address::local(0): no network has it
    {"PROXY TCP6 ::1 75:6e69:7800:0:75:6964:0:0 1 2\r\n", "broken"},
    {"PROXY TCP4 192.0.2.1 192.0.2.2 4660 80\n", "broken"},
    {"PROXY TCP4 192.0.2.1 192.0.2.2 4660\r\n", "broken"},
    {"PROXY TCP4 192.0.2.1 192.0.2.2 4660 80 \r\n", "broken"},
    {"PROXY TCP4 192.0.2.1  192.0.2.2 4660 80\r\n", "broken"},
    {"PROXY TCP4 192.0.2.1 192.0.2.2 04660 80\r\n", "broken"},
    {"PROXY TCP4 192.0.2.1 192.0.2.2 65536 80\r\n", "broken"},
    {"PROXY TCP4 192.0.2.1 192.0.2.2 +1 80\r\n", "broken"},
    {"PROXY TCP4 2001:db8::1 ::1 1 2\r\n", "broken"},
    {"PROXY TCP4 192.0.2.01 192.0.2.2 1 2\r\n", "broken"},
    {"PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n", "broken"},
    {"PROXY \r\n", "broken"},
    {"PROXY TCP4 192.0.2.1", "more"},
    {"PROXY TCP4 " + std::string(107, '1'), "broken"},
    {"proxy TCP4 192.0.2.1 192.0.2.2 4660 80\r\n", "broken"},
    {"SSH-2.0-OpenSSH", "broken"},
    {"", "more"},
    {"\r\n\r\nGET", "broken"},
    {v2('\x21', '\x11', kInet), "192.0.2.1:4660 to 192.0.2.2:80"},
    {v2('\x21', '\x11', kInet + "\x04\x00\x02xx"s), "192.0.2.1:4660 to 192.0.2.2:80"},  // with a TLV
    {v2('\x21', '\x12', kInet), "192.0.2.1:4660 to 192.0.2.2:80"},
    {v2('\x21', '\x21', std::string(31, '\0') + "\x01" + std::string(4, '\0')), "[::]:0 to [::1]:0"},
    {v2('\x21', '\x31', std::string(216, 'x')), "itself"},
    {v2('\x21', '\x00', ""), "itself"},
    {v2('\x20', '\x00', ""), "itself"},
    {v2('\x20', '\x11', "abc"), "itself"},  // LOCAL: whatever follows is skipped
    {v2('\x21', '\x11', kInet.substr(1)), "broken"},
    {v2('\x21', '\x21', kInet), "broken"},
    {v2('\x21', '\x31', kInet), "broken"},
    {v2('\x21', '\x41', std::string(300, 'x')), "broken"},
    {v2('\x22', '\x11', kInet), "broken"},
    {v2('\x11', '\x11', kInet), "broken"},
    {v2('\x21', '\x11', kInet + std::string(kMaxProxyHeader - 28, 'x')), "192.0.2.1:4660 to 192.0.2.2:80"},
    {v2('\x21', '\x11', kInet + std::string(kMaxProxyHeader - 27, 'x')), "broken"},
};

TEST(ProxyProtocol, IsRead) {
  for (const Row& row : kRows) {
    const ProxyHeader header = read_proxy_header(row.bytes);
    EXPECT_EQ(told(header), row.expected) << testing::PrintToString(row.bytes.substr(0, 120));
    if (header.outcome == Outcome::done) {
      EXPECT_EQ(header.size, row.bytes.size());
    }
  }
}

TEST(ProxyProtocol, EndsAtTheSameByteHoweverItIsCut) {
  for (const Row& row : kRows) {
    const ProxyHeader whole = read_proxy_header(row.bytes);
    if (whole.outcome != Outcome::done) continue;
    for (std::size_t size = 0; size < row.bytes.size(); ++size)
      EXPECT_EQ(read_proxy_header(std::string_view(row.bytes).substr(0, size)).outcome, Outcome::more) << size;
    EXPECT_EQ(read_proxy_header(row.bytes + "PROXY what the client says\r\n").size, row.bytes.size());
  }
}

TEST(ProxyProtocol, WhatIsWrittenIsReadTheSame) {
  const Endpoint v4{*parse_address("192.0.2.1"), 4660}, other{*parse_address("198.51.100.7"), 22}, v6{*parse_address("2001:db8::7"), 80};
  for (const auto& [source, destination] : {std::pair(v4, other), std::pair(v6, v6), std::pair(v4, v6), std::pair(v6, v4)}) {
    for (const std::string& text : {proxy_header_v1(source, destination), proxy_header_v2(source, destination)}) {
      const ProxyHeader header = read_proxy_header(text);
      ASSERT_EQ(header.outcome, Outcome::done) << text;
      EXPECT_EQ(header.size, text.size());
      EXPECT_EQ(header.source, source);
      EXPECT_EQ(header.destination, destination);
    }
  }
  EXPECT_EQ(proxy_header_v1(v4, other), "PROXY TCP4 192.0.2.1 198.51.100.7 4660 22\r\n");
  EXPECT_EQ(proxy_header_v2(v4, other), v2('\x21', '\x11', "\xc0\x00\x02\x01\xc6\x33\x64\x07\x12\x34\x00\x16"s));
}

}  // namespace
}  // namespace reeve
