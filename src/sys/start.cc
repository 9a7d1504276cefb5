#include "sys/start.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/check.h"
#include "sys/raw_call.h"

namespace reeve {

namespace {

constexpr std::size_t kGuardBytes = 4096;
constexpr std::size_t kStackBytes = 16 << 10;
constexpr std::string_view kRemoteHost = "REMOTE_HOST=";
constexpr std::string_view kListenPid = "LISTEN_PID=";
constexpr int kFirstListenFd = 3;  // SD_LISTEN_FDS_START

// The words that both halves touch; at the upper end of a slot's mapping.
struct Shared {
  std::atomic<std::uint32_t> alive = 0;     // cleared by the kernel at exec and exit
  std::atomic<std::uint32_t> unshared = 0;  // set by the child
  std::atomic<std::uint32_t> stage = 0;     // 0: nothing failed (yet)
  std::atomic<std::int32_t> sys_errno = 0;
};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free && sizeof(std::atomic<std::uint32_t>) == 4);

// What the child half needs, as plain as it gets.
struct Order {
  const Program* program = nullptr;
  char* const* envp = nullptr;
  int connection = -1;
  unsigned first_high = 0;  // 0: the table is a copy, of which the exec closes what is not for the program
  Shared* shared = nullptr;
  const char* context_file = nullptr;  // where `context` is written to before the program is executed; nullptr: it is not
  std::string_view context;
  char* listen_pid = nullptr;  // room for the child's pid in its environment, if it is told
};

template <class T>
long as_long(T* pointer) noexcept {
  return reinterpret_cast<long>(pointer);
}

[[noreturn]] void give_up(Shared& shared, StartStage stage, long result) noexcept {
  shared.sys_errno.store(static_cast<std::int32_t>(-result), std::memory_order_relaxed);
  shared.stage.store(static_cast<std::uint32_t>(stage), std::memory_order_release);
  for (;;) raw_call(SYS_exit_group, 127);
}

long set_ids(const Program& program) noexcept {
  long result = raw_call(SYS_setgroups, static_cast<long>(program.groups.size()), as_long(program.groups.data()));
  if (result >= 0) result = raw_call(SYS_setgid, program.gid);
  if (result >= 0) result = raw_call(SYS_setuid, program.uid);
  return result;
}

// Rights that only root has are used before they are given up: priority and limits first, ids behind.
long set_up(const Program& program) noexcept {
  raw_call(SYS_setsid);
  if (program.priority) {
    const long result = raw_call(SYS_setpriority, PRIO_PROCESS, 0, *program.priority);
    if (result < 0) return result;
  }
  for (const Program::Limit& limit : program.limits) {
    const long result = raw_call(SYS_prlimit64, 0, limit.resource, as_long(&limit.value), 0);
    if (result < 0) return result;
  }
  if (program.umask) raw_call(SYS_umask, *program.umask);
  return program.set_ids ? set_ids(program) : 0;
}

// Puts the connection, or the listener, where the program looks for it. What is left open above is closed next.
long place_socket(const Program& program, int connection) noexcept {
  if (program.sockets == Program::Sockets::listen) {
    long result =
        connection == kFirstListenFd ? raw_call(SYS_fcntl, kFirstListenFd, F_SETFD, 0) : raw_call(SYS_dup3, connection, kFirstListenFd, 0);
    const long nothing = result < 0 ? result : raw_call(SYS_openat, AT_FDCWD, as_long("/dev/null"), O_RDWR, 0);
    result = nothing < 0 ? nothing : raw_call(SYS_dup3, nothing, 0, 0);
    return result < 0 ? result : raw_call(SYS_dup3, 2, 1, 0);
  }
  const int last = program.sockets == Program::Sockets::ucspi ? 1 : 2;
  long result = 0;
  for (int to = 0; to <= last && result >= 0; ++to) result = raw_call(SYS_dup3, connection, to, 0);
  return result;
}

// setexeccon(3): the next exec is to be in that context, or to fail.
long set_context(const char* file, std::string_view context) noexcept {
  const long fd = raw_call(SYS_openat, AT_FDCWD, as_long(file), O_WRONLY | O_CLOEXEC, 0);
  if (fd < 0) return fd;
  const long written = raw_call(SYS_write, fd, as_long(context.data()), static_cast<long>(context.size()));
  raw_call(SYS_close, fd);
  return written < 0 ? written : written == static_cast<long>(context.size()) ? 0 : -EIO;
}

void write_pid(char* digits, long pid) noexcept {
  long scale = 1;
  while (pid / scale >= 10) scale *= 10;
  for (; scale != 0; scale /= 10) *digits++ = static_cast<char>('0' + pid / scale % 10);
  *digits = '\0';
}

// The child half. Everything it touches is described in the header.
int run_child(void* argument) noexcept {
  const Order& order = *static_cast<const Order*>(argument);
  const Program& program = *order.program;
  Shared& shared = *order.shared;

  long result = 0;
  if (order.first_high != 0) {
    result = raw_call(SYS_close_range, order.first_high, ~0U, CLOSE_RANGE_UNSHARE);
    // Kernels before 5.9; copies the listeners too and so costs more.
    if (result < 0) result = raw_call(SYS_unshare, CLONE_FILES);
    if (result < 0) give_up(shared, StartStage::setup, result);
    shared.unshared.store(1, std::memory_order_release);
  }

  result = place_socket(program, order.connection);
  if (result < 0) give_up(shared, StartStage::setup, result);
  if (order.listen_pid != nullptr) write_pid(order.listen_pid, raw_call(SYS_getpid));
  const int socket = program.sockets == Program::Sockets::listen ? kFirstListenFd : 0;
  // The exec would do it too, but a child that its user stops before must not hold other clients' connections open.
  raw_call(SYS_close_range, socket == 0 ? 3 : socket + 1, ~0U, 0);
  // The engine's connections and our listeners don't block; programs expect that they do.
  raw_call(SYS_fcntl, socket, F_SETFL, 0);
  result = set_up(program);
  if (result >= 0 && order.context_file != nullptr) result = set_context(order.context_file, order.context);
  if (result < 0) give_up(shared, StartStage::setup, result);

  // Dispositions are the default's already: the monitor has no handlers and ignores nothing.
  const std::uint64_t no_signals = 0;
  raw_call(SYS_rt_sigprocmask, SIG_SETMASK, as_long(&no_signals), 0, sizeof no_signals);
  result = raw_call(SYS_execve, as_long(program.path), as_long(program.argv), as_long(order.envp));
  give_up(shared, StartStage::exec, result);
}

}  // namespace

