// Does a running server still execute what is at its program's path today?
//
// Asked by the monitor for its state dump, of its own children only (a pid that was not reaped is nobody
// else's). Costs three system calls; nothing is remembered at the start.
#pragma once

#include <sys/types.h>

#include "base/time.h"

namespace reeve {

// True when the file at `path` was replaced, changed or removed since `started`: its last change, or that of
// a link to it, decides (st_ctime of inode(7), which no tool can set back). Where the caller may see what the process
// executes (proc_pid_exe(5): its own user's, or with CAP_SYS_PTRACE), a file that is the same in spite of a
// change of its mode or links is recognised. False when the process is gone.
[[nodiscard]] bool runs_old_program(pid_t pid, const char* path, WallTime started) noexcept;

}  // namespace reeve
