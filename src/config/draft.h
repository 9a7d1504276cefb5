// Draft: an entry while its attributes are read; Desk: what reading them needs.
//
// A service's Draft begins as what `defaults` says and takes on one assignment after the other
// (apply.h); settle() (settle.h) then makes a Service of it, or says why not. Used by the parser only.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "config/attributes.h"
#include "config/defence.h"
#include "config/lexer.h"
#include "config/parse.h"
#include "config/report.h"
#include "config/service.h"
#include "config/text_store.h"

namespace reeve {

// A list attribute: the entry's own once it said something about it, else that of defaults.
template <class T>
struct ListDraft {
  bool own = false;
  std::vector<T> items;
  Where where;

  void clear() {
    own = false;
    items.clear();
  }
};

// One word of `port`: a number, a range, or a name that services(5) knows.
struct PortWord {
  PortRange range;
  Text name;
  Where where;
};

// One word of `bind`, to be understood when the entry is settled.
struct BindWord {
  Text text;
  Where where;
};

struct Draft {
  static constexpr std::size_t kMaxAttributes = 128;

  const Draft* defaults = nullptr;  // nullptr: this is the draft of `defaults`
  Service service;                  // what needs no list of its own is set directly
  Launch launch;                    // likewise
  LogTarget log;
  LogFormat log_format = LogFormat::xinetd;
  Banners banners;
  Redirect redirect;  // without its targets
  RpcProgram rpc;
  UnixSocket unix_socket;
  SensorReply sensor_reply;
  Pressure max_pressure;
  ControlTerms control;                        // defaults only
  std::vector<std::uint32_t> control_readers;  // likewise

  ListDraft<AccessEntry> only_from, no_access, proxy_from;
  std::vector<Target> targets;  // of redirect
  ListDraft<TimeSpan> access_times;
  ListDraft<Text> arguments, env, passenv, enabled, disabled;
  std::vector<ResourceLimit> limits;
  std::vector<PortWord> ports;
  std::vector<BindWord> binds;
  std::vector<PortRange> ranges;  // of ports, when they are settled
  std::vector<Place> places;      // likewise
  Text user, protocol;
  std::optional<std::uint32_t> group;
  bool wants_groups = false;
  bool flag_v4 = false, flag_v6 = false;
  bool off = false;  // disable = yes
  bool strict = true;

  std::bitset<kMaxAttributes> given;              // bit i: attribute i stands in this entry
  std::array<Where, kMaxAttributes> where;        // of its name
  std::array<Where, kMaxAttributes> value_where;  // of its first value, or of its name when it has none

  bool damaged = false;               // part of the entry could not be read
  bool failed = false;                // a value was refused
  bool failed_since_enabled = false;  // since the last `disable = no`, which undoes it under compat = xinetd
  bool slipped = false;               // a mistake that costs the service unless it is lenient

  [[nodiscard]] bool is_defaults() const noexcept { return defaults == nullptr; }
  [[nodiscard]] bool is_lenient() const noexcept { return !strict || service.compat_xinetd; }
  [[nodiscard]] bool has(std::uint8_t index) const noexcept { return index < kMaxAttributes && given[index]; }

  // Becomes the draft of a service, empty but for what `from` says; keeps its memory.
  void begin_service(const Draft& from, Word name, Where entry);
};

// Answers of Names, each question asked once.
class NameCache {
 public:
  NameCache(Names& names, TextStore& store) : names_(names), store_(store) {}

  [[nodiscard]] std::optional<UserIds> find_user(Text name);
  [[nodiscard]] std::optional<std::uint32_t> find_group(Text name);
  [[nodiscard]] std::span<const std::uint32_t> groups_of(Text user, std::uint32_t gid);
  [[nodiscard]] bool is_executable(Text path);
  [[nodiscard]] std::optional<std::string> text_of_file(Text path, std::size_t most) {
    return names_.text_of_file(std::string(path), most);
  }
  [[nodiscard]] Names& names() noexcept { return names_; }

 private:
  Names& names_;
  TextStore& store_;
  boost::unordered_flat_map<std::string_view, std::optional<UserIds>> users_;
  boost::unordered_flat_map<std::string_view, std::optional<std::uint32_t>> groups_;
  boost::unordered_flat_map<std::string, std::span<const std::uint32_t>> memberships_;
  boost::unordered_flat_map<std::string_view, bool> executables_;
};

class Desk {
 public:
  Desk(TextStore& text_store, Names& real_names, Report& its_report, const ParseOptions& its_options)
      : store(text_store), names(real_names, text_store), report(its_report), options(its_options) {}

  TextStore& store;
  NameCache names;
  Report& report;
  const ParseOptions& options;
  // What defaults says of bans; the Configuration's in the end.
  std::unique_ptr<Defence> defence = std::make_unique<Defence>();

  // A value that can't be meant: costs the service (in defaults: the configuration).
  void refuse(Draft& draft, Where where, std::string text, std::string hint = {});
  // A mistake that xinetd ignores, in something that restricts: costs the service unless it is lenient.
  void slip(Draft& draft, Where where, std::string text, std::string hint = {});
};

}  // namespace reeve
