#include "base/message.h"

#include <cstring>
#include <functional>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace reeve {
namespace {

using Bytes = std::vector<std::byte>;

template <class Message>
Bytes bytes_of(const Message& message) {
  const auto span = as_bytes(message);
  return {span.begin(), span.end()};
}

// Decoded by the side it is meant for, and by the other one, which must not know it.
template <class Message>
constexpr bool kIsForMonitor = std::is_same_v<decltype(Message::type), EngineMessageType>;

template <class Message>
bool is_accepted(const Bytes& bytes) {
  if constexpr (kIsForMonitor<Message>) {
    return decode_engine_message(bytes).has_value();
  } else {
    return decode_monitor_message(bytes).has_value();
  }
}

template <class Message>
void expect_good(const Message& message) {
  const Bytes bytes = bytes_of(message);
  const auto for_monitor = decode_engine_message(bytes);
  const auto for_engine = decode_monitor_message(bytes);
  ASSERT_EQ(for_monitor.has_value(), kIsForMonitor<Message>);
  ASSERT_EQ(for_engine.has_value(), !kIsForMonitor<Message>);
  if constexpr (kIsForMonitor<Message>) {
    EXPECT_EQ(bytes_of(std::get<Message>(*for_monitor)), bytes);
  } else {
    EXPECT_EQ(bytes_of(std::get<Message>(*for_engine)), bytes);
  }
  Bytes wrong = bytes;
  wrong.push_back(std::byte{0});
  EXPECT_FALSE(is_accepted<Message>(wrong)) << "one byte more";
  wrong.resize(bytes.size() - 1);
  EXPECT_FALSE(is_accepted<Message>(wrong)) << "one byte less";
}

// `spoil` makes a good message bad.
template <class Message>
void expect_bad(Message message, const std::function<void(Message&)>& spoil) {
  ASSERT_TRUE(is_accepted<Message>(bytes_of(message)));
  spoil(message);
  EXPECT_FALSE(is_accepted<Message>(bytes_of(message)));
}

ListenersMessage listeners(std::uint32_t count) {
  ListenersMessage message;
  message.count = count;
  return message;
}

LogFilesMessage log_files(std::uint32_t count) {
  LogFilesMessage message;
  message.count = count;
  for (std::uint32_t i = 0; i < count; ++i) message.open[i] = i % 2;
  return message;
}

TEST(MessageTest, EveryMessageArrivesAsItWasSentAndOnlyOnItsSide) {
  const Address source_address = parse_address("2001:db8::1").value();
  const WireEndpoint source = to_wire(Endpoint{source_address, 4711});
  expect_good(StartMessage{.generation = 7, .service = 3, .has_connection = 1, .instance = 99, .source = source});
  expect_good(ReadyMessage{.generation = 7});
  expect_good(UnfitMessage{.generation = 7});
  expect_good(EndMessage{.instance = 1});
  expect_good(RestingMessage{.generation = 1, .place = 2, .rest = 1});
  expect_good(BansMessage{.count = 0, .first = 1, .last = 1});
  expect_good(BansMessage{.count = 2, .prefixes = {to_wire(Prefix::of(source_address, 32)), to_wire(Prefix::host(Address::v4(1)))}});
  ClientMessage client{.instance = 5};
  put_text(client.name, "host.example");
  put_text(client.user, "joe");
  expect_good(client);
  expect_good(GuardMessage{.generation = 1, .place = 2, .closed = 1});
  expect_good(AdoptMessage{
      .generation = 1, .services = 3, .places = 4, .daemon_pid = 77, .log_kind = 2, .log_facility = 23, .log_least = 5, .as_root = 1});
  expect_good(listeners(1));
  expect_good(listeners(kMaxListenersPerMessage));
  expect_good(log_files(1));
  expect_good(log_files(kMaxLogFilesPerMessage));
  expect_good(InheritMessage{.service = 1, .instance = 5, .started_ns = -1, .pid = 6, .place = 1, .source = source});
  expect_good(CommitMessage{.generation = 2});
  expect_good(StartedMessage{.pid = 5, .instance = 1});
  for (const StartStage stage : {StartStage::receive, StartStage::refused, StartStage::clone, StartStage::setup, StartStage::exec}) {
    expect_good(StartFailedMessage{.stage = stage, .instance = 1, .sys_errno = 2});
    expect_good(ExitedMessage{.wait_status = 256, .instance = 1, .failed_stage = stage});
  }
  expect_good(DumpMessage{});
  expect_good(CheckMessage{});
  expect_good(LeaveMessage{});
  expect_good(HoldMessage{.generation = 1, .service = 2, .how = Held::draining});
  expect_good(HeldMessage{.service = 2, .how = Held::stopped});
  expect_good(LookMessage{.count = kMaxLooks, .number = 7});
  expect_good(LookedMessage{.number = 7, .old = UINT64_MAX});
  expect_good(ReloadMessage{.what = ReloadAsk::reload, .confirm_seconds = 60, .number = 8});
  expect_good(ReloadedMessage{.done = 1, .number = 8});
  expect_good(ControlMessage{.listens = 1, .daemon_since_ns = 5, .configured_wall_ns = 6, .engines = 2});
}

TEST(MessageTest, ValuesOutOfRangeAreRefused) {
  expect_bad<StartMessage>({}, [](auto& m) { m.has_connection = 2; });
  expect_bad<StartMessage>({}, [](auto& m) { m.source.known = 2; });
  expect_bad<StartMessage>({}, [](auto& m) { m.reserved = 1; });
  expect_bad<StartMessage>({.has_connection = 1}, [](auto& m) { m.place = 1; });
  for (std::size_t i = 0; i < sizeof WireEndpoint{}.reserved; ++i) expect_bad<StartMessage>({}, [i](auto& m) { m.source.reserved[i] = 1; });
  expect_bad<EndMessage>({}, [](auto& m) { m.reserved = 1; });
  expect_bad<RestingMessage>({}, [](auto& m) { m.rest = 2; });
  expect_bad<ClientMessage>({}, [](auto& m) { m.reserved = 1; });
  expect_bad<ClientMessage>({}, [](auto& m) { m.name.fill('x'); });
  expect_bad<ClientMessage>({}, [](auto& m) { m.user[0] = '\n'; });
  expect_bad<ClientMessage>({}, [](auto& m) { m.user[1] = 'x'; });
  expect_bad<GuardMessage>({}, [](auto& m) { m.closed = 2; });
  expect_bad<BansMessage>({}, [](auto& m) { m.count = kMaxBansPerMessage + 1; });
  expect_bad<BansMessage>({}, [](auto& m) { m.first = 2; });
  expect_bad<BansMessage>({}, [](auto& m) { m.last = 2; });
  expect_bad<BansMessage>({.count = 1}, [](auto& m) { m.prefixes[0].bits = 129; });
  expect_bad<BansMessage>({.count = 1}, [](auto& m) { m.prefixes[0].address[0] = 1; });  // not masked
  expect_bad<BansMessage>({.count = 1}, [](auto& m) { m.prefixes[1].bits = 1; });
  expect_bad<BansMessage>({.count = 1}, [](auto& m) { m.prefixes[1].address[15] = 1; });
  expect_bad<AdoptMessage>({}, [](auto& m) { m.log_kind = 3; });
  expect_bad<AdoptMessage>({}, [](auto& m) { m.log_facility = 24; });
  expect_bad<AdoptMessage>({}, [](auto& m) { m.log_least = 6; });
  expect_bad<AdoptMessage>({}, [](auto& m) { m.as_root = 2; });
  expect_bad<AdoptMessage>({}, [](auto& m) { m.inetd_compat = 2; });
  expect_bad<AdoptMessage>({}, [](auto& m) { m.reserved[2] = 1; });
  expect_bad<ListenersMessage>(listeners(1), [](auto& m) { m.count = 0; });
  expect_bad<ListenersMessage>(listeners(1), [](auto& m) { m.count = kMaxListenersPerMessage + 1; });
  expect_bad<ListenersMessage>(listeners(1), [](auto& m) { m.reserved = 1; });
  expect_bad<LogFilesMessage>(log_files(3), [](auto& m) { m.count = 0; });
  expect_bad<LogFilesMessage>(log_files(3), [](auto& m) { m.count = kMaxLogFilesPerMessage + 1; });
  expect_bad<LogFilesMessage>(log_files(3), [](auto& m) { m.open[2] = 2; });
  expect_bad<LogFilesMessage>(log_files(3), [](auto& m) { m.open[3] = 1; });
  expect_bad<LogFilesMessage>(log_files(3), [](auto& m) { m.first = UINT32_MAX - 2; });
  expect_bad<InheritMessage>({}, [](auto& m) { m.source.reserved[0] = 1; });
  expect_bad<StartFailedMessage>({}, [](auto& m) { m.stage = static_cast<StartStage>(0); });
  expect_bad<StartFailedMessage>({}, [](auto& m) { m.stage = static_cast<StartStage>(6); });
  expect_bad<StartFailedMessage>({}, [](auto& m) { m.reserved = 1; });
  expect_bad<ExitedMessage>({}, [](auto& m) { m.failed_stage = static_cast<StartStage>(6); });
  expect_bad<DumpMessage>({}, [](auto& m) { m.reserved = 1; });
  expect_bad<CheckMessage>({}, [](auto& m) { m.reserved = 1; });
  expect_bad<LeaveMessage>({}, [](auto& m) { m.reserved = 1; });
  expect_bad<HoldMessage>({}, [](auto& m) { m.how = static_cast<Held>(3); });
  expect_bad<HeldMessage>({}, [](auto& m) { m.how = static_cast<Held>(3); });
  expect_bad<HeldMessage>({}, [](auto& m) { m.reserved = 1; });
  expect_bad<LookMessage>({.count = 1}, [](auto& m) { m.count = 0; });
  expect_bad<LookMessage>({.count = 1}, [](auto& m) { m.count = kMaxLooks + 1; });
  expect_bad<LookedMessage>({}, [](auto& m) { m.reserved = 1; });
  expect_bad<ReloadMessage>({}, [](auto& m) { m.what = static_cast<ReloadAsk>(0); });
  expect_bad<ReloadMessage>({}, [](auto& m) { m.what = static_cast<ReloadAsk>(4); });
  expect_bad<ReloadMessage>({}, [](auto& m) { m.reserved = 1; });
  expect_bad<ReloadMessage>({.what = ReloadAsk::plan}, [](auto& m) { m.confirm_seconds = 1; });
  expect_bad<ReloadedMessage>({}, [](auto& m) { m.done = 2; });
  expect_bad<ControlMessage>({}, [](auto& m) { m.listens = 2; });
  expect_bad<ControlMessage>({}, [](auto& m) { m.reserved = 1; });
}

TEST(MessageTest, UnknownTypesAndScrapsAreRefused) {
  for (std::uint32_t type = 0; type < 200; ++type) {
    for (const std::size_t size : {std::size_t{4}, std::size_t{8}, sizeof(StartMessage), kMaxMessageBytes}) {
      Bytes bytes(size);
      std::memcpy(bytes.data(), &type, sizeof type);
      EXPECT_FALSE((type < 1 || type > 14) && decode_engine_message(bytes).has_value()) << type;
      EXPECT_FALSE((type < 101 || type > 118) && decode_monitor_message(bytes).has_value()) << type;
    }
  }
  for (std::size_t size = 0; size < 4; ++size) {
    EXPECT_FALSE(decode_engine_message(Bytes(size)).has_value());
    EXPECT_FALSE(decode_monitor_message(Bytes(size)).has_value());
  }
}

TEST(MessageTest, FactsForExpansionsAreTexts) {
  WrapMessage message;
  std::memcpy(message.client_name.data(), "a.example", 9);
  const auto accepted = [&] {
    const auto bytes = as_bytes(message);
    return decode_engine_message(bytes).has_value();
  };
  EXPECT_TRUE(accepted());
  message.client_name[9] = ' ';
  EXPECT_FALSE(accepted());
  message.client_name[9] = '\0';
  message.client_name[10] = 'x';
  EXPECT_FALSE(accepted());
  message.client_name.fill('x');
  EXPECT_FALSE(accepted());
}

TEST(MessageTest, AnEndpointTravelsWhole) {
  const WireEndpoint wire = to_wire(Endpoint{Address::v4(0x7f000001), 65535});
  EXPECT_EQ(Address(wire.address), Address::v4(0x7f000001));
  EXPECT_EQ(wire.port, 65535);
  EXPECT_EQ(wire.known, 1);
}

}  // namespace
}  // namespace reeve
