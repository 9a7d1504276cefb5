// Alerts in all their forms: what they say, and that no stranger's bytes break them.
#include "record/alert.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "record/alert_formats.h"

namespace reeve {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNow{500s};
constexpr WallTime kWall{1795359845s + 7ms};

EventMessage banned() {
  EventMessage event;
  event.what = DefenceEvent::banned;
  event.origin = BanOrigin::sensor;
  event.hits = 2;
  event.prefix = to_wire(Prefix::host(Address::v4(0xc0000201)));
  event.source = to_wire(Endpoint{Address::v4(0xc0000201), 4711});
  event.local = to_wire(Endpoint{Address::v4(0xc0000209), 23});
  event.at_ns = 490'000'000'000;
  event.until_ns = 790'000'000'000;
  put_words(event.service, "trap");
  put_words(event.reason, "sensor trap");
  event.protocol = 6;
  const std::string recorded = "GET / HTTP/1.0\r\n\xff<&\"=|\\";
  std::copy(recorded.begin(), recorded.end(), event.detail.begin());
  event.detail_size = static_cast<std::uint32_t>(recorded.size());
  return event;
}

Alert alert_from(const EventMessage& event) {
  return alert_of(event, kNow, kWall, "host.example", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
}

boost::json::object object_of(const std::string& text) {
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(text, error);
  EXPECT_FALSE(error) << error.message() << ": " << text;
  return value.is_object() ? value.as_object() : boost::json::object();
}

TEST(AlertTest, HasTheDatesThatInstantsMean) {
  const Alert alert = alert_from(banned());
  EXPECT_EQ(alert.at, kWall - 10s);
  EXPECT_EQ(alert.until, kWall + 290s);
  EXPECT_EQ(alert.id, "01020304-0506-4708-890a-0b0c0d0e0f10");
  EXPECT_EQ(text_of(alert, AlertField::seconds), "300");
  EXPECT_EQ(text_of(alert, AlertField::recorded_hex).substr(0, 8), "47455420");
}

TEST(AlertTest, ABanForEverHasNoDate) {
  EventMessage event = banned();
  event.until_ns = kForEverNs;
  const Alert alert = alert_from(event);
  EXPECT_TRUE(alert.for_ever);
  EXPECT_EQ(text_of(alert, AlertField::until), "forever");
  EXPECT_EQ(text_of(alert, AlertField::seconds), "");
}

TEST(AlertTest, PlainTellsPeople) {
  EXPECT_EQ(alert_plain(alert_from(banned())),
            "source banned: 192.0.2.1 by 192.0.2.1:4711 at 192.0.2.9:23/tcp (trap), for 300 s, hit 2, says sensor: sensor trap, recorded "
            "\"GET / HTTP/1.0???<&\"=|\\\"");
}

TEST(AlertTest, JsonHasTheFieldsByTheirNames) {
  const auto object = object_of(alert_json(alert_from(banned())));
  EXPECT_EQ(object.at("event").as_string(), "banned");
  EXPECT_EQ(object.at("source").as_string(), "192.0.2.1");
  EXPECT_EQ(object.at("source_port").as_int64(), 4711);
  EXPECT_EQ(object.at("until").as_string(), "2026-11-22T15:08:55.007Z");
  EXPECT_EQ(object.at("hits").as_int64(), 2);
  EXPECT_EQ(object.at("recorded").as_string(), "GET / HTTP/1.0\r\n\xef\xbf\xbd<&\"=|\\");
}

TEST(AlertTest, Idmef2HasWhatTheSchemaRequires) {
  const auto object = object_of(alert_idmef2(alert_from(banned())));
  EXPECT_EQ(object.at("Version").as_string(), "2.D.V03");
  EXPECT_EQ(object.at("ID").as_string().size(), 36u);
  EXPECT_EQ(object.at("CreateTime").as_string(), "2026-11-22T15:03:55.007Z");
  const auto& analyzer = object.at("Analyzer").as_object();
  for (const char* key : {"IP", "Name", "Model", "Category", "Data", "Method"}) EXPECT_TRUE(analyzer.contains(key)) << key;
  EXPECT_EQ(object.at("Source").as_array()[0].as_object().at("IP").as_string(), "192.0.2.1");
  EXPECT_EQ(object.at("Target").as_array()[0].as_object().at("Port").as_array()[0].as_int64(), 23);
}

TEST(AlertTest, CefEscapesHeadAndExtension) {
  const std::string line = alert_cef(alert_from(banned()));
  EXPECT_TRUE(line.starts_with("CEF:0|reeve|reeved|" REEVE_VERSION "|banned|source banned|6|rt=1795359835007 externalId=")) << line;
  EXPECT_NE(line.find(" src=192.0.2.1 spt=4711 dst=192.0.2.9 dpt=23 proto=tcp act=blocked cnt=2 reason=sensor trap "), std::string::npos)
      << line;
  EXPECT_TRUE(line.ends_with("cs5Label=recorded cs5=GET / HTTP/1.0\\r\\n?<&\"\\=|\\\\")) << line;
}

TEST(AlertTest, CefHasKeysOfItsOwnForIpv6) {
  EventMessage event = banned();
  event.source = to_wire(Endpoint{*parse_address("2001:db8::7"), 1});
  EXPECT_NE(alert_cef(alert_from(event)).find(" c6a2=2001:db8::7 c6a2Label=Source IPv6 Address spt=1 "), std::string::npos);
}

TEST(AlertTest, AFormIsFilledWithEscapedTexts) {
  const auto form = parse_alert_form("{\"text\": \"{source} said {recorded}\", \"n\": {hits}}\n");
  ASSERT_TRUE(form);
  const auto object = object_of(alert_line(AlertSink::Format::custom, *form, alert_from(banned())));
  EXPECT_EQ(object.at("text").as_string(), "192.0.2.1 said GET / HTTP/1.0\r\n\xef\xbf\xbd<&\"=|\\");
  EXPECT_EQ(object.at("n").as_int64(), 2);
}

// All events, with much and with little to say, and with bytes of all kinds.
std::vector<Alert> samples() {
  std::vector<Alert> alerts;
  std::mt19937 random(7);  // the same in each run
  for (std::uint32_t what = 1; what <= 7; ++what) {
    for (int variant = 0; variant < 6; ++variant) {
      EventMessage event = banned();
      event.what = static_cast<DefenceEvent>(what);
      event.detail_size = kMaxEventDetail;
      for (char& byte : event.detail) byte = static_cast<char>(random());
      if (variant == 1) event.source = {};
      if (variant == 2) event.local = {};
      if (variant == 3) event = EventMessage{.what = static_cast<DefenceEvent>(what)};
      if (variant == 4) event.until_ns = kForEverNs;
      if (variant == 5) event.source = event.local = to_wire(Endpoint{Address::local(1000), 0});
      alerts.push_back(alert_from(event));
      // More than the engine lets through.
      static constexpr char kHostile[] = "]]><a b=\"c\">&amp;\0\x01\xef\xbf\xbf\xed\xa0\x80'";
      alerts.back().reason = std::string(kHostile, sizeof kHostile - 1);
      alerts.back().machine = "a\"<b";
    }
  }
  return alerts;
}

TEST(AlertTest, AnyBytesAreOneLineInEveryForm) {
  const auto form = parse_alert_form("{\n\"r\": \"{reason}{recorded}{service}\"}");
  ASSERT_TRUE(form);
  for (const Alert& alert : samples()) {
    for (const auto format : {AlertSink::Format::json, AlertSink::Format::idmef, AlertSink::Format::idmef2, AlertSink::Format::cef,
                              AlertSink::Format::plain, AlertSink::Format::custom}) {
      const std::string line = alert_line(format, *form, alert);
      for (const char byte : line) ASSERT_GE(static_cast<unsigned char>(byte), 0x20) << line;
      if (media_type(format) == "application/json") EXPECT_FALSE(object_of(line).empty());
    }
  }
}

TEST(AlertTest, IdmefFollowsItsGrammar) {
  if (std::system("command -v xmllint > /dev/null") != 0) GTEST_SKIP() << "there is no xmllint";
  const auto path = std::filesystem::temp_directory_path() / ("reeve-idmef-" + std::to_string(std::random_device()()) + ".xml");
  // One message with all alerts: the grammar allows it, and it is one start of xmllint.
  std::string inner;
  for (const Alert& alert : samples()) {
    const std::string message = alert_idmef(alert);
    const std::size_t begin = message.find("<Alert "), end = message.rfind("</IDMEF-Message>");
    ASSERT_NE(begin, std::string::npos);
    inner += message.substr(begin, end - begin) + "\n";
  }
  const auto is_valid = [&](const std::string& text) {
    std::ofstream(path) << text;
    return std::system(("xmllint --noout --nonet --dtdvalid " REEVE_IDMEF_DTD " " + path.string()).c_str()) == 0;
  };
  const std::string head = "<IDMEF-Message version=\"1.0\" xmlns=\"http://iana.org/idmef\">";
  EXPECT_TRUE(is_valid(head + inner + "</IDMEF-Message>"));
  EXPECT_TRUE(is_valid(alert_idmef(alert_from(banned()))));
  EXPECT_FALSE(is_valid(head + "<Alert/></IDMEF-Message>"));  // the grammar is held to
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace reeve
