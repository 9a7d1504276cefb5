// Which rule speaks of a client. tests/e2e/test_wrappers_tcpdmatch.py compares with the library over many more rules;
// here stands what it can't be asked: when names are looked up, files that name each other, netgroups.
#include "policy/wrap_match.h"

#include <gtest/gtest.h>

#include "policy/netgroups.h"
#include "unit/policy/wrapping.h"

namespace reeve {
namespace {

WrapRequest from(const char* address) {
  return {.daemon = "echo", .client = Endpoint{*parse_address(address), 1000}};
}
WrapRequest named(const char* address, const char* name) {
  WrapRequest request = from(address);
  request.client_name = name;
  return request;
}
WrapFound find(const std::string& deny, const WrapRequest& request) {
  const WrapTable table = wrap_table("", deny + "\n");
  return find_wrap_rule(table.rules, table.bundle, request);
}
bool matches(const std::string& deny, const WrapRequest& request) {
  return std::holds_alternative<WrapMatched>(find(deny, request));
}
std::optional<WrapNeed> need(const std::string& deny, const WrapRequest& request) {
  const WrapFound found = find(deny, request);
  const auto* wanted = std::get_if<WrapNeed>(&found);
  return wanted == nullptr ? std::nullopt : std::optional(*wanted);
}

TEST(WrapMatch, AsksForNamesOnlyWhenNothingElseDecides) {
  EXPECT_EQ(need("echo: .example", from("192.0.2.1")), WrapNeed::client_name);
  EXPECT_EQ(need("cat: .example", from("192.0.2.1")), std::nullopt);
  EXPECT_EQ(need("echo: 192.0.2.1 .example", from("192.0.2.1")), std::nullopt);
  EXPECT_EQ(need("echo: 192.0.2. EXCEPT .example", from("192.0.2.1")), WrapNeed::client_name);
  EXPECT_EQ(need("echo: 10.0.0.0/8 192.0.3. [::1]", from("192.0.2.1")), std::nullopt);
  EXPECT_EQ(need("echo: joe@192.0.2.", from("192.0.2.1")), WrapNeed::client_user);
  EXPECT_EQ(need("echo: joe@192.0.3.", from("192.0.2.1")), std::nullopt);
  EXPECT_EQ(need("echo@192.0.2.9: ALL", from("192.0.2.1")), WrapNeed::server_address);
  EXPECT_EQ(need("cat@192.0.2.9: ALL", from("192.0.2.1")), std::nullopt);
  EXPECT_EQ(need("echo: KNOWN", from("192.0.2.1")), WrapNeed::client_name);
  EXPECT_EQ(need("echo: UNKNOWN", from("192.0.2.1")), WrapNeed::client_name);
}

TEST(WrapMatch, TheServersEnd) {
  WrapRequest request = from("192.0.2.1");
  request.has_server = true;
  request.server = Endpoint{*parse_address("192.0.2.9"), 7};
  EXPECT_TRUE(matches("echo@192.0.2.9: ALL", request));
  EXPECT_FALSE(matches("echo@192.0.2.8/32: ALL", request));
  EXPECT_TRUE(matches("7: ALL", request));
  EXPECT_FALSE(matches("70: ALL", request));
  EXPECT_EQ(need("echo@.example: ALL", request), WrapNeed::server_name);
  request.server_name = "ftp.example";
  EXPECT_TRUE(matches("echo@.example: ALL", request));
}

TEST(WrapMatch, IPv6) {
  EXPECT_TRUE(matches("echo: [2001:db8::]/32", from("2001:db8:1::1")));
  EXPECT_TRUE(matches("echo: [2001:DB8:0::1]", from("2001:db8::1")));
  EXPECT_TRUE(matches("echo: [2001:db8::]/0", from("fe80::1")));
  EXPECT_TRUE(matches("echo: [fe80::1]/64", from("fe80::2")));
  EXPECT_FALSE(matches("echo: [2001:db8::]/129", from("2001:db8::1")));
  EXPECT_FALSE(matches("echo: [::ffff:192.0.2.0]/120", from("192.0.2.1")));
  EXPECT_FALSE(matches("echo: [::]/0", from("192.0.2.1")));
  EXPECT_FALSE(matches("echo: 0.0.0.0/0.0.0.0", from("2001:db8::1")));
}

TEST(WrapMatch, WithoutAnAddress) {
  WrapRequest nobody;
  nobody.daemon = "echo";
  nobody.client_name = "unknown";
  EXPECT_TRUE(matches("echo: UNKNOWN", nobody));
  EXPECT_FALSE(matches("echo: KNOWN", nobody));
  EXPECT_FALSE(matches("echo: 0.0.0.0/0.0.0.0", nobody));
  EXPECT_TRUE(matches("echo: ALL", nobody));
}

TEST(WrapMatch, FilesOfPatterns) {
  WrapFiles files;
  files.files = {{"/etc/hosts.deny", "echo: /friends\n"}, {"/friends", "10.0.0.1\n/more"}, {"/more", "/friends /friends 192.0.2.1"}};
  const WrapTable table = wrap_table(files);
  EXPECT_TRUE(std::holds_alternative<WrapMatched>(find_wrap_rule(table.rules, table.bundle, from("192.0.2.1"))));
  EXPECT_TRUE(std::holds_alternative<WrapUnmatched>(find_wrap_rule(table.rules, table.bundle, from("192.0.2.2"))));
  files.forbidden = "/more";
  const WrapTable broken = wrap_table(files);
  const WrapFound found = find_wrap_rule(broken.rules, broken.bundle, from("192.0.2.1"));
  ASSERT_TRUE(std::holds_alternative<WrapUnreadable>(found));
  EXPECT_EQ(broken.bundle.files[std::get<WrapUnreadable>(found).file].path, "/more");
  EXPECT_TRUE(std::holds_alternative<WrapMatched>(find_wrap_rule(broken.rules, broken.bundle, from("10.0.0.1"))));
}

TEST(WrapMatch, TheRestOfABrokenDenyFileRefusesEverybody) {
  const WrapTable table = wrap_table("echo: 10.0.0.1\n", "cat: ALL");
  EXPECT_TRUE(std::holds_alternative<WrapMatched>(find_wrap_rule(table.rules, table.bundle, from("192.0.2.1"))));
  const WrapFound allowed = find_wrap_rule(table.rules, table.bundle, from("10.0.0.1"));
  ASSERT_TRUE(std::holds_alternative<WrapMatched>(allowed));
  EXPECT_EQ(std::get<WrapMatched>(allowed).rule, 0u);
}

TEST(WrapMatch, Effects) {
  const WrapTable table = wrap_table("a: b\na: b: deny\na: b: twist x\na: b: nonsense\n", "a: b\na: b: allow\na: b: spawn x\n");
  std::vector<WrapEffect> effects;
  for (const WrapRule& rule : table.rules.rules) effects.push_back(effect_of(rule));
  EXPECT_EQ(effects, (std::vector{WrapEffect::admits, WrapEffect::refuses, WrapEffect::twists, WrapEffect::is_wrong, WrapEffect::refuses,
                                  WrapEffect::admits, WrapEffect::refuses}));
}

TEST(WrapMatch, Wildcards) {
  EXPECT_TRUE(matches_wrap_text("*a*b*", "xxaxxbxx"));
  EXPECT_FALSE(matches_wrap_text("*a*b", "xxaxxbxx"));
  EXPECT_TRUE(matches_wrap_text("?X*", "axe"));
  EXPECT_FALSE(matches_wrap_text("", ""));
  // No pattern takes long.
  EXPECT_FALSE(matches_wrap_text(std::string(200, '*') + "b", std::string(5000, 'a')));
}

TEST(Netgroups, MembersAndGroupsOfGroups) {
  const char* const text = "# groups\nlab (one.example,,) (two.example,joe,dom)\\\n (-,ann,)\nall lab (Three,,)\nloop loop all\nany (,,)\n";
  EXPECT_TRUE(is_in_netgroup(text, "lab", "ONE.example"));
  EXPECT_TRUE(is_in_netgroup(text, "lab", "two.example"));
  EXPECT_FALSE(is_in_netgroup(text, "lab", "three"));
  EXPECT_FALSE(is_in_netgroup(text, "LAB", "one.example"));
  EXPECT_FALSE(is_in_netgroup(text, "lab", "-"));
  EXPECT_TRUE(is_in_netgroup(text, "loop", "two.example"));
  EXPECT_FALSE(is_in_netgroup(text, "loop", "four"));
  EXPECT_TRUE(is_in_netgroup(text, "any", "whoever"));
  EXPECT_FALSE(is_in_netgroup("x (a", "x", "a"));
}

TEST(Netgroups, InRules) {
  WrapFiles files;
  files.files = {{"/etc/hosts.deny", "echo: @lab\n"}, {"/etc/netgroup", "lab (one.example,,)\n"}};
  const WrapTable table = wrap_table(files);
  EXPECT_TRUE(std::holds_alternative<WrapMatched>(find_wrap_rule(table.rules, table.bundle, named("192.0.2.1", "one.example"))));
  files.files["/etc/nsswitch.conf"] = "netgroup:  nis\n";
  const WrapTable elsewhere = wrap_table(files);
  EXPECT_TRUE(std::holds_alternative<WrapUnmatched>(find_wrap_rule(elsewhere.rules, elsewhere.bundle, named("192.0.2.1", "one.example"))));
  EXPECT_EQ(elsewhere.rules.diagnostics.size(), 1u);
}

}  // namespace
}  // namespace reeve
