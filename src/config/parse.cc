#include "config/parse.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/container_hash/hash.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <fmt/format.h>

#include "base/printable.h"
#include "config/apply.h"
#include "config/entry.h"
#include "config/id_list.h"
#include "config/inetd.h"
#include "config/plan.h"
#include "config/service_builder.h"
#include "config/settle.h"
#include "config/settle_places.h"

namespace reeve {
namespace {

// More services than ports exist are a mistake or an attack.
constexpr std::size_t kMaxServices = 100'000;

struct HashOfKey {
  std::size_t operator()(const ListenerKey& key) const noexcept {
    std::size_t seed = static_cast<std::size_t>(key.port) << 16 | static_cast<std::size_t>(key.protocol) << 8 |
                       static_cast<std::size_t>(key.socket_type) << 4 | static_cast<std::size_t>(key.family);
    const auto& bytes = key.address.bytes();
    boost::hash_range(seed, bytes.begin(), bytes.end());
    boost::hash_range(seed, key.path.begin(), key.path.end());
    return seed;
  }
};

class Parser {
 public:
  Parser(const Bundle& bundle, Names& names, const ParseOptions& options)
      : bundle_(bundle),
        configuration_(std::make_shared<Configuration>()),
        desk_(*configuration_->store, names, report_, options),
        builder_(*configuration_->store) {}

  Parsed run();

 private:
  // Both walks go through the main file and what it includes in the order of the text. Defaults hold for
  // all services, those before them too, so they are read first.
  void read_defaults(std::uint16_t file);
  void read_services(std::uint16_t file);
  // True the first time. A bundle's files are a tree; if they were not, this would end the walk.
  [[nodiscard]] static bool visit(std::vector<bool>& visited, std::uint16_t file);
  [[nodiscard]] const std::vector<std::uint16_t>& included_by(const Piece& directive) const;

  void close_defaults();
  void close_service();
  void read_inetd(std::uint16_t file);
  void close_inetd(bool understood);
  [[nodiscard]] bool is_inetd_alone() const noexcept { return bundle_.inetd_file == 0; }

  void judge_mistakes(Draft& draft);
  [[nodiscard]] bool is_off();
  [[nodiscard]] bool is_taken();
  [[nodiscard]] bool has_listener() const;
  void accept();
  void settle_ranges();
  void place_services();
  [[nodiscard]] std::string place(const Service& service) const;
  [[nodiscard]] Parsed finish();

