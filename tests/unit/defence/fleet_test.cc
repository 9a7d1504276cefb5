// Nodes of one fleet and a real redis-server. Time passes as it does; every wait has an event and a last moment.
#include "defence/fleet.h"

#include <algorithm>
#include <csignal>
#include <functional>
#include <set>

#include "sys/clock.h"
#include "unit/defence/redis_server.h"

namespace reeve {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kSecret = "a secret of thirty-two bytes or more";

Prefix host(std::uint32_t number) {
  return Prefix::host(Address::v4(number));
}

// The loop that all nodes of a test live on, and the test's patience.
struct World {
  World() : resolver(loop, {}) { std::signal(SIGPIPE, SIG_IGN); }
  ~World() { loop.drop_tasks(); }

  // Until it holds, looked at whenever a node says something. False: not within half a minute.
  bool await(std::function<bool()> holds) {
    awaited = std::move(holds);
    if (awaited()) return true;
    patience = instant_now() + 30s;
    if (!std::exchange(is_watched, true)) loop.start(watch());
    loop.run();
    const bool held = awaited();
    awaited = {};
    return held;
  }
  void look() {
    if (awaited && awaited()) loop.stop();
  }
  Task<> watch() {
    for (;;) {
      const Instant next = instant_now() + 100ms;
      co_await loop.sleep_until(next);
      if (awaited && (awaited() || instant_now() > patience)) loop.stop();
    }
  }

  Loop loop;
  Resolver resolver;
  std::function<bool()> awaited;
  Instant patience{};
  bool is_watched = false;
};

struct Node final : FleetOutlet {
  Node(World& in, const std::string& path, std::string name, std::function<void(FleetSettings&)> change = {},
       std::string_view secret = kSecret)
      : world(in) {
    FleetSettings settings;
    settings.path = path;
    settings.name = "test";
    settings.rules.node = std::move(name);
    settings.heartbeat = 200ms;
    if (change) change(settings);
    fleet = std::make_unique<Fleet>(in.loop, in.resolver, std::move(settings), *FleetKey::from(secret, "test"), *this);
    EXPECT_TRUE(fleet->start());
  }
  void complete() {
    fleet->begin();
    fleet->end();
  }
  void ban(const Prefix& who, std::chrono::milliseconds lasts = 10min, BanOrigin origin = BanOrigin::sensor) {
    BanMessage message;
    message.origin = origin;
    message.prefix = to_wire(who);
    message.since_ns = instant_now().time_since_epoch().count();
    message.until_ns = (instant_now() + lasts).time_since_epoch().count();
    put_words(message.reason, "touched telnet");
    fleet->told(message);
  }
  void unban(const Prefix& who) {
    LiftMessage message;
    message.prefix = to_wire(who);
    fleet->lifted(message);
  }

  bool propose(const BanMessage& ban) override {
    if (refusing > 0 && --refusing >= 0) return false;
    bans.insert({Address(ban.prefix.address), ban.prefix.bits});
    world.look();
    return true;
  }
  bool propose(const LiftMessage& lift) override {
    lifts.insert({Address(lift.prefix.address), lift.prefix.bits});
    world.look();
    return true;
  }
  void say(Level, std::string_view text) override { said.emplace_back(text); }
  void state(std::string_view name, std::string_view text) override {
    states.insert_or_assign(std::string(name), std::string(text));
    world.look();
  }
  bool is(const std::string& name, std::string_view text) const {
    const auto found = states.find(name);
    return found != states.end() && found->second.starts_with(text);
  }
  std::size_t times_said(std::string_view part) const {
    return static_cast<std::size_t>(std::ranges::count_if(said, [&](const auto& text) { return text.find(part) != std::string::npos; }));
  }

