// Sandbox of followers: what the keeper or the firewall could still ask of the kernel if somebody took it over.
//
// Unlike the engine's (sys/sandbox.h) it is a list of what is refused: the libraries of followers make more system calls than can be
// listed with confidence. Refused, for good and for all threads to come: whatever reaches into other processes, the kernel or the
// file systems' order (ptrace, namespaces, mounts, modules, bpf, keys, io_uring ...); sockets of other families than are given;
// executing programs, unless `executes`; and by Landlock, where the kernel has it and programs are not executed, writing outside
// `writes_below`. A program that is executed (an alert's command) has to be able to do its work: it gets the system calls that are
// left, not Landlock.
//
// Needs no_new_privs. What is refused fails with EPERM or EACCES.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "sys/sandbox.h"

namespace reeve {

struct FollowerRights {
  std::string writes_below;       // a directory; empty: nowhere
  std::span<const int> families;  // AF_*
  bool executes = false;
};
[[nodiscard]] Result<Confinement> confine_follower(const FollowerRights& rights);

}  // namespace reeve
