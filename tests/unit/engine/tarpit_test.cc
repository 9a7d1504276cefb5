// The tarpit on real connections of the loopback interface.
#include "engine/tarpit.h"

#include <arpa/inet.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sys/clock.h"

namespace reeve {
namespace {

constexpr std::chrono::milliseconds kShort{50};
constexpr std::chrono::minutes kLong{10};

struct Pair {
  Pair() {
    UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(0, ::bind(listener.get(), raw, sizeof address));
    EXPECT_EQ(0, ::listen(listener.get(), 1));
    EXPECT_EQ(0, ::getsockname(listener.get(), raw, &size));
    far.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(0, ::connect(far.get(), raw, sizeof address));
    near.reset(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    EXPECT_TRUE(near);
  }
  // What has come; "reset" behind it where the connection is over.
  [[nodiscard]] std::string heard() const {
    std::array<char, 4096> bytes{};
    std::string all;
    for (;;) {
      const ssize_t count = ::recv(far.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
      if (count > 0) {
        all.append(bytes.data(), static_cast<std::size_t>(count));
      } else {
        return count == 0 ? all + "end" : errno == ECONNRESET ? all + "reset" : all;
      }
    }
  }
  UniqueFd near, far;
};

class TarpitTest : public testing::Test {
 protected:
  ~TarpitTest() override { loop_.drop_tasks(); }

  // Lets the loop run until `done`, or ten seconds.
  void run_until(const std::function<bool()>& done) {
    const auto look = [](Loop& loop, const std::function<bool()>& is_done, Instant end) -> Task<> {
      while (!is_done() && instant_now() < end) {
        const Instant soon = instant_now() + std::chrono::milliseconds(1);
        co_await loop.sleep_until(soon);
      }
      loop.stop();
    };
    loop_.start(look(loop_, done, instant_now() + std::chrono::seconds(10)));
    loop_.run();
    EXPECT_TRUE(done());
  }

  Loop loop_;
};

TEST_F(TarpitTest, TellsEndlessLinesOfAGreeting) {
  Tarpit tarpit(loop_, 4, kShort);
  Pair pair;
  tarpit.keep(std::move(pair.near));
  EXPECT_EQ(1U, tarpit.size());
  std::string heard;
  run_until([&] {
    heard += pair.heard();
    return heard.size() >= 14 * 4;
  });
  for (std::size_t line = 0; line + 14 <= heard.size(); line += 14) {
    EXPECT_EQ("220-", heard.substr(line, 4));
    EXPECT_EQ("\r\n", heard.substr(line + 12, 2));
    EXPECT_TRUE(line == 0 || heard.substr(line, 14) != heard.substr(line - 14, 14));
  }
  loop_.drop_tasks();
}

TEST_F(TarpitTest, NoticesWhoLeaves) {
  Tarpit tarpit(loop_, 4, kLong);
  Pair polite, rude, stays;
  for (Pair* const pair : {&polite, &rude, &stays}) tarpit.keep(std::move(pair->near));
  EXPECT_EQ(3U, tarpit.size());
  polite.far.reset();  // with a line that it did not read: a reset
  (void)::shutdown(rude.far.get(), SHUT_WR);
  run_until([&] { return tarpit.size() == 1; });
  EXPECT_EQ(0U, tarpit.pushed_out());
  EXPECT_FALSE(stays.heard().ends_with("reset"));
  loop_.drop_tasks();
}

TEST_F(TarpitTest, AtTheBoundWhoIsLongestThereIsLetGo) {
  Tarpit tarpit(loop_, 3, kLong);
  std::vector<Pair> pairs(5);
  for (Pair& pair : pairs) tarpit.keep(std::move(pair.near));
  EXPECT_EQ(3U, tarpit.size());
  EXPECT_EQ(5U, tarpit.caught());
  EXPECT_EQ(2U, tarpit.pushed_out());
  for (std::size_t each = 0; each < pairs.size(); ++each) EXPECT_EQ(each < 2, pairs[each].heard().ends_with("reset")) << each;
  loop_.drop_tasks();
}

TEST_F(TarpitTest, GivesWayAndFillsAgain) {
  Tarpit tarpit(loop_, 200, kLong);
  EXPECT_FALSE(tarpit.give_way());
  std::vector<Pair> pairs(100);
  for (Pair& pair : pairs) tarpit.keep(std::move(pair.near));
  EXPECT_TRUE(tarpit.give_way());
  const std::size_t gone = tarpit.pushed_out();
  EXPECT_EQ(100 - gone, tarpit.size());
  ASSERT_GT(gone, 0U);
  for (std::size_t each = 0; each < pairs.size(); ++each) EXPECT_EQ(each < gone, pairs[each].heard().ends_with("reset")) << each;
  // Places that were left are taken again, in whatever order.
  std::vector<Pair> more(50);
  for (Pair& pair : more) tarpit.keep(std::move(pair.near));
  EXPECT_EQ(150 - gone, tarpit.size());
  loop_.drop_tasks();
}

TEST_F(TarpitTest, LetsAllGo) {
  constexpr std::size_t kMany = 300;  // more than in one turn
  Tarpit tarpit(loop_, kMany, kShort);
  std::vector<Pair> pairs(kMany);
  for (Pair& pair : pairs) tarpit.keep(std::move(pair.near));
  tarpit.let_all_go();
  run_until([&] { return tarpit.size() == 0; });
  for (const Pair& pair : pairs) EXPECT_TRUE(pair.heard().ends_with("reset"));
  Pair late;
  tarpit.keep(std::move(late.near));
  EXPECT_EQ(1U, tarpit.size());
  EXPECT_EQ(0U, tarpit.pushed_out());
  loop_.drop_tasks();
}

// What the kernel holds of what came.
std::uint32_t held_bytes(int fd) {
  std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
  socklen_t size = sizeof memory;
  EXPECT_EQ(0, ::getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory.data(), &size));
  return memory[SK_MEMINFO_RMEM_ALLOC];
}

TEST_F(TarpitTest, WhoSendsWithoutEndFillsItsOwnBuffersOnly) {
  Tarpit tarpit(loop_, 4, kShort);
  Pair pair;
  const int fd = pair.near.get();
  tarpit.keep(std::move(pair.near));
  const std::string much(1 << 20, 'x');
  const auto send_all_it_can = [&] {
    while (::send(pair.far.get(), much.data(), much.size(), MSG_DONTWAIT) > 0) continue;
  };
  send_all_it_can();
  EXPECT_GT(held_bytes(fd), 8U << 10) << "the first window";
  run_until([&] { return held_bytes(fd) < 8U << 10; });
  // It goes on sending, and is not let in any faster.
  for (int each = 0; each < 5; ++each) {
    send_all_it_can();
    const Instant later = instant_now() + 2 * kShort;
    run_until([&] { return instant_now() > later; });
    EXPECT_LT(held_bytes(fd), 8U << 10);
  }
  EXPECT_EQ(1U, tarpit.size());
  loop_.drop_tasks();
}

TEST_F(TarpitTest, ABoundOfNothingKeepsNobody) {
  Tarpit tarpit(loop_, 0, kLong);
  Pair pair;
  tarpit.keep(std::move(pair.near));
  EXPECT_EQ(0U, tarpit.size());
  EXPECT_EQ("end", pair.heard());
}

}  // namespace
}  // namespace reeve
