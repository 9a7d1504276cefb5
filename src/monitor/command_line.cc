#include "monitor/command_line.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace reeve {

namespace {

struct Facility {
  std::string_view name;
  std::uint8_t number;
};
constexpr std::array kFacilities{Facility{"kern", 0},    Facility{"user", 1},    Facility{"mail", 2},      Facility{"daemon", 3},
                                 Facility{"auth", 4},    Facility{"syslog", 5},  Facility{"lpr", 6},       Facility{"news", 7},
                                 Facility{"uucp", 8},    Facility{"cron", 9},    Facility{"authpriv", 10}, Facility{"ftp", 11},
                                 Facility{"local0", 16}, Facility{"local1", 17}, Facility{"local2", 18},   Facility{"local3", 19},
                                 Facility{"local4", 20}, Facility{"local5", 21}, Facility{"local6", 22},   Facility{"local7", 23}};

constexpr std::string_view kInetdFile = "/etc/inetd.conf";

constexpr std::string_view kUsage =
    "usage: reeved [-d] [-f FILE] [-filelog FILE | -syslog FACILITY] [-pidfile FILE] [-dontfork] [-stayalive]\n"
    "              [--inetd [FILE]] [-limit N] [-logprocs N] [-cc SECONDS] [-inetd_compat] [-version]\n";

std::optional<std::uint32_t> parse_count(std::string_view text) noexcept {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  // UINT32_MAX means "none" elsewhere.
  if (error != std::errc() || end != text.data() + text.size() || value == UINT32_MAX) return std::nullopt;
  return value;
}

std::string absolute(std::string_view path, std::string_view directory) {
  if (path.starts_with('/')) return std::string(path);
  return std::string(directory) + (directory.ends_with('/') ? "" : "/") + std::string(path);
}

// One option's effect; its value is empty for those that have none. The result is what is wrong.
using Problem = std::string;

struct Context {
  CommandLine& line;
  std::string_view directory;
  bool log_given = false;
};

struct Option {
  std::string_view name;
  bool has_value;
  Problem (*apply)(Context& context, std::string_view value);
};

Problem take_count(std::string_view value, std::uint32_t& into, std::uint32_t least) {
  const auto count = parse_count(value);
  if (!count || *count < least) return "needs a number, not `" + std::string(value) + "`";
  into = *count;
  return {};
}

Problem take_log(Context& context, DaemonLogTarget::Kind kind) {
  if (context.log_given) return "cannot stand beside another -filelog or -syslog";
  context.log_given = true;
  context.line.log_kind = kind;
  return {};
}

Problem apply_syslog(Context& context, std::string_view value) {
  const auto found = std::find_if(kFacilities.begin(), kFacilities.end(), [&](const Facility& one) { return one.name == value; });
  if (found == kFacilities.end()) return "knows no facility `" + std::string(value) + "`";
  context.line.log_facility = found->number;
  return take_log(context, DaemonLogTarget::Kind::syslog);
}

Problem apply_filelog(Context& context, std::string_view value) {
  context.line.log_path = absolute(value, context.directory);
  return take_log(context, DaemonLogTarget::Kind::file);
}

Problem apply_check_interval(Context& context, std::string_view value) {
  std::uint32_t seconds = 0;
  Problem problem = take_count(value, seconds, 1);
  if (problem.empty()) context.line.check_interval = seconds;
  return problem;
}

constexpr auto kNothing = [](Context&, std::string_view) { return Problem(); };

constexpr std::array kOptions{
    Option{"-d", false, [](Context& c, std::string_view) { return c.line.debug = c.line.foreground = true, Problem(); }},
    Option{"-f", true, [](Context& c, std::string_view v) { return c.line.configuration = absolute(v, c.directory), Problem(); }},
    Option{"-filelog", true, apply_filelog},
    Option{"-syslog", true, apply_syslog},
    Option{"-pidfile", true, [](Context& c, std::string_view v) { return c.line.pid_file = absolute(v, c.directory), Problem(); }},
    Option{"-dontfork", false, [](Context& c, std::string_view) { return c.line.foreground = c.line.stay_alive = true, Problem(); }},
    Option{"-stayalive", false, [](Context& c, std::string_view) { return c.line.stay_alive = true, Problem(); }},
    Option{"-limit", true, [](Context& c, std::string_view v) { return take_count(v, c.line.process_limit, 0); }},
    Option{"-logprocs", true, [](Context& c, std::string_view v) { return take_count(v, c.line.ident_limit, 0); }},
    Option{"-cc", true, apply_check_interval},
    Option{"-inetd_compat", false, [](Context& c, std::string_view) { return c.line.inetd_compat = true, Problem(); }},
    Option{"--inetd", false, [](Context& c, std::string_view) { return c.line.inetd_alone = true, Problem(); }},
    Option{"-version", false, [](Context& c, std::string_view) { return c.line.version = true, Problem(); }},
    Option{"--version", false, [](Context& c, std::string_view) { return c.line.version = true, Problem(); }},
    Option{"--help", false, [](Context& c, std::string_view) { return c.line.help = true, Problem(); }},
    // Without effect since long ago.
    Option{"-reuse", false, kNothing},
    Option{"-shutdownprocs", true,
           [](Context&, std::string_view v) {
             std::uint32_t unused = 0;
             return take_count(v, unused, 0);
           }},
};

}  // namespace

Result<CommandLine> parse_command_line(std::span<const char* const> arguments, std::string_view directory) {
  CommandLine line;
  Context context{line, directory};
  std::string inetd_file(kInetdFile);
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    const std::string_view word = arguments[at];
    const auto option = std::find_if(kOptions.begin(), kOptions.end(), [&](const Option& one) { return one.name == word; });
    if (option == kOptions.end())
      return failure((word.starts_with('-') ? "unknown option `" : "unexpected word `") + std::string(word) + "`");
    std::string_view value;
    if (option->has_value) {
      if (++at == arguments.size()) return failure("option " + std::string(word) + " needs a value");
      value = arguments[at];
      if (value.empty()) return failure("option " + std::string(word) + " needs a value");
    }
    // Its file may be left out.
    if (word == "--inetd" && at + 1 < arguments.size() && !std::string_view(arguments[at + 1]).starts_with('-'))
      inetd_file = absolute(arguments[++at], directory);
    const Problem problem = option->apply(context, value);
    if (!problem.empty()) return failure("option " + std::string(word) + " " + problem);
  }
  if (line.inetd_alone && (!line.configuration.empty() || line.inetd_compat))
    return failure("--inetd reads one file alone: it can't stand beside -f or -inetd_compat");
  if (line.inetd_alone) line.configuration = inetd_file;
  if (line.debug && !context.log_given) line.log_kind = DaemonLogTarget::Kind::stderr_;
  return line;
}

std::string_view usage() noexcept {
  return kUsage;
}

}  // namespace reeve
