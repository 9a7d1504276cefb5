#include "sys/privileges.h"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <string_view>

namespace reeve {

namespace {

constexpr std::array kInForce{CAP_SETUID, CAP_SETGID, CAP_KILL, CAP_NET_BIND_SERVICE, CAP_SYS_NICE, CAP_SYS_RESOURCE, CAP_DAC_OVERRIDE};
constexpr std::array kInReserve{CAP_CHOWN, CAP_NET_ADMIN};

using CapabilitySets = std::array<__user_cap_data_struct, 2>;

bool get_capabilities(CapabilitySets& sets) noexcept {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  return ::syscall(SYS_capget, &header, sets.data()) == 0;
}

std::size_t word_of(int capability) noexcept {
  return static_cast<std::size_t>(capability) / 32;
}
std::uint32_t bit_of(int capability) noexcept {
  return std::uint32_t{1} << (static_cast<unsigned>(capability) % 32);
}

bool set_capabilities(const CapabilitySets& sets) noexcept {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  return ::syscall(SYS_capset, &header, sets.data()) == 0;
}

}  // namespace

bool is_root() noexcept {
  return ::geteuid() == 0;
}

std::optional<UserAccount> find_engine_account() {
  // System accounts stand in the file. The other sources of nsswitch.conf(5) would be asked for the one that is
  // missing, and their libraries stay in the privileged process for ever.
  std::FILE* const file = std::fopen("/etc/passwd", "re");
  if (file == nullptr) return std::nullopt;
  std::optional<UserAccount> own, nobody;
  for (const passwd* entry = ::fgetpwent(file); entry != nullptr; entry = ::fgetpwent(file)) {
    if (entry->pw_uid == 0) continue;
    const std::string_view name = entry->pw_name;
    if (name == "reeve") own = UserAccount{std::string(name), entry->pw_uid, entry->pw_gid};
    if (name == "nobody") nobody = UserAccount{std::string(name), entry->pw_uid, entry->pw_gid};
  }
  (void)std::fclose(file);
  return own ? own : nobody;
}

Result<void> keep_monitor_capabilities() {
  CapabilitySets sets{};
  if (!get_capabilities(sets)) return failure("capget", errno);
  CapabilitySets kept{};
  const auto keep = [&](int capability) {
    kept[word_of(capability)].permitted |= sets[word_of(capability)].permitted & bit_of(capability);
  };
  for (const int capability : kInForce) keep(capability);
  for (auto& set : kept) set.effective = set.permitted;
  for (const int capability : kInReserve) keep(capability);
  if (!set_capabilities(kept)) return failure("capset", errno);
  return {};
}

bool is_permitted(int capability) noexcept {
  CapabilitySets sets{};
  return get_capabilities(sets) && (sets[word_of(capability)].permitted & bit_of(capability)) != 0;
}

Raised::Raised(int capability) noexcept : capability_(capability) {
  CapabilitySets sets{};
  if (!get_capabilities(sets)) return;
  auto& [effective, permitted, inheritable] = sets[word_of(capability)];
  if ((effective & bit_of(capability)) != 0 || (permitted & bit_of(capability)) == 0) return;
  effective |= bit_of(capability);
  raised_ = set_capabilities(sets);
}

Raised::~Raised() {
  if (!raised_) return;
  CapabilitySets sets{};
  if (!get_capabilities(sets)) return;
  sets[word_of(capability_)].effective &= ~bit_of(capability_);
  (void)set_capabilities(sets);
}

bool become(const UserAccount& account) noexcept {
  if (::setgroups(0, nullptr) != 0) return false;
  if (::setresgid(account.gid, account.gid, account.gid) != 0) return false;
  if (::setresuid(account.uid, account.uid, account.uid) != 0) return false;
  // The change of user cleared the effective ones already; the others go too.
  if (!set_capabilities({})) return false;
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

bool become_with(const UserAccount& account, int capability) noexcept {
  if (::setgroups(0, nullptr) != 0) return false;
  if (::setresgid(account.gid, account.gid, account.gid) != 0) return false;
  if (::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return false;
  if (::setresuid(account.uid, account.uid, account.uid) != 0) return false;
  CapabilitySets sets{};
  auto& one = sets[word_of(capability)];
  one.effective = one.permitted = one.inheritable = bit_of(capability);
  if (!set_capabilities(sets)) return false;
  // capabilities(7): what is in this set survives an exec of a program without capabilities of its own.
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) != 0) return false;
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

void renounce_new_privileges() noexcept {
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

void forbid_inspection() noexcept {
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

}  // namespace reeve
