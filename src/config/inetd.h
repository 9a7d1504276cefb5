// inetd.conf: services in the older language, read beside xinetd.conf under -inetd_compat, or alone under --inetd.
//
//   [addresses:]service  socket_type  protocol  wait|nowait[.max]  user[:group]  server|internal  arguments...
//
// A line is turned into the assignments that the same service would have in xinetd.conf, so both languages mean the same
// by construction. All dialects are read (4.3BSD, FreeBSD, NetBSD, OpenBSD, GNU, netkit); what one of them says that can't
// be said here gives a warning. Beside xinetd.conf a bad line is skipped with a warning, and a service that xinetd.conf has
// already, even switched off, keeps its place. Alone, a bad line is an error like one in xinetd.conf.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "base/file_reader.h"
#include "base/result.h"
#include "config/bundle.h"
#include "config/draft.h"

namespace reeve {

struct SaidAttribute;  // config/inetd_line.h

inline constexpr const char* kInetdConf = "/etc/inetd.conf";

// What a daemon with these options reads: `path` in the language that they say, and /etc/inetd.conf beside it if they
// ask for that. Fails when `path` can't be read.
[[nodiscard]] Result<Bundle> gather_for(const std::string& path, const ParseOptions& options, FileReader& reader);
// Reads `path` and adds it to the bundle's files as its inetd_file. When it is the first file, it is the only one.
[[nodiscard]] Result<void> add_inetd(Bundle& bundle, const std::string& path, FileReader& reader);

// One file, line by line.
class InetdFile {
 public:
  // `alone`: as inetd itself, with quotes, continued lines and a user's supplementary groups; else as xinetd reads it.
  InetdFile(Desk& desk, std::string_view text, std::uint16_t file, bool alone);

  // The words of the next service's line; false at the end. What is no service is dealt with on the way.
  [[nodiscard]] bool next(std::vector<Word>& words);
  // Applies them to the draft of a service that has just begun. False when they can't be understood at all.
  [[nodiscard]] bool apply_line(Draft& draft, const std::vector<Word>& words, std::vector<SaidAttribute>* said = nullptr) const;

 private:
  void look_around(std::string_view text, std::uint16_t file);
  void split_line(const Line& line, std::vector<Word>& words) const;
  [[nodiscard]] bool is_address_line(const std::vector<Word>& words);

  Desk& desk_;
  Lexer lexer_;
  bool alone_;
  std::vector<Word> ahead_;                // of a line that was read to see whether it continues the one before
  Word addresses_;                         // "127.0.0.1:" in a line of its own holds for those behind it
  std::set<std::string, std::less<>> v6_;  // "ftp/tcp": has a line for IPv6, so `tcp` alone means IPv4
};

// Which services the other configuration speaks of.
class ConfiguredElsewhere {
 public:
  void add(const Service& service);
  [[nodiscard]] bool has(const Service& service) const;

 private:
  boost::unordered_flat_set<std::string> names_and_ports_;
};

}  // namespace reeve