  const Bundle& bundle_;
  std::shared_ptr<Configuration> configuration_;
  Report report_;
  Report unheard_;  // of the first walk, which the second repeats
  Desk desk_;
  ServiceBuilder builder_;
  Draft defaults_, draft_;
  std::optional<IdList> enabled_, disabled_;
  std::vector<bool> defaults_visited_, services_visited_;
  std::size_t announced_ = 0;  // services, as far as the first walk can tell
  std::vector<Place> places_;  // in the order of the services
  bool has_ranges_ = false;
  boost::unordered_flat_map<ListenerKey, std::size_t, HashOfKey> listeners_;
  boost::unordered_flat_map<std::string_view, std::size_t> ids_;
  ConfiguredElsewhere configured_;
  std::vector<std::string> refused_;
};

Parsed Parser::run() {
  for (const SourceFile& file : bundle_.files) configuration_->files.push_back(desk_.store.intern(file.path));
  for (const Diagnostic& problem : bundle_.problems)
    report_.add(problem.severity, problem.scope, problem.where, problem.text, problem.hint);
  report_.close_entry({});
  defaults_visited_.resize(bundle_.files.size());
  services_visited_.resize(bundle_.files.size());

  const bool has_entries = !bundle_.files.empty() && !is_inetd_alone();
  if (has_entries) read_defaults(0);
  builder_.build_defaults(defaults_);
  configuration_->control = settle_control(desk_, defaults_);
  settle_alerts(desk_, defaults_);
  settle_defence(desk_, defaults_);
  report_.close_entry({});
  configuration_->defence = std::move(desk_.defence);
  enabled_.emplace(defaults_.enabled);
  disabled_.emplace(defaults_.disabled);
  const std::size_t expected = std::min(announced_, kMaxServices);
  configuration_->services.reserve(expected);
  configuration_->store->expect(expected);
  listeners_.reserve(expected);
  ids_.reserve(expected);
  if (has_entries) read_services(0);
  if ((desk_.options.inetd_compat || is_inetd_alone()) && bundle_.inetd_file && *bundle_.inetd_file < bundle_.files.size())
    read_inetd(*bundle_.inetd_file);

  enabled_->note_unknown(report_, "enabled");
  disabled_->note_unknown(report_, "disabled");
  return finish();
}

bool Parser::visit(std::vector<bool>& visited, std::uint16_t file) {
  if (file >= visited.size() || visited[file]) return false;
  visited[file] = true;
  return true;
}

const std::vector<std::uint16_t>& Parser::included_by(const Piece& directive) const {
  static const std::vector<std::uint16_t> kNone;
  const auto found = bundle_.includes.find(directive.where);
  return found != bundle_.includes.end() ? found->second : kNone;
}

void Parser::read_defaults(std::uint16_t file) {
  if (!visit(defaults_visited_, file)) return;
  EntryReader reader(bundle_.files[file].text, file, EntryReader::Depth::no_services, unheard_);
  bool in_defaults = false, has_defaults = false;
  while (const Piece* piece = reader.next()) {
    switch (piece->kind) {
      case Piece::Kind::service_begins:
        ++announced_;
        break;
      case Piece::Kind::defaults_begins:
        in_defaults = !has_defaults;
        if (has_defaults) report_.warning(piece->where, "a second defaults entry in the same file is ignored");
        has_defaults = true;
        break;
      case Piece::Kind::assignment:
        if (in_defaults) apply(desk_, defaults_, piece->assignment);
        break;
      case Piece::Kind::entry_ends:
        if (in_defaults) close_defaults();
        in_defaults = false;
        break;
      case Piece::Kind::include:
      case Piece::Kind::include_directory:
        for (const std::uint16_t included : included_by(*piece)) read_defaults(included);
        break;
    }
  }
  report_.close_entry({});
}

void Parser::close_defaults() {
  settle_fleet(desk_, defaults_);
  judge_mistakes(defaults_);
  defaults_.slipped = false;
  report_.close_entry({});
}

void Parser::read_services(std::uint16_t file) {
  if (!visit(services_visited_, file)) return;
  EntryReader reader(bundle_.files[file].text, file, EntryReader::Depth::everything, report_);
  bool in_service = false;
  while (const Piece* piece = reader.next()) {
    switch (piece->kind) {
      case Piece::Kind::service_begins:
        draft_.begin_service(defaults_, piece->word, piece->where);
        in_service = true;
        break;
      case Piece::Kind::defaults_begins:
        in_service = false;
        break;
      case Piece::Kind::assignment:
        if (in_service) apply(desk_, draft_, piece->assignment);
        break;
      case Piece::Kind::entry_ends:
        draft_.damaged = piece->damaged;
        if (in_service) close_service();
        report_.close_entry({});
        in_service = false;
        break;
      case Piece::Kind::include:
      case Piece::Kind::include_directory:
        for (const std::uint16_t included : included_by(*piece)) read_services(included);
        break;
    }
  }
  report_.close_entry({});
}

// What counts as an error is known at the end of the entry, where `strict` and `compat` are known.
void Parser::judge_mistakes(Draft& draft) {
  if (draft.is_lenient()) {
    report_.excuse(Pardon::lenience);
  } else if (draft.slipped) {
    draft.failed = true;
  }
  if (draft.service.compat_xinetd) {
    report_.excuse(Pardon::enabled);
    draft.failed = draft.failed_since_enabled;
  }
}

bool Parser::is_off() {
  const bool listed = disabled_->holds(draft_.service.id);
  const bool wanted = enabled_->holds(draft_.service.id) || !enabled_->is_given();
  return draft_.off || listed || !wanted;
}

void Parser::close_service() {
  const std::string id(draft_.service.id);
  if (is_off()) {
    report_.excuse_all();  // nobody is harmed by a mistake in what is off
    if (desk_.options.inetd_compat) configured_.add(draft_.service);
    report_.close_entry(id);
    return;
  }
  judge_mistakes(draft_);
  if (draft_.service.types.special) {
    report_.note(draft_.service.where, fmt::format("service {}: type SPECIAL has no effect", printable(id, 60)));
  }
  if (draft_.damaged) {
    draft_.failed = true;
  } else {
    draft_.failed = !settle(desk_, draft_) || draft_.failed;
  }
  if (desk_.options.inetd_compat) configured_.add(draft_.service);
  if (!draft_.failed && !is_taken()) {
    accept();
  } else {
    refused_.push_back(id);
  }
  report_.close_entry(id);
}

// Does a service before this one have one of its sockets? Where it has a range of ports, it makes do with the others.
bool Parser::is_taken() {
  const Service& service = draft_.service;
  if (configuration_->services.size() >= kMaxServices) {
    report_.error(Scope::service, service.where, fmt::format("more than {} services", kMaxServices));
    return true;
  }
  if (places_.size() + draft_.places.size() > kMaxPlaces) {
    report_.error(Scope::service, service.where, fmt::format("more than {} listeners of all services", kMaxPlaces));
    return true;
  }
  if (const Service* other = other_on_unused_ports(configuration_->services, service)) {
    report_.error(Scope::service, service.where,
                  fmt::format("service {}: the unused ports are those of service {} at {}", printable(service.id, 60),
                              printable(other->id, 60), place(*other)),
                  "one for all, or one with the flag IPv4 and one with IPv6");
    return true;
  }
  for (const Place& one : draft_.places) {
    if (one.yields || (one.port == 0 && !one.is_unix())) continue;
    const ListenerKey key = listener_key(service, one);
    const auto found = listeners_.find(key);
    if (found == listeners_.end()) continue;
    const Service& first = configuration_->services[found->second];
    report_.error(Scope::service, service.where,
                  fmt::format("service {}: {} is taken by service {} at {}", printable(service.id, 60), to_text(key),
                              printable(first.id, 60), place(first)),
                  "another port, or bind to another address");
    return true;
  }
  return false;
}

void Parser::accept() {
  const std::size_t index = configuration_->services.size();
  configuration_->services.push_back(builder_.build(draft_));
  const Service& service = configuration_->services.back();
  for (Place& one : draft_.places) {
    one.service = static_cast<std::uint32_t>(index);
    places_.push_back(one);
    has_ranges_ = has_ranges_ || one.yields;
    if (!one.yields && (one.port != 0 || one.is_unix())) listeners_.emplace(listener_key(service, one), index);
  }
  const auto [first, is_new] = ids_.emplace(service.id, index);
  if (is_new) return;
  report_.warning(
      service.where,
      fmt::format("the id {} is also that of the service at {}", printable(service.id, 60), place(configuration_->services[first->second])),
      "give each an id of its own");
}

// All services are known: a port of a range goes to whoever names it, else to the first range.
void Parser::settle_ranges() {
  std::size_t left_out = 0;
  const auto is_left_out = [&](const Place& one) {
    if (!one.yields) return false;
    const bool is_free = listeners_.emplace(listener_key(configuration_->services[one.service], one), one.service).second;
    left_out += is_free ? 0 : 1;
    return !is_free;
  };
  std::size_t kept = 0;
  for (std::size_t begin = 0, end = 0; begin < places_.size(); begin = end) {
    left_out = 0;
    const std::uint32_t index = places_[begin].service;
    for (end = begin; end < places_.size() && places_[end].service == index; ++end) {
      if (!is_left_out(places_[end])) places_[kept++] = places_[end];
    }
    if (left_out == 0) continue;
    const Service& service = configuration_->services[index];
    report_.note(service.where, fmt::format("service {}: {} port{} of its range{} other services'", printable(service.id, 60), left_out,
                                            left_out == 1 ? "" : "s", left_out == 1 ? " is" : "s are"));
  }
  places_.resize(kept);
}

void Parser::place_services() {
  if (has_ranges_) settle_ranges();
  report_.close_entry({});
  configuration_->places.assign(places_.begin(), places_.end());
  for (std::uint32_t each = 0; each < places_.size(); ++each) {
    Service& service = configuration_->services[places_[each].service];
    if (service.place_count++ == 0) service.first_place = each;
  }
}

std::string Parser::place(const Service& service) const {
  return fmt::format("{}:{}", printable(configuration_->files[service.where.file], 200), service.where.line);
}

void Parser::read_inetd(std::uint16_t file) {
  InetdFile inetd(desk_, bundle_.files[file].text, file, is_inetd_alone());
  std::vector<Word> words;
  while (inetd.next(words)) {
    draft_.begin_service(defaults_, words.front(), words.front().where);
    close_inetd(inetd.apply_line(draft_, words));
  }
}

bool Parser::has_listener() const {
  return std::ranges::any_of(draft_.places, [&](const Place& one) { return listeners_.contains(listener_key(draft_.service, one)); });
}

void Parser::close_inetd(bool understood) {
  const bool alone = is_inetd_alone();
  const std::string id(draft_.service.id);
  if (understood && !is_off()) {
    judge_mistakes(draft_);
    const bool settled = settle(desk_, draft_) && !(alone && draft_.failed);
    if (settled && !alone && (configured_.has(draft_.service) || has_listener())) {
      report_.note(draft_.service.where, fmt::format("service {} gives way to the one in xinetd.conf", printable(id, 60)));
    } else if (settled && !is_taken()) {
      accept();
    } else if (alone) {
      refused_.push_back(id);
    }
  } else if (alone) {
    refused_.push_back(id);
  }
  if (!alone) report_.excuse_all();  // such a line is skipped, it refuses nothing
  report_.close_entry(id);
}

Parsed Parser::finish() {
  Parsed parsed;
  place_services();
  configuration_->default_origins = builder_.origins_of(defaults_, true);
  configuration_->store->seal();
  parsed.diagnostics = report_.take();
  parsed.unusable = report_.is_unusable();
  parsed.has_errors = report_.has_errors();
  parsed.compat_xinetd = defaults_.service.compat_xinetd;
  parsed.refused = std::move(refused_);
  parsed.configuration = std::move(configuration_);
  return parsed;
}

}  // namespace

Parsed parse(const Bundle& bundle, Names& names, const ParseOptions& options) {
  return Parser(bundle, names, options).run();
}

}  // namespace reeve
