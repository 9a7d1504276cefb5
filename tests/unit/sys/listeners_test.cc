#include "sys/listeners.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include <gtest/gtest.h>

#include "sys/privileges.h"

namespace reeve {
namespace {

ListenAt tcp(const char* address, std::uint16_t port = 0) {
  return {.address = *parse_address(address), .port = port, .type = SOCK_STREAM, .protocol = IPPROTO_TCP};
}
ListenAt udp(const char* address, std::uint16_t port = 0) {
  return {.address = *parse_address(address), .port = port, .type = SOCK_DGRAM, .protocol = IPPROTO_UDP};
}

sockaddr_storage name_of(int fd) {
  sockaddr_storage name{};
  socklen_t length = sizeof name;
  EXPECT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &length), 0);
  return name;
}
std::uint16_t port_of(int fd) {
  return endpoint_of(name_of(fd))->port;
}

int option(int fd, int level, int name) {
  int value = -1;
  socklen_t length = sizeof value;
  EXPECT_EQ(::getsockopt(fd, level, name, &value, &length), 0);
  return value;
}

// A port that nobody has now: bound once to be told a free one.
std::uint16_t free_port() {
  const auto fd = bind_listener(tcp("127.0.0.1"));
  return port_of(fd->fd.get());
}

UniqueFd open_listener(const ListenAt& at, std::span<const int> yielding = {}) {
  auto fd = bind_listener(at, yielding);
  EXPECT_TRUE(fd) << (fd ? "" : fd.error().text());
  if (!fd) return {};
  const auto listening = listen_on(fd->fd.get(), at);
  EXPECT_TRUE(listening) << (listening ? "" : listening.error().text());
  return std::move(fd->fd);
}

// 0 or errno.
int connect_to(const char* address, std::uint16_t port) {
  const Address to = *parse_address(address);
  const UniqueFd fd(::socket(to.is_v4() ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (to.is_v4()) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(port);
    in.sin_addr.s_addr = htonl(to.to_v4());
    return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&in), sizeof in) == 0 ? 0 : errno;
  }
  sockaddr_in6 in{};
  in.sin6_family = AF_INET6;
  in.sin6_port = htons(port);
  std::memcpy(&in.sin6_addr, to.bytes().data(), 16);
  return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&in), sizeof in) == 0 ? 0 : errno;
}

bool has_v6() {
  return UniqueFd(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)) && bind_listener(tcp("::1"));
}

TEST(Listeners, FamilyAnyTakesBothFamilies) {
  if (!has_v6()) GTEST_SKIP() << "no IPv6 here";
  const std::uint16_t port = free_port();
  const UniqueFd fd = open_listener(tcp("::", port));
  EXPECT_EQ(connect_to("127.0.0.1", port), 0);
  EXPECT_EQ(connect_to("::1", port), 0);
}

TEST(Listeners, OneFamilyOnlyWhenAskedFor) {
  if (!has_v6()) GTEST_SKIP() << "no IPv6 here";
  ListenAt v4 = tcp("::", free_port());
  v4.family = ListenAt::Family::v4;
  const UniqueFd first = open_listener(v4);
  EXPECT_EQ(connect_to("127.0.0.1", v4.port), 0);
  EXPECT_EQ(connect_to("::1", v4.port), ECONNREFUSED);
  for (const bool by_attribute : {false, true}) {
    ListenAt v6 = tcp("::", free_port());
    v6.family = by_attribute ? ListenAt::Family::any : ListenAt::Family::v6;
    v6.v6only = by_attribute;
    const UniqueFd second = open_listener(v6);
    EXPECT_EQ(connect_to("::1", v6.port), 0);
    EXPECT_EQ(connect_to("127.0.0.1", v6.port), ECONNREFUSED);
  }
}

TEST(Listeners, NonBlockingCloseOnExecAndNotShared) {
  const auto fd = bind_listener(tcp("127.0.0.1"));
  ASSERT_TRUE(fd);
  EXPECT_TRUE(::fcntl(fd->fd.get(), F_GETFL) & O_NONBLOCK);
  EXPECT_TRUE(::fcntl(fd->fd.get(), F_GETFD) & FD_CLOEXEC);
  EXPECT_EQ(option(fd->fd.get(), SOL_SOCKET, SO_REUSEPORT), 0);
  set_blocking(fd->fd.get(), true);
  EXPECT_FALSE(::fcntl(fd->fd.get(), F_GETFL) & O_NONBLOCK);
  set_blocking(fd->fd.get(), false);
  EXPECT_TRUE(::fcntl(fd->fd.get(), F_GETFL) & O_NONBLOCK);
}

