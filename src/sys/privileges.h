// Privileges: who we are, and giving it up.
//
// The monitor of root keeps only what it uses; its children that meet untrusted bytes (the engine, the
// trial parser) become an ordinary user without any capability. Nothing here can give a privilege back,
// except exec: a program started as root gets the capabilities of the bounding set, which stays.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/result.h"

namespace reeve {

struct UserAccount {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
};

[[nodiscard]] bool is_root() noexcept;
// `reeve` if there is such a user, else `nobody`; nullopt on a system without both. Reads passwd(5).
[[nodiscard]] std::optional<UserAccount> find_engine_account();

// Drops all capabilities but those for binding, starting, limiting and ending servers and for files of
// others: SETUID SETGID KILL NET_BIND_SERVICE SYS_NICE SYS_RESOURCE DAC_OVERRIDE. CHOWN (the owner of a unix socket)
// and NET_ADMIN (the filter of a TCP socket) are not in force but can be raised for a moment.
[[nodiscard]] Result<void> keep_monitor_capabilities();

// Is a capability (CAP_*) in force, or can it be raised? In the words of capabilities(7): is it in the permitted set?
[[nodiscard]] bool is_permitted(int capability) noexcept;

// One capability (CAP_*) in force while it lives, if it may be: without the right, what needs it fails and says so.
class Raised {
 public:
  explicit Raised(int capability) noexcept;
  Raised(const Raised&) = delete;
  Raised& operator=(const Raised&) = delete;
  ~Raised();

 private:
  int capability_;
  bool raised_ = false;
};

// For a child: becomes `account` for good: no supplementary groups, no capabilities, no new privileges
// by exec. Async-signal-safe; false with errno set when anything of it fails.
[[nodiscard]] bool become(const UserAccount& account) noexcept;
// The same but for one capability (CAP_*), which stays through an exec and can't be given up by accident: it is in the ambient set.
[[nodiscard]] bool become_with(const UserAccount& account, int capability) noexcept;
// no_new_privs alone, for children that are no other user.
void renounce_new_privileges() noexcept;

// Nobody but root may trace this process, read its memory or its descriptors. Lost by exec.
void forbid_inspection() noexcept;

}  // namespace reeve
