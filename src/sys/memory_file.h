// Memory file: bytes that travel to another process as a descriptor. Sealed, so that what was checked
// is what is read.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace reeve {

[[nodiscard]] Result<UniqueFd> make_memory_file(const char* name, std::string_view bytes);
// All of it.
[[nodiscard]] Result<std::string> read_memory_file(int fd);

}  // namespace reeve
