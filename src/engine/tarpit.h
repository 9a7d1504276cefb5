// Tarpit: where clients of sensors are kept for as long as they stay (sensor_reply = tarpit), for nearly nothing.
//
// Each gets a line at once and another every kPause, for ever. What he says is thrown away then, so that it does not fill the
// kernel's memory; with the smallest buffers he gets rid of a packet or two in that time. The lines are the beginning of a greeting
// that never ends: "220-..." goes on in SMTP and FTP, may come before SSH's version (RFC 4253), and is a line to everybody else;
// so whoever waits for a greeting or an answer goes on waiting. What one costs: 24 bytes here, a descriptor, and a socket of
// the kernel's with the smallest buffers. One task tends all of them, another hears who has left.
//
// Bound: half of the descriptors that the process may have open, kMost at most; there, whoever has been here longest is let go.
// Visits come first: give_way() is called when descriptors run short. To be let go is to be reset, so that nothing is left behind.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/time.h"
#include "base/unique_fd.h"
#include "sys/loop.h"

namespace reeve {

class Tarpit {
 public:
  static constexpr std::size_t kMost = 16'384;
  static constexpr std::chrono::seconds kPause{10};

  // Its tasks are the loop's: drop them before it goes.
  explicit Tarpit(Loop& loop) noexcept;
  Tarpit(Loop& loop, std::size_t most, Instant::duration pause) noexcept : loop_(loop), most_(most), pause_(pause) {}
  ~Tarpit();
  Tarpit(const Tarpit&) = delete;
  Tarpit& operator=(const Tarpit&) = delete;

  void keep(UniqueFd connection);
  // Frees some descriptors. False: there are none to be had.
  bool give_way() noexcept;
  // All who are here now, a few in each turn of the loop; perhaps some who come meanwhile.
  void let_all_go();

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::uint64_t caught() const noexcept { return caught_; }  // ever
  // Who was let go since others needed the place.
  [[nodiscard]] std::uint64_t pushed_out() const noexcept { return pushed_out_; }

 private:
  using Index = std::uint32_t;
  static constexpr Index kNone = UINT32_MAX;

  // Numbers of places instead of pointers: half the size.
  struct Links {
    Index previous = kNone, next = kNone;
  };
  struct Place {
    int fd = -1;               // of nobody: -1
    std::uint32_t due_ms = 0;  // the next line, since epoch_, going round
    Links due, age;            // due.next is also the next free place
  };
  struct List {
    Index first = kNone, last = kNone;
  };

  void append(List& list, Links Place::*links, Index index) noexcept;
  void remove(List& list, Links Place::*links, Index index) noexcept;
  [[nodiscard]] bool open_set();
  [[nodiscard]] bool send_line(int fd) noexcept;
  void throw_away(int fd) noexcept;
  void let_go(Index index) noexcept;
  [[nodiscard]] std::uint32_t milliseconds(Instant when) const noexcept;
  // Sends lines that are due. When there is something to do next.
  [[nodiscard]] Instant send_some(Instant now) noexcept;
  void take_leavers() noexcept;
  Task<> tend();
  Task<> clear();
  Task<> hear_leavers();

  Loop& loop_;
  const std::size_t most_;
  const Instant::duration pause_;
  UniqueFd set_;                   // epoll, in the loop's own
  std::unique_ptr<char[]> waste_;  // of TCP nothing is ever copied into it
  std::vector<Place> places_;
  List due_, age_;
  Index free_ = kNone;
  std::size_t size_ = 0, to_go_ = 0;
  std::uint64_t caught_ = 0, pushed_out_ = 0;
  std::uint64_t noise_ = 0;
  Instant epoch_{};
  bool tending_ = false, clearing_ = false;
};

}  // namespace reeve
