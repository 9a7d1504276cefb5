// InheritedSockets: listening sockets that the daemon was started with, by systemd or whoever else follows sd_listen_fds(3).
//
// Used by the monitor at its start: a service whose id is a socket's name (LISTEN_FDNAMES) takes that one, else one that is
// bound where the service wants to listen. What no service of the first configuration wants is told and closed. A socket
// that was taken is a listener like those that the monitor bound itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "sys/listeners.h"

namespace reeve {

class InheritedSockets {
 public:
  InheritedSockets() noexcept = default;
  // LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES, which are removed: they are not for the programs we start. To be called
  // before anything is opened. What is not a socket that can be listened on is only remembered as left.
  [[nodiscard]] static InheritedSockets from_environment();

  // Descriptors from 3 on that belong to this object; close_from() has to begin behind them.
  [[nodiscard]] int count() const noexcept { return count_; }
  // Moves them to where no child needs them (sys/descriptors.h).
  void move_up();

  struct Taken {
    UniqueFd fd;
    ListenAt at;  // where it is bound
  };
  [[nodiscard]] bool is_empty() const noexcept { return sockets_.empty(); }
  // The one with this name that is bound there.
  [[nodiscard]] std::optional<Taken> take_named_at(std::string_view name, const ListenAt& wanted);
  // The one with this name, wherever it is bound, if it is of the service's type.
  [[nodiscard]] std::optional<Taken> take_named(std::string_view name, const ListenAt& wanted);
  // One that is bound there.
  [[nodiscard]] std::optional<Taken> take_at(const ListenAt& wanted);

  // Closes what nobody took; what that was, for people.
  [[nodiscard]] std::vector<std::string> close_left();

 private:
  struct Socket {
    UniqueFd fd;
    std::string name;
    std::optional<ListenAt> at;  // nullopt: nothing that we listen on
  };
  [[nodiscard]] std::optional<Taken> take(Socket& socket);

  int count_ = 0;
  std::vector<Socket> sockets_;
};

}  // namespace reeve
