// What stands around decide()'s gates, in words: proxies before them, tcp wrappers, sensors and the start behind them.
#pragma once

#include <optional>
#include <vector>

#include "cli/explanation.h"

namespace reeve {

// nullopt: it is no proxy that may speak for others.
[[nodiscard]] std::optional<ExplainStep> explain_proxy(const Configuration& configuration, const Service& service, const Address& source);
// `files`: nullptr: not asked.
[[nodiscard]] ExplainStep explain_wrap(const Service& service, const Address& source, const Identity& identity, const WrapFiles* files);
[[nodiscard]] ExplainStep explain_sensor(const Configuration& configuration, const Service& service);
// What the client gets to see, and what is started for it.
[[nodiscard]] std::vector<ExplainStep> explain_service(const Configuration& configuration, const Service& service, bool refused);

}  // namespace reeve
