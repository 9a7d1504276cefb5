// One connection, against a real redis-server and against servers that misbehave.
#include "defence/redis_link.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <csignal>

#include "sys/clock.h"
#include "unit/defence/redis_server.h"

namespace reeve {
namespace {

using namespace std::chrono_literals;
using Replies = Result<std::vector<RedisReply>>;

struct Peer {
  Peer() : link(loop) { std::signal(SIGPIPE, SIG_IGN); }

  Result<bool> open(const std::string& path) {
    Result<bool> out = false;
    const auto task = [](Loop& in, RedisLink& with, std::string where, Result<bool>& to) -> Task<> {
      const Instant deadline = instant_now() + 10s;
      to = co_await with.open_at_path(where, deadline);
      in.stop();
    };
    loop.start(task(loop, link, path, out));
    loop.run();
    return out;
  }
  Replies ask(std::vector<RedisCommand> commands, std::chrono::milliseconds within = 10s) {
    Replies out = failure("never");
    const auto task = [](Loop& in, RedisLink& with, std::vector<RedisCommand> what, Instant deadline, Replies& to) -> Task<> {
      to = co_await with.exchange(std::move(what), deadline);
      in.stop();
    };
    loop.start(task(loop, link, std::move(commands), instant_now() + within, out));
    loop.run();
    return out;
  }

  Loop loop;
  RedisLink link;
};

// Listens at a path and answers whatever comes with `answer`, once; then it ends the connection.
struct Impostor {
  explicit Impostor(std::string_view answer) {
    std::string pattern = std::filesystem::temp_directory_path() / "reeve-impostor-XXXXXX";
    directory = ::mkdtemp(pattern.data());
    path = directory + "/s";
    const UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    path.copy(at.sun_path, sizeof at.sun_path - 1);
    EXPECT_EQ(0, ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at));
    EXPECT_EQ(0, ::listen(listener.get(), 1));
    pid = ::fork();
    if (pid != 0) return;
    const int visitor = ::accept(listener.get(), nullptr, nullptr);
    char bytes[512];
    (void)!::read(visitor, bytes, sizeof bytes);
    (void)!::write(visitor, answer.data(), answer.size());
    ::_exit(0);
  }
  ~Impostor() {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    std::filesystem::remove_all(directory);
  }
  std::string directory, path;
  pid_t pid = 0;
};

TEST(RedisLink, RepliesComeInTheOrderOfTheCommands) {
  if (!RedisServer::is_installed()) GTEST_SKIP() << "there is no redis-server";
  RedisServer server;
  Peer peer;
  ASSERT_TRUE(peer.open(server.path()));
  const Replies replies = peer.ask(
      {{"SET", "a", std::string("b\0c", 3)}, {"GET", "a"}, {"INCR", "n"}, {"NONSENSE"}, {"LRANGE", "l", "0", "1"}, {"GET", "none"}});
  ASSERT_TRUE(replies) << replies.error().text();
  ASSERT_EQ(6u, replies->size());
  EXPECT_EQ("OK", (*replies)[0].value().text());
  EXPECT_EQ(std::string_view("b\0c", 3), (*replies)[1].value().text());
  EXPECT_EQ(1, (*replies)[2].value().number());
  EXPECT_TRUE((*replies)[3].value().is_error());
  EXPECT_EQ(0u, (*replies)[4].value().size());
  EXPECT_FALSE((*replies)[5].value().number());
  EXPECT_TRUE((*replies)[5].value()[3][4].text().empty());
}

TEST(RedisLink, CarriesMoreThanTheSocketHolds) {
  if (!RedisServer::is_installed()) GTEST_SKIP() << "there is no redis-server";
  RedisServer server;
  Peer peer;
  ASSERT_TRUE(peer.open(server.path()));
  const std::string large(20'000, 'x');
  std::vector<RedisCommand> commands;
  for (int each = 0; each < 500; ++each) commands.push_back({"ECHO", large});
  const Replies replies = peer.ask(std::move(commands));
  ASSERT_TRUE(replies) << replies.error().text();
  ASSERT_EQ(500u, replies->size());
  for (const RedisReply& reply : *replies) EXPECT_EQ(large, reply.value().text());
}

TEST(RedisLink, AServerThatStandsStillCostsTheLinkAndNoMoreThanTheDeadline) {
  if (!RedisServer::is_installed()) GTEST_SKIP() << "there is no redis-server";
  RedisServer server;
  Peer peer;
  ASSERT_TRUE(peer.open(server.path()));
  server.signal(SIGSTOP);
  const Replies replies = peer.ask({{"PING"}}, 200ms);
  ASSERT_FALSE(replies);
  EXPECT_EQ(ETIMEDOUT, replies.error().sys_errno);
  EXPECT_FALSE(peer.link.is_open());
  server.signal(SIGCONT);
  ASSERT_TRUE(peer.open(server.path()));
  EXPECT_TRUE(peer.ask({{"PING"}}));
}

TEST(RedisLink, AServerThatGoesEndsTheExchange) {
  if (!RedisServer::is_installed()) GTEST_SKIP() << "there is no redis-server";
  RedisServer server;
  Peer peer;
  ASSERT_TRUE(peer.open(server.path()));
  server.stop();
  EXPECT_FALSE(peer.ask({{"PING"}}));
  EXPECT_FALSE(peer.link.is_open());
  EXPECT_FALSE(peer.open(server.path()));
  EXPECT_FALSE(peer.open(std::string(200, 'x')));
}

TEST(RedisLink, NonsenseEndsTheLink) {
  for (const std::string_view answer : {"?what\r\n", "*-5\r\n", "$-7\r\nxx", "$99999999999999999999\r\n", "", "$5\r\nab", "*1000000000\r\n",
                                        "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", "*3\r\n:1\r\n"}) {
    const Impostor impostor(answer);
    Peer peer;
    ASSERT_TRUE(peer.open(impostor.path));
    EXPECT_FALSE(peer.ask({{"PING"}})) << answer;
    EXPECT_FALSE(peer.link.is_open());
  }
}

}  // namespace
}  // namespace reeve
