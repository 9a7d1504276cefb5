#include "monitor/reload_report.h"

#include <utility>
#include <vector>

#include "base/printable.h"
#include "sys/memory_file.h"

namespace reeve {

void ReloadReport::begin(const ReloadMessage& wanted) {
  wanted_ = wanted;
  is_awaited_ = true;
  text_.clear();
}

void ReloadReport::add(std::string_view kind, std::string_view text) {
  if (!is_awaited_ || text_.size() > kMostBytes) return;
  text_.append(kind).append("\t").append(printable(text, 4000)).append("\n");
  if (text_.size() > kMostBytes) text_ += "warning\tthere is more, which is left out here\n";
}

void ReloadReport::add(const std::vector<PlanLine>& lines) {
  for (const PlanLine& line : lines) add(line.kind, line.text);
}

void ReloadReport::finish(MessageSocket& engine, bool done, std::string_view result, UniqueFd bundle) {
  if (!is_awaited_) return;
  text_.append("result\t").append(printable(result, 4000)).append("\n");
  is_awaited_ = false;
  ReloadedMessage message;
  message.number = wanted_.number;
  message.done = done ? 1 : 0;
  std::vector<UniqueFd> descriptors;
  auto file = make_memory_file("reeve reload", std::exchange(text_, {}));
  if (file) {
    descriptors.push_back(std::move(*file));
    if (bundle) descriptors.push_back(std::move(bundle));
  }
  engine.queue(as_bytes(message), std::move(descriptors));
}

}  // namespace reeve
