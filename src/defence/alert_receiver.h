// AlertReceiver: one who is told of events: a file, the system's logger, an address of the web, a command.
//
// All of them live on the alerts' thread (defence/alert_thread.h), and none makes it wait: add() queues, work() does what goes now,
// next() says when there is more to do. Each has a bound; what is over it, or can't be delivered, is counted and said once until
// it works again.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "record/alert.h"
#include "record/daemon_log.h"

namespace reeve {

class AlertReceiver {
 public:
  using Say = std::function<void(Level, std::string)>;

  virtual ~AlertReceiver() = default;
  virtual void add(const Alert& alert, Instant now) = 0;
  virtual void work(Instant now) = 0;
  [[nodiscard]] virtual std::optional<Instant> next() const = 0;
  // Descriptors that become readable when there is something to do.
  virtual void append_descriptors(std::vector<int>& /*descriptors*/) const {}
  // Nothing is queued or under way.
  [[nodiscard]] virtual bool is_idle() const = 0;
  // Nobody is waited for any longer.
  virtual void end() {}

  [[nodiscard]] std::uint64_t lost() const noexcept { return lost_; }

 protected:
  void lose(std::uint64_t alerts) noexcept { lost_ += alerts; }

 private:
  std::uint64_t lost_ = 0;
};

}  // namespace reeve
