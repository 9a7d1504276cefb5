// The topics of `reeve help`.
#include "cli/help_topics.h"

#include <array>

namespace reeve {
namespace {

// clang-format off
constexpr auto kTopics = std::to_array<HelpTopic>({
  {.name = "access", .about = "who may come in, and in which order it is decided",
   .text = "Who may come in is decided before anything is started, in this order:\n\n"
           "    1. reeve stop, drain    services that an operator holds\n"
           "    2. bans                 whoever touched a sensor, or was banned by hand\n"
           "    3. only_from, no_access the longer match decides, between equals no_access\n"
           "    4. access_times         the time of day, and the day\n"
           "    5. max_load             the load average of the last minute\n"
           "    6. rate_per_source      how often this source comes\n"
           "    7. cps                  how many come in a second\n"
           "    8. instances            how many are being served\n"
           "    9. per_source           how many of them come from there\n"
           "   10. -limit               how many programs run in all\n"
           "   11. host names, IDONLY   what has to be asked for, where only that can decide\n"
           "   12. hosts.allow, hosts.deny\n\n"
           "Without only_from everybody may come, with an empty one nobody:\n\n"
           "    only_from  = 10.0.0.0/8 .example.net\n"
           "    no_access  = 10.9.0.0/16\n\n"
           "A service's only_from replaces that of defaults with =, and extends it with +=.\n"
           "`reeve show SERVICE` says what holds, and which line says so. `reeve explain 192.0.2.7 SERVICE` goes through all of this for one visit, and says what decides.\n\n"
           "See also: reeve help attribute only_from, reeve help limits\n"},
  {.name = "attributes", .about = "all attributes and their values", .text = ""},
  {.name = "control", .about = "ask the running daemon, and give it orders",
   .text = "    reeve status                          the daemon in a dozen lines\n"
           "    reeve services, reeve instances ftp   what is served, and who is\n"
           "    reeve bans                            who is shut out\n"
           "    reeve log -f --why per_source         what happens to visits\n"
           "    reeve ban 192.0.2.0/24 for 2h because it scrapes\n"
           "    reeve unban 192.0.2.0/24\n"
           "    reeve stop ftp, reeve drain ftp       nobody is let in; drain ends nobody\n"
           "    reeve start ftp                       undoes both\n"
           "    reeve instances --end-old             after an upgrade: what runs old programs ends\n"
           "    reeve reload --confirm-within 60s     goes back by itself, unless: reeve confirm\n\n"
           "They ask by a socket, /run/reeve/control.sock unless --socket or REEVE_CONTROL names another. Root, the user who runs the daemon, and members of the group reeve "
           "may do everything; whom `control_read` names may look: status, services, instances, bans and log. No file is edited: what is "
           "stopped is so until reeve start, or until the daemon ends. Each has --json.\n\n"
           "Exit codes: 0 done, 1 the daemon says no, 2 the question is wrong, 3 no daemon answers, 4 permission denied, 5 versions differ.\n\n"
           "See also: reeve help attribute control, reeve help reload\n"},
  {.name = "convert", .about = "from inetd and systemd, and to systemd",
   .text = "    reeve convert --from inetd /etc/inetd.conf > xinetd.conf\n"
           "    reeve convert --from systemd ftp.socket > ftp\n"
           "    reeve convert --from systemd /etc/systemd/system > xinetd.conf\n"
           "    reeve convert --to systemd -f /etc/xinetd.conf -o units ftp\n\n"
           "Whatever the other side can't say is told with its file and line, and stands as a comment in the output. An entry that would be more open "
           "than what it was made from, or would run something else, is written with `disable = yes`. --strict exits with 1 when a "
           "meaning is lost. Nothing is overwritten without --force.\n"},
  {.name = "limits", .about = "how many, how fast, and from one source",
   .text = "    instances       = 40        at the same time\n"
           "    per_source      = 10        of these from one source\n"
           "    rate_per_source = 100/m     how often one source may come\n"
           "    source_prefix   = 32 64     what one source is: an IPv4 address, an IPv6 network\n"
           "    cps             = 50 10     a second; who comes too often waits ten seconds\n"
           "    cps_action      = shed      or close: the port, for everybody; or automatic\n"
           "    max_load        = 4.0       load average of the last minute\n"
           "    rlimit_as       = 64M       and cpu, data, files, rss, stack: of one program\n\n"
           "Without per_source, and with 8 instances or more, one source gets three quarters of them at most. reeved -limit N bounds all programs "
           "together. Each has a page: reeve help attribute cps\n\n"
           "Before new limits come into force:\n\n"
           "    reeve replay access.log -f new.conf        whom would they have refused yesterday?\n"
           "    reeve simulate dos.sim -f new.conf         what would they do in an attack?\n"},
  {.name = "logs", .about = "lines, fields, and where they go",
   .text = "    log_type       = FILE /var/log/services.log 10M 11M\n"
           "    log_on_success = PID HOST EXIT DURATION\n"
           "    log_on_failure = HOST\n"
           "    log_format     = json\n\n"
           "makes lines like these:\n\n"
           "    START: ftp pid=4711 from=192.0.2.1\n"
           "    EXIT: ftp status=0 pid=4711 duration=3(sec)\n"
           "    FAIL: ftp address from=192.0.2.7\n\n"
           "Nothing is logged of a service without log_type, or without any word of log_on_success and log_on_failure. The daemon's own messages go to syslog, or where "
           "-filelog and -syslog say. reeve.log(5) has every form of every line. SIGHUP opens the files anew.\n\n"
           "    reeve log -f                               what happens now, whatever the logs keep\n"
           "    reeve explain 'FAIL: ftp address from=192.0.2.7'\n\n"
           "The second says which line of the configuration refuses such a visit, and what would have to change.\n"},
  {.name = "reload", .about = "how a changed file comes into force",
   .text = "    reeve reload --plan                    what would change, and who would have to go\n"
           "    reeve reload --confirm-within 60s      goes back by itself, unless: reeve confirm\n"
           "    reeve check && kill -HUP $(cat /run/reeved.pid)\n\n"
           "or, under systemd, systemctl reload reeved. The file is read, tried and bound first; only when all went well does anything change. With an error nothing "
           "changes, and the log says what is wrong. Sockets that stay are not closed, so nobody is lost who waits in a queue; counts and bans go on. Servers whose client has lost "
           "his permission are ended, and so are those above instances. With `compat = xinetd` in defaults, what is wrong is dropped and the rest comes into force.\n"},
  {.name = "sensors", .about = "services that nobody should touch",
   .text = "    service telnet\n"
           "    {\n"
           "        type         = INTERNAL\n"
           "        flags        = SENSOR\n"
           "        socket_type  = stream\n"
           "        wait         = no\n"
           "        deny_time    = 60\n"
           "        log_type     = FILE /var/log/sensors.log\n"
           "        log_on_failure = HOST\n"
           "    }\n\n"
           "Whoever connects is shut out of all services for an hour, and logged. FOREVER lasts until the daemon ends. Addresses of this machine are never "
           "banned. `alert_file`, `alert_http`, `alert_syslog` and `alert_command` tell others at once: reeve help attribute alert_file. "
           "A datagram's source can be forged: `udp_bans = no` lets datagram sensors log only. `reeve bans` lists who is shut out, `reeve unban` lets one of "
           "them in again.\n"},
  {.name = "signals", .about = "what reeved does on which signal",
   .text = "    SIGHUP, SIGUSR2   reload, and open log files anew\n"
           "    SIGTERM           end all servers (three seconds), then the daemon\n"
           "    SIGINT            the same, in the foreground\n"
           "    SIGQUIT           end the daemon; servers go on\n"
           "    SIGUSR1           write the state to reeved.dump in the runtime directory\n"
           "    SIGABRT           check that all books agree; the log has the result\n"},
  {.name = "wrappers", .about = "hosts.allow and hosts.deny",
   .text = "Both are asked about every client that the service's own rules admit, unless the flag NOLIBWRAP is set. The first rule that matches in hosts.allow admits, else the "
           "first in hosts.deny refuses, else the client comes in. The daemon's name in them is `libwrap`, or the program's base name. A change counts for the next "
           "client.\n\n"
           "    reeve wrappers in.ftpd 192.0.2.1 --name host.example\n\n"
           "says what they mean for a client, by which line, and what is wrong in them.\n"},
});
// clang-format on

}  // namespace

std::span<const HelpTopic> help_topics() noexcept {
  return kTopics;
}

}  // namespace reeve
