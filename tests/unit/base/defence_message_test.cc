// What the engine and its followers say to each other: only what is whole and in range is heard.
#include "base/defence_message.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace reeve {
namespace {

BanMessage some_ban() {
  BanMessage ban;
  ban.prefix = to_wire(Prefix::host(*parse_address("192.0.2.7")));
  ban.since_ns = 5;
  ban.until_ns = kForEverNs;
  ban.number = 9;
  put_words(ban.reason, "sensor trap");
  return ban;
}

template <class Message>
void expect_same_in_both(const Message& message, bool to_follower, bool from_follower) {
  const auto there = decode_to_follower(as_bytes(message));
  const auto back = decode_from_follower(as_bytes(message));
  EXPECT_EQ(there.has_value(), to_follower);
  EXPECT_EQ(back.has_value(), from_follower);
  const auto is_same = [&](const auto& one) { return std::ranges::equal(as_bytes(one), as_bytes(message)); };
  if (there) EXPECT_TRUE(std::visit(is_same, *there));
  if (back) EXPECT_TRUE(std::visit(is_same, *back));
}

TEST(DefenceMessageTest, EachMessageIsHeardByThoseItIsFor) {
  expect_same_in_both(some_ban(), true, true);
  expect_same_in_both(LiftMessage{}, true, true);
  expect_same_in_both(BeginMessage{}, true, false);
  expect_same_in_both(EndOfBansMessage{}, true, false);
  expect_same_in_both(GuardedMessage{}, true, false);
  expect_same_in_both(EventMessage{}, true, false);
  expect_same_in_both(AskMessage{}, true, false);
  expect_same_in_both(LoadedMessage{}, false, true);
  expect_same_in_both(KeptMessage{}, false, true);
  OffenderMessage offender;
  offender.times = 2;
  expect_same_in_both(offender, false, true);
  StateMessage state;
  put_words(state.name, "fleet");
  expect_same_in_both(state, false, true);
  expect_same_in_both(SayMessage{}, false, true);
  PortsMessage ports;
  ports.count = 1;
  ports.ports[0].port = 23;
  expect_same_in_both(ports, true, false);
  expect_same_in_both(WithdrawMessage{}, true, false);
  TouchedMessage touched;
  touched.source = to_wire(Endpoint{*parse_address("192.0.2.7"), 0});
  touched.port = 161;
  expect_same_in_both(touched, false, true);
  expect_same_in_both(AnswerMessage{}, false, true);
}

template <class Change>
bool is_heard_with(Change change) {
  BanMessage ban = some_ban();
  change(ban);
  return decode_from_follower(as_bytes(ban)).has_value();
}

TEST(DefenceMessageTest, ABanMustMakeSense) {
  EXPECT_TRUE(is_heard_with([](BanMessage&) {}));
  EXPECT_FALSE(is_heard_with([](BanMessage& ban) { ban.until_ns = ban.since_ns; }));
  EXPECT_FALSE(is_heard_with([](BanMessage& ban) { ban.hits = 0; }));
  EXPECT_FALSE(is_heard_with([](BanMessage& ban) { ban.times = 0; }));
  EXPECT_FALSE(is_heard_with([](BanMessage& ban) { ban.origin = static_cast<BanOrigin>(7); }));
  EXPECT_FALSE(is_heard_with([](BanMessage& ban) { ban.origin = static_cast<BanOrigin>(0); }));
  EXPECT_FALSE(is_heard_with([](BanMessage& ban) { ban.prefix.bits = 129; }));
  EXPECT_FALSE(is_heard_with([](BanMessage& ban) { ban.prefix.bits = 120; }));  // host bits behind the prefix
  EXPECT_FALSE(is_heard_with([](BanMessage& ban) { ban.reserved[0] = 1; }));
  EXPECT_FALSE(is_heard_with([](BanMessage& ban) { ban.reason[2] = '\n'; }));
  EXPECT_FALSE(is_heard_with([](BanMessage& ban) { ban.reason.fill('x'); }));  // no end
  EXPECT_FALSE(is_heard_with([](BanMessage& ban) { ban.node[63] = 'x'; }));    // something behind the end
}

TEST(DefenceMessageTest, PortsMustBePorts) {
  PortsMessage ports;
  ports.count = 1;
  EXPECT_FALSE(decode_to_follower(as_bytes(ports)));
  ports.ports[0].port = 23;
  ports.ports[0].is_sensor = 2;
  EXPECT_FALSE(decode_to_follower(as_bytes(ports)));
  ports.ports[0].is_sensor = 1;
  EXPECT_TRUE(decode_to_follower(as_bytes(ports)));
  ports.count = kMaxPortsPerMessage + 1;
  EXPECT_FALSE(decode_to_follower(as_bytes(ports)));
}

TEST(DefenceMessageTest, SizesMustFit) {
  const BanMessage ban = some_ban();
  std::vector<std::byte> bytes(as_bytes(ban).begin(), as_bytes(ban).end());
  bytes.push_back({});
  EXPECT_FALSE(decode_to_follower(bytes));
  bytes.resize(sizeof ban - 1);
  EXPECT_FALSE(decode_to_follower(bytes));
  for (std::size_t size = 0; size < 4; ++size) EXPECT_FALSE(decode_from_follower(std::span(bytes).first(size)));
}

TEST(DefenceMessageTest, WordsAreMadeHarmlessAndCut) {
  std::array<char, 8> field{};
  put_words(field, "a b\nc\x7f\xc3");
  EXPECT_EQ(text_of(field), "a b?c??");
  put_words(field, "0123456789");
  EXPECT_EQ(text_of(field), "0123456");
}

}  // namespace
}  // namespace reeve
