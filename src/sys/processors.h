// How many processors this process may run on: one means that nobody can do anything while we do.
#pragma once

#include <cstddef>

namespace reeve {

[[nodiscard]] std::size_t usable_processors() noexcept;

}  // namespace reeve
