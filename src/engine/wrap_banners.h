// The texts of the option `banners` of hosts_options(5): a file with the daemon's name in the option's directory.
//
// Read for each client that gets one, expanded for him, every newline as carriage return and newline. Regular files only,
// of at most kMaxWrapBanner bytes; another one is left out and the reason given.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace reeve {

constexpr std::size_t kMaxWrapBanner = 32u << 10;

[[nodiscard]] Result<std::string> read_wrap_banner(const std::string& directory, const std::string& daemon);
// "\n" as "\r\n".
[[nodiscard]] std::string with_network_newlines(std::string_view text);

}  // namespace reeve
