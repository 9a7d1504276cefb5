#include "sys/sandbox.h"

#include <linux/landlock.h>
#include <linux/sockios.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <memory>
#include <seccomp.h>

#include "base/unique_fd.h"

namespace reeve {

namespace {

// Calls that an old kernel or another machine does not have are unknown to the library there, and skipped.
constexpr int kCalls[] = {
    // Bytes. Descriptors come from the monitor; files are read only (Landlock), and pipes carry relays.
    SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(pread64), SCMP_SYS(splice), SCMP_SYS(close),
    SCMP_SYS(close_range), SCMP_SYS(lseek), SCMP_SYS(fcntl), SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(dup3), SCMP_SYS(pipe2),
    SCMP_SYS(eventfd2), SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(fstat), SCMP_SYS(newfstatat),
    SCMP_SYS(statx), SCMP_SYS(getdents64), SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(access), SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2), SCMP_SYS(ftruncate), SCMP_SYS(fsync), SCMP_SYS(fdatasync), SCMP_SYS(memfd_create),
    // Clients, targets, name servers, syslog, the monitor.
    SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(getsockname), SCMP_SYS(getpeername),
    SCMP_SYS(setsockopt), SCMP_SYS(getsockopt), SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(sendmmsg), SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg), SCMP_SYS(recvmmsg), SCMP_SYS(shutdown), SCMP_SYS(socketpair),
    // Waiting.
    SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_pwait2), SCMP_SYS(poll),
    SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6), SCMP_SYS(timerfd_create), SCMP_SYS(timerfd_settime), SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep), SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(gettimeofday), SCMP_SYS(time),
    // Memory and threads.
    SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(brk), SCMP_SYS(madvise), SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(rseq),
    SCMP_SYS(set_tid_address), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(membarrier), SCMP_SYS(restart_syscall),
    // Who we are, and the end.
    SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getppid), SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid),
    SCMP_SYS(uname), SCMP_SYS(sysinfo), SCMP_SYS(getrusage), SCMP_SYS(getrlimit), SCMP_SYS(prlimit64), SCMP_SYS(getrandom),
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack), SCMP_SYS(exit), SCMP_SYS(exit_group)};

struct Release {
  void operator()(void* filter) const noexcept { ::seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, Release>;

// What is allowed for some arguments only.
int add_conditional(scmp_filter_ctx filter) noexcept {
  int bad = 0;
  const auto allow_if = [&](int call, scmp_arg_cmp condition) {
    const int code = ::seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1, condition);
    if (code != 0) bad = code;
  };
  for (const int family : {AF_UNIX, AF_INET, AF_INET6}) {
    allow_if(SCMP_SYS(socket), SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(family)));
  }
  // Nothing is ever executable that was not when we began.
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)})
    allow_if(call, SCMP_A2(SCMP_CMP_MASKED_EQ, scmp_datum_t{PROT_EXEC}, scmp_datum_t{0}));
  for (const int request : {FIONREAD, FIONBIO, SIOCOUTQ}) {
    allow_if(SCMP_SYS(ioctl), SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, static_cast<scmp_datum_t>(request)));
  }
  allow_if(SCMP_SYS(prctl), SCMP_A0(SCMP_CMP_EQ, scmp_datum_t{PR_SET_NAME}));
  // Threads, no processes. What clone3 is asked for stands in memory, where no filter looks: its caller takes clone then.
  allow_if(SCMP_SYS(clone), SCMP_A0(SCMP_CMP_MASKED_EQ, scmp_datum_t{CLONE_THREAD}, scmp_datum_t{CLONE_THREAD}));
  if (const int code = ::seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0); code != 0) bad = code;
  // abort(3)
  allow_if(SCMP_SYS(tgkill), SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(::getpid())));
  return bad;
}

Result<void> filter_calls(bool strict) {
  const std::uint32_t otherwise = strict ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ERRNO(EPERM);
  const Filter filter(::seccomp_init(otherwise));
  if (!filter) return failure("seccomp_init", ENOMEM);
  for (const int call : kCalls) {
    const int code = ::seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0);
    if (code != 0 && code != -EDOM) return failure("seccomp_rule_add", -code);
  }
  if (const int code = add_conditional(filter.get()); code != 0) return failure("seccomp_rule_add", -code);
  if (const int code = ::seccomp_load(filter.get()); code != 0) return failure("seccomp_load", -code);
  return {};
}

// True when it is in force; false when the kernel has no Landlock.
Result<bool> forbid_writing() {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return false;
  landlock_ruleset_attr rights{};
  rights.handled_access_fs = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                             LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
                             LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                             LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;
  // No rule follows: none of these is allowed anywhere.
  const UniqueFd rules(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &rights, sizeof rights, 0)));
  if (!rules) return failure("landlock_create_ruleset", errno);
  if (::syscall(SYS_landlock_restrict_self, rules.get(), 0) != 0) return failure("landlock_restrict_self", errno);
  return true;
}

}  // namespace

Result<Confinement> confine(bool strict) {
  Confinement result;
  const auto landlock = forbid_writing();
  if (!landlock) return std::unexpected(landlock.error());
  result.landlock = *landlock;
  if (auto filtered = filter_calls(strict); !filtered) return std::unexpected(std::move(filtered).error());
  result.seccomp = true;
  return result;
}

}  // namespace reeve