  World& world;
  std::unique_ptr<Fleet> fleet;
  std::set<Prefix> bans, lifts;
  std::vector<std::string> said;
  std::map<std::string, std::string> states;
  int refusing = 0;  // so many proposals find no room
};

class FleetTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!RedisServer::is_installed()) GTEST_SKIP() << "there is no redis-server";
    server.emplace();
  }
  // What a visitor with the store's password can do.
  RedisReply command(RedisCommand words) {
    RedisLink link(world.loop);
    Result<std::vector<RedisReply>> replies = failure("never");
    const auto task = [](Loop& in, RedisLink& with, std::string path, RedisCommand what, Result<std::vector<RedisReply>>& to) -> Task<> {
      const Instant deadline = instant_now() + 10s;
      const Result<bool> open = co_await with.open_at_path(path, deadline);
      std::vector<RedisCommand> all{what};
      if (open) to = co_await with.exchange(std::move(all), deadline);
      in.stop();
    };
    world.loop.start(task(world.loop, link, server->path(), std::move(words), replies));
    world.loop.run();
    EXPECT_TRUE(replies);
    return std::move(replies->front());
  }

  // Asks again and again, while the nodes go on.
  bool await_key(const std::string& key) {
    for (const Instant last = instant_now() + 30s; instant_now() < last;) {
      if (command({"EXISTS", key}).value().number() == 1) return true;
    }
    return false;
  }

  std::optional<RedisServer> server;
  World world;
};

TEST_F(FleetTest, ABanOfOneIsProposedToTheOthers) {
  Node a(world, server->path(), "a"), b(world, server->path(), "b"), c(world, server->path(), "c");
  for (Node* each : {&a, &b, &c}) each->complete();
  ASSERT_TRUE(world.await([&] { return a.is("fleet_peers", "2") && b.is("fleet_peers", "2") && c.is("fleet_peers", "2"); }));
  a.ban(host(0xc0000201));
  ASSERT_TRUE(world.await([&] { return b.bans.contains(host(0xc0000201)) && c.bans.contains(host(0xc0000201)); }));
  EXPECT_TRUE(a.bans.empty());
  c.unban(host(0xc0000201));
  ASSERT_TRUE(world.await([&] { return a.lifts.contains(host(0xc0000201)) && b.lifts.contains(host(0xc0000201)); }));
  EXPECT_TRUE(a.is("fleet", "connected"));
}

TEST_F(FleetTest, WhoComesLaterGetsWhatThereIs) {
  Node a(world, server->path(), "a");
  a.complete();
  for (std::uint32_t each = 0; each < 3000; ++each) a.ban(host(0x0a000000 + each));
  ASSERT_TRUE(world.await([&] { return a.is("fleet", "connected") && a.is("fleet_queue", "0"); }));
  Node b(world, server->path(), "b");
  b.refusing = 20;
  b.complete();
  ASSERT_TRUE(world.await([&] { return b.bans.size() == 3000; }));
}

TEST_F(FleetTest, AStoreThatIsAwayIsSaidOnceAndCaughtUpWith) {
  Node a(world, server->path(), "a"), b(world, server->path(), "b");
  a.complete();
  b.complete();
  ASSERT_TRUE(world.await([&] { return a.is("fleet_peers", "1") && b.is("fleet_peers", "1"); }));
  a.ban(host(1));
  ASSERT_TRUE(world.await([&] { return b.bans.contains(host(1)); }));
  server->stop();
  ASSERT_TRUE(world.await([&] { return a.is("fleet", "away") && b.is("fleet", "away"); }));
  a.ban(host(2));
  b.unban(host(1));
  // Empty, and a's first ban was lifted by b meanwhile.
  server->start();
  ASSERT_TRUE(world.await([&] { return b.bans.contains(host(2)) && a.lifts.contains(host(1)); }));
  EXPECT_EQ(1u, a.times_said("away"));
  EXPECT_EQ(2u, a.times_said("connected"));
  Node c(world, server->path(), "c");
  c.complete();
  ASSERT_TRUE(world.await([&] { return c.bans.contains(host(2)); }));
  EXPECT_FALSE(c.bans.contains(host(1)));
}

