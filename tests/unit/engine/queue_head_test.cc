// Which datagram stands at the head of a queue?
#include "engine/queue_head.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <gtest/gtest.h>

#include "base/unique_fd.h"

namespace reeve {
namespace {

class Queue : public testing::Test {
 protected:
  void SetUp() override {
    server_.reset(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    client_.reset(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(0, ::bind(server_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address));
    socklen_t size = sizeof address;
    ASSERT_EQ(0, ::getsockname(server_.get(), reinterpret_cast<sockaddr*>(&address), &size));
    ASSERT_EQ(0, ::connect(client_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address));
  }
  void send() { ASSERT_EQ(4, ::send(client_.get(), "same", 4, 0)); }

  UniqueFd server_, client_;
};

TEST_F(Queue, AnEmptyQueueHasNoHead) {
  EXPECT_EQ(std::nullopt, peek_datagram(server_.get()));
}

TEST_F(Queue, TheSameDatagramIsRecognised) {
  send();
  const auto first = peek_datagram(server_.get());
  ASSERT_TRUE(first);
  EXPECT_EQ("127.0.0.1", to_text(first->source.address));
  EXPECT_EQ(first, peek_datagram(server_.get()));
}

TEST_F(Queue, AnEqualDatagramThatCameLaterIsAnotherOne) {
  send();
  const auto first = peek_datagram(server_.get());
  send();
  drop_datagram(server_.get());
  const auto second = peek_datagram(server_.get());
  ASSERT_TRUE(second);
  EXPECT_EQ(first->source, second->source);
  EXPECT_NE(first, second);
}

TEST_F(Queue, TheServerSeesNoStamps) {
  send();
  (void)peek_datagram(server_.get());
  int on = 1;
  socklen_t size = sizeof on;
  ASSERT_EQ(0, ::getsockopt(server_.get(), SOL_SOCKET, SO_TIMESTAMPNS, &on, &size));
  EXPECT_EQ(0, on);
}

}  // namespace
}  // namespace reeve
