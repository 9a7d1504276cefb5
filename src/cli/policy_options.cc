#include "cli/policy_options.h"

#include <CLI/CLI.hpp>

namespace reeve {

void add_explain_options(CLI::App& verb, ExplainRequest& request, std::string& socket) {
  verb.add_option("SOURCE", request.source, "An address, uid:N for a user of this machine, or a line of a log in quotes")->required();
  verb.add_option("SERVICE", request.service, "Id or name; all services without one, or the line's");
  verb.add_option("--socket", socket, "The control socket of the daemon that is asked, unless -f names a file")
      ->type_name("PATH")
      ->envname("REEVE_CONTROL")
      ->capture_default_str();
  verb.add_option("--at", request.at, "HH:MM of today, or YYYY-MM-DD HH:MM; now without it, or the line's time")->type_name("TIME");
  verb.add_option("--name", request.name, "The name of the client's machine, as confirmed; `unknown`: it has none")->type_name("HOST");
  verb.add_option("--user", request.user, "Who the client's machine says that it is; `unknown`: it does not say")->type_name("USER");
  verb.add_option("--load", request.load, "The load of this machine; 0 without it")->type_name("LOAD");
  verb.add_option("--running", request.running, "Instances of the service that run; 0 without it")->type_name("N");
  verb.add_option("--running-from", request.running_from, "Those from this source; 0 without it")->type_name("N");
  verb.add_option("--processes", request.processes, "Processes of all services; 0 without it")->type_name("N");
  verb.add_option("--limit", request.process_limit, "reeved's -limit; none without it")->type_name("N");
  verb.add_flag("--banned", request.banned, "The source is banned");
  verb.add_flag("--over-cps", request.over_cps, "Visits come faster than cps allows");
  verb.add_flag("--over-rate", request.over_source_rate, "This source comes more often than rate_per_source allows");
  verb.add_option("--allow", request.wrap_paths.allow, "Instead of /etc/hosts.allow")->type_name("FILE");
  verb.add_option("--deny", request.wrap_paths.deny, "Instead of /etc/hosts.deny")->type_name("FILE");
  verb.footer(
      "Exit codes: 0 admitted (all of them), 1 refused, 2 the question is wrong or can't be answered with what is known,\n"
      "3 the pasted line says something else.");
}

void add_replay_options(CLI::App& verb, ReplayRequest& request) {
  verb.add_option("LOG", request.logs, "Logs of reeve, xinetd or a web server, in any order; - is standard input")->required();
  verb.add_option("--against", request.against, "Compare with this configuration, not with what the logs say")->type_name("FILE");
  verb.add_option("--service", request.service, "The service that lines of web servers are about")->type_name("NAME");
  verb.add_option("--duration", request.duration, "How long a visit lasts where no log says it; 1 without it")->type_name("SECONDS");
  verb.add_option("--load", request.load, "The load that max_load is held against; 0 without it")->type_name("LOAD");
  verb.add_option("--limit", request.process_limit, "reeved's -limit; none without it")->type_name("N");
  verb.add_option("--allow", request.wrap_paths.allow, "Instead of /etc/hosts.allow")->type_name("FILE");
  verb.add_option("--deny", request.wrap_paths.deny, "Instead of /etc/hosts.deny")->type_name("FILE");
  verb.add_option("--top", request.top, "So many sources are shown; 10 without it")->type_name("N");
  verb.add_option("--plot", request.plot, "Draw it over time: a .svg or .html file")->type_name("FILE")->check([](const std::string& path) {
    return path.ends_with(".svg") || path.ends_with(".html") ? std::string() : std::string("the name has to end in .svg or .html");
  });
  verb.footer("Exit codes: 0 nobody who was admitted before would be refused, 1 somebody would, 2 an error.");
}

}  // namespace reeve
