#include "sys/follower_sandbox.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <seccomp.h>

#include "base/unique_fd.h"

namespace reeve {

namespace {

constexpr int kRefused[] = {
    // Other processes.
    SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev), SCMP_SYS(kcmp), SCMP_SYS(pidfd_getfd),
    SCMP_SYS(process_madvise), SCMP_SYS(move_pages), SCMP_SYS(migrate_pages),
    // Namespaces and the order of file systems.
    SCMP_SYS(unshare), SCMP_SYS(setns), SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root), SCMP_SYS(chroot), SCMP_SYS(move_mount),
    SCMP_SYS(open_tree), SCMP_SYS(fsopen), SCMP_SYS(fsmount), SCMP_SYS(fsconfig), SCMP_SYS(mount_setattr), SCMP_SYS(open_by_handle_at),
    SCMP_SYS(name_to_handle_at), SCMP_SYS(swapon), SCMP_SYS(swapoff), SCMP_SYS(quotactl), SCMP_SYS(mknod), SCMP_SYS(mknodat),
    // The kernel itself.
    SCMP_SYS(init_module), SCMP_SYS(finit_module), SCMP_SYS(delete_module), SCMP_SYS(kexec_load), SCMP_SYS(kexec_file_load), SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd), SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter), SCMP_SYS(io_uring_register),
    SCMP_SYS(reboot), SCMP_SYS(syslog), SCMP_SYS(acct), SCMP_SYS(iopl), SCMP_SYS(ioperm), SCMP_SYS(fanotify_init), SCMP_SYS(lookup_dcookie),
    // Keys, time, identity.
    SCMP_SYS(add_key), SCMP_SYS(request_key), SCMP_SYS(keyctl), SCMP_SYS(settimeofday), SCMP_SYS(clock_settime), SCMP_SYS(clock_adjtime),
    SCMP_SYS(adjtimex), SCMP_SYS(sethostname), SCMP_SYS(setdomainname), SCMP_SYS(setuid), SCMP_SYS(setgid), SCMP_SYS(setreuid),
    SCMP_SYS(setregid), SCMP_SYS(setresuid), SCMP_SYS(setresgid), SCMP_SYS(setgroups), SCMP_SYS(setfsuid), SCMP_SYS(setfsgid),
    SCMP_SYS(capset)};

struct Release {
  void operator()(void* filter) const noexcept { ::seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, Release>;

Result<void> filter_calls(const FollowerRights& rights) {
  const Filter filter(::seccomp_init(SCMP_ACT_ALLOW));
  if (!filter) return failure("seccomp_init", ENOMEM);
  int bad = 0;
  const auto note = [&](int code) {
    if (code != 0 && code != -EDOM) bad = code;
  };
  for (const int call : kRefused) note(::seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), call, 0));
  if (!rights.executes) {
    for (const int call : {SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(kill), SCMP_SYS(tkill)})
      note(::seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), call, 0));
    // Threads, no processes. What clone3 is asked for stands in memory, where no filter looks: its caller takes clone then.
    note(::seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                            SCMP_A0(SCMP_CMP_MASKED_EQ, scmp_datum_t{CLONE_THREAD}, scmp_datum_t{0})));
    note(::seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0));
    // Nothing is executable that was not when we began. (A program that is executed maps its libraries.)
    for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)})
      note(::seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), call, 1,
                              SCMP_A2(SCMP_CMP_MASKED_EQ, scmp_datum_t{PROT_EXEC | PROT_WRITE}, scmp_datum_t{PROT_EXEC | PROT_WRITE})));
  }
  // Families are few and small numbers; what is above the last one is refused as a whole.
  constexpr int kFamilies = 64;
  for (int family = 0; family < kFamilies; ++family) {
    if (std::ranges::find(rights.families, family) != rights.families.end()) continue;
    note(::seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
                            SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(family))));
  }
  note(::seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_GE, scmp_datum_t{kFamilies})));
  if (bad != 0) return failure("seccomp_rule_add", -bad);
  if (const int code = ::seccomp_load(filter.get()); code != 0) return failure("seccomp_load", -code);
  return {};
}

constexpr std::uint64_t kWriting = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                                   LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                                   LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
                                   LANDLOCK_ACCESS_FS_MAKE_SYM;
constexpr std::uint64_t kOfAStore = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG;

// True when it is in force; false when the kernel has no Landlock.
Result<bool> forbid_writing(const std::string& but_below) {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return false;
  landlock_ruleset_attr handled{};
  handled.handled_access_fs = kWriting | LANDLOCK_ACCESS_FS_EXECUTE;
  const UniqueFd rules(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0)));
  if (!rules) return failure("landlock_create_ruleset", errno);
  if (!but_below.empty()) {
    const UniqueFd directory(::open(but_below.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    landlock_path_beneath_attr beneath{};
    beneath.allowed_access = kOfAStore;
    beneath.parent_fd = directory.get();
    if (directory && ::syscall(SYS_landlock_add_rule, rules.get(), LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) != 0)
      return failure("landlock_add_rule", errno);
  }
  if (::syscall(SYS_landlock_restrict_self, rules.get(), 0) != 0) return failure("landlock_restrict_self", errno);
  return true;
}

}  // namespace

Result<Confinement> confine_follower(const FollowerRights& rights) {
  Confinement result;
  if (!rights.executes) {
    const auto landlock = forbid_writing(rights.writes_below);
    if (!landlock) return std::unexpected(landlock.error());
    result.landlock = *landlock;
  }
  if (auto filtered = filter_calls(rights); !filtered) return std::unexpected(std::move(filtered).error());
  result.seccomp = true;
  return result;
}

}  // namespace reeve
