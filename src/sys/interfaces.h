// The machine's network interfaces and their addresses, and the news that something changed.
//
// Used by the monitor: for services that are bound to an interface by name, for those whose address is not there yet,
// and for memberships in multicast groups.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace reeve {

struct InterfaceAddress {
  std::string interface;
  std::uint32_t index = 0;  // of the interface
  Address address;
};

// All addresses of all interfaces. Empty when the system doesn't tell.
[[nodiscard]] std::vector<InterfaceAddress> interface_addresses();
// 0: there is no such interface.
[[nodiscard]] std::uint32_t interface_index(const std::string& name) noexcept;

// The kernel's announcements of addresses and interfaces that come and go (rtnetlink(7)). What exactly changed is
// looked up afterwards: the messages are thrown away unread, so that there is nothing to misread, and a lost one costs
// nothing but the wait for the next.
class AddressNews {
 public:
  [[nodiscard]] static Result<AddressNews> open();
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  // Empties the queue.
  void take() noexcept;

 private:
  explicit AddressNews(UniqueFd fd) noexcept : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace reeve
