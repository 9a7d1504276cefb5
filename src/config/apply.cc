#include "config/apply.h"

#include <utility>

#include <fmt/format.h>

#include "base/printable.h"
#include "config/values.h"

namespace reeve {
namespace {

// `interface` is another name of `bind`: both count as one.
std::uint8_t canonical(std::uint8_t index) noexcept {
  static const std::uint8_t kInterface = find_attribute("interface");
  static const std::uint8_t kBind = find_attribute("bind");
  return index == kInterface ? kBind : index;
}

bool allowed(const Attribute& attribute, const Draft& draft) noexcept {
  return draft.is_defaults() ? attribute.allowed_in_defaults() : attribute.allowed_in_services();
}

// The name is unknown, or known in the other kind of entry only. xinetd ignores it; when it is nearly the
// name of something that restricts, ignoring it would leave the service open.
void mistaken_name(Desk& desk, Draft& draft, const Word& name, bool known) {
  std::vector<std::string_view> restricting, all;
  for (const Attribute& attribute : attributes()) {
    if (!allowed(attribute, draft)) continue;
    all.push_back(attribute.name);
    if (attribute.restricts) restricting.push_back(attribute.name);
  }
  const std::string_view meant = nearest(name.text, restricting);
  if (!meant.empty()) {
    desk.slip(draft, name.where, fmt::format("unknown attribute `{}`", printable(name.text, 60)),
              fmt::format("did you mean `{}`? (`strict = no` ignores it)", meant));
  } else if (known) {
    desk.report.warning(
        name.where, fmt::format("`{}` is ignored: it belongs in {}", printable(name.text), draft.is_defaults() ? "a service" : "defaults"));
  } else {
    desk.report.warning(name.where, fmt::format("unknown attribute `{}` is ignored", printable(name.text, 60)),
                        did_you_mean(name.text, all));
  }
}

// True when the operator is one that the attribute knows.
bool check_operator(Desk& desk, Draft& draft, const Attribute& attribute, const Assignment& assignment) {
  using Operators = Attribute::Operators;
  if (assignment.op == Operator::assign || attribute.operators == Operators::set) return true;
  if (attribute.operators == Operators::extend) {
    if (assignment.op == Operator::add) return true;
    desk.refuse(draft, assignment.name.where, fmt::format("{}: -= can't be used here", attribute.name));
    return false;
  }
  std::string text = fmt::format("{}: {} can't be used here, the line is ignored", attribute.name, to_text(assignment.op));
  if (attribute.restricts && !attribute.limits_anyway) {
    desk.slip(draft, assignment.name.where, std::move(text), fmt::format("{} = {}", attribute.name, attribute.values));
  } else {
    desk.report.warning(assignment.name.where, std::move(text));
  }
  return false;
}

bool check_count(Desk& desk, Draft& draft, const Attribute& attribute, const Assignment& assignment) {
  const std::size_t count = assignment.values.size();
  if (count >= attribute.fewest && count <= attribute.most) return true;
  std::string expected = attribute.most == attribute.fewest   ? fmt::format("{} value{}", attribute.most, attribute.most == 1 ? "" : "s")
                         : attribute.most == Attribute::kMany ? std::string("at least 1 value")
                                                              : fmt::format("{} to {} values", attribute.fewest, attribute.most);
  std::string text = fmt::format("{} takes {}, here {} {}", attribute.name, expected, count == 1 ? "is" : "are", count);
  std::string hint = fmt::format("{} = {}", attribute.name, attribute.values);
  const Where where = count > attribute.most ? assignment.values[attribute.most].where : assignment.name.where;
  if (count > attribute.most && assignment.values[attribute.most].text.front() == '#') hint = "a comment needs a line of its own";
  if (attribute.most == Attribute::kMany || attribute.name == "log_type") {
    desk.refuse(draft, where, std::move(text), std::move(hint));
  } else if (attribute.restricts && !attribute.limits_anyway) {
    desk.slip(draft, where, std::move(text), std::move(hint));
  } else {
    desk.report.warning(where, text + ", the line is ignored", std::move(hint));
  }
  return false;
}

}  // namespace

const Word& value_of(const Assignment& assignment) noexcept {
  return assignment.values.front();
}

std::optional<bool> read_yes_no(Desk& desk, Draft& draft, const Assignment& assignment) {
  const Word& word = value_of(assignment);
  const std::optional<bool> value = parse_yes_no(word.text);
  if (!value) desk.refuse(draft, word.where, fmt::format("{}: `{}` is neither yes nor no", assignment.name.text, printable(word.text, 60)));
  return value;
}

std::optional<std::int64_t> read_number(Desk& desk, Draft& draft, const Assignment& assignment, const Word& word, std::int64_t least,
                                        std::int64_t most) {
  const std::optional<std::int64_t> value = parse_integer(word.text);
  if (value && *value >= least && *value <= most) return value;
  desk.refuse(draft, word.where,
              fmt::format("{}: `{}` is not a number from {} to {}", assignment.name.text, printable(word.text, 60), least, most));
  return std::nullopt;
}

void refuse_word(Desk& desk, Draft& draft, const Assignment& assignment, const Word& word, std::span<const std::string_view> known) {
  desk.refuse(draft, word.where, fmt::format("{}: unknown word `{}`", assignment.name.text, printable(word.text, 60)),
              did_you_mean(word.text, known));
}

void apply(Desk& desk, Draft& draft, const Assignment& assignment) {
  const std::uint8_t written = find_attribute(assignment.name.text);
  if (written == kNoAttribute) return mistaken_name(desk, draft, assignment.name, false);
  const Attribute& attribute = attributes()[written];
  if (!allowed(attribute, draft)) return mistaken_name(desk, draft, assignment.name, true);
  if (!check_operator(desk, draft, attribute, assignment)) return;
  const std::uint8_t index = canonical(written);
  // `disable = yes` is heard whenever it is said.
  static const std::uint8_t kDisable = find_attribute("disable");
  if (attribute.operators == Attribute::Operators::assign && draft.has(index) && index != kDisable) {
    desk.report.warning(assignment.name.where,
                        fmt::format("{} is already set in line {}, this line is ignored", attribute.name, draft.where[index].line));
    return;
  }
  if (!check_count(desk, draft, attribute, assignment)) return;
  attribute.apply(desk, draft, assignment);
  draft.given.set(index);
  draft.where[index] = assignment.name.where;
  draft.value_where[index] = assignment.values.empty() ? assignment.name.where : assignment.values.front().where;
}

}  // namespace reeve
