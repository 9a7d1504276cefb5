// Datagrams: the built-in datagram services and datagram sensors, many datagrams a turn.
//
// Nobody may make a weapon of them: an answer is at most kMaxAmplification times the size of the request (as
// packets, RFC 9000 section 8.1 has the number), and a request that comes from a port of a service (one of
// our own, or a port below 512) is not answered, so two services never talk to each other for ever.
// Answers leave from the address that was asked.
#pragma once

#include <cstdint>
#include <memory>
#include <set>

#include "engine/gate.h"
#include "engine/post.h"
#include "engine/recorder.h"
#include "engine/sensors.h"

namespace reeve {

class Datagrams {
 public:
  static constexpr std::size_t kMaxAmplification = 3;

  Datagrams(Gate& gate, Recorder& recorder, Sensors& sensors);
  ~Datagrams();

  // Takes a batch from the post's socket and answers what may be answered.
  void serve(Post& post, int listener, Instant now);

  // Ports of our own built-in datagram services.
  void guard(const Configuration& configuration);

 private:
  struct Batch;

  // The size of the answer put in place of the request, or no answer.
  std::optional<std::size_t> answer(const Service& service, std::size_t slot, std::size_t size);
  bool is_service_port(std::uint16_t port) const;
  void note(Post& post, const Endpoint& source, Instant now);

  Gate& gate_;
  Recorder& recorder_;
  Sensors& sensors_;
  std::set<std::uint16_t> own_ports_;
  std::unique_ptr<Batch> batch_;
};

}  // namespace reeve
