#include "config/service_builder.h"

#include <algorithm>
#include <utility>

#include <boost/container_hash/hash.hpp>

namespace reeve {
namespace {

void mix(std::size_t& seed, Text text) {
  // Texts are interned: the same text is at the same place.
  boost::hash_combine(seed, text.data());
}

template <class T>
void mix_all(std::size_t& seed, std::span<const T> values) {
  boost::hash_combine(seed, values.size());
  for (const T& value : values) boost::hash_combine(seed, value);
}

void mix_all(std::size_t& seed, std::span<const Text> texts) {
  boost::hash_combine(seed, texts.size());
  for (const Text text : texts) mix(seed, text);
}

bool same_texts(std::span<const Text> a, std::span<const Text> b) {
  return std::ranges::equal(a, b);
}

bool same_limits(std::span<const ResourceLimit> a, std::span<const ResourceLimit> b) {
  return std::ranges::equal(a, b,
                            [](const ResourceLimit& x, const ResourceLimit& y) { return x.resource == y.resource && x.value == y.value; });
}

Text base_name(Text path) noexcept {
  return path.substr(path.rfind('/') + 1);  // ends where the path ends, so the NUL behind it serves both
}

}  // namespace

template <>
std::size_t HashOf<Launch>::operator()(const Launch* value) const noexcept {
  std::size_t seed = 0;
  mix(seed, value->server);
  mix_all(seed, value->arguments);
  boost::hash_combine(seed, value->uid);
  boost::hash_combine(seed, value->gid);
  boost::hash_combine(seed, value->nice);
  mix_all(seed, value->env);
  mix_all(seed, value->passenv);
  boost::hash_combine(seed, value->limits.size());
  return seed;
}

template <>
bool EqualOf<Launch>::operator()(const Launch* a, const Launch* b) const noexcept {
  return a->server == b->server && same_texts(a->arguments, b->arguments) && a->uid == b->uid && a->gid == b->gid &&
         std::ranges::equal(a->groups, b->groups) && a->set_ids == b->set_ids && a->umask == b->umask && a->nice == b->nice &&
         same_texts(a->env, b->env) && a->passenv_all == b->passenv_all && same_texts(a->passenv, b->passenv) &&
         same_limits(a->limits, b->limits);
}

template <>
std::size_t HashOf<LogTarget>::operator()(const LogTarget* value) const noexcept {
  std::size_t seed = static_cast<std::size_t>(value->kind) << 16 | static_cast<std::size_t>(value->facility) << 8 | value->level;
  mix(seed, value->path);
  return seed;
}

template <>
bool EqualOf<LogTarget>::operator()(const LogTarget* a, const LogTarget* b) const noexcept {
  return *a == *b;
}

template <>
std::size_t HashOf<Banners>::operator()(const Banners* value) const noexcept {
  std::size_t seed = 0;
  mix(seed, value->always);
  mix(seed, value->success);
  mix(seed, value->fail);
  return seed;
}

template <>
bool EqualOf<Banners>::operator()(const Banners* a, const Banners* b) const noexcept {
  return a->always == b->always && a->success == b->success && a->fail == b->fail;
}

void ServiceBuilder::build_defaults(Draft& defaults) {
  if (defaults.only_from.own) defaults.service.only_from = build_access(defaults.only_from);
  if (defaults.no_access.own) defaults.service.no_access = build_access(defaults.no_access);
  if (defaults.proxy_from.own) defaults.service.proxy_from = build_access(defaults.proxy_from);
  if (defaults.access_times.own) defaults.service.access_times = store_.keep_all(std::span<const TimeSpan>(defaults.access_times.items));
  if (defaults.passenv.own) {
    defaults.launch.passenv_all = false;
    defaults.launch.passenv = store_.keep_all(std::span<const Text>(defaults.passenv.items));
  }
}

std::span<const Origin> ServiceBuilder::origins_of(const Draft& draft, bool from_defaults) {
  origins_.clear();
  for (std::uint8_t index = 0; index < attributes().size(); ++index) {
    if (draft.has(index)) origins_.push_back({.attribute = index, .from_defaults = from_defaults, .where = draft.where[index]});
  }
  return store_.keep_all(std::span<const Origin>(origins_));
}

Service ServiceBuilder::build(Draft& draft) {
  Service service = draft.service;
  service.name = store_.intern(draft.service.name);
  service.id = draft.service.id == draft.service.name ? service.name : store_.intern(draft.service.id);
  if (draft.only_from.own) service.only_from = build_access(draft.only_from);
  if (draft.no_access.own) service.no_access = build_access(draft.no_access);
  if (draft.access_times.own) service.access_times = store_.keep_all(std::span<const TimeSpan>(draft.access_times.items));
  service.ports = store_.keep_all(std::span<const PortRange>(draft.ranges));
  service.binds = build_binds(draft);
  if (std::ranges::any_of(draft.places, &Place::is_unix)) service.unix_socket = store_.keep(draft.unix_socket);
  service.log = build_log(draft);
  service.banners = build_banners(draft);
  if (service.kind == Kind::program) service.launch = build_launch(draft);
  if (service.kind == Kind::redirect) service.redirect = build_redirect(draft);
  if (draft.proxy_from.own) service.proxy_from = build_access(draft.proxy_from);
  if (!service.is_stream() || service.wait || !service.listens()) service.proxy_from = nullptr;  // what defaults say does not concern it
  const Pressure& pressure = draft.max_pressure;
  if (pressure.cpu > 0 || pressure.memory > 0 || pressure.io > 0) service.max_pressure = store_.keep(pressure);
  if (service.kind == Kind::sensor && service.is_stream() && draft.sensor_reply.kind != SensorReply::Kind::close)
    service.sensor_reply = store_.keep(draft.sensor_reply);
  if (service.types.rpc) service.rpc = store_.keep(draft.rpc);
  service.origins = origins_of(draft, false);
  return service;
}

const AccessList* ServiceBuilder::build_access(const ListDraft<AccessEntry>& list) {
  AccessList access;
  access.where = list.where;
  access.entries.reserve(list.items.size());
  for (const AccessEntry& entry : list.items) {
    const auto index = static_cast<std::uint32_t>(access.entries.size());
    if (!entry.name.empty()) {
      access.has_names = true;
    } else if (access.prefixes.find(entry.prefix)) {
      continue;  // said twice: the first place is the one that decides
    } else {
      access.prefixes.insert(entry.prefix, index);
    }
    access.entries.push_back(entry);
  }
  return store_.keep(std::move(access));
}

std::span<const Text> ServiceBuilder::build_binds(const Draft& draft) {
  binds_.clear();
  for (const BindWord& word : draft.binds) binds_.push_back(word.text);
  return store_.keep_all(std::span<const Text>(binds_));
}

const Launch* ServiceBuilder::build_launch(Draft& draft) {
  Launch launch = draft.launch;
  arguments_.clear();
  if (!draft.service.flags.nameinargs) arguments_.push_back(base_name(launch.server));
  arguments_.insert(arguments_.end(), draft.arguments.items.begin(), draft.arguments.items.end());
  launch.arguments = arguments_;
  launch.env = draft.env.items;
  launch.limits = draft.limits;
  if (draft.passenv.own) {
    launch.passenv_all = false;
    launch.passenv = draft.passenv.items;
  }
  const auto found = launches_.find(&launch);
  if (found != launches_.end()) return *found;
  launch.arguments = store_.keep_all(launch.arguments);
  launch.env = store_.keep_all(launch.env);
  launch.limits = store_.keep_all(launch.limits);
  if (draft.passenv.own) launch.passenv = store_.keep_all(launch.passenv);
  return *launches_.insert(store_.keep(launch)).first;
}

const Redirect* ServiceBuilder::build_redirect(const Draft& draft) {
  Redirect redirect = draft.redirect;
  redirect.targets = store_.keep_all(std::span<const Target>(draft.targets));
  return store_.keep(redirect);
}

const LogTarget* ServiceBuilder::build_log(const Draft& draft) {
  LogTarget target = draft.log;
  target.format = draft.log_format;
  const auto found = logs_.find(&target);
  if (found != logs_.end()) return *found;
  return *logs_.insert(store_.keep(target)).first;
}

const Banners* ServiceBuilder::build_banners(const Draft& draft) {
  const Banners& banners = draft.banners;
  if (banners.always.empty() && banners.success.empty() && banners.fail.empty()) return nullptr;
  const auto found = banners_.find(&banners);
  if (found != banners_.end()) return *found;
  return *banners_.insert(store_.keep(banners)).first;
}

}  // namespace reeve
