// Rpcbind: what a daemon with RPC services tells rpcbind(8) of its machine, and how to tell it without waiting.
//
// rpcbind may be absent, slow or stuck, and the library that speaks with it (libtirpc, with half of Kerberos behind it)
// is large. So a short-lived child does it: it alone loads the library, and who started it reaps or kills it. What became
// of each job is written to memory that both share, so that it can be read even when the child was killed.
//
//   RpcErrand::begin ── child: loads libtirpc ── asks what is registered ── per job: withdraw, leave alone, register ── exits
//
// The child is what its parent is: rpcbind lets only the owner of a registration take it back, and asks the kernel who
// that is (it speaks through rpcbind's local socket, no network is involved).
#pragma once

#include <sys/types.h>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/result.h"

namespace reeve {

enum class RpcTransport : std::uint8_t { tcp, udp, tcp6, udp6 };  // the netids of netconfig(5)
[[nodiscard]] std::string_view to_text(RpcTransport transport) noexcept;

// What rpcbind keeps one address for.
struct RpcKey {
  std::uint32_t program = 0, version = 0;
  RpcTransport transport = RpcTransport::tcp;
  friend constexpr auto operator<=>(const RpcKey&, const RpcKey&) noexcept = default;
};

struct RpcJob {
  RpcKey key;
  std::optional<Endpoint> wanted;  // to be registered with this address; nullopt: not to be registered any more
  std::optional<Endpoint> former;  // the address that we registered before
};

enum class RpcOutcome : std::uint8_t {
  unknown,     // the child did not come that far
  registered,  // now, or over a registration of nobody who still has that port
  stands,      // it was registered as wanted already
  taken,       // another program has registered it, and is alive: left alone
  refused,     // rpcbind does not want it
  withdrawn,   // it was ours and is gone, or was not ours
};

class RpcErrand {
 public:
  [[nodiscard]] static Result<RpcErrand> begin(std::vector<RpcJob> jobs);
  RpcErrand(RpcErrand&& other) noexcept;
  RpcErrand& operator=(RpcErrand&&) = delete;
  ~RpcErrand();

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  [[nodiscard]] const std::vector<RpcJob>& jobs() const noexcept { return jobs_; }

  // When the child has ended:
  [[nodiscard]] RpcOutcome outcome(std::size_t job) const noexcept;
  // The port that is registered instead, when it is taken.
  [[nodiscard]] std::uint16_t other_port(std::size_t job) const noexcept;
  // Why nothing could be done at all; empty when something could.
  [[nodiscard]] std::string trouble() const;

 private:
  struct Shared;
  struct Entry;
  RpcErrand(std::vector<RpcJob> jobs, void* mapping, std::size_t bytes) noexcept;
  [[nodiscard]] Shared& shared() const noexcept;
  [[nodiscard]] Entry& entry(std::size_t job) const noexcept;

  std::vector<RpcJob> jobs_;
  void* mapping_ = nullptr;
  std::size_t bytes_ = 0;
  pid_t pid_ = -1;
};

// "192.0.2.1.0.111", "::.3.232": an address and the two bytes of its port (RFC 5665, section 5.2.3).
[[nodiscard]] std::optional<Endpoint> parse_universal_address(std::string_view text) noexcept;

}  // namespace reeve
