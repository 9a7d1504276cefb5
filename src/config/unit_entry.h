// UnitEntry: one pair of .socket and .service on its way to an entry of xinetd.conf. Used by unit_import.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/names.h"
#include "config/entry_text.h"
#include "config/unit_file.h"
#include "config/unit_import.h"
#include "config/unit_values.h"
#include "config/unit_words.h"

namespace reeve {

class UnitEntry {
 public:
  UnitEntry(const Units& units, const SocketUnit& unit, Names& names, Imported& result);

  void run();

 private:
  // Sockets of one type that one entry can have.
  struct Group {
    std::string_view socket_type;
    std::vector<std::string> binds;
    std::vector<std::uint16_t> ports;
    bool is_path = false;
    std::string_view family;  // the flag of a socket for all addresses of one family
  };

  // unit_socket.cc
  void read_sockets();
  void add_socket(std::string_view socket_type, const UnitSetting& setting);
  void read_family();
  void read_device();
  void read_unix_sockets();
  void read_limits();
  void read_rate();
  void read_options();
  void read_access();
  [[nodiscard]] std::vector<Prefix> prefixes(UnitFile& file, std::string_view section, std::string_view key);

  // unit_program.cc
  void read_program();
  void read_command(const UnitSetting& setting);
  void read_streams();
  void read_user();
  void read_environment();
  void read_resources();
  void read_resource(std::string_view key, std::string_view attribute);

  // unit_import.cc
  void read_what_is_left();
  void write();
  void write_group(const Group& group, std::size_t number);

  [[nodiscard]] static bool is_set(const UnitSetting* setting);
  void tell(Severity severity, Where where, std::string text, std::string hint = {});
  void lose(const UnitSetting& setting, std::string_view why, std::string hint = {});
  // The entry would be more open than the units, or run something else.
  void switch_off(Where where, std::string_view why, std::string hint = {});
  void set(std::string_view attribute, std::string_view values) { entry_.set(attribute, values); }
  // A setting of one word, specifiers expanded; nullopt when there is none, or none that can be said.
  [[nodiscard]] std::optional<std::string> word_of(std::string_view section, std::string_view key);

  const Units& units_;
  const SocketUnit& unit_;
  Names& names_;
  Imported& result_;
  UnitFile socket_, service_;
  UnitFacts facts_;
  EntryText entry_;
  Where where_;  // of the first socket
  std::vector<Group> groups_;
  std::vector<std::string> flags_;
  bool accepts_ = false;
};

}  // namespace reeve
