#include "config/draft.h"

#include <utility>

namespace reeve {

void Draft::begin_service(const Draft& from, Word name, Where entry) {
  defaults = &from;
  service = from.service;
  launch = from.launch;
  log = from.log;
  log_format = from.log_format;
  banners = from.banners;
  redirect = from.redirect;
  targets.clear();
  proxy_from.clear();
  rpc = {};
  unix_socket = {};
  sensor_reply = {};
  max_pressure = from.max_pressure;
  only_from.clear();
  no_access.clear();
  access_times.clear();
  arguments.clear();
  env.clear();
  passenv.clear();
  limits.clear();
  ports.clear();
  binds = from.binds;
  ranges.clear();
  places.clear();
  user = protocol = {};
  group.reset();
  wants_groups = from.wants_groups;
  flag_v4 = flag_v6 = false;
  off = false;
  strict = from.strict;
  given.reset();
  damaged = failed = failed_since_enabled = slipped = false;
  service.where = entry;
  service.name = service.id = name.text;
}

std::optional<UserIds> NameCache::find_user(Text name) {
  const auto found = users_.find(name);
  if (found != users_.end()) return found->second;
  return users_.emplace(name, names_.find_user(std::string(name))).first->second;
}

std::optional<std::uint32_t> NameCache::find_group(Text name) {
  const auto found = groups_.find(name);
  if (found != groups_.end()) return found->second;
  return groups_.emplace(name, names_.find_group(std::string(name))).first->second;
}

std::span<const std::uint32_t> NameCache::groups_of(Text user, std::uint32_t gid) {
  std::string key = std::to_string(gid) + ' ';
  key += user;
  const auto found = memberships_.find(key);
  if (found != memberships_.end()) return found->second;
  const std::vector<std::uint32_t> groups = names_.groups_of(std::string(user), gid);
  return memberships_.emplace(std::move(key), store_.keep_all(std::span(groups))).first->second;
}

bool NameCache::is_executable(Text path) {
  const auto found = executables_.find(path);
  if (found != executables_.end()) return found->second;
  const bool is = names_.is_executable(std::string(path));
  return executables_.emplace(path, is).first->second;
}

void Desk::refuse(Draft& draft, Where where, std::string text, std::string hint) {
  draft.failed = draft.failed_since_enabled = true;
  report.error(draft.is_defaults() ? Scope::configuration : Scope::service, where, std::move(text), std::move(hint), Pardon::enabling);
}

void Desk::slip(Draft& draft, Where where, std::string text, std::string hint) {
  draft.slipped = true;
  report.error(draft.is_defaults() ? Scope::configuration : Scope::service, where, std::move(text), std::move(hint), Pardon::lenience);
}

}  // namespace reeve
