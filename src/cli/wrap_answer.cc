#include "cli/wrap_answer.h"

#include <fmt/format.h>

namespace reeve {
namespace {

// "unknown" and "paranoid" are the library's words.
std::optional<std::string> wrap_name(const HostName& name) {
  switch (name.state) {
    case HostName::State::unasked:
      return std::nullopt;
    case HostName::State::confirmed:
      return name.name;
    case HostName::State::unconfirmed:
      return "paranoid";
    case HostName::State::none:
    case HostName::State::failed:
      break;
  }
  return "unknown";
}

}  // namespace

WrapFiles read_wrap_files(const WrapPaths& paths, FileReader& files, Names& names) {
  WrapFiles wrap{.bundle = gather_wrap_rules(paths, files), .rules = {}};
  wrap.rules = parse_wrap_rules(wrap.bundle, names);
  return wrap;
}

WrapFound ask_wrap_files(const WrapFiles& files, const Service& service, const Address& source, const Identity& identity) {
  std::optional<Endpoint> client;
  if (!source.is_unspecified()) client = Endpoint{source, 0};
  WrapRequest request{.daemon = wrap_daemon_name(service), .client = client};
  request.client_name = client ? wrap_name(identity.name) : "unknown";
  request.server_name = "unknown";
  request.has_server = true;
  request.client_user = identity.user.state == RemoteUser::State::known ? identity.user.user : "unknown";
  return find_wrap_rule(files.rules, files.bundle, request);
}

void complete_identity(Identity& identity, const Address& source) {
  if (!source.is_unspecified() && !source.is_local()) return;
  identity = {.name = {.state = HostName::State::none}, .user = {.state = RemoteUser::State::unknown}};
}

std::string wrap_place(const WrapFiles& files, Where where) {
  const std::string& path = files.bundle.files[where.file].path;
  return where.line == 0 ? path : fmt::format("{}:{}", path, where.line);
}

}  // namespace reeve
