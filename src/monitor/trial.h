// Trial: how a configuration gets from the disk into the monitor.
//
//   begin: read all files once (a Bundle) ── an unprivileged child parses it ── finish: parse here
//
// The child has a deadline and bounded memory; what kills it or keeps it busy would have done so to the
// monitor. Only what it survived is parsed here. Nobody waits for it: its end comes as that of any child.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "base/unique_fd.h"
#include "config/bundle.h"
#include "config/parse.h"
#include "sys/privileges.h"

namespace reeve {

struct Loaded {
  Bundle bundle;  // for the texts of diagnostics
  Parsed parsed;
  UniqueFd memory_file;  // the bundle with the answers that it was parsed by
};

class Trial {
 public:
  struct Terms {
    std::string path;  // of the main file
    ParseOptions options;
    std::optional<UserAccount> account;  // of the child; nullopt when not root
  };
  explicit Trial(Terms terms) : terms_(std::move(terms)) {}

  [[nodiscard]] const std::string& path() const noexcept { return terms_.path; }
  [[nodiscard]] const ParseOptions& options() const noexcept { return terms_.options; }
  [[nodiscard]] Result<void> begin(Instant now);
  [[nodiscard]] bool is_under_way() const noexcept { return pid_ > 0; }
  [[nodiscard]] bool is_child(pid_t pid) const noexcept { return pid_ > 0 && pid_ == pid; }
  // Until then, while it is under way.
  [[nodiscard]] std::optional<Instant> deadline() const noexcept { return deadline_; }
  // The deadline has come.
  void kill() noexcept;
  // The child was reaped.
  [[nodiscard]] Result<Loaded> finish(int wait_status);

 private:
  Terms terms_;
  Bundle bundle_;
  pid_t pid_ = -1;
  std::optional<Instant> deadline_;
};

// Does any file have a service entry, disabled or not? A file that has none lost its contents rather than
// its services.
[[nodiscard]] bool has_service_entry(const Bundle& bundle) noexcept;

}  // namespace reeve
