// EchoTarget: for tests of relays, a target on loopback that sends back what comes, in threads of its own.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/unique_fd.h"

namespace reeve {

class EchoTarget {
 public:
  EchoTarget() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(0, ::bind(listener_.get(), raw(), sizeof address_));
    EXPECT_EQ(0, ::listen(listener_.get(), 128));
    socklen_t size = sizeof address_;
    EXPECT_EQ(0, ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address_), &size));
    thread_ = std::thread([this] { accept_all(); });
  }
  EchoTarget(const EchoTarget&) = delete;
  EchoTarget& operator=(const EchoTarget&) = delete;
  ~EchoTarget() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
    for (std::thread& each : conversations_) each.join();
  }
  [[nodiscard]] sockaddr* raw() { return reinterpret_cast<sockaddr*>(&address_); }

 private:
  void accept_all() {
    for (;;) {
      UniqueFd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!connection) return;
      conversations_.emplace_back([fd = std::move(connection)] {
        std::vector<char> bytes(65536);
        for (;;) {
          const ssize_t count = ::recv(fd.get(), bytes.data(), bytes.size(), 0);
          if (count <= 0 || ::send(fd.get(), bytes.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL) != count) return;
        }
      });
    }
  }

  UniqueFd listener_;
  sockaddr_in address_{};
  std::thread thread_;
  std::vector<std::thread> conversations_;
};

}  // namespace reeve
