// Conversations that change threads: what they carry is whole, and however they end, the visit hears of it once.
#include "engine/relay_threads.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <deque>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/unique_fd.h"
#include "sys/clock.h"
#include "unit/engine/echo_target.h"

namespace reeve {
namespace {

using End = Conversation::End;

constexpr std::size_t kLong = 1024 * 1024;  // sent, this makes any conversation long

struct Visit {
  Conversation* conversation = nullptr;
  int ended = 0;
  int refused = 0;
  End end = End::refused;
  std::uint64_t in = 0, out = 0;
};

// The engine's loop with its relay, and the clients' ends of what is carried.
class RelayThreadsTest : public ::testing::Test {
 public:
  ~RelayThreadsTest() override {
    threads.stop();
    loop.drop_tasks();
  }

  // Begins one, and gives the client's end of it.
  UniqueFd begin(std::uint32_t idle_seconds = 0) {
    auto [near, client] = open_pair();
    loop.start(serve(std::move(near), visits.emplace_back(), idle_seconds));
    return std::move(client);
  }

  // The same with a target in front that refuses.
  UniqueFd begin_behind(const sockaddr_in& refusing) {
    auto [near, client] = open_pair();
    loop.start(serve_second(std::move(near), visits.emplace_back(), refusing));
    return std::move(client);
  }

  static std::pair<UniqueFd, UniqueFd> open_pair() {
    std::array<int, 2> ends{};
    EXPECT_EQ(0, ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()));
    EXPECT_EQ(0, ::fcntl(ends[0], F_SETFL, O_NONBLOCK));
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
  }

  Task<> serve(UniqueFd client, Visit& visit, std::uint32_t idle_seconds) {
    Conversation conversation(relay, std::move(client));
    visit.conversation = &conversation;
    const Conversation::Terms terms{.idle_seconds = idle_seconds, .introduction = {}};
    EXPECT_EQ(0, conversation.connect(echo.raw(), sizeof(sockaddr_in), terms));
    const End end = co_await conversation.carried();
    account(conversation, visit, end);
  }

  Task<> serve_second(UniqueFd client, Visit& visit, const sockaddr_in& refusing) {
    Conversation conversation(relay, std::move(client));
    const Conversation::Terms terms{.introduction = {}, .may_leave = true};
    // Nothing has been tried yet: a thread does it.
    EXPECT_EQ(0, conversation.connect(reinterpret_cast<const sockaddr*>(&refusing), sizeof refusing, terms));
    const End first = co_await conversation.carried();
    EXPECT_EQ(End::refused, first);
    EXPECT_EQ(ECONNREFUSED, conversation.sys_errno());
    ++visit.refused;
    EXPECT_EQ(0, conversation.connect(echo.raw(), sizeof(sockaddr_in), terms));
    const End end = co_await conversation.carried();
    account(conversation, visit, end);
  }

  void account(Conversation& conversation, Visit& visit, End end) {
    conversation.close();
    visit.conversation = nullptr;
    visit.end = end;
    visit.in = conversation.bytes_in();
    visit.out = conversation.bytes_out();
    ++visit.ended;
    if (++over == until) loop.stop();
  }

  // Runs the loop until so many are over.
  void run(std::size_t count) {
    until = count;
    if (over < until) loop.run();
  }

  void run_until_all_are_long() {
    const auto stop_then = [](Loop& in, const Waker& waker) -> Task<> {
      Watch watch(in, waker.fd());
      co_await watch.readable(kNoDeadline);
      in.stop();
    };
    loop.start(stop_then(loop, all_are_long));
    loop.run();
  }

  // In the loop, a moment later.
  template <class Action>
  void soon(Action action) {
    const auto later = [](Loop& in, Action what) -> Task<> {
      const Instant when = instant_now();
      co_await in.sleep_until(when);
      what();
    };
    loop.start(later(loop, std::move(action)));
  }