TEST(Listeners, AcceptedConnectionsInheritTheServicesOptions) {
  ListenAt at = tcp("127.0.0.1", free_port());
  const UniqueFd fd = open_listener(at);
  for (const bool wanted : {true, false}) {
    set_connection_options(fd.get(), at, {.nodelay = wanted, .keepalive = wanted});
    ASSERT_EQ(connect_to("127.0.0.1", at.port), 0);
    const UniqueFd accepted(::accept4(fd.get(), nullptr, nullptr, SOCK_CLOEXEC));
    ASSERT_TRUE(accepted);
    EXPECT_EQ(option(accepted.get(), IPPROTO_TCP, TCP_NODELAY) != 0, wanted);
    EXPECT_EQ(option(accepted.get(), SOL_SOCKET, SO_KEEPALIVE) != 0, wanted);
  }
}

TEST(Listeners, PortInUseIsAnErrorThatNamesTheAddress) {
  const UniqueFd first = open_listener(tcp("127.0.0.1", free_port()));
  const auto second = bind_listener(tcp("127.0.0.1", port_of(first.get())));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().sys_errno, EADDRINUSE);
  EXPECT_NE(second.error().text().find("127.0.0.1:" + std::to_string(port_of(first.get()))), std::string::npos);
}

TEST(Listeners, DatagramPortIsNobodyElses) {
  const auto first = bind_listener(udp("127.0.0.1"));
  ASSERT_TRUE(first);
  const std::uint16_t port = port_of(first->fd.get());
  EXPECT_FALSE(bind_listener(udp("127.0.0.1", port)));
  // Not even of somebody who would share it.
  const UniqueFd thief(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(thief.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_storage name = name_of(first->fd.get());
  EXPECT_LT(::bind(thief.get(), reinterpret_cast<const sockaddr*>(&name), sizeof(sockaddr_in)), 0);
}

TEST(Listeners, OnlyADatagramSocketWithoutAnAddressIsToldWhichOneWasAsked) {
  const auto everywhere = bind_listener(udp("0.0.0.0"));
  const auto here = bind_listener(udp("127.0.0.1"));
  ASSERT_TRUE(everywhere && here);
  EXPECT_EQ(option(everywhere->fd.get(), IPPROTO_IP, IP_PKTINFO), 1);
  EXPECT_EQ(option(here->fd.get(), IPPROTO_IP, IP_PKTINFO), 0);
}

// What a reload does: the new address overlaps that of a listener that goes away only later.
TEST(Listeners, YieldingListenerLetsAnOverlappingOneIn) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"0.0.0.0", "127.0.0.3"}, {"127.0.0.3", "0.0.0.0"}, {"::", "127.0.0.3"}, {"127.0.0.3", "::"}};
  for (const auto& [before, after] : cases) {
    if (std::string_view(before).contains(':') || std::string_view(after).contains(':')) {
      if (!has_v6()) continue;
    }
    for (const auto& make : {tcp, udp}) {
      SCOPED_TRACE(std::string(before) + " -> " + after);
      const ListenAt old_at = make(before, free_port());
      const UniqueFd old = open_listener(old_at);
      const ListenAt new_at = make(after, old_at.port);
      EXPECT_FALSE(bind_listener(new_at)) << "it overlaps";
      const std::array<int, 1> yielding{old.get()};
      const UniqueFd fresh = open_listener(new_at, yielding);
      EXPECT_EQ(option(old.get(), SOL_SOCKET, SO_REUSEPORT), 0);
      EXPECT_EQ(option(fresh.get(), SOL_SOCKET, SO_REUSEPORT), 0);
    }
  }
}

TEST(Listeners, RestingRefusesAndKeepsThePort) {
  const ListenAt at = tcp("0.0.0.0", free_port());
  const UniqueFd fd = open_listener(at);
  ASSERT_TRUE(rest(fd.get()));
  EXPECT_EQ(connect_to("127.0.0.1", at.port), ECONNREFUSED);
  // Anybody may try to take it, by any means.
  const pid_t thief = ::fork();
  if (thief == 0) {
    if (is_root() && ::setuid(65534) != 0) ::_exit(2);
    for (const char* address : {"0.0.0.0", "127.0.0.1"}) {
      for (const int reuse_port : {0, 1}) {
        const UniqueFd socket(::socket(AF_INET, SOCK_STREAM, 0));
        const int on = 1;
        ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEPORT, &reuse_port, sizeof reuse_port);
        sockaddr_in in{};
        in.sin_family = AF_INET;
        in.sin_port = htons(at.port);
        in.sin_addr.s_addr = htonl(parse_address(address)->to_v4());
        if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&in), sizeof in) == 0) ::_exit(1);
      }
    }
    ::_exit(0);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(thief, &status, 0), thief);
  EXPECT_EQ(status, 0) << "somebody took the port of a resting service";
  ASSERT_TRUE(listen_again(fd.get()));
  EXPECT_EQ(connect_to("127.0.0.1", at.port), 0);
  EXPECT_EQ(option(fd.get(), SOL_SOCKET, SO_REUSEADDR), 1);
}

}  // namespace
}  // namespace reeve
