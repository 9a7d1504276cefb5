#include "monitor/visit_environment.h"

#include <algorithm>

namespace reeve {

namespace {

void add(std::string& variables, std::string_view prefix, std::string_view name, std::string_view value) {
  variables.append(prefix).append(name).append("=").append(value);
  variables.push_back('\0');
}

void add_ucspi(std::string& variables, std::string_view prefix, const Endpoint& source, const std::optional<Endpoint>& local,
               const KnownClient& client) {
  add(variables, prefix, "REMOTEIP", to_text(source.address));
  add(variables, prefix, "REMOTEPORT", std::to_string(source.port));
  if (!client.name.empty()) add(variables, prefix, "REMOTEHOST", client.name);
  if (!client.user.empty()) add(variables, prefix, "REMOTEINFO", client.user);
  if (!local) return;
  add(variables, prefix, "LOCALIP", to_text(local->address));
  add(variables, prefix, "LOCALPORT", std::to_string(local->port));
}

}  // namespace

std::string visit_environment(const ServiceFlags& flags, const Endpoint& source, const std::optional<Endpoint>& local,
                              const KnownClient& client) {
  std::string variables;
  if (flags.remote_addr) {
    add(variables, "REMOTE_", "ADDR", to_text(source.address));
    add(variables, "REMOTE_", "PORT", std::to_string(source.port));
  }
  if (flags.ucspi) {
    const bool v6 = !source.address.is_v4();
    add(variables, "", "PROTO", v6 ? "TCP6" : "TCP");
    add_ucspi(variables, "TCP", source, local, client);
    // Programs that know IPv6 look at PROTO, and then for names with a 6; others find what they know.
    if (v6) add_ucspi(variables, "TCP6", source, local, client);
  }
  return variables;
}

bool tells_of_visits(const ServiceFlags& flags, std::string_view name) noexcept {
  if (name == "REMOTE_HOST") return true;
  if (flags.listen_fds && name.starts_with("LISTEN_")) return true;
  if (flags.remote_addr && (name == "REMOTE_ADDR" || name == "REMOTE_PORT")) return true;
  if (!flags.ucspi) return false;
  if (name == "PROTO") return true;
  const std::string_view rest = name.starts_with("TCP6") ? name.substr(4) : name.starts_with("TCP") ? name.substr(3) : std::string_view();
  return rest.starts_with("LOCAL") || rest.starts_with("REMOTE");
}

std::string listen_fd_name(const Service& service) {
  if (!service.wait) return "connection";
  std::string name(service.id);
  std::replace(name.begin(), name.end(), ':', '_');  // it stands between the names
  return name;
}

}  // namespace reeve
