// ControlSocket: the listener by which the command `reeve` reaches the engine (docs/control.md).
//
// The monitor makes it, keeps it over engines and reloads, and never reads from it. It is where `control` of defaults
// says; without that in $RUNTIME_DIRECTORY, else for root in /run/reeve, else nowhere. The file's mode keeps out who may
// not ask anyway; who may do what is decided by the engine, from the kernel's word on the peer.
//
// A socket that can't be had is said in the log and costs nothing else; one that was there before goes on.
#pragma once

#include <string>

#include "base/time.h"
#include "config/service.h"
#include "record/daemon_log.h"
#include "sys/message_socket.h"
#include "sys/unix_listener.h"

namespace reeve {

class ControlSocket {
 public:
  ControlSocket(DaemonLog& log, Instant daemon_since) noexcept : log_(log), daemon_since_(daemon_since) {}
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;
  ~ControlSocket() { close(); }  // the file goes too

  // A configuration is in force.
  void follow(const ControlTerms& terms, WallTime now);
  void engine_started() noexcept { ++engines_; }
  // The engine has taken over a configuration: it gets a copy of the listener.
  void tell(MessageSocket& engine) const;
  void close() noexcept;

 private:
  DaemonLog& log_;
  Instant daemon_since_;
  WallTime configured_;
  std::uint32_t engines_ = 0;
  std::string path_;  // "": there is none
  UnixAccess access_;
  UnixListener listener_;
};

}  // namespace reeve
