// To explain and to decide are one: over many configurations and visits, both come to the same end, by the same line.
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "cli/explanation.h"
#include "unit/config/parsing.h"

namespace reeve {
namespace {

class Dice {
 public:
  explicit Dice(std::uint32_t seed) : random_(seed) {}
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
  bool one_in(std::uint32_t number) { return below(number) == 0; }
  std::string address() { return "192.0." + std::to_string(below(2)) + "." + std::to_string(below(6)); }
  std::string list() {
    std::string text;
    for (std::uint32_t each = 1 + below(4); each > 0; --each) {
      switch (below(6)) {
        case 0:
          text += "192.0." + std::to_string(below(2)) + ".0/24 ";
          break;
        case 1:
          text += "192.0.0.0/16 ";
          break;
        case 2:
          text += "2001:db8::/32 ";
          break;
        case 3:
          text += one_in(2) ? ".example.net " : "www.example.org ";
          break;
        default:
          text += address() + " ";
      }
    }
    return text;
  }

 private:
  std::mt19937 random_;
};

std::string some_configuration(Dice& dice) {
  std::string lines;
  const auto maybe = [&](std::uint32_t number, const std::string& line) {
    if (dice.one_in(number)) lines += (lines.empty() ? "" : "\n") + line;
  };
  maybe(2, "only_from = " + dice.list());
  maybe(2, "no_access = " + dice.list());
  maybe(3, "access_times = 0" + std::to_string(dice.below(9)) + ":00-1" + std::to_string(dice.below(9)) + ":30");
  maybe(3, "max_load = " + std::to_string(1 + dice.below(4)) + ".5");
  maybe(3, "cps = " + std::to_string(dice.below(3)) + " 10");
  maybe(2, "instances = " + std::to_string(1 + dice.below(12)));
  maybe(3, "per_source = " + std::to_string(1 + dice.below(4)));
  maybe(4, "compat = xinetd");
  switch (dice.below(8)) {
    case 0:
      maybe(1, "flags = SENSOR\ndeny_time = 5");
      break;
    case 1:
      maybe(1, "flags = IDONLY\nlog_on_success = HOST USERID");
      break;
    case 2:
      maybe(1, "socket_type = dgram\nwait = yes");
      break;
    case 3:
      maybe(1, "wait = yes");
      break;
    default:
      break;
  }
  return (dice.one_in(3) ? defaults("only_from = " + dice.list()) : "") + service("alpha", lines);
}

Identity some_identity(Dice& dice) {
  Identity identity;
  identity.name.state = static_cast<HostName::State>(dice.below(5));
  if (identity.name.state == HostName::State::confirmed) identity.name.name = dice.one_in(2) ? "www.example.net" : "www.example.org";
  if (identity.name.state == HostName::State::unconfirmed) identity.name.claims = {"x.example.net"};
  identity.user.state = static_cast<RemoteUser::State>(dice.below(3));
  return identity;
}

TEST(ExplainAgreement, ExplainsWhatIsDecidedWhateverIsConfigured) {
  Dice dice(20'261'125);
  constexpr int kConfigurations = 4'000, kVisits = 40;
  int refused = 0, undecided = 0, visits = 0;
  for (int each = 0; each < kConfigurations; ++each) {
    const std::string text = some_configuration(dice);
    const Parsed parsed = parse_text(text);
    const Service* service = find(parsed, "alpha");
    if (service == nullptr) continue;
    for (int visit = 0; visit < kVisits; ++visit, ++visits) {
      const Address source = dice.one_in(10)   ? *parse_address("2001:db8::7")
                             : dice.one_in(20) ? Address::local(1000)
                             : dice.one_in(20) ? Address()
                                               : *parse_address(dice.address());
      KnownFacts known;
      known.identity = some_identity(dice);
      known.day_text = "then";
      known.facts = {.local = {.minute_of_day = static_cast<std::uint16_t>(dice.below(1440)), .weekday = 1},
                     .load = static_cast<double>(dice.below(6)),
                     .stopped = dice.one_in(20),
                     .banned = dice.one_in(8),
                     .rate = service->cps_rate != 0 && dice.one_in(8) ? RateState::shed : RateState::free,
                     .running = dice.below(13),
                     .running_from_source = dice.below(5),
                     .processes = dice.below(4),
                     .process_limit = dice.one_in(4) ? 2 : kUnlimited};
      Facts facts = known.facts;
      facts.identity = &known.identity;
      const Verdict decided = decide(*parsed.configuration, *service, source, facts);
      const Explanation explained = explain_visit(*parsed.configuration, *service, source, known, nullptr);

      SCOPED_TRACE(text);
      ASSERT_EQ(explained.verdict.index(), decided.index());
      if (const auto* refusal = std::get_if<Refusal>(&decided)) {
        ++refused;
        ASSERT_EQ(explained.answer, Explanation::Answer::refused);
        ASSERT_EQ(explained.reason, refusal->reason);
        const ExplainStep& step = explained.steps.at(explained.deciding);
        ASSERT_EQ(step.place, place_text(*parsed.configuration, refusal->where));
        ASSERT_FALSE(step.change.empty());
        // Nothing before it refuses.
        for (std::size_t before = 0; before < explained.deciding; ++before) {
          ASSERT_NE(explained.steps[before].says, ExplainStep::Says::refuses);
        }
      } else if (std::holds_alternative<Undecided>(decided)) {
        ++undecided;
        ASSERT_EQ(explained.answer, Explanation::Answer::unknown);
      } else if (service->kind == Kind::sensor) {
        ASSERT_EQ(explained.reason, Reason::sensor);
      } else {
        ASSERT_EQ(explained.answer, Explanation::Answer::admitted);
      }
      for (const ExplainStep& step : explained.steps) ASSERT_FALSE(step.compared.empty()) << step.gate;
    }
  }
  EXPECT_GE(visits, 100'000);
  EXPECT_GT(refused, 10'000);
  EXPECT_GT(undecided, 1'000);
}

}  // namespace
}  // namespace reeve
