// Plan: what has to change for a new configuration to be in force.
//
// diff() compares the listening sockets and services of two configurations; pure and printable. The
// monitor acquires what a Plan opens before anything running is touched, then commits, which cannot
// fail; the engine is told which services inherit which listener.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "config/service.h"

namespace reeve {

// Two places with equal keys can use the same socket.
struct ListenerKey {
  Address address;  // :: for all
  Text path;        // of a unix socket
  std::uint32_t scope = 0;
  std::uint16_t port = 0;
  SocketType socket_type = SocketType::stream;
  std::uint8_t protocol = 6;
  Family family = Family::any;
  bool v6only = false;

  friend constexpr auto operator<=>(const ListenerKey&, const ListenerKey&) noexcept = default;
};

[[nodiscard]] ListenerKey listener_key(const Service& service, const Place& place) noexcept;
// "tcp [::]:21", for messages.
[[nodiscard]] std::string to_text(const ListenerKey& key);

struct Plan {
  static constexpr std::uint32_t kNone = UINT32_MAX;
  // For each place of the new configuration: the old place whose listener it takes over, or kNone: a
  // listener has to be opened.
  std::vector<std::uint32_t> inherits;
  // For each service of the new configuration: the old service that it continues (same id, name and
  // occurrence): its counts and its running instances go on under the new rules. kNone: new.
  std::vector<std::uint32_t> continues;
  std::vector<std::uint32_t> removed;  // old services that no new one continues
  std::vector<std::uint32_t> altered;  // new services that mean something else than those that they continue
  std::size_t opened = 0, closed = 0, kept = 0, changed = 0, added = 0;

  // "2 services added, 1 removed, 3 changed; 2 listeners opened, 1 closed, 40 kept".
  [[nodiscard]] std::string summary() const;
};

[[nodiscard]] Plan diff(const Configuration& current, const Configuration& wanted);

// Plan::continues alone: what the engine needs, which is told the rest.
[[nodiscard]] std::vector<std::uint32_t> continued_services(const Configuration& current, const Configuration& wanted);

}  // namespace reeve
