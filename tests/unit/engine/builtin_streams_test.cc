// The built-in stream services' texts.
#include "engine/builtin_streams.h"

#include <sys/socket.h>

#include <array>
#include <ctime>

#include <gtest/gtest.h>

namespace reeve {
namespace {

TEST(Builtins, ChargenLinesAreThoseOfRfc864) {
  const std::string_view text = chargen_text();
  ASSERT_EQ(0u, text.size() % kChargenPeriod);
  for (std::size_t line = 0; line + 1 < text.size() / 74; ++line) {
    const std::string_view one = text.substr(line * 74, 74), next = text.substr((line + 1) * 74, 74);
    ASSERT_EQ("\r\n", one.substr(72));
    ASSERT_EQ(one.substr(1, 71), next.substr(0, 71)) << "each line is the one before, moved by one";
    for (const char c : one.substr(0, 72)) ASSERT_TRUE(c >= ' ' && c <= '~');
  }
  // It goes on after its end as after its first period.
  EXPECT_EQ(text.substr(0, 74), text.substr(kChargenPeriod, 74));
}

TEST(Builtins, TimeCountsFrom1900) {
  const std::string bytes = time_bytes();
  ASSERT_EQ(4u, bytes.size());
  std::uint32_t seconds = 0;
  for (const char byte : bytes) seconds = seconds << 8 | static_cast<unsigned char>(byte);
  EXPECT_NEAR(static_cast<double>(std::time(nullptr)) + 2208988800.0, static_cast<double>(seconds), 2);
}

TEST(Builtins, DaytimeHasXinetdsForm) {
  ASSERT_EQ(0, ::setenv("TZ", "ABC0", 1));
  ::tzset();
  const std::string text = daytime_text();
  int day = 0, year = 0, hour = 0, minute = 0, second = 0;
  std::array<char, 8> month{}, zone{};
  ASSERT_EQ(7, std::sscanf(text.c_str(), "%d %3s %d %d:%d:%d %7s\r\n", &day, month.data(), &year, &hour, &minute, &second, zone.data()))
      << text;
  EXPECT_STREQ("ABC", zone.data());
  EXPECT_TRUE(std::isupper(static_cast<unsigned char>(month[1])) != 0) << text;
  EXPECT_EQ("\r\n", text.substr(text.size() - 2));
}

struct Conversation {
  Conversation() {
    std::array<int, 2> ends{};
    EXPECT_EQ(0, ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()));
    arrival.connection.reset(ends[0]);
    client.reset(ends[1]);
    post = std::make_shared<Post>();
    instance.emplace(instances, instances.next_id(), post, std::nullopt, Instant{});
  }
  Arrival arrival;
  UniqueFd client;
  Instances instances;
  PostRef post;
  std::optional<Instance> instance;
};

Task<> serve_then_stop(Loop& loop, Builtin builtin, Arrival arrival, Instance& instance) {
  co_await serve_builtin(loop, builtin, std::move(arrival), instance);
  loop.stop();
}

TEST(Builtins, EchoGivesBackWhatAClientSentBeforeItReads) {
  Conversation talk;
  // More than the socket's buffer holds, so that the answer has to wait for the client.
  std::string sent(600'000, '\0');
  for (std::size_t each = 0; each < sent.size(); ++each) sent[each] = static_cast<char>(each * 7919 >> 8);
  std::string received;
  Loop loop;
  loop.start(serve_builtin(loop, Builtin::echo, std::move(talk.arrival), *talk.instance));
  const auto client = [](Loop& in, int fd, const std::string& out, std::string& back) -> Task<> {
    Watch watch(in, fd);
    std::size_t done = 0;
    std::array<char, 10'000> buffer{};
    bool ended = false;
    while (!ended) {
      if (done < out.size()) {
        const ssize_t count = ::send(fd, out.data() + done, out.size() - done, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count > 0) done += static_cast<std::size_t>(count);
        if (done == out.size()) ::shutdown(fd, SHUT_WR);
      }
      const ssize_t count = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (count > 0) back.append(buffer.data(), static_cast<std::size_t>(count));
      ended = count == 0;
      if (count < 0) {
        co_await watch.readable(kNoDeadline);
      }
    }
    in.stop();
  };
  loop.start(client(loop, talk.client.get(), sent, received));
  loop.run();
  EXPECT_EQ(sent, received);
}

TEST(Builtins, DiscardEndsWithItsClient) {
  Conversation talk;
  Loop loop;
  loop.start(serve_then_stop(loop, Builtin::discard, std::move(talk.arrival), *talk.instance));
  ASSERT_EQ(3, ::send(talk.client.get(), "abc", 3, 0));
  talk.client.reset();
  loop.run();
  EXPECT_EQ(nullptr, talk.instance->watch);
}

TEST(Builtins, AConversationCanBeEnded) {
  Conversation talk;
  Loop loop;
  loop.start(serve_then_stop(loop, Builtin::chargen, std::move(talk.arrival), *talk.instance));
  ASSERT_NE(nullptr, talk.instance->watch);
  talk.instance->watch->cancel();
  loop.run();
  EXPECT_EQ(nullptr, talk.instance->watch);
}

}  // namespace
}  // namespace reeve
