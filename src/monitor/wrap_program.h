// What a rule of tcp wrappers makes of a service's program, for one start: other users, other environment, or a command
// in its place.
//
// Pure. The library carries the options out one after the other in the process that will be the server, so that those
// before a command hold for the command too.
#pragma once

#include <cstddef>

#include "config/wrap_expansion.h"
#include "config/wrap_rules.h"
#include "monitor/launches.h"
#include "sys/start.h"

namespace reeve {

// What a start looks like without a rule.
struct PlainStart {
  ProgramRef program;
  int priority = 0;           // of a program that sets none
  bool may_set_ids = false;   // we are root
  std::uint32_t own_uid = 0;  // where we are not
};

// For the service's own start: all options of the rule; a twist takes the program's place. nullptr: it must not be
// started: an option is wrong, an expansion too long, or an id can't be had.
[[nodiscard]] ProgramRef wrapped_program(const PlainStart& plain, const WrapRule& rule, const WrapFacts& facts);

// The rule's option number `option`, a spawn or an aclexec. nullptr: it is none, or can't be run.
[[nodiscard]] ProgramRef wrap_command(const PlainStart& plain, const WrapRule& rule, std::size_t option, const WrapFacts& facts);

// For services without a program: the daemon's own environment, and `uid` with `gid` if we can.
[[nodiscard]] ProgramRef bare_program(const Heritage& heritage, bool set_ids, std::uint32_t uid, std::uint32_t gid);

}  // namespace reeve
