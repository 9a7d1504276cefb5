#include "monitor/trial.h"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <cctype>
#include <string_view>

#include "config/inetd.h"
#include "sys/children.h"
#include "sys/config_files.h"
#include "sys/memory_file.h"
#include "sys/names.h"

namespace reeve {

namespace {

constexpr std::chrono::seconds kPatience{5};

bool starts_with_word(std::string_view line, std::string_view word) noexcept {
  const auto is_blank = [](char each) { return each == ' ' || each == '\t'; };
  while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
  if (line.size() <= word.size() || !is_blank(line[word.size()])) return false;
  return std::equal(word.begin(), word.end(), line.begin(),
                    [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); });
}

std::string death(int wait_status) {
  if (WIFSIGNALED(wait_status)) return "signal " + std::to_string(WTERMSIG(wait_status));
  return "status " + std::to_string(WEXITSTATUS(wait_status));
}

}  // namespace

Result<void> Trial::begin(Instant now) {
  const auto files = system_files();
  auto bundle = gather_for(terms_.path, terms_.options, *files);
  if (!bundle) return std::unexpected(std::move(bundle).error());
  bundle_ = std::move(*bundle);
  const auto parse_only = [this] {
    const auto names = system_names();
    (void)parse(bundle_, *names, terms_.options);
    return 0;
  };
  auto pid = fork_confined({.account = terms_.account}, parse_only);
  if (!pid) return std::unexpected(std::move(pid).error());
  pid_ = *pid;
  deadline_ = now + kPatience;
  return {};
}

void Trial::kill() noexcept {
  send_signal(pid_, SIGKILL);
  deadline_.reset();
}

Result<Loaded> Trial::finish(int wait_status) {
  pid_ = -1;
  deadline_.reset();
  Bundle bundle = std::move(bundle_);
  bundle_ = {};
  if (wait_status != 0) return failure("the trial of " + terms_.path + " ended with " + death(wait_status));
  const auto names = system_names();
  Parsed parsed = parse(bundle, *recording_names(bundle, *names), terms_.options);
  auto memory_file = make_memory_file("reeve configuration", serialize(bundle));
  if (!memory_file) return std::unexpected(std::move(memory_file).error());
  return Loaded{std::move(bundle), std::move(parsed), std::move(*memory_file)};
}

bool has_service_entry(const Bundle& bundle) noexcept {
  for (std::size_t index = 0; index < bundle.files.size(); ++index) {
    std::string_view text = bundle.files[index].text;
    if (bundle.inetd_file == index) {
      if (text.find_first_not_of(" \t\r\n") != std::string_view::npos) return true;
      continue;
    }
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      if (starts_with_word(text.substr(0, end), "service")) return true;
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }
  return false;
}

}  // namespace reeve