  Loop loop;
  Relay relay{loop};
  Journal journal{"test", 1, DaemonLogTarget{}};
  RelayThreads threads{loop, relay, journal, 3};
  EchoTarget echo;
  Waker all_are_long = *Waker::open();
  std::deque<Visit> visits;
  std::size_t over = 0, until = 0;
};

// Sends `size` bytes and the end, and counts what comes back as it was sent.
void exchange(const UniqueFd& client, std::size_t size, std::atomic<std::size_t>& good) {
  const auto byte_at = [](std::size_t at) { return static_cast<char>(at * 31 + (at >> 8)); };
  std::thread sender([&] {
    std::vector<char> bytes(10'000);
    for (std::size_t sent = 0; sent < size;) {
      const std::size_t count = std::min(bytes.size(), size - sent);
      for (std::size_t each = 0; each < count; ++each) bytes[each] = byte_at(sent + each);
      if (::send(client.get(), bytes.data(), count, MSG_NOSIGNAL) != static_cast<ssize_t>(count)) return;
      sent += count;
    }
    ::shutdown(client.get(), SHUT_WR);
  });
  std::vector<char> bytes(10'000);
  std::size_t got = 0;
  bool is_right = true;
  for (;;) {
    const ssize_t count = ::recv(client.get(), bytes.data(), bytes.size(), 0);
    if (count <= 0) break;
    for (std::size_t each = 0; each < static_cast<std::size_t>(count); ++each) is_right &= bytes[each] == byte_at(got + each);
    got += static_cast<std::size_t>(count);
  }
  sender.join();
  if (is_right && got == size) ++good;
}

TEST_F(RelayThreadsTest, AShortOneNeedsNoThread) {
  const UniqueFd client = begin();
  ASSERT_EQ(5, ::send(client.get(), "hello", 5, 0));
  ::shutdown(client.get(), SHUT_WR);
  run(1);
  EXPECT_EQ(visits[0].end, End::complete);
  EXPECT_EQ(threads.size(), 0U);
}

TEST_F(RelayThreadsTest, ManyLongOnesAreWholeAndShareTheThreads) {
  constexpr std::size_t kCount = 24;
  std::atomic<std::size_t> good = 0;
  std::vector<std::thread> clients;
  for (std::size_t each = 0; each < kCount; ++each) {
    clients.emplace_back([client = begin(), size = kLong + each * 1000, &good] { exchange(client, size, good); });
  }
  run(kCount);
  for (std::thread& each : clients) each.join();
  EXPECT_EQ(good, kCount);
  EXPECT_EQ(threads.size(), 3U);
  for (std::size_t each = 0; each < kCount; ++each) {
    EXPECT_EQ(visits[each].end, End::complete);
    EXPECT_EQ(visits[each].ended, 1);
    EXPECT_EQ(visits[each].in, kLong + each * 1000);
    EXPECT_EQ(visits[each].out, kLong + each * 1000);
  }
}

// An address where nobody listens.
sockaddr_in nowhere() {
  const UniqueFd unused(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(0, ::bind(unused.get(), reinterpret_cast<sockaddr*>(&address), size));
  EXPECT_EQ(0, ::getsockname(unused.get(), reinterpret_cast<sockaddr*>(&address), &size));
  return address;
}

TEST_F(RelayThreadsTest, ABusyLoopHasThreadsConnectAndHearsWhoRefuses) {
  // Twelve events at once, each of which begins a conversation.
  constexpr std::size_t kCount = 12;
  const sockaddr_in refusing = nowhere();
  Waker occasion = *Waker::open();
  std::atomic<std::size_t> good = 0;
  std::vector<std::thread> clients;
  const auto begin_when = [](RelayThreadsTest& test, Waker& event, const sockaddr_in& first, std::atomic<std::size_t>& count,
                             std::vector<std::thread>& users) -> Task<> {
    const UniqueFd own(::fcntl(event.fd(), F_DUPFD_CLOEXEC, 0));
    Watch watch(test.loop, own.get());
    co_await watch.readable(kNoDeadline);
    UniqueFd client = test.begin_behind(first);
    users.emplace_back([fd = std::move(client), &count] { exchange(fd, 1000, count); });
  };
  for (std::size_t each = 0; each < kCount; ++each) loop.start(begin_when(*this, occasion, refusing, good, clients));
  occasion.wake();
  run(kCount);
  for (std::thread& each : clients) each.join();
  EXPECT_EQ(good, kCount);
  EXPECT_EQ(threads.size(), 3U);
  for (const Visit& visit : visits) {
    EXPECT_EQ(visit.ended, 1);
    EXPECT_EQ(visit.refused, 1);
    EXPECT_EQ(visit.end, End::complete);
    EXPECT_EQ(visit.in, 1000U);
    EXPECT_EQ(visit.out, 1000U);
  }
}

TEST_F(RelayThreadsTest, ManySmallMessagesMakeALongOne) {
  std::thread client([fd = begin()] {
    for (int each = 0; each < 200; ++each) {
      char byte = static_cast<char>(each);
      if (::send(fd.get(), &byte, 1, MSG_NOSIGNAL) != 1 || ::recv(fd.get(), &byte, 1, 0) != 1 || byte != static_cast<char>(each)) return;
    }
  });
  run(1);
  client.join();
  EXPECT_EQ(visits[0].in, 200U);
  EXPECT_EQ(visits[0].out, 200U);
  EXPECT_EQ(threads.size(), 1U);
}

// Until what the client sent has come back: then it is in a thread for sure.
void make_long(const UniqueFd& client) {
  std::thread sender([&] {
    const std::string bytes(kLong, 'x');
    EXPECT_EQ(static_cast<ssize_t>(kLong), ::send(client.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
  });
  std::vector<char> bytes(65536);
  for (std::size_t got = 0; got < kLong;) {
    const ssize_t count = ::recv(client.get(), bytes.data(), bytes.size(), 0);
    ASSERT_GT(count, 0);
    got += static_cast<std::size_t>(count);
  }
  sender.join();
}

TEST_F(RelayThreadsTest, OneThatIsElsewhereCanBeCancelled) {
  UniqueFd client = begin();
  std::thread user([&] {
    make_long(client);
    all_are_long.wake();
    char byte = 0;
    EXPECT_LE(::recv(client.get(), &byte, 1, 0), 0);  // until it is cancelled
  });
  run_until_all_are_long();
  visits[0].conversation->cancel();
  visits[0].conversation->cancel();  // once is enough
  run(1);
  user.join();
  EXPECT_EQ(visits[0].end, End::cancelled);
  EXPECT_EQ(visits[0].ended, 1);
}

TEST_F(RelayThreadsTest, CancellingMeetsTheEnd) {
  constexpr std::size_t kCount = 64;
  std::atomic<std::size_t> good = 0;
  std::atomic<std::size_t> done = 0;
  std::vector<std::thread> clients;
  for (std::size_t each = 0; each < kCount; ++each) {
    clients.emplace_back([client = begin(), &good, &done] {
      exchange(client, 300'000, good);
      ++done;
    });
  }
  // One after another is cancelled, wherever it is just then: on its way, carried, over, or on its way back.
  std::size_t next = 0;
  until = kCount;
  while (over < kCount) {
    soon([&] {
      if (next < kCount && next <= done * 2 + 4) {
        if (Conversation* const one = visits[next].conversation) one->cancel();
        ++next;
      }
      loop.stop();
    });
    loop.run();
  }
  for (std::thread& each : clients) each.join();
  for (const Visit& visit : visits) {
    EXPECT_EQ(visit.ended, 1);
    EXPECT_TRUE(visit.end == End::complete || visit.end == End::cancelled);
  }
}

TEST_F(RelayThreadsTest, IdleTimesEndElsewhereToo) {
  const UniqueFd client = begin(1);
  std::thread user([&] {
    make_long(client);
    char byte = 0;
    EXPECT_LE(::recv(client.get(), &byte, 1, 0), 0);
  });
  run(1);
  user.join();
  EXPECT_EQ(visits[0].end, End::idle);
  EXPECT_EQ(visits[0].in, kLong);
  EXPECT_EQ(threads.size(), 1U);
}

TEST_F(RelayThreadsTest, TheEngineMayEndWhileTheyAreCarried) {
  std::vector<UniqueFd> clients;
  std::vector<std::thread> users;
  for (int each = 0; each < 8; ++each) clients.push_back(begin());
  std::atomic<int> ready = 0;
  for (const UniqueFd& client : clients) {
    users.emplace_back([&] {
      make_long(client);
      if (++ready == 8) all_are_long.wake();
      std::vector<char> bytes(65536);
      while (::send(client.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0 &&
             ::recv(client.get(), bytes.data(), bytes.size(), 0) > 0) {
      }
    });
  }
  run_until_all_are_long();
  threads.stop();
  loop.drop_tasks();
  for (std::thread& each : users) each.join();
  for (const Visit& visit : visits) EXPECT_EQ(visit.ended, 0);
}

TEST(RelayThreads, OneProcessorNeedsNone) {
  Loop loop;
  Relay relay(loop);
  Journal journal("test", 1, DaemonLogTarget{});
  RelayThreads threads(loop, relay, journal, 1);
  EXPECT_EQ(threads.most(), 0U);
}

TEST(RelayThreads, ThereAreNoMoreThanItsBound) {
  Loop loop;
  Relay relay(loop);
  Journal journal("test", 1, DaemonLogTarget{});
  RelayThreads threads(loop, relay, journal, 1000);
  EXPECT_EQ(threads.most(), RelayThreads::kMostThreads);
}

}  // namespace
}  // namespace reeve
