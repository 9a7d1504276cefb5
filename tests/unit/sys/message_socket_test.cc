#include "sys/message_socket.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>

#include <gtest/gtest.h>

#include "sys/memory_file.h"
#include "sys/output_files.h"

namespace reeve {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}
std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

struct Ends {
  MessageSocket one, other;
};
Ends make_ends() {
  auto pair = MessageSocket::make_pair();
  EXPECT_TRUE(pair);
  return {MessageSocket(std::move(pair->first)), MessageSocket(std::move(pair->second))};
}

std::vector<MessageSocket::Received> receive_all(MessageSocket& socket) {
  std::vector<MessageSocket::Received> all;
  EXPECT_EQ(socket.receive(all), MessageSocket::State::open);
  return all;
}

TEST(MessageSocket, MessagesArriveWholeAndInOrder) {
  Ends ends = make_ends();
  for (const std::string text : {"first", "second", "third"}) ends.one.queue(bytes_of(text));
  EXPECT_TRUE(ends.one.has_unsent());
  EXPECT_EQ(ends.one.flush(), MessageSocket::Flush::done);
  EXPECT_FALSE(ends.one.has_unsent());
  const auto received = receive_all(ends.other);
  ASSERT_EQ(received.size(), 3U);
  EXPECT_EQ(text_of(received[0].bytes), "first");
  EXPECT_EQ(text_of(received[2].bytes), "third");
}

TEST(MessageSocket, OwnedDescriptorTravelsAndIsClosedHere) {
  Ends ends = make_ends();
  auto file = make_memory_file("test", "contents");
  ASSERT_TRUE(file);
  const int number = file->get();
  std::vector<UniqueFd> owned;
  owned.push_back(std::move(*file));
  ends.one.queue(bytes_of("with"), std::move(owned));
  EXPECT_EQ(ends.one.flush(), MessageSocket::Flush::done);
  EXPECT_LT(::fcntl(number, F_GETFD), 0);
  const auto received = receive_all(ends.other);
  ASSERT_EQ(received.size(), 1U);
  ASSERT_TRUE(received[0].descriptor);
  EXPECT_TRUE(::fcntl(received[0].descriptor.get(), F_GETFD) & FD_CLOEXEC);
  std::array<char, 8> contents;
  EXPECT_EQ(::pread(received[0].descriptor.get(), contents.data(), contents.size(), 0), 8);
  EXPECT_EQ(std::memcmp(contents.data(), "contents", 8), 0);
}

TEST(MessageSocket, BorrowedDescriptorsOwnerIsKeptUntilTheyAreSent) {
  Ends ends = make_ends();
  auto owner = std::make_shared<UniqueFd>(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const std::weak_ptr<UniqueFd> watched = owner;
  ends.one.queue(bytes_of("lent"), {owner->get()}, owner);
  owner.reset();
  EXPECT_FALSE(watched.expired());
  EXPECT_EQ(ends.one.flush(), MessageSocket::Flush::done);
  EXPECT_TRUE(watched.expired());
  EXPECT_TRUE(receive_all(ends.other)[0].descriptor);
}

TEST(MessageSocket, WhatDoesNotFitGoesLater) {
  Ends ends = make_ends();
  const std::string text(60, 'x');
  std::size_t sent = 0, arrived = 0;
  while (ends.one.flush() == MessageSocket::Flush::done) {
    for (int each = 0; each < 32; ++each) ends.one.queue(bytes_of(text));
    sent += 32;
  }
  EXPECT_TRUE(ends.one.has_unsent());
  while (arrived < sent) {
    std::vector<MessageSocket::Received> received;
    ASSERT_EQ(ends.other.receive(received), MessageSocket::State::open);
    ASSERT_FALSE(received.empty());
    arrived += received.size();
    EXPECT_NE(ends.one.flush(), MessageSocket::Flush::crowded);
  }
  EXPECT_FALSE(ends.one.has_unsent());
}

TEST(MessageSocket, TooLongMessageIsLongerThanAny) {
  Ends ends = make_ends();
  ends.one.queue(bytes_of(std::string(5000, 'x')));
  EXPECT_EQ(ends.one.flush(), MessageSocket::Flush::done);
  EXPECT_EQ(receive_all(ends.other)[0].bytes.size(), MessageSocket::kMaxReceived + 1);
}

TEST(MessageSocket, DescriptorIsMissingWhereThereIsNoRoomForIt) {
  Ends ends = make_ends();
  std::vector<UniqueFd> owned;
  owned.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  ends.one.queue(bytes_of("with"), std::move(owned));
  EXPECT_EQ(ends.one.flush(), MessageSocket::Flush::done);
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const rlimit none{3, before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &none);
  const auto received = receive_all(ends.other);
  ::setrlimit(RLIMIT_NOFILE, &before);
  ASSERT_EQ(received.size(), 1U);
  EXPECT_EQ(text_of(received[0].bytes), "with");
  EXPECT_FALSE(received[0].descriptor);
}

TEST(MessageSocket, EndOfTheOtherSideIsSeen) {
  Ends ends = make_ends();
  ends.one.queue(bytes_of("last"));
  EXPECT_EQ(ends.one.flush(), MessageSocket::Flush::done);
  { const MessageSocket gone = std::move(ends.one); }
  std::vector<MessageSocket::Received> received;
  // What was sent before still comes.
  MessageSocket::State state = ends.other.receive(received);
  ASSERT_EQ(received.size(), 1U);
  EXPECT_EQ(text_of(received[0].bytes), "last");
  if (state == MessageSocket::State::open) state = ends.other.receive(received);
  EXPECT_EQ(state, MessageSocket::State::gone);
}

TEST(MemoryFile, CannotBeChanged) {
  const auto file = make_memory_file("test", "sealed");
  ASSERT_TRUE(file);
  EXPECT_LT(::pwrite(file->get(), "x", 1, 0), 0);
  EXPECT_LT(::ftruncate(file->get(), 0), 0);
}

}  // namespace
}  // namespace reeve