TEST_F(FleetTest, AnEmptiedStoreIsFilledAgain) {
  Node a(world, server->path(), "a");
  a.complete();
  a.ban(host(1));
  ASSERT_TRUE(world.await([&] { return a.is("fleet", "connected") && a.is("fleet_queue", "0"); }));
  ASSERT_TRUE(await_key("test:nodes"));
  (void)command({"FLUSHALL"});
  ASSERT_TRUE(await_key("test:ban:a:0.0.0.1"));
}

TEST_F(FleetTest, WhatIsForgedIsRefused) {
  Node a(world, server->path(), "a"), b(world, server->path(), "b", {}, "another secret, of another fleet altogether");
  a.complete();
  b.complete();
  ASSERT_TRUE(world.await([&] { return a.is("fleet", "connected") && b.is("fleet", "connected"); }));
  b.ban(host(7));
  ASSERT_TRUE(world.await([&] { return a.fleet->refused() > 0; }));
  EXPECT_TRUE(a.bans.empty());
  EXPECT_EQ(1u, a.times_said("not signed"));
  (void)command({"XADD", "test:log", "*", "r", "nonsense", "p", "60000"});
  (void)command({"XADD", "test:log", "*", "x", "y"});
  a.ban(host(8));
  // All of that has been read when this one has.
  Node c(world, server->path(), "c");
  c.complete();
  ASSERT_TRUE(world.await([&] { return c.bans.contains(host(8)); }));
  EXPECT_FALSE(c.bans.contains(host(7)));
}

TEST_F(FleetTest, ALogThatWasTrimmedIsMadeUpForByComparing) {
  Node a(world, server->path(), "a"), b(world, server->path(), "b");
  a.complete();
  b.complete();
  ASSERT_TRUE(world.await([&] { return b.is("fleet", "connected") && a.is("fleet", "connected"); }));
  // b hears nothing of this: it is in the store and not in the log.
  FleetRecord record;
  record.node = "c";
  record.prefix = host(9);
  record.since = record.said = wall_now().time_since_epoch() / 1ms;
  record.until = record.said + 600'000;
  (void)command({"SET", "test:ban:c:0.0.0.9", write_record(record, *FleetKey::from(kSecret, "test")), "PX", "600000"});
  // A log that is ahead of what was read, at its bound.
  std::string script = "for i = 1, 3000 do redis.call('XADD', KEYS[1], 'MAXLEN', '1500', '*', 'r', 'x', 'p', '1') end return 1";
  (void)command({"EVAL", script, "1", "test:log"});
  ASSERT_TRUE(world.await([&] { return b.bans.contains(host(9)); }));
}

TEST_F(FleetTest, PasswordsAndRightsAreAsked) {
  server.emplace(std::vector<std::string>{"--user",  "default",       "off",      "--user",  "reeve",      "on",           ">secret",
                                          "~test:*", "resetchannels", "-@all",    "+auth",   "+time",      "+script|load", "+evalsha",
                                          "+set",    "+xadd",         "+xread",   "+xrange", "+xrevrange", "+scan",        "+mget",
                                          "+pttl",   "+hset",         "+hgetall", "+hdel"});
  const auto as = [](std::string user, std::string password) {
    return [user, password](FleetSettings& settings) {
      settings.user = user;
      settings.password = password;
    };
  };
  Node wrong(world, server->path(), "wrong", as("reeve", "guess")), none(world, server->path(), "none");
  Node a(world, server->path(), "a", as("reeve", "secret")), b(world, server->path(), "b", as("reeve", "secret"));
  for (Node* each : {&wrong, &none, &a, &b}) each->complete();
  a.ban(host(3));
  a.unban(host(4));
  ASSERT_TRUE(world.await(
      [&] { return b.bans.contains(host(3)) && b.is("fleet_peers", "1") && wrong.is("fleet", "away") && none.is("fleet", "away"); }));
  EXPECT_EQ(1u, wrong.times_said("WRONGPASS"));
  EXPECT_EQ(1u, none.times_said("NOAUTH"));
}

}  // namespace
}  // namespace reeve
