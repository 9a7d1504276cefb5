// Identity: what can be found out about a client beyond its address: the name of its machine (DNS, /etc/hosts)
// and the user there (RFC 1413). Plain values: sys/resolver and engine/ident find them, policy/decide and the
// records use them. Every text in them has been made harmless for logs and programs already.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace reeve {

// The name of an address. A name is *confirmed* when it leads back to the address: whoever owns an address can give it
// any name, but not make that name lead to it.
struct HostName {
  enum class State : std::uint8_t {
    unasked,
    confirmed,    // `name` and `others` lead back to the address
    none,         // there is no name: the answer is certain
    unconfirmed,  // there are names (`claims`), and none leads back: tcp_wrappers calls it paranoid
    failed,       // no answer in time, or an error: nothing is known
  };
  State state = State::unasked;
  std::string name;                 // confirmed: the canonical one
  std::vector<std::string> others;  // confirmed: further canonical names (several PTR records)
  std::vector<std::string> claims;  // names that were not confirmed, and aliases: enough to refuse, not to admit

  friend bool operator==(const HostName&, const HostName&) = default;
};

// Who uses the client's end of the connection, as its machine says.
struct RemoteUser {
  enum class State : std::uint8_t { unasked, known, unknown };
  State state = State::unasked;
  std::string answer;  // known: "UNIX : joe", as it came behind USERID and the colon
  std::string user;    // known: "joe"
  std::string reason;  // unknown: why, in a word or two: "no server", "NO-USER", ...

  friend bool operator==(const RemoteUser&, const RemoteUser&) = default;
};

// What is known about one visit's client. Gathered only as far as a rule asks for it.
struct Identity {
  HostName name;
  RemoteUser user;
};

}  // namespace reeve
