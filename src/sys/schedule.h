// How the kernel's scheduler treats this thread. Used by the engine's door.
#pragma once

namespace reeve {

// Asks for short turns, so that a thread that works briefly and often (an event loop) runs soon after it is woken beside threads
// that compute: sched_runtime of sched_setattr(2), Linux 6.12 and later; older kernels take no notice. Threads started later inherit it,
// priority and policy stay; nothing is done for a thread of another policy than SCHED_OTHER, whose administrator has decided.
void prefer_short_turns() noexcept;

}  // namespace reeve
