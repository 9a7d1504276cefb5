// reeve: the operator's command. This door reads the command line, hands the real files and names to a
// verb of cli/, writes what it answers and exits with its code.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/printable.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "cli/check.h"
#include "cli/command_tree.h"
#include "cli/control_client.h"
#include "cli/control_commands.h"
#include "cli/convert_command.h"
#include "cli/explain.h"
#include "cli/explain_live.h"
#include "cli/help_topics.h"
#include "cli/policy_options.h"
#include "cli/preview_list.h"
#include "cli/replay.h"
#include "cli/show.h"
#include "cli/simulate.h"
#include "cli/wrappers.h"
#include "config/inetd.h"
#include "sys/clock.h"
#include "sys/config_files.h"
#include "sys/names.h"

namespace {

using namespace reeve;

// What both verbs ask for.
struct Common {
  std::string path;
  bool as_user = false;
  bool inetd = false;
  std::string inetd_path;  // --inetd
  bool inetd_alone = false;
  bool json = false;

  void add_to(CLI::App& verb) {
    verb.add_option("-f,--file", path, "The configuration; /etc/reeve.conf if it is there, else /etc/xinetd.conf")->type_name("FILE");
    verb.add_flag("--as-user", as_user, "Judge as for a daemon that runs as you and not as root");
    verb.add_flag("--inetd-compat", inetd, "Read /etc/inetd.conf too, as reeved -inetd_compat does");
    CLI::Option* const alone =
        verb.add_option("--inetd", inetd_path, "A configuration in inetd.conf's syntax; /etc/inetd.conf without FILE");
    alone->type_name("[FILE]")->expected(0, 1)->excludes("--file")->excludes("--inetd-compat");
    verb.parse_complete_callback([this, alone] { inetd_alone = alone->count() != 0; });
    verb.add_flag("--json", json, "One JSON document");
  }
  [[nodiscard]] bool names_file() const noexcept { return inetd_alone || !path.empty(); }
  // The daemon's choice.
  [[nodiscard]] std::string chosen_path() const {
    if (inetd_alone) return inetd_path.empty() ? kInetdConf : inetd_path;
    if (!path.empty()) return path;
    return ::access("/etc/reeve.conf", F_OK) == 0 ? "/etc/reeve.conf" : "/etc/xinetd.conf";
  }
  [[nodiscard]] ParseOptions options() const {
    return {.running_as_root = !as_user, .inetd_compat = inetd, .inetd_alone = inetd_alone, .own_uid = ::geteuid(), .own_gid = ::getegid()};
  }
};

bool wants_colour() {
  const auto set = [](const char* name) { return std::string_view{std::getenv(name) == nullptr ? "" : std::getenv(name)}; };
  return ::isatty(STDOUT_FILENO) == 1 && set("NO_COLOR").empty() && set("TERM") != "dumb";
}

// False when it could not be written. A reader that has gone away (head, less) has seen what it wanted.
bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(fd, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno == EPIPE;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool write_file(const std::string& path, std::string_view text) {
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  return file && write_all(file.get(), text);
}

int give(const Answer& answer) {
  for (const Answer::File& file : answer.files) {
    const UniqueFd fd(::open(file.path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (fd && write_all(fd.get(), file.text)) continue;
    write_all(STDERR_FILENO, "reeve: " + Error{"write " + printable(file.path), errno}.text() + "\n");
    return kWrong;
  }
  // Standard error may be the same terminal or file: what it says about the answer comes first.
  write_all(STDERR_FILENO, answer.err);
  if (write_all(STDOUT_FILENO, answer.out)) return answer.exit_code;
  write_all(STDERR_FILENO, "reeve: " + Error{"standard output", errno}.text() + "\n");
  return kWrong;
}

int run(int argc, char** argv) {
  CLI::App app{"The operator's command of the super-server reeved", "reeve"};
  app.set_version_flag("--version", "reeve " REEVE_VERSION);
  Common common;
  CheckRequest check_request;
  CLI::App& check_verb = *app.add_subcommand("check", "Say everything that is wrong or doubtful in a configuration");
  common.add_to(check_verb);
  check_verb.add_flag("--strict", check_request.strict, "Exit with 1 when there are warnings");
  check_verb.footer("Exit codes: 0 clean, 1 warnings with --strict, 2 errors or an unreadable file.");
  ShowRequest show_request;
  bool plain = false;
  CLI::App& show_verb = *app.add_subcommand("show", "Print the effective configuration, each value with its origin");
  common.add_to(show_verb);
  show_verb.add_flag("--plain", plain, "Without origins and built-in values: can be read as a configuration");
  show_verb.add_option("SERVICE", show_request.services, "Ids or names; all services without one");
  WrappersRequest wrappers_request;
  CLI::App& wrappers_verb = *app.add_subcommand("wrappers", "Say what hosts.allow and hosts.deny mean for a client");
  wrappers_verb.add_option("DAEMON", wrappers_request.daemon, "The daemon's name, or DAEMON@SERVER")->required();
  wrappers_verb.add_option("CLIENT", wrappers_request.client, "An address, a name, `unknown` or `paranoid`, or USER@ one of them")
      ->required();
  wrappers_verb.add_option("--name", wrappers_request.client_name, "The name of a client given by address; `unknown` without it");
  wrappers_verb.add_option("--allow", wrappers_request.paths.allow, "Instead of /etc/hosts.allow")->type_name("FILE");
  wrappers_verb.add_option("--deny", wrappers_request.paths.deny, "Instead of /etc/hosts.deny")->type_name("FILE");
  wrappers_verb.footer("Exit codes: 0 granted, 1 denied, 2 the question is wrong.");
  ControlCommands control(app);
  ExplainRequest explain_request;
  std::string control_socket = kControlPath;
  CLI::App& explain_verb = *app.add_subcommand("explain", "Say gate by gate why a visit is admitted or refused");
  common.add_to(explain_verb);
  add_explain_options(explain_verb, explain_request, control_socket);
  ReplayRequest replay_request;
  CLI::App& replay_verb = *app.add_subcommand("replay", "Say whom a configuration would have refused, by logs");
  common.add_to(replay_verb);
  add_replay_options(replay_verb, replay_request);
  PreviewListRequest preview_request;
  CLI::App& preview_verb = *app.add_subcommand("preview-list", "Say whom a list of networks would have shut out, by logs");
  add_preview_list_options(preview_verb, preview_request);
  SimulateRequest simulate_request;
  CLI::App& simulate_verb = *app.add_subcommand("simulate", "Say whom a made-up attack would get in and keep out");
  common.add_to(simulate_verb);
  add_simulate_options(simulate_verb, simulate_request);
  ConvertCommand convert_command;
  convert_command.add_to(app);
  CLI::App& help_verb =
      *app.add_subcommand("help", "Explain a command, an attribute or a topic")->prefix_command();  // commands are words here
  std::vector<std::string> topics;
  help_verb.add_option("TOPIC", topics, "A command, `attribute NAME`, or a topic; a list without one");
  app.require_subcommand(0, 1);
  // All help texts: a quarter of the time that a command takes.
  const auto tree = [&app] { return command_tree(app); };

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (argc > 1 && argv[1][0] != '-' && app.get_subcommands().empty()) return give(no_such_command(argv[1], tree()));
    return app.exit(error) == 0 ? kClean : kWrong;
  }
  if (check_verb.parsed()) {
    check_request.path = common.chosen_path();
    check_request.options = common.options();
    check_request.json = common.json;
    check_request.colour = wants_colour();
    return give(check(check_request, *system_files(), *system_names()));
  }
  if (show_verb.parsed()) {
    show_request.path = common.chosen_path();
    show_request.options = common.options();
    show_request.form = common.json ? ShowRequest::Form::json : plain ? ShowRequest::Form::plain : ShowRequest::Form::explained;
    return give(show(show_request, *system_files(), *system_names()));
  }
  if (wrappers_verb.parsed()) {
    wrappers_request.colour = wants_colour();
    return give(explain_wrappers(wrappers_request, *system_files(), *system_names()));
  }
  if (const auto answer = control.run(wants_colour(), [](std::string_view text) { return write_all(STDOUT_FILENO, text); }))
    return give(*answer);
  if (explain_verb.parsed()) {
    explain_request.path = common.chosen_path();
    explain_request.options = common.options();
    explain_request.json = common.json;
    explain_request.colour = wants_colour();
    explain_request.now = wall_now();
    if (common.names_file()) return give(explain(explain_request, *system_files(), *system_names()));
    return give(explain_live(explain_request, control_socket, *system_files(), *system_names()));
  }
  if (replay_verb.parsed()) {
    replay_request.path = common.chosen_path();
    replay_request.options = common.options();
    replay_request.json = common.json;
    replay_request.colour = wants_colour();
    replay_request.now = wall_now();
    Replayed replayed = replay(replay_request, *system_files(), *system_names());
    if (replayed.picture && !write_file(replayed.picture->path, replayed.picture->text)) {
      replayed.answer.err += "reeve: " + Error{"write " + printable(replayed.picture->path), errno}.text() + "\n";
      replayed.answer.exit_code = kWrong;
    }
    return give(replayed.answer);
  }
  if (preview_verb.parsed()) {
    preview_request.now = wall_now();
    return give(preview_list(preview_request));
  }
  if (simulate_verb.parsed()) {
    simulate_request.path = common.chosen_path();
    simulate_request.options = common.options();
    simulate_request.json = common.json;
    simulate_request.colour = wants_colour();
    // Nothing is started because of these files: whoever wrote them.
    return give(simulate(simulate_request, *system_files(Trust::anybody), *system_names()));
  }
  if (convert_command.verb->parsed()) return give(convert_command.run(common.chosen_path(), wants_colour()));
  const CommandTree commands = tree();
  if (!help_verb.parsed()) return give({.err = commands.front().help, .exit_code = kWrong});
  const std::vector<std::string> more = help_verb.remaining();
  topics.insert(topics.end(), more.begin(), more.end());
  return give(help(topics, commands, commands.front().help));
}

}  // namespace

int main(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);
  return run(argc, argv);
}
