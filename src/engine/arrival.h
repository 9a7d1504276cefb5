// Arrival: a connection that was accepted, on its way through admit, greet, run and account. One owner at a
// time, always moved forward.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/identity.h"
#include "base/message.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "sys/loop.h"

namespace reeve {

struct Arrival {
  UniqueFd connection;                  // blocking mode, as a server wants it; the engine uses MSG_DONTWAIT
  Endpoint source;                      // as told by a proxy that is trusted, else as accepted
  std::optional<Endpoint> destination;  // as told by such a proxy
  std::unique_ptr<Identity> identity;   // what was found out about the client; nullptr: no rule needed it
  std::unique_ptr<WrapMessage> wrap;    // a rule of tcp wrappers changes its start; nullptr: as configured
};

// Why there is no arrival.
enum class AcceptFailure : std::uint8_t {
  none_waiting,
  gone,      // the client went away, or the network said no: look again
  shortage,  // of descriptors or memory: wait a little
};

// accept4(2) on a listener. `non_blocking` where no program will have the connection.
[[nodiscard]] std::expected<Arrival, AcceptFailure> accept_from(int listener, bool non_blocking = false) noexcept;

void set_non_blocking(int connection) noexcept;

// Sends everything or gives up at `deadline`; false when it could not. The connection must outlive it.
[[nodiscard]] Task<bool> send_all(Loop& loop, int connection, std::string bytes, Instant deadline);

// The same for a file's contents, piece by piece.
[[nodiscard]] Task<bool> send_file(Loop& loop, int connection, UniqueFd file, Instant deadline);

// Ends a conversation whose last words must arrive: closes our side, reads what still comes until the client
// closes its own or `deadline`, so that no reset overtakes what was sent.
[[nodiscard]] Task<> close_gently(Loop& loop, UniqueFd connection, Instant deadline);

// Where the client wanted to go before the packet filter of this machine sent it to another port of ours; nullopt: it did not.
[[nodiscard]] std::optional<Endpoint> original_destination(int connection) noexcept;

// The address that the client asked for.
[[nodiscard]] std::optional<Endpoint> local_endpoint(int connection) noexcept;

}  // namespace reeve
