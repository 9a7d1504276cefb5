#include "engine/wrap_questions.h"

#include <algorithm>

#include "sys/clock.h"

namespace reeve {

Task<std::string> WrapQuestions::name_of(std::optional<Endpoint> host) {
  if (!host || host->address.is_unspecified()) co_return std::string("unknown");
  const Address address = host->address;
  const HostName found = co_await inquiries_.name_of(address);
  switch (found.state) {
    case HostName::State::confirmed:
      co_return found.name;
    case HostName::State::unconfirmed:
      co_return std::string("paranoid");
    case HostName::State::unasked:
    case HostName::State::none:
    case HostName::State::failed:
      break;
  }
  co_return std::string("unknown");
}

Task<std::string> WrapQuestions::user_of(int connection, std::chrono::seconds most) {
  const auto question = connection < 0 ? std::nullopt : ident_question(connection);
  if (!question) co_return std::string("unknown");
  const std::chrono::seconds time = most.count() == 0 ? Inquiries::kUserDeadline : std::min(most, kMostUserTime);
  const Instant deadline = instant_now() + time;
  const RemoteUser found = co_await ask_ident(loop_, *question, deadline);
  co_return found.state == RemoteUser::State::known ? found.user : std::string("unknown");
}

}  // namespace reeve
