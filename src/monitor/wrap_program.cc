#include "monitor/wrap_program.h"

#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reeve {
namespace {

using OptionKind = WrapOption::Kind;

// A Program and all that it points to.
struct OneStart {
  ProgramRef base;
  std::deque<std::string> texts;
  std::vector<char*> arguments, environment;
  std::vector<gid_t> groups;
  Program program;

  char* keep(std::string text) { return texts.emplace_back(std::move(text)).data(); }
};

class Building {
 public:
  Building(const PlainStart& plain, const WrapFacts& facts) : plain_(plain), facts_(facts), start_(std::make_shared<OneStart>()) {
    start_->base = plain.program;
    start_->program = *plain.program;
    start_->environment.assign(plain.program->environment.begin(), plain.program->environment.end());
  }

  // False: the start must not happen.
  bool apply(const WrapOption& option) {
    Program& program = start_->program;
    switch (option.kind) {
      case OptionKind::umask:
        program.umask = static_cast<std::uint16_t>(option.number);
        return true;
      case OptionKind::nice:
        program.priority = std::clamp(program.priority.value_or(plain_.priority) + option.number, -20, 19);
        return true;
      case OptionKind::setenv:
        return set_variable(option);
      case OptionKind::user:
      case OptionKind::group:
        return become(option);
      case OptionKind::wrong:
        return false;
      default:
        return true;
    }
  }

  bool replace_by_command(const WrapOption& option) {
    const auto text = expand_wrap_text(option.text, facts_);
    if (!text) return false;
    start_->arguments = {start_->keep("/bin/sh"), start_->keep("-c"), start_->keep(*text), nullptr};
    start_->program.path = start_->arguments.front();
    start_->program.sockets = Program::Sockets::inetd;
    return true;
  }

  ProgramRef finish() {
    if (!start_->arguments.empty()) start_->program.argv = start_->arguments.data();
    start_->program.environment = start_->environment;
    return {start_, &start_->program};
  }

 private:
  bool set_variable(const WrapOption& option) {
    const auto value = expand_wrap_text(option.text, facts_);
    if (!value) return false;
    const std::string begin = option.name + '=';
    char* const assignment = start_->keep(begin + *value);
    const auto same = std::ranges::find_if(start_->environment, [&](const char* one) { return std::string_view(one).starts_with(begin); });
    if (same != start_->environment.end()) {
      *same = assignment;
    } else {
      start_->environment.push_back(assignment);
    }
    return true;
  }

  bool become(const WrapOption& option) {
    Program& program = start_->program;
    if (!plain_.may_set_ids) return option.kind == OptionKind::user && option.uid == plain_.own_uid;
    if (option.kind == OptionKind::user) program.uid = option.uid;
    if (!program.set_ids && option.kind == OptionKind::group) program.uid = 0;
    program.gid = option.gid;
    start_->groups.assign(option.groups.begin(), option.groups.end());
    program.groups = start_->groups;
    program.set_ids = true;
    return true;
  }

  const PlainStart& plain_;
  const WrapFacts& facts_;
  std::shared_ptr<OneStart> start_;
};

}  // namespace

ProgramRef wrapped_program(const PlainStart& plain, const WrapRule& rule, const WrapFacts& facts) {
  Building building(plain, facts);
  for (const WrapOption& option : rule.options) {
    if (!building.apply(option)) return nullptr;
    if (option.kind == OptionKind::twist && !building.replace_by_command(option)) return nullptr;
  }
  ProgramRef program = building.finish();
  return program->path == nullptr ? nullptr : program;  // a service without program that isn't twisted
}

ProgramRef wrap_command(const PlainStart& plain, const WrapRule& rule, std::size_t option, const WrapFacts& facts) {
  if (option >= rule.options.size()) return nullptr;
  const WrapOption& command = rule.options[option];
  if (command.kind != OptionKind::spawn && command.kind != OptionKind::aclexec) return nullptr;
  Building building(plain, facts);
  for (std::size_t each = 0; each < option; ++each) {
    if (!building.apply(rule.options[each])) return nullptr;
  }
  if (!building.replace_by_command(command)) return nullptr;
  return building.finish();
}

ProgramRef bare_program(const Heritage& heritage, bool set_ids, std::uint32_t uid, std::uint32_t gid) {
  auto start = std::make_shared<OneStart>();
  for (const std::string& assignment : heritage.environment) start->environment.push_back(const_cast<char*>(assignment.c_str()));
  start->program.environment = start->environment;
  start->program.set_ids = set_ids;
  start->program.uid = uid;
  start->program.gid = gid;
  start->groups = {gid};
  start->program.groups = start->groups;
  return {start, &start->program};
}

}  // namespace reeve
