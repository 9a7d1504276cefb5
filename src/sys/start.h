// Starter: starts programs, as many as come, without ever waiting for one of them.
//
// Used by the monitor. A start is one clone(2) with CLONE_VM and without CLONE_VFORK: the child runs on a
// small stack of its own in our memory until it executes the program. Nobody is suspended meanwhile, so a
// child that is stopped between its change of user and its exec delays nobody, and our memory is not copied.
//
// Of the descriptor table the child gets a copy as long as it is small. With many listeners the copy would
// cost more than all the rest, so CLONE_FILES shares the table and the child takes only the low descriptors
// of it (share_descriptors). The copy is the faster way for few, since the parent can let go of the
// connection at once.
//
//   parent   clone ── goes on ──────────── settle(): close the connection, reuse the stack ── finish(pid)
//   child       └── close_range(UNSHARE) ── 0,1,2 ── limits, ids ── execve ── the program ── exit
//                        │                                     └ fails: {stage, errno} into the slot, _exit(127)
//                        └ word `unshared`: the child has a descriptor table of its own
//
// The slot of a start has the stack and two words in memory shared with the child:
//  - `unshared`: set once the child no longer uses our descriptor table; only then may the parent close
//    the connection. The child is still what the parent is (root), so nobody unprivileged can hold it there.
//  - `alive`: the kernel clears it when the child leaves our memory by exec or by exit
//    (CLONE_CHILD_CLEARTID); then the stack is free for another start. No status pipe, no descriptor and
//    no system call for each start: a failed exec is seen in the slot when the child is reaped.
//
// Before the child gives up our identity it closes all but its connection, so that one which its user stops
// there holds nothing of ours and of no other client.
//
// Discipline of the child half: one noexcept function of raw system calls that writes only to its own
// stack and slot. A child that shares its parent's memory must not be open to inspection by the service's
// user: call forbid_inspection() (sys/privileges.h) before, when root.
//
// The fork-like form (REEVE_START_BY_FORK, or REEVE_START=fork in the environment) copies the memory
// instead: for sanitizers, for the suspicious, and for machines without raw_call. Same child half; a slot
// is then held until the child is reaped.
//
// Bound: kMaxStarting starts between clone and exec; a start over it fails with EAGAIN.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/message.h"
#include "base/unique_fd.h"

namespace reeve {

// What is executed and as whom; prepared once per service. Strings and arrays are C's and must live as
// long as the Program.
struct Program {
  struct Limit {
    int resource = 0;  // RLIMIT_*
    rlimit value{};
  };
  // Where the program finds its connection or listener.
  enum class Sockets : std::uint8_t {
    inetd,   // 0, 1 and 2
    ucspi,   // 0 and 1; 2 is our standard error
    listen,  // 3, as sd_listen_fds(3) has it, with LISTEN_PID; 0 is /dev/null, 1 and 2 are our standard error
  };
  const char* path = nullptr;
  char* const* argv = nullptr;         // ends in nullptr
  std::span<char* const> environment;  // without an end; REMOTE_HOST comes behind it
  bool set_ids = false;
  uid_t uid = 0;
  gid_t gid = 0;
  std::span<const gid_t> groups;       // set whenever set_ids is
  std::optional<std::uint16_t> umask;  // ours otherwise
  std::optional<int> priority;         // as in setpriority(2); ours otherwise
  std::span<const Limit> limits;
  Sockets sockets = Sockets::inetd;
};
using ProgramRef = std::shared_ptr<const Program>;

struct StartFailure {
  StartStage stage = StartStage::clone;
  int sys_errno = 0;
  UniqueFd connection;  // given back when there was no process for it
};

class Starter {
 public:
  static constexpr std::size_t kMaxStarting = 1024;

  enum class Form : std::uint8_t { share_memory, fork };
  [[nodiscard]] static Form preferred_form() noexcept;  // the build's and the environment's

  // `first_high`: descriptors from there on are never needed by a child.
  explicit Starter(int first_high, Form form = preferred_form());
  ~Starter();
  Starter(const Starter&) = delete;
  Starter& operator=(const Starter&) = delete;

  // Starts `program` with `connection` (a number over 2) where Program::sockets says and, unless empty,
  // REMOTE_HOST=`remote_host` and `more` variables (NAME=value, each with a NUL behind it). Blocking mode is set on
  // the connection. `security_context`: the one that the program is executed in (sys/security_labels.h); empty: the policy's.
  [[nodiscard]] std::expected<pid_t, StartFailure> start(ProgramRef program, UniqueFd connection, std::string_view remote_host,
                                                         std::string more = {}, std::string security_context = {});

  // Where the context is told to the kernel; other than proc(5) says for tests only. It must outlive the starts.
  void tell_context_to(const char* path) noexcept { context_file_ = path; }

  // From now on children share our descriptor table at first, see above.
  void share_descriptors(bool share) noexcept { share_descriptors_ = share; }

  // Closes the connections of children that have a descriptor table of their own by now, and gives the
  // stacks of those that execute their program back. False: some still use ours; call again soon.
  bool settle() noexcept;

  // To be called for every child that was reaped: how its start failed, if it did.
  std::optional<StartFailure> finish(pid_t pid) noexcept;

  // Starts whose child has neither executed its program nor ended.
  [[nodiscard]] std::size_t starting() const noexcept { return busy_.size(); }

 private:
  struct Slot;
  [[nodiscard]] std::unique_ptr<Slot> take_slot();
  void give_back(std::size_t index) noexcept;

  int first_high_;
  Form form_;
  bool share_descriptors_ = true;
  const char* context_file_ = "/proc/thread-self/attr/exec";
  std::vector<std::unique_ptr<Slot>> busy_, idle_;
};

}  // namespace reeve
