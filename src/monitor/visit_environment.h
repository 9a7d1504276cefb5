// What a program is told of its client in its environment, besides REMOTE_HOST: the variables of systemd.socket(5) and of
// UCSPI (tcp-environ(5)), for services whose flags ask for them. Pure; used by the monitor for each start of such a service.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "config/service.h"

namespace reeve {

// What was found out about a client; empty: not known.
struct KnownClient {
  std::string_view name, user;
};

// NAME=value, each with a NUL behind it. `local`: the address that the client asked for, if it is known.
[[nodiscard]] std::string visit_environment(const ServiceFlags& flags, const Endpoint& source, const std::optional<Endpoint>& local,
                                            const KnownClient& client);

// Is this one of the variables that tell of a client or of sockets, under these flags? One that the daemon itself was started
// with is not for programs then.
[[nodiscard]] bool tells_of_visits(const ServiceFlags& flags, std::string_view name) noexcept;

// LISTEN_FDNAMES for a service: its id, or `connection` where the program gets one, as of systemd.socket(5).
[[nodiscard]] std::string listen_fd_name(const Service& service);

}  // namespace reeve
