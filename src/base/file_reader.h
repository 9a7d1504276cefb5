// FileReader: the port through which a configuration sees the file system.
//
// config's gather() reads through it; sys/config_files.h has the real one, tests have maps.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"

namespace reeve {

// What a file of a configuration may hold; a larger one is refused as a whole.
constexpr std::size_t kMaxFileBytes = 8u << 20;

// The file system as the configuration sees it.
class FileReader {
 public:
  virtual ~FileReader() = default;
  // Whole contents of a regular file that its reader may trust (owner, mode) and that is not over
  // the size bound; anything else is an Error whose `what` says why in words for the administrator.
  [[nodiscard]] virtual Result<std::string> read_file(const std::string& path) = 0;
  // Names of the entries of a directory, without "." and "..", unsorted.
  [[nodiscard]] virtual Result<std::vector<std::string>> list_directory(const std::string& path) = 0;
};

}  // namespace reeve
