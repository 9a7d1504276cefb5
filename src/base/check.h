// REEVE_CHECK: an invariant of ours. Always compiled; when it is broken the process says where and
// aborts, the service manager (or the monitor, for an engine) starts it again, and running servers
// live on. Never for anything that the world, a client or a configuration can cause.
#pragma once

namespace reeve {

[[noreturn]] void broken_invariant(const char* condition, const char* file, int line) noexcept;

}  // namespace reeve

#define REEVE_CHECK(condition) (static_cast<bool>(condition) ? void(0) : ::reeve::broken_invariant(#condition, __FILE__, __LINE__))
