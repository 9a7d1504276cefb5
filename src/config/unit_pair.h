// UnitPair: one service on its way to a .socket and a .service. Used by unit_export.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/unit_export.h"

namespace reeve {

class UnitPair {
 public:
  UnitPair(const Configuration& configuration, const ServiceToExport& what, SourceLines& lines, Names& names, Exported& result);

  // What the service can't know by itself.
  struct Surroundings {
    bool has_wrap_rules = false, has_bans = false;
  };
  // `unit` is a name that no other pair has.
  void run(const std::string& unit, const Surroundings& around);

 private:
  // unit_export.cc
  [[nodiscard]] bool can_be_said();
  [[nodiscard]] bool leave_out(std::string_view attribute, std::string_view why, std::string hint = {});
  void write(const std::string& unit);

  // unit_pair.cc: what cannot be said
  void name_what_is_lost();
  void name_names(const AccessList* list, bool lets_in);

  // unit_pair.cc: the .socket
  void add_listeners();
  void add_addresses(std::string_view key);
  void add_limits();
  void add_access();
  void add_unix_socket();
  // unit_pair.cc: the .service
  void add_command();
  void add_identity();
  void add_surroundings();

  void socket(std::string_view key, std::string_view value);
  void program(std::string_view key, std::string_view value);
  [[nodiscard]] const Origin* origin(std::string_view attribute) const noexcept;
  // The words that stand in the file for it; empty when it was not given.
  [[nodiscard]] std::string written(std::string_view attribute);
  // Nowhere for what was not given.
  [[nodiscard]] Where where(std::string_view attribute) const noexcept;
  void tell(Severity severity, Where where, std::string text, std::string hint = {});
  void lose(std::string_view attribute, std::string text, std::string hint = {}) {
    tell(Severity::warning, where(attribute), std::move(text), std::move(hint));
  }

  const Configuration& configuration_;
  const ServiceToExport& what_;
  const Service& service_;
  SourceLines& lines_;
  Names& names_;
  Exported& result_;
  std::vector<std::string> comments_;
  std::vector<std::string> listens_;  // "ListenStream=21"
  std::string socket_, program_;      // the rest of both
};

}  // namespace reeve
