// Listeners: the sockets that services wait at.
//
// Used by the monitor, which opens and keeps them; the engine accepts on copies of the descriptors. A
// listener is opened in two steps, so that a whole configuration can be bound before any of it is heard:
// bind_listener, then listen_on (streams only). All are non-blocking and close-on-exec.
//
// What a service's flags ask for is set on the listener: accepted connections inherit it (Linux), which
// saves a system call for each. Datagram sockets tell the address that was asked, so that an answer can
// leave from it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "sys/unix_listener.h"

namespace reeve {

// Where to listen, in the system's terms.
struct ListenAt {
  enum class Family : std::uint8_t { any, v4, v6 };  // any: IPv6 and IPv4, IPv4 only without IPv6
  Address address;                                   // :: for all
  std::string path;                                  // unix(7); "@name" is abstract; empty: an internet address
  std::uint32_t scope = 0;                           // the interface that a link-local or multicast address means
  std::uint16_t port = 0;
  int type = 0;      // SOCK_STREAM, ...
  int protocol = 0;  // IPPROTO_TCP, ...
  Family family = Family::any;
  bool v6only = false;
  UnixAccess access;  // of a path
};

struct BoundListener {
  UniqueFd fd;
  FileIdentity file;            // of a path
  bool awaits_network = false;  // the multicast group could not be joined yet: see join_group
};

// `yielding`: listeners of ours on the same port that may be about to go. If one of them is in the way
// (127.0.0.1:23 is wanted while *:23 listens), the port is shared with them, and with nobody else, for the
// moment of the bind; the new socket then listens at once.
// An address that this machine doesn't have is bound nevertheless (ip(7), IP_FREEBIND): it is served as soon as it is
// there. A multicast address makes the socket a member of its group, at the interface that `scope` names or that the
// routes choose.
[[nodiscard]] Result<BoundListener> bind_listener(const ListenAt& at, std::span<const int> yielding = {});
// Makes a socket that somebody else has bound what bind_listener would have made of it.
void make_listener(int fd, const ListenAt& at) noexcept;
// To be tried again when there are other addresses or interfaces: a membership ends with its interface.
[[nodiscard]] bool join_group(int fd, const ListenAt& at) noexcept;
// Nothing to do for sockets that don't listen (datagrams).
[[nodiscard]] Result<void> listen_on(int fd, const ListenAt& at);

struct ConnectionOptions {
  bool nodelay = false, keepalive = false;
};
void set_connection_options(int fd, const ListenAt& at, ConnectionOptions options) noexcept;

// The addresses where a bound socket is reached: :: and 0.0.0.0 when it takes both families, else the one that it has.
[[nodiscard]] std::vector<Endpoint> bound_endpoints(int fd);

// Stops listening, so that clients are refused by the kernel at no cost; the port stays ours: nobody else
// can bind it meanwhile, root or not. listen_again undoes it. Streams only.
[[nodiscard]] Result<void> rest(int fd) noexcept;
[[nodiscard]] Result<void> listen_again(int fd) noexcept;

// O_NONBLOCK belongs to the open file, so it holds for all who have the listener: off while a server of
// a `wait = yes` service has it.
void set_blocking(int fd, bool blocking) noexcept;

}  // namespace reeve
