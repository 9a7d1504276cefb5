// WrapRules: what hosts.allow and hosts.deny say, as values: the language of hosts_access(5) and hosts_options(5).
//
// Made from a bundle (config/wrap_gather.h) by the monitor, which runs commands by it, and by the engine, which decides by
// it (policy/wrap_match.h); both parse the same bytes, so that a number means the same rule on both sides. Pure and total:
// what is wrong in a file becomes a diagnostic with its place, and a rule or an option that refuses whoever reaches it.
//
// As Debian's library (7.6.q) has it:
// - A line that is not ended by a newline, or that has more than kMaxWrapLine bytes with its continuation lines, spoils the
//   rest of its file: hosts.allow admits nobody by it, hosts.deny refuses everybody who gets there.
// - A line without ":" is left out.
// - An option that is wrong refuses, when a client matches its rule; options before it were carried out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/names.h"
#include "config/bundle.h"
#include "config/diagnostic.h"
#include "config/service.h"
#include "config/where.h"

namespace reeve {

constexpr std::size_t kMaxWrapLine = 2046;

// Files of a bundle of rules: hosts.allow, hosts.deny, netgroup, then the files that patterns name.
constexpr std::uint16_t kWrapAllowFile = 0, kWrapDenyFile = 1, kWrapNetgroupFile = 2, kWrapFirstPatternFile = 3;

struct WrapOption {
  enum class Kind : std::uint8_t {
    allow,
    deny,
    severity,   // number: facility * 8 + priority, of syslog(3); facility 255: not given
    spawn,      // text: the command before expansion
    aclexec,    // the same; its exit status decides
    twist,      // the same; it takes the service's place
    banners,    // text: the directory
    keepalive,  // SO_KEEPALIVE
    linger,     // number: seconds
    rfc931,     // number: seconds to wait; 0: the daemon's usual time
    nice,       // number: is added
    umask,      // number
    setenv,     // name, text: its value before expansion
    user,       // name; uid, gid, groups
    group,      // name; gid
    wrong,      // text: what is wrong
  };
  Kind kind = Kind::wrong;
  Where where;
  std::int32_t number = 0;
  std::uint32_t uid = 0, gid = 0;
  std::vector<std::uint32_t> groups;
  std::string name, text;
};

struct WrapRule {
  Where where;                       // file: kWrapAllowFile or kWrapDenyFile
  std::vector<std::string> daemons;  // words of the list, EXCEPT among them
  std::vector<std::string> clients;
  std::vector<WrapOption> options;
  bool refuses_all = false;  // the rest of hosts.deny, which can't be read
};

struct WrapRules {
  std::vector<WrapRule> rules;  // hosts.allow's, then hosts.deny's
  std::size_t first_deny = 0;
  std::vector<Diagnostic> diagnostics;
};

// `names` answers for `user` and `group`.
[[nodiscard]] WrapRules parse_wrap_rules(const Bundle& bundle, Names& names);

// The options of one rule: what stands behind the second ":".
[[nodiscard]] std::vector<WrapOption> parse_wrap_options(std::string_view text, Where where, Names& names,
                                                         std::vector<Diagnostic>& diagnostics);

// Are the rules asked about its clients? Not with NOLIBWRAP, nor for streams of RPC services (xinetd.conf(5)).
[[nodiscard]] bool is_wrapped(const Service& service) noexcept;
// The name that daemon lists know a service by: `libwrap`, or the base name of its program (with NAMEINARGS of its first
// argument), or, of a service without program, its name.
[[nodiscard]] std::string_view wrap_daemon_name(const Service& service) noexcept;

// The words of a list: separated by blanks and commas.
[[nodiscard]] std::vector<std::string> wrap_words(std::string_view text, std::string_view separators = " ,\t\r\n");

}  // namespace reeve
