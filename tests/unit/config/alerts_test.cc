// What defaults says of alerts and lists.
#include <gtest/gtest.h>

#include "config/defence.h"
#include "parsing.h"

namespace reeve {
namespace {

Parsed parse_with_forms(const std::string& lines) {
  FakeNames names;
  names.texts = {{"/etc/good.form", "{\"text\": \"{source}\"}\n"}, {"/etc/bad.form", "{\n\"text\": \"{sorce}\"}\n"}};
  return parse(bundle_of(defaults(lines) + service("a")), names, {});
}

const Defence& defence_of(const Parsed& parsed) {
  return *parsed.configuration->defence;
}

TEST(AlertsTest, EachLineAddsOne) {
  const Parsed parsed = parse_with_forms(
      "alert_file = idmef /var/log/a\nalert_file += json /var/log/b\nalert_http = custom https://x.example/y\n"
      "alert_syslog = CEF authpriv warning\nalert_command = /bin/echo a $(b) {c}\nalert_form = /etc/good.form\nalert_rate = 60");
  ASSERT_FALSE(parsed.has_errors) << told(parsed);
  const AlertTerms& terms = defence_of(parsed).alerts;
  ASSERT_EQ(terms.sinks.size(), 5u);
  EXPECT_EQ(terms.sinks[0].format, AlertSink::Format::idmef);
  EXPECT_EQ(terms.sinks[1].target, "/var/log/b");
  EXPECT_EQ(terms.sinks[2].kind, AlertSink::Kind::http);
  EXPECT_EQ(terms.sinks[3].facility, 10);
  EXPECT_EQ(terms.sinks[3].level, 4);
  EXPECT_EQ(terms.sinks[4].arguments, (std::vector<std::string>{"a", "$(b)", "{c}"}));
  EXPECT_EQ(terms.form_text, "{\"text\": \"{source}\"}\n");
  EXPECT_EQ(terms.most_per_minute, 60u);
}

TEST(AlertsTest, MistakesAreToldWithWhatToDo) {
  const struct {
    const char *lines, *told;
  } kCases[] = {
      {"alert_file = xml /x", "unknown word `xml`"},
      {"alert_file = idmf /x", "did you mean `idmef`?"},
      {"alert_file = json", "alert_file = FORMAT PATH"},
      {"alert_file = json x", "the path `x` is relative"},
      {"alert_http = json ftp://x", "http://HOST/... or https://HOST/..."},
      {"alert_http = json http:///x", "no address of the web"},
      {"alert_http = json https://", "no address of the web"},
      {"alert_syslog = cef nowhere", "unknown word `nowhere`"},
      {"alert_syslog = cef user 9", "unknown word `9`"},
      {"alert_command = echo", "is relative"},
      {"alert_rate = 0", "not a number from 1"},
      {"alert_http = custom http://x", "alert_form = PATH"},
      {"alert_form = /etc/none", "can't be read"},
      {"alert_form = /etc/bad.form", "alert_form: /etc/bad.form:2: no alert has a field {sorce} (did you mean `source`?)"},
      {"ban_list = relative", "neither an absolute path nor"},
      {"ban_list_refresh = 0", "not a number"},
  };
  for (const auto& [lines, text] : kCases) {
    const Parsed parsed = parse_with_forms(lines);
    EXPECT_TRUE(parsed.unusable) << lines;
    EXPECT_NE(told(parsed).find(text), std::string::npos) << lines << '\n' << told(parsed);
  }
}

TEST(AlertsTest, ASecretInAnAddressIsNotRepeated) {
  EXPECT_EQ(told(parse_with_forms("alert_http = json gopher://secret")).find("secret"), std::string::npos);
}

TEST(AlertsTest, AFormTravelsInTheBundle) {
  FakeNames names;
  names.texts = {{"/etc/good.form", "{source}"}};
  Bundle bundle = bundle_of(defaults("alert_form = /etc/good.form") + service("a"));
  const auto recording = recording_names(bundle, names);
  ASSERT_FALSE(parse(bundle, *recording, {}).has_errors);
  const auto copy = deserialize(serialize(bundle));
  ASSERT_TRUE(copy);
  const auto recorded = recorded_names(*copy);
  EXPECT_EQ(defence_of(parse(*copy, *recorded, {})).alerts.form_text, "{source}");
}

TEST(BanListTermsTest, AreCollected) {
  const Parsed parsed = parse_with_forms("ban_list = /a https://x.example/list\nban_list += /b /a\nban_list_refresh = 5");
  ASSERT_FALSE(parsed.has_errors) << told(parsed);
  const BanListTerms& terms = defence_of(parsed).lists;
  ASSERT_EQ(terms.lists.size(), 3u);
  EXPECT_EQ(terms.lists[2].source, "/b");
  EXPECT_EQ(terms.refresh, std::chrono::minutes(5));
}

}  // namespace
}  // namespace reeve
