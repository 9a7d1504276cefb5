// ServiceManager: tells systemd (or whoever set NOTIFY_SOCKET, see sd_notify(3)) how it goes. Without
// anybody to tell, nothing happens. Never waits.
#pragma once

#include <string>
#include <string_view>

namespace reeve {

class ServiceManager {
 public:
  // Reads NOTIFY_SOCKET and removes it from the environment: it is not for the programs we start.
  [[nodiscard]] static ServiceManager from_environment();

  // "READY=1\nSTATUS=...": lines of NAME=VALUE.
  void tell(std::string_view state) const noexcept;
  void ready(std::string_view status) const;
  void reloading() const;
  void stopping() const;

 private:
  std::string path_;  // '@' for an abstract name
};

}  // namespace reeve
