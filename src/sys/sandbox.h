// Sandbox: what the engine could still ask of the kernel if somebody took it over.
//
// The engine calls confine() once, before it has a second thread and before it has met a stranger. From then on, for good:
//
// - seccomp: only the system calls of its work are left. No program can be executed, no process made or signalled, no
//   descriptor of another process taken, no memory made executable, no raw or packet socket opened.
// - Landlock, where the kernel has it: no file can be opened for writing, made, renamed or removed. Files that the monitor
//   passed stay usable.
//
// Needs no_new_privs, which every engine has. What is refused fails with EPERM; when `strict` is set (tests do that) it ends
// the process, so that a call that we forgot is found. seccomp(2), landlock(7).
#pragma once

#include "base/result.h"

namespace reeve {

struct Confinement {
  bool seccomp = false;
  bool landlock = false;  // false: this kernel has none
};

[[nodiscard]] Result<Confinement> confine(bool strict);

}  // namespace reeve
