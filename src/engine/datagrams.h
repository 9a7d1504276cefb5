// Datagrams: the built-in datagram services and datagram sensors, many datagrams a turn.
//
// Nobody may make a weapon of them: an answer is at most kMaxAmplification times the size of the request (as
// packets, RFC 9000 section 8.1 has the number), and a request that comes from a port of a service (one of
// our own, or a port below 512) is not answered, so two services never talk to each other for ever.
// Answers leave from the address that was asked.
//
// A datagram that only its sender's name can decide is kept while the name is looked up, and nobody waits for it; one
// larger than kMaxHeld is not kept, and dropped.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <vector>

#include "engine/bans.h"
#include "engine/gate.h"
#include "engine/inquiries.h"
#include "engine/post.h"
#include "engine/recorder.h"
#include "engine/wrappers.h"

namespace reeve {

class Datagrams {
 public:
  static constexpr std::size_t kMaxAmplification = 3;

  static constexpr std::size_t kMaxHeld = 8 * 1024;

  Datagrams(Loop& loop, Gate& gate, Inquiries& inquiries, Wrappers& wrappers, Recorder& recorder, Bans& bans);
  ~Datagrams();

  // Takes a batch from the post's socket and answers what may be answered.
  void serve(const DoorRef& door, Instant now);

  // Ports of our own built-in datagram services.
  void guard(const Configuration& configuration);

 private:
  struct Batch;
  struct Held;

  void hold(const DoorRef& door, std::size_t slot, const Endpoint& source, bool is_admitted, std::vector<Held>& held);
  Task<> serve_held(DoorRef door, Held held);
  // One datagram that was judged: written down, and its answer, if there is one, put in its slot.
  std::optional<std::size_t> settle(Post& post, std::size_t slot, const Endpoint& source, const Gate::Answer& asked, Instant now);
  // The size of the answer put in place of the request, or no answer.
  std::optional<std::size_t> answer(const Service& service, std::size_t slot, std::size_t size);
  bool is_service_port(std::uint16_t port) const;
  void note(Post& post, const Endpoint& source, Instant now);

  Loop& loop_;
  Gate& gate_;
  Inquiries& inquiries_;
  Wrappers& wrappers_;
  Recorder& recorder_;
  Bans& bans_;
  std::set<std::uint16_t> own_ports_;
  std::unique_ptr<Batch> batch_;
};

}  // namespace reeve
