// A service as text, for tests that compare what two configurations mean: all of it but positions in files.
#pragma once

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cli/values_as_text.h"
#include "config/service.h"
#include "policy/decide.h"

namespace reeve {

using Model = std::map<std::string, std::string>;

inline std::string prefixes(const AccessList* list) {
  if (list == nullptr) return "no list";
  std::string text;
  for (const AccessEntry& entry : list->entries) text += (entry.name.empty() ? to_text(entry.prefix) : std::string(entry.name)) + ' ';
  return text;
}

inline Model model_of(const Configuration& configuration, const Service& service) {
  Model model;
  const auto set = [&](const char* key, auto value) { model[key] = fmt::format("{}", value); };
  set("kind", static_cast<int>(service.kind));
  set("builtin", static_cast<int>(service.builtin));
  set("socket_type", static_cast<int>(service.socket_type));
  set("family", static_cast<int>(service.family));
  set("v6only", service.v6only);
  set("wait", service.wait);
  set("protocol", service.protocol);
  set("types", words(service.types));
  set("flags", words(service.flags, Family::any));
  set("ports", ports(service.ports));
  set("binds", joined(service.binds));
  set("instances", service.instances);
  set("per_source", source_limit(service));
  set("source_prefix", fmt::format("{} {}", service.source_bits_v4, service.source_bits_v6));
  set("cps_rate", service.cps_rate);
  set("cps_wait", service.cps_wait_seconds);
  set("only_from", prefixes(service.only_from));
  set("no_access", prefixes(service.no_access));
  if (service.unix_socket != nullptr)
    set("unix_socket", fmt::format("{:o} {} {}", service.unix_socket->mode, service.unix_socket->uid, service.unix_socket->gid));
  std::string places;
  for (const Place& place : configuration.places_of(service))
    places += fmt::format("{}{}%{}:{}/{} ", place.path, to_text(place.address), place.scope, place.port, static_cast<int>(place.family));
  set("places", places);
  if (service.rpc != nullptr) set("rpc", fmt::format("{} {}", service.rpc->number, versions(*service.rpc)));
  if (service.launch == nullptr) return model;
  const Launch& launch = *service.launch;
  set("server", launch.server);
  std::string arguments;
  for (const Text one : launch.arguments) arguments += fmt::format("<{}>", one);
  set("arguments", arguments);
  set("uid", launch.uid);
  set("gid", launch.gid);
  std::string groups;
  for (const std::uint32_t one : launch.groups) {
    if (one != launch.gid) groups += fmt::format("{} ", one);
  }
  set("groups", groups);
  set("umask", launch.umask ? fmt::format("{:o}", *launch.umask) : "none");
  set("nice", int{launch.nice});
  set("env", joined(launch.env));
  // Every unit has these two of its own.
  std::vector<std::string> passed;
  for (const Text one : launch.passenv) {
    if (one != "PATH" && one != "LANG") passed.emplace_back(one);
  }
  set("passenv", launch.passenv_all ? "all" : fmt::format("{}", fmt::join(passed, " ")));
  std::string limits;
  std::vector<ResourceLimit> sorted(launch.limits.begin(), launch.limits.end());
  std::ranges::sort(sorted, {}, &ResourceLimit::resource);
  for (const ResourceLimit& one : sorted) limits += fmt::format("{}={} ", static_cast<int>(one.resource), one.value);
  set("limits", limits);
  return model;
}

}  // namespace reeve
