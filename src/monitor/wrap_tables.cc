#include "monitor/wrap_tables.h"

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "config/bundle.h"
#include "sys/config_files.h"
#include "sys/memory_file.h"
#include "sys/names.h"
#include "sys/spare_descriptors.h"

namespace reeve {
namespace {

constexpr std::size_t kMostDiagnostics = 50;

bool is_shortage(int sys_errno) noexcept {
  return sys_errno == EMFILE || sys_errno == ENFILE || sys_errno == ENOMEM;
}

}  // namespace

void WrapTables::read() {
  Bundle bundle = gather_wrap_rules(paths_, *system_files());
  const auto real = system_names();
  const auto recording = recording_names(bundle, *real);
  // The answers of passwd(5) and group(5) get into the bundle while it is parsed.
  WrapRules rules = parse_wrap_rules(bundle, *recording);
  std::string bytes = serialize(bundle);
  if (!tables_.empty() && tables_.back()->bytes == bytes) return;
  for (std::size_t each = 0; each < std::min(rules.diagnostics.size(), kMostDiagnostics); ++each) {
    const Diagnostic& one = rules.diagnostics[each];
    log_.say(one.severity == Severity::error ? Level::error : Level::warning, log_text(one, bundle));
  }
  const std::uint32_t number = tables_.empty() ? 1 : tables_.back()->number + 1;
  tables_.push_back(std::make_shared<const Table>(number, std::move(bytes), std::move(rules)));
  if (tables_.size() > kMostKept) tables_.pop_front();
}

void WrapTables::answer(const ReadWrapRulesMessage& asked, MessageSocket& engine) {
  // A file that can't be opened for want of a descriptor is not an unreadable one: the engine asks again.
  SpareDescriptors needed;
  if (!needed.hold()) return engine.queue(as_bytes(WrapRulesMessage{.rules = kNoWrapRules}));
  needed.give_up();
  read();
  const Table& newest = *tables_.back();
  WrapRulesMessage message{.rules = newest.number};
  std::vector<UniqueFd> descriptors;
  if (asked.known != newest.number) {
    auto file = make_memory_file("wrap-rules", newest.bytes);
    if (file) {
      descriptors.push_back(std::move(*file));
    } else {
      log_.say(Level::error, file.error().text());
      message.rules = is_shortage(file.error().sys_errno) ? kNoWrapRules : 0;
    }
  }
  engine.queue(as_bytes(message), std::move(descriptors));
}

std::shared_ptr<const WrapRule> WrapTables::find(std::uint32_t rules, std::uint32_t rule) const {
  const auto found = std::ranges::find_if(tables_, [&](const auto& one) { return one->number == rules; });
  if (found == tables_.end() || rule >= (*found)->rules.rules.size()) return nullptr;
  return {*found, &(*found)->rules.rules[rule]};
}

}  // namespace reeve
