// What the record's tests put in place of the world: a folder of their own, a logger, a disk that is full.
#pragma once

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/unique_fd.h"
#include "record/daemon_log.h"
#include "record/journal_file.h"

namespace reeve {

class Folder {
 public:
  Folder() {
    std::string pattern = (std::getenv("TMPDIR") != nullptr ? std::string(std::getenv("TMPDIR")) : "/tmp") + "/reeve-record-XXXXXX";
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    path_ = pattern;
  }
  ~Folder() {
    if (DIR* entries = ::opendir(path_.c_str())) {
      while (const dirent* entry = ::readdir(entries)) ::unlink(path(entry->d_name).c_str());
      ::closedir(entries);
    }
    ::rmdir(path_.c_str());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::string path(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] std::string text(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  [[nodiscard]] std::vector<std::string> lines(const std::string& name) const {
    std::istringstream text(this->text(name));
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
  }
  [[nodiscard]] UniqueFd open(const std::string& name) const {
    return UniqueFd(::open(path(name).c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644));
  }
  [[nodiscard]] JournalFile log(const std::string& name, std::uint64_t soft = 0, std::uint64_t hard = 0) const {
    return {.fd = open(name), .path = path(name), .service = name, .soft_limit = soft, .hard_limit = hard};
  }
  // A daemon's log in this folder; no logger of the system is ever asked.
  [[nodiscard]] DaemonLogTarget daemon_log(const std::string& name) const {
    return {.kind = DaemonLogTarget::Kind::file, .path = path(name), .fd = open(name), .syslog_path = path("log-socket")};
  }

 private:
  std::string path_;
};

// The system's logger.
class Logger {
 public:
  explicit Logger(const std::string& path, int type = SOCK_DGRAM) : socket_(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    if (type == SOCK_STREAM) {
      EXPECT_EQ(::listen(socket_.get(), 5), 0);
    }
  }

  // The next datagram, or "" when none comes in time.
  [[nodiscard]] std::string receive(int milliseconds = 20000) const {
    if (!readable(socket_.get(), milliseconds)) return "";
    std::array<char, 8192> buffer{};
    const ssize_t bytes = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    return bytes < 0 ? "" : std::string(buffer.data(), static_cast<std::size_t>(bytes));
  }
  void accept() {
    ASSERT_TRUE(readable(socket_.get(), 20000));
    stream_.reset(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  }
  // From the accepted stream, up to and without the next NUL.
  [[nodiscard]] std::string receive_from_stream() const {
    std::string message;
    for (char byte = 0; readable(stream_.get(), 20000) && ::read(stream_.get(), &byte, 1) == 1 && byte != '\0';) message += byte;
    return message;
  }

 private:
  static bool readable(int fd, int milliseconds) {
    pollfd wanted{fd, POLLIN, 0};
    return ::poll(&wanted, 1, milliseconds) == 1;
  }

  UniqueFd socket_, stream_;
};

// Files can't grow beyond `bytes` while it lives.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    EXPECT_EQ(::getrlimit(RLIMIT_FSIZE, &before_), 0);
    const rlimit limit{bytes, before_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  }
  ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
};

// Local time is `zone` while it lives.
class Zone {
 public:
  explicit Zone(const char* zone) {
    ::setenv("TZ", zone, 1);
    ::tzset();
  }
  ~Zone() {
    ::unsetenv("TZ");
    ::tzset();
  }
  Zone(const Zone&) = delete;
  Zone& operator=(const Zone&) = delete;
};

inline WallTime wall_at(std::int64_t seconds, std::int64_t nanoseconds = 0) {
  return WallTime(std::chrono::seconds(seconds) + std::chrono::nanoseconds(nanoseconds));
}

}  // namespace reeve