struct Starter::Slot {
  std::byte* mapping = nullptr;
  Shared* shared = nullptr;
  Order order;
  ProgramRef program;
  UniqueFd connection;
  pid_t pid = -1;
  std::vector<char*> environment;
  std::array<char, 80> remote_host{};  // the longest address has 45 characters
  std::array<char, 32> listen_pid{};   // written to by the child
  std::string variables;
  std::string context;

  // nullptr when there is no memory. Shared memory only where the child is a copy: what a stranger's
  // process could write to must not be anybody's stack.
  static std::unique_ptr<Slot> make(Form form) {
    constexpr std::size_t whole = kGuardBytes + kStackBytes;
    const int flags = MAP_ANONYMOUS | (form == Form::fork ? MAP_SHARED : MAP_PRIVATE | MAP_STACK);
    void* mapping = ::mmap(nullptr, whole, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (mapping == MAP_FAILED) return nullptr;
    auto slot = std::make_unique<Slot>();
    slot->mapping = static_cast<std::byte*>(mapping);
    ::mprotect(slot->mapping, kGuardBytes, PROT_NONE);
    if (form != Form::fork) ::madvise(slot->mapping, whole, MADV_DONTFORK);
    slot->shared = new (slot->mapping + whole - sizeof(Shared)) Shared;
    return slot;
  }

  Slot() = default;
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;
  ~Slot() {
    if (mapping != nullptr) ::munmap(mapping, kGuardBytes + kStackBytes);
  }

  void set_environment(std::string_view remote, std::string more) {
    environment.assign(program->environment.begin(), program->environment.end());
    if (!remote.empty()) {
      const std::size_t length = std::min(remote.size(), remote_host.size() - kRemoteHost.size() - 1);
      std::memcpy(remote_host.data(), kRemoteHost.data(), kRemoteHost.size());
      std::memcpy(remote_host.data() + kRemoteHost.size(), remote.data(), length);
      remote_host[kRemoteHost.size() + length] = '\0';
      environment.push_back(remote_host.data());
    }
    variables = std::move(more);
    for (std::size_t at = 0; at < variables.size(); at = variables.find('\0', at) + 1) environment.push_back(variables.data() + at);
    if (program->sockets == Program::Sockets::listen) {
      std::memcpy(listen_pid.data(), kListenPid.data(), kListenPid.size());
      environment.push_back(listen_pid.data());
    }
    environment.push_back(nullptr);
  }

  [[nodiscard]] bool has_left() const noexcept { return shared->alive.load(std::memory_order_acquire) == 0; }
  [[nodiscard]] bool has_failed() const noexcept { return shared->stage.load(std::memory_order_acquire) != 0; }
  [[nodiscard]] bool is_unshared() const noexcept { return shared->unshared.load(std::memory_order_acquire) != 0; }

  // The child's stack grows down from here.
  [[nodiscard]] void* stack_top() const noexcept {
    const auto top = reinterpret_cast<std::uintptr_t>(shared) & ~std::uintptr_t{63};
    return reinterpret_cast<void*>(top);
  }
};

Starter::Form Starter::preferred_form() noexcept {
#if defined(REEVE_START_BY_FORK) || !REEVE_HAS_RAW_CALL
  return Form::fork;
#else
  const char* wanted = std::getenv("REEVE_START");
  return wanted != nullptr && std::string_view(wanted) == "fork" ? Form::fork : Form::share_memory;
#endif
}

Starter::Starter(int first_high, Form form) : first_high_(first_high), form_(form) {}

Starter::~Starter() {
  // A stack in use can't be given back; the process is about to end anyway.
  for (auto& slot : busy_) {
    if (!slot->has_left() && form_ == Form::share_memory) static_cast<void>(slot.release());
  }
}

std::unique_ptr<Starter::Slot> Starter::take_slot() {
  if (!idle_.empty()) {
    std::unique_ptr<Slot> slot = std::move(idle_.back());
    idle_.pop_back();
    return slot;
  }
  // Fork-like children hold theirs while the program runs, and it is only memory.
  const std::size_t most = form_ == Form::fork ? 64 * kMaxStarting : kMaxStarting;
  return busy_.size() < most ? Slot::make(form_) : nullptr;
}

void Starter::give_back(std::size_t index) noexcept {
  constexpr std::size_t kept = 32;
  std::unique_ptr<Slot> slot = std::move(busy_[index]);
  busy_[index] = std::move(busy_.back());
  busy_.pop_back();
  slot->connection.reset();
  slot->program.reset();
  if (idle_.size() < kept) idle_.push_back(std::move(slot));
}

std::expected<pid_t, StartFailure> Starter::start(ProgramRef program, UniqueFd connection, std::string_view remote_host, std::string more,
                                                  std::string security_context) {
  REEVE_CHECK(connection.get() > 2);
  std::unique_ptr<Slot> slot = take_slot();
  if (!slot) return std::unexpected(StartFailure{StartStage::clone, EAGAIN, std::move(connection)});
  slot->program = std::move(program);
  slot->connection = std::move(connection);
  REEVE_CHECK(more.empty() || more.back() == '\0');
  slot->set_environment(remote_host, std::move(more));
  slot->context = std::move(security_context);
  // Where descriptors are short the connection may have come by a high number.
  const int first_high = std::max(first_high_, slot->connection.get() + 1);
  const bool shares = share_descriptors_ && form_ == Form::share_memory;
  const bool is_told_its_pid = slot->program->sockets == Program::Sockets::listen;
  slot->order = {.program = slot->program.get(),
                 .envp = slot->environment.data(),
                 .connection = slot->connection.get(),
                 .first_high = shares ? static_cast<unsigned>(first_high) : 0,
                 .shared = slot->shared,
                 .context_file = slot->context.empty() ? nullptr : context_file_,
                 .context = slot->context,
                 .listen_pid = is_told_its_pid ? slot->listen_pid.data() + kListenPid.size() : nullptr};
  slot->shared->alive.store(1, std::memory_order_relaxed);
  slot->shared->unshared.store(0, std::memory_order_relaxed);
  slot->shared->stage.store(0, std::memory_order_relaxed);

  pid_t pid = -1;
  if (form_ == Form::fork) {
    pid = ::fork();
    if (pid == 0) run_child(&slot->order);
  } else {
    const int flags = CLONE_VM | CLONE_CHILD_CLEARTID | SIGCHLD | (shares ? CLONE_FILES : 0);
    pid = ::clone(run_child, slot->stack_top(), flags, &slot->order, nullptr, nullptr, &slot->shared->alive);
  }
  const int clone_errno = errno;
  // A child with a table of its own from the beginning has its own copy.
  if (pid > 0 && !shares) {
    slot->shared->unshared.store(1, std::memory_order_relaxed);
    slot->connection.reset();
  }
  slot->pid = pid;
  busy_.push_back(std::move(slot));
  if (pid < 0) {
    StartFailure failure{StartStage::clone, clone_errno, std::move(busy_.back()->connection)};
    give_back(busy_.size() - 1);
    return std::unexpected(std::move(failure));
  }
  return pid;
}

bool Starter::settle() noexcept {
  if (form_ == Form::fork) return true;
  bool all = true;
  for (std::size_t index = 0; index < busy_.size();) {
    Slot& slot = *busy_[index];
    const bool left = slot.has_left();
    // A failure is kept for finish().
    if (left && !slot.has_failed()) {
      give_back(index);
      continue;
    }
    if (left || slot.is_unshared()) {
      slot.connection.reset();
    } else {
      all = false;
    }
    ++index;
  }
  return all;
}

std::optional<StartFailure> Starter::finish(pid_t pid) noexcept {
  const auto at = std::find_if(busy_.begin(), busy_.end(), [&](const auto& slot) { return slot->pid == pid; });
  if (at == busy_.end()) return std::nullopt;
  std::optional<StartFailure> failure;
  const Shared& shared = *(*at)->shared;
  if ((*at)->has_failed()) failure.emplace(static_cast<StartStage>(shared.stage.load()), shared.sys_errno.load(), UniqueFd());
  give_back(static_cast<std::size_t>(at - busy_.begin()));
  return failure;
}

}  // namespace reeve
