// A directory of a test's own, gone with it; in memory where there is such a place: what tests write need not survive.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace reeve {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    const bool has_memory = std::filesystem::is_directory("/dev/shm");
    std::string name = (has_memory ? "/dev/shm" : std::filesystem::temp_directory_path().string()) + "/reeve-store-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

}  // namespace reeve
