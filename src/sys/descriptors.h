// Descriptors: what a process has open at its start, and how many it may have.
//
// Used at the start of the monitor, and in children before they execute or become something else.
#pragma once

#include <sys/resource.h>

#include "base/result.h"
#include "base/unique_fd.h"

namespace reeve {

// Opens /dev/null as whichever of 0, 1 and 2 is closed, so that no socket ever gets such a number.
Result<void> occupy_standard_streams();
// Makes 0, 1 and, if `errors_too`, 2 /dev/null.
Result<void> silence_standard_streams(bool errors_too);

// Closes all from `first` on.
void close_from(int first) noexcept;

// Raises the soft limit of open files to the hard one. Returns what it was before.
rlimit raise_descriptor_limit() noexcept;

// Descriptors that live long and that no child needs stay at numbers from here on: a start copies only
// what lies below (sys/start.h).
[[nodiscard]] int first_high_descriptor() noexcept;
// Moves `fd` there if the limit allows it, else leaves it where it is.
[[nodiscard]] UniqueFd keep_high(UniqueFd fd) noexcept;

// How many descriptors this process could still open.
[[nodiscard]] std::size_t free_descriptors() noexcept;

// Makes the descriptor table large enough for `count` descriptors. To be called before there is a second
// thread: a table that is shared grows only after an RCU grace period, 10 ms each time it doubles.
void reserve_descriptors(std::size_t count) noexcept;

}  // namespace reeve
