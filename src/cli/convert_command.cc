#include "cli/convert_command.h"

#include <utility>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/printable.h"
#include "sys/config_files.h"
#include "sys/names.h"

namespace reeve {

void ConvertCommand::add_to(CLI::App& app) {
  verb = app.add_subcommand("convert", "Translate inetd.conf or systemd's units to xinetd.conf, and xinetd.conf to units");
  CLI::Option* const source = verb->add_option("--from", from, "What FILE is");
  source->type_name("inetd|systemd")->check([](const std::string& word) {
    return word == "inetd" || word == "systemd" ? std::string() : "it is inetd or systemd";
  });
  CLI::Option* const target = verb->add_option("--to", to, "What to make of the configuration");
  target->type_name("systemd")->excludes(source)->check(
      [](const std::string& word) { return word == "systemd" ? std::string() : "it is systemd"; });
  verb->add_option("-f,--file", request.path, "--to: the configuration; /etc/reeve.conf if it is there, else /etc/xinetd.conf")
      ->type_name("FILE")
      ->needs(target);
  verb->add_option("-o,--output", request.output, "--from: a file instead of standard output; --to: the folder for the units")
      ->type_name("FILE");
  verb->add_flag("--force", may_replace, "Replace files that are there already");
  verb->add_flag("--strict", request.strict, "Exit with 1 when a meaning is lost");
  verb->add_option("FILE", request.words,
                   "--from inetd: one file; --from systemd: FILE.socket [FILE.service], or folders; --to: services, all without one");
  verb->footer("Exit codes: 0 converted, 1 a meaning is lost with --strict, 2 errors in what was read, or nothing could be written.");
}

Answer ConvertCommand::run(std::string path, bool colour) {
  if (from.empty() && to.empty()) return {.err = "reeve: convert --from inetd, --from systemd or --to systemd\n", .exit_code = kWrong};
  using Direction = ConvertRequest::Direction;
  request.direction = from == "inetd" ? Direction::from_inetd : from == "systemd" ? Direction::from_systemd : Direction::to_systemd;
  if (request.path.empty()) request.path = std::move(path);
  request.colour = colour;
  // What is only read, and not obeyed, may belong to anybody.
  const bool is_obeyed = request.direction == Direction::to_systemd;
  Conversion done = convert(request, *(is_obeyed ? system_files() : system_files(Trust::anybody)), *system_names());
  if (const Result<void> written = write_new_files(done.files, may_replace); !written) {
    const std::string hint = written.error().sys_errno == 0 ? " (--force replaces)" : "";
    return {.err = done.answer.err + "reeve: " + printable(written.error().text()) + hint + "\n", .exit_code = kWrong};
  }
  return std::move(done.answer);
}

}  // namespace reeve
