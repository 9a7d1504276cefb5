// Flow: one direction of a relayed connection, from a socket to a socket.
//
// Small pieces are copied through a buffer that all flows of a thread share; when a piece fills it, the flow goes on with
// splice(2) through a pipe, until pieces are small again. Bytes that the receiver does not take wait in the flow: at
// most one buffer or one pipe full, and nothing more is read until they are gone. An idle flow holds neither.
// Used by engine/relay only; both sockets must be non-blocking.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "sys/pipe_pool.h"

namespace reeve {

class Flow {
 public:
  enum class Outcome : std::uint8_t {
    starved,  // the sender has nothing more for now
    stuffed,  // the receiver takes no more for now
    ended,    // the sender has said its last word, and it is delivered; the receiver was not told yet
    tired,    // both could go on; others want their turn
    broken_sender,
    broken_receiver,
  };

  struct Ends {
    int from, to;
    // The sender's last word has arrived at its socket (EPOLLRDHUP), so that what is read short is the end.
    bool is_last;
    bool can_send_late;  // the receiver's kernel joins the last bytes and the end in one segment (TCP)
  };

  explicit Flow(PipePool& pipes) noexcept : pipes_(&pipes) {}
  ~Flow();
  Flow(const Flow&) = delete;
  Flow& operator=(const Flow&) = delete;

  // Moves what can be moved now.
  [[nodiscard]] Outcome move(const Ends& ends);
  // It goes on in another thread, with that one's pipes. What it holds comes with it.
  void move_to(PipePool& pipes) noexcept { pipes_ = &pipes; }
  // Bytes that go first, before any of the sender's; they are not counted.
  void put_first(std::span<const char> bytes);

  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }  // delivered
  [[nodiscard]] bool is_empty() const noexcept { return in_pipe_ == 0 && left_ == 0; }

 private:
  enum class Step : std::uint8_t { moved, starved, stuffed, ended, broken_sender, broken_receiver, no_pipe };

  [[nodiscard]] Step copy(const Ends& ends);
  [[nodiscard]] Step splice(const Ends& ends);
  [[nodiscard]] Step deliver_rest(int to);
  [[nodiscard]] Step drain_pipe(int to);
  void keep_rest(std::span<const char> bytes);
  void let_go_of_pipe();

  PipePool* pipes_;
  std::uint64_t bytes_ = 0;
  std::optional<Pipe> pipe_;
  std::unique_ptr<char[]> rest_;
  std::uint32_t in_pipe_ = 0;
  std::uint32_t rest_at_ = 0, left_ = 0, uncounted_ = 0;  // of rest_
  bool in_bulk_ = false;
  bool ended_ = false;
};

}  // namespace reeve
