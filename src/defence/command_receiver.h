// CommandReceiver: a program that is started for each alert.
//
// It is executed by itself, never by a shell: its arguments are those of the configuration, word by word, and the alert is in its
// environment, REEVE_EVENT, REEVE_SOURCE and so on (the names of config/alert_form.h), beside a PATH and nothing else. It runs as
// the keeper's user, in a session of its own, with /dev/null as its standard streams. Bounds: kMostRunning at a time, each for
// kMostTime, then it and its group are killed; kMostQueued wait, more are dropped and counted.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "config/defence.h"
#include "defence/alert_receiver.h"

namespace reeve {

class CommandReceiver final : public AlertReceiver {
 public:
  static constexpr std::size_t kMostRunning = 4;
  static constexpr std::size_t kMostQueued = 100;
  static constexpr std::chrono::seconds kMostTime{10};

  CommandReceiver(const AlertSink& terms, Say say);
  ~CommandReceiver() override;

  void add(const Alert& alert, Instant now) override;
  void work(Instant now) override;
  [[nodiscard]] std::optional<Instant> next() const override;
  void append_descriptors(std::vector<int>& descriptors) const override;
  [[nodiscard]] bool is_idle() const override { return queue_.empty() && running_.empty(); }
  void end() override;

  // "REEVE_SOURCE=192.0.2.1", ...: one line each, whatever the alert holds.
  [[nodiscard]] static std::vector<std::string> environment_of(const Alert& alert);

 private:
  struct Running {
    pid_t pid = -1;
    UniqueFd watch;  // readable when it has ended; none where the kernel has no such thing
    Instant until;
  };

  void start(std::vector<std::string> environment, Instant now);
  bool reap(Running& running, Instant now);
  void fail(const std::string& why);

  AlertSink terms_;
  Say say_;
  std::deque<std::vector<std::string>> queue_;
  std::vector<Running> running_;
  Instant looked_{};      // for ended ones
  bool is_said_ = false;  // that it fails
};

}  // namespace reeve
