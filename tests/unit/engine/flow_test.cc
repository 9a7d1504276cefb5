// One direction of a relay, between socket pairs: what is moved, what is kept, what is counted.
#include "engine/flow.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>

#include <gtest/gtest.h>

#include "base/unique_fd.h"

namespace reeve {
namespace {

using Outcome = Flow::Outcome;

// client | near ... far | target: the flow is between `near` and `far`.
struct Sockets {
  Sockets() {
    open(client, near);
    open(far, target);
  }
  static void open(UniqueFd& one, UniqueFd& other) {
    std::array<int, 2> ends{};
    EXPECT_EQ(0, ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()));
    one.reset(ends[0]);
    other.reset(ends[1]);
  }
  [[nodiscard]] Flow::Ends ends(bool is_last = false) const {
    return {.from = near.get(), .to = far.get(), .is_last = is_last, .can_send_late = false};
  }
  void say(std::string_view text) const { ASSERT_EQ(static_cast<ssize_t>(text.size()), ::send(client.get(), text.data(), text.size(), 0)); }
  [[nodiscard]] std::string heard() const {
    std::string all;
    std::array<char, 65536> piece;
    for (;;) {
      const ssize_t count = ::recv(target.get(), piece.data(), piece.size(), 0);
      if (count <= 0) return all;
      all.append(piece.data(), static_cast<std::size_t>(count));
    }
  }
  UniqueFd client, near, far, target;
};

TEST(Flow, SmallPiecesPass) {
  PipePool pipes;
  Flow flow(pipes);
  const Sockets sockets;
  sockets.say("hello");
  EXPECT_EQ(flow.move(sockets.ends()), Outcome::starved);
  EXPECT_EQ(sockets.heard(), "hello");
  EXPECT_EQ(flow.bytes(), 5U);
  EXPECT_EQ(flow.move(sockets.ends()), Outcome::starved);
}

TEST(Flow, TheEndComesBehindTheBytes) {
  PipePool pipes;
  Flow flow(pipes);
  const Sockets sockets;
  sockets.say("last");
  ASSERT_EQ(0, ::shutdown(sockets.client.get(), SHUT_WR));
  EXPECT_EQ(flow.move(sockets.ends(true)), Outcome::ended) << "without a read that gives nothing";
  EXPECT_EQ(sockets.heard(), "last");
  EXPECT_EQ(flow.move(sockets.ends(true)), Outcome::ended);
}

TEST(Flow, WhatGoesFirstIsNotCounted) {
  PipePool pipes;
  Flow flow(pipes);
  const Sockets sockets;
  flow.put_first(std::string_view("PROXY "));
  EXPECT_FALSE(flow.is_empty());
  sockets.say("hello");
  EXPECT_EQ(flow.move(sockets.ends()), Outcome::starved);
  EXPECT_EQ(sockets.heard(), "PROXY hello");
  EXPECT_EQ(flow.bytes(), 5U);
  EXPECT_TRUE(flow.is_empty());
}

TEST(Flow, AReceiverThatTakesNothingKeepsTheRestWaiting) {
  PipePool pipes;
  Flow flow(pipes);
  const Sockets sockets;
  std::string said, heard;
  const std::string piece(100'000, 'x');
  Outcome outcome = Outcome::starved;
  for (int each = 0; each < 1000 && outcome != Outcome::stuffed; ++each) {
    const ssize_t count = ::send(sockets.client.get(), piece.data(), piece.size(), 0);
    if (count > 0) said.append(piece, 0, static_cast<std::size_t>(count));
    outcome = flow.move(sockets.ends());
  }
  ASSERT_EQ(outcome, Outcome::stuffed);
  EXPECT_FALSE(flow.is_empty());
  EXPECT_LT(flow.bytes(), said.size());
  ASSERT_EQ(0, ::shutdown(sockets.client.get(), SHUT_WR));
  for (int each = 0; each < 1000 && outcome != Outcome::ended; ++each) {
    heard += sockets.heard();
    outcome = flow.move(sockets.ends(true));
  }
  heard += sockets.heard();
  EXPECT_EQ(outcome, Outcome::ended);
  EXPECT_TRUE(heard == said) << heard.size() << " of " << said.size();
  EXPECT_EQ(flow.bytes(), said.size());
}

TEST(Flow, AReceiverThatIsGoneBreaksIt) {
  PipePool pipes;
  Flow flow(pipes);
  Sockets sockets;
  sockets.say("hello");
  sockets.target.reset();
  EXPECT_EQ(flow.move(sockets.ends()), Outcome::broken_receiver);
}

TEST(PipePool, AnEmptyPipeIsUsedAgain) {
  PipePool pool;
  std::optional<Pipe> first = pool.take();
  ASSERT_TRUE(first);
  const int number = first->in.get();
  pool.give_back(std::move(*first));
  const std::optional<Pipe> second = pool.take();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->in.get(), number);
}

}  // namespace
}  // namespace reeve
