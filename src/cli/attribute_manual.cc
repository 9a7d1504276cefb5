#include "cli/attribute_manual.h"

#include <algorithm>
#include <array>

namespace reeve {
namespace {

// clang-format off
constexpr auto kManual = std::to_array<AttributeManual>({
  {.name = "access_times", .otherwise = "always",
   .text = "When the service may be used, in local time. Both ends belong to the span: with `9:00-17:00` the last client comes in at 17:00:59. "
           "`24:00` is the end of the day, and a span that ends before it begins goes over midnight. DAYS are names of days and ranges of them, "
           "separated by commas; they say on which days a span begins.\n\n"
           "    access_times = Mon-Fri/9:00-17:30 Fri,Sat/22:00-2:00\n\n"
           "Clients that are being served when a span ends are served to their end. xinetd knows neither 24:00 nor midnight nor days."},
  {.name = "alert_command", .otherwise = "none", .is_own = true,
   .text = "A program that is started for each event of the defence: a sensor was touched, somebody was banned, a ban was lifted or has ended. It is executed by itself, "
           "never by a shell: the words behind its absolute path are its arguments as they stand. What happened is in its environment: REEVE_EVENT, REEVE_SOURCE, "
           "REEVE_SERVICE, REEVE_REASON and the other fields of `alert_form`, in capitals. It runs as the unprivileged user of the keeper, in the sandbox of that "
           "process, in a session of its own, with /dev/null as its standard streams and / as its directory. Four run at a time, each for ten seconds, then it is killed with "
           "all that it has started; a hundred wait, more are dropped and counted.\n\n"
           "    alert_command = /usr/local/sbin/tell-operator --urgent\n\n"
           "`+=` adds another one."},
  {.name = "alert_file", .otherwise = "none", .is_own = true,
   .text = "A file to which each event is appended as a line, in one of these formats: `json`, `idmef` (RFC 4765, a message of XML), `idmef2` (JSON, "
           "draft-lehmann-idmefv2-03), `cef` (ArcSight), `plain` (for people) and `custom` (see `alert_form`). It is opened by the monitor and "
           "anew at each reload. `+=` adds another file."},
  {.name = "alert_form", .otherwise = "none", .is_own = true,
   .text = "A file with the text that the format `custom` fills in, up to 16 KiB. A field's name in braces is a place for it: {id}, {time}, {event}, {origin}, {prefix}, "
           "{source}, {source_port}, {local}, {local_port}, {protocol}, {service}, {reason}, {hits}, {until}, {seconds}, {recorded}, {recorded_hex}, "
           "{machine}, {text}. What is filled in is escaped as within a JSON string. An unknown name in braces is an error.\n\n"
           "    {\"text\": \"{source} touched {service} on {machine}\"}\n\n"
           "All other text, other braces too, stays as it is."},
  {.name = "alert_http", .otherwise = "none", .is_own = true,
   .text = "An address of the web, http or https, to which each event is sent by POST, in one of the formats of `alert_file`. Certificates are checked. An answer "
           "has to come within ten seconds; redirections are not followed. What fails is tried again after 1, 5 and 25 seconds, then it is given up, counted, and said once. "
           "A thousand events wait. Nothing of the address but scheme and host is ever logged. `+=` adds another one."},
  {.name = "alert_rate", .otherwise = "600", .is_own = true,
   .text = "How many events a minute are told, to all receivers. What comes more is told to nobody; how much that was is logged in one line when the minute is over."},
  {.name = "alert_syslog", .otherwise = "none", .is_own = true,
   .text = "Each event as a message to the system's logger, in one of the formats of `alert_file`, with a facility and a level of syslog(3).\n\n"
           "    alert_syslog = cef authpriv warning\n\n"
           "Without LEVEL it is notice. `+=` adds another one."},
  {.name = "ban_growth", .otherwise = "1", .is_own = true,
   .text = "Each further ban of the same address or network by a sensor or by `penalties` is this many times as long as the one before, up to `ban_max`. How often somebody was "
           "banned is remembered for `ban_memory` after his ban ended. `reeve unban` forgives: the next one is the first again."},
  {.name = "ban_list", .otherwise = "none", .is_own = true,
   .text = "Lists of networks that are shut out of all services: absolute paths, which the keeper's unprivileged user has to be able to read, and addresses of the web. A line has an address, "
           "a prefix or a range; comments begin with # or ;, and what stands behind the address is left out. Spamhaus' lists, netsets, tables and CSV with the "
           "address first, DShield's and ipset's lines can be read. Wider prefixes than a /8, or a /16 of IPv6, are refused. What a list no longer has is let in again; a list that "
           "can't be read keeps its last state for three times `ban_list_refresh`. Whoever is never banned stays so. 1,000,000 prefixes of all lists together, 64 MiB a list."
           "\n\n"
           "    ban_list = /var/lib/lists/drop.netset https://lists.example/drop.txt\n\n"
           "`reeve preview-list` says whom a list would have refused."},
  {.name = "ban_list_refresh", .otherwise = "60", .is_own = true,
   .text = "After how many minutes lists are read anew, up to a week. A file is also read anew as soon as it has changed."},
  {.name = "ban_max", .otherwise = "ten years", .is_own = true,
   .text = "No ban that grew by `ban_growth` is longer than so many minutes. A `deny_time` that is longer than this stays as it is."},
  {.name = "ban_memory", .otherwise = "43200, thirty days", .is_own = true,
   .text = "For so many minutes after a ban ended it is remembered, so that the next one can be longer. The last 200,000 are; when there are more, whoever was banned "
           "the fewest times is forgotten first."},
  {.name = "ban_prefix", .otherwise = "32 64", .is_own = true,
   .text = "What is banned with whoever touches a sensor or is banned for `penalties`: so many bits of an IPv4 and of an IPv6 address. Whoever has one address of a /64 of IPv6 has all of "
           "them. Where it would hold somebody who is never banned, the one address is banned alone. `reeve ban` bans what it is told."},
  {.name = "ban_scope", .otherwise = "services", .is_own = true,
   .text = "Which ports `kernel_bans` guards: those that services listen on, or with `host` all ports of the machine, also of programs that are none of "
           "reeve's business. In `host` scope a ban also drops datagrams that answer the machine's own questions: name the servers it asks in `never_ban`."},
  {.name = "banner", .otherwise = "none",
   .text = "The contents of this file are sent to everybody who connects, whether he may come in or not. A file may have up to one "
           "MiB; it is read anew when it has changed. A client that does not read is waited for up to ten seconds, by nobody else. For streams with "
           "`wait = no`."},
  {.name = "banner_fail", .otherwise = "none",
   .text = "The contents of this file are sent to whoever is refused, and the connection is closed behind them. As `banner` otherwise."},
  {.name = "banner_success", .otherwise = "none",
   .text = "The contents of this file are sent to whoever is admitted, in front of what the program says. As `banner` otherwise."},
  {.name = "bind", .otherwise = "all addresses of both families",
   .text = "Where to listen, one or several of: an address (`192.0.2.1`, `2001:db8::1`), an address of an interface (`fe80::1%eth0`), an interface "
           "(`eth0`: its addresses as they come and go), a host of hosts(5), a multicast group, which is joined, and a unix socket (`/run/x.sock`, or "
           "`@x` for an abstract name). The service listens on each of its ports at each address, and its limits count for all of them together. An "
           "address that the machine does not have yet is served as soon as it is there. DNS is not asked. xinetd takes one address or name."},
  {.name = "compat", .otherwise = "no", .is_own = true,
   .text = "With `xinetd`, the service behaves as under xinetd wherever the two differ on purpose: who is on both lists of addresses is refused, `cps` closes "
           "the port for everybody, one source may take all instances, mistakes in attributes that restrict are only warned about, any value "
           "of `v6only` means yes, and a `wait = yes` service is looked at only before its program is started. In `defaults` it also makes a reload drop "
           "what is wrong and apply the rest. docs/compatibility.md names every place."},
  {.name = "control", .otherwise = "control.sock in the runtime directory, for root's daemon", .is_own = true,
   .text = "Absolute path of the socket by which `reeve status` and its sisters ask the daemon and give it orders; `no` is none. Without it the socket is control.sock in "
           "$RUNTIME_DIRECTORY where the service manager sets that, else /run/reeve/control.sock when the daemon runs as root; the daemon of an ordinary user "
           "has none. Root, the user who runs the daemon, and members of the group reeve may do everything there. A reload heeds a change. See reeve(1)."},
  {.name = "control_read", .otherwise = "nobody", .is_own = true,
   .text = "Groups, by name or number, whose members may look by the control socket: status, services, instances, bans and log, with the addresses of clients. "
           "`everybody` lets every user of the machine do so. Orders stay with root, the user who runs the daemon, and the group reeve."},
  {.name = "cps", .otherwise = "50 10",
   .text = "RATE connections a second are admitted; whoever exceeds it is refused for SECONDS. Who that is, says `cps_action`: the source that came most "
           "often, or everybody. A rate of 0 is no limit. Refused connections count as FAIL with the reason `connections per second`."},
  {.name = "cps_action", .otherwise = "automatic", .is_own = true,
   .text = "What happens when more connections come than `cps` admits. `shed`: the source that comes most often is refused for the waiting time, others are "
           "served. `close`: the port is closed for everybody for that time, as xinetd does. `automatic`: as `shed`, and as `close` only while nobody but "
           "that source has used the service for ten minutes."},
  {.name = "deny_time", .otherwise = "NEVER",
   .text = "For a service with the flag SENSOR: for how many minutes whoever touches it is shut out of all services. `FOREVER` lasts until an operator lifts it (or, where bans are not kept, until the daemon ends), "
           "`NEVER` bans nobody and only logs. A second touch makes the ban longer. Addresses of this machine are never banned."},
  {.name = "disable", .otherwise = "no",
   .text = "With `yes` the service is off. Mistakes in its entry are told as warnings, and cost nothing. `enabled` and `disabled` of `defaults` do the same "
           "from outside of the entry; a service is on only if none of the three says that it is off."},
  {.name = "disabled", .otherwise = "none",
   .text = "Ids of services that are off, whatever their entries say. Words that are no service's id are noted."},
  {.name = "enabled", .otherwise = "all services",
   .text = "With it, only services with these ids are on, and of these only the ones that neither `disable = yes` nor `disabled` turns off. Words that "
           "are no service's id are noted."},
  {.name = "env", .otherwise = "nothing is added",
   .text = "Variables for the program, beside what `passenv` lets through; the last value of a name counts. There are no quotes, so a value holds no "
           "blank."},
  {.name = "flags", .otherwise = "none",
   .text = "Any of:\n\n"
           "`IDONLY`: only clients whose machine says who they are (RFC 1413) come in; needs USERID in `log_on_success`, a stream and `wait = no`. Waits five "
           "seconds at most.\n\n"
           "`INTERCEPT`: of a `wait = yes` service, every packet is checked against `only_from`, `no_access`, `access_times` and the bans, by a filter in the "
           "kernel. It needs to be said only under `compat = xinetd`: otherwise it is always so.\n\n"
           "`IPv4`, `IPv6`: the family of the sockets where `bind` names no address. Without either, an IPv6 socket takes both kinds of clients.\n\n"
           "`KEEPALIVE`: the kernel asks a silent client now and then whether he is still there. `NODELAY`: small packets are not held back "
           "(TCP_NODELAY).\n\n"
           "`LISTEN_FDS`: the program finds its socket as descriptor 3, as sd_listen_fds(3) expects. `UCSPI`: the connection is 0 and 1, with the environment of "
           "tcpserver. `REMOTE_ADDR`: the variables REMOTE_ADDR and REMOTE_PORT, as from a systemd socket. `RESOLVE`, with UCSPI: every client's name is "
           "looked up for TCPREMOTEHOST, for which he waits two seconds at most; without it the variable is set only where a rule needed the name. These four are "
           "reeve's own.\n\n"
           "`NAMEINARGS`: the first word of `server_args` is the name that the program finds as its own (argv[0]).\n\n"
           "`NOLIBWRAP`: hosts.allow and hosts.deny are not asked. `SENSOR`: nobody is served; whoever connects is banned for `deny_time`.\n\n"
           "`LABELED`: with SELinux and a labelled network, the program runs at the sensitivity of its client. Where SELinux, its library or the client's label is "
           "missing, nothing is started, and the log says why. For tcp programs with `wait = no`, and not with `proxy_from` or `redirect`.\n\n"
           "`NORETRY` and `REUSE` are accepted and change nothing (reeve always reuses ports)."},
  {.name = "fleet", .otherwise = "none", .is_own = true,
   .text = "The Redis server by which several machines share their bans: a host and its port (6379 without one), or the path of its unix socket. What a sensor, penalties or the operator "
           "bans on one of them is in force on all, and so is `reeve unban`. Each machine goes on alone while the server is away. Needs `fleet_key_file`. A reload reads "
           "key and password anew. docs/defence.md has the set-up, step by step."},
  {.name = "fleet_key_file", .otherwise = "none", .is_own = true,
   .text = "Absolute path of the key that this fleet's records are signed with, at least 32 bytes of text, the same file on all nodes: "
           "`head -c 32 /dev/urandom | base64 > FILE`. Not readable for everybody. Who has the password of the store but not this key can't ban anybody."},
  {.name = "fleet_name", .otherwise = "reeve", .is_own = true,
   .text = "What the fleet's keys in the store begin with. Fleets of different names may share a server, and know nothing of each other."},
  {.name = "fleet_node", .otherwise = "the machine's host name", .is_own = true,
   .text = "This machine's name among the nodes, which must differ from all others'. Its bans carry it."},
  {.name = "fleet_password_file", .otherwise = "none", .is_own = true,
   .text = "Absolute path of a file with the password for the store. Not readable for everybody."},
  {.name = "fleet_rate", .otherwise = "6000", .is_own = true,
   .text = "How many bans and lifts a minute are taken from one other node. What comes more often is taken later, and counted. A node that was away catches up "
           "with 131,072 of each other node at once."},
  {.name = "fleet_user", .otherwise = "the server's default user", .is_own = true,
   .text = "The user at the store, an ACL user of Redis. Needs `fleet_password_file`."},
  {.name = "fleet_widest", .otherwise = "24 48", .is_own = true,
   .text = "The widest network of IPv4 and of IPv6 that another node may ban. What is wider is refused, and counted; wider bans of this machine's own are not sent."},
  {.name = "group", .otherwise = "the user's primary group",
   .text = "The program's group, by name or number. Only root can change it; otherwise it is warned about."},
  {.name = "groups", .otherwise = "no",
   .text = "With `yes` the program has the supplementary groups that the user is a member of, with `no` it has none."},
  {.name = "id", .otherwise = "the service's name",
   .text = "Names the service in logs, in `enabled` and `disabled`, and across reloads. Two services of one name, say one for tcp and one for udp, need ids of "
           "their own to be told apart."},
  {.name = "instances", .otherwise = "UNLIMITED",
   .text = "How many programs, or conversations of a built-in service, may run at the same time. Above it clients are refused with the reason "
           "`service_limit`. From 8 on, one source gets at most three quarters of them unless `per_source` is set. When a reload lowers it, those "
           "that came last are ended."},
  {.name = "interface", .otherwise = "all addresses of both families", .text = "Another name of `bind`."},
  {.name = "kernel_bans", .otherwise = "no", .is_own = true,
   .text = "With `yes` the kernel has the bans, too, in a table of nftables that is reeve's own: what begins a connection from a banned source is dropped, and costs "
           "the daemon nothing. Connections that exist go on, and whoever is never banned comes first. Every five seconds it is looked whether somebody else has "
           "changed the table, and put right if so. Needs a daemon of root. docs/defence.md tells more."},
  {.name = "libwrap", .otherwise = "the program's base name",
   .text = "The name under which the service is looked for in hosts.allow and hosts.deny. Without it that is the base name of the program, with "
           "NAMEINARGS that of its first argument, and the service's name where there is no program."},
  {.name = "log_format", .otherwise = "xinetd", .is_own = true,
   .text = "The form of the service's records: lines as xinetd writes them, or one JSON object a line, always complete, with the reason of a refusal and the "
           "file and line that decided. See reeve.log(5)."},
  {.name = "log_on_failure", .otherwise = "nothing",
   .text = "What is logged of a refused visit. Any of the words makes a FAIL line; `HOST` adds the address, `USERID` asks the client's machine for the "
           "user, `ATTEMPT` adds nothing. In JSON records every field is there whatever the words are."},
  {.name = "log_on_success", .otherwise = "nothing",
   .text = "What is logged of an admitted visit. Any of the words makes a START line: `PID` and `HOST` add to it, `USERID` adds a line with the user that the "
           "client's machine names (RFC 1413). `EXIT` and `DURATION` make an EXIT line with the program's status, and how long it ran. `TRAFFIC`, for "
           "redirected services, adds a line with the bytes in each direction."},
  {.name = "log_type", .otherwise = "nowhere",
   .text = "Where the service's records go. `FILE PATH`: to this file, which is made if it is not there, readable for everybody. Past SOFT bytes a warning is logged, past HARD "
           "bytes logging to it ends; without HARD it is one hundredth more than SOFT, at least 5 K and at most 20 K. `SYSLOG FACILITY [LEVEL]`: to syslog; "
           "facilities are daemon, auth, authpriv, user, mail, lpr, news, uucp, ftp, local0 to local7; levels emerg, alert, crit, err, warning, notice, info "
           "(unless set) and debug. A full disk or a stuck syslog delays nobody, and lines that are lost are counted and told."},
  {.name = "max_load", .otherwise = "no limit",
   .text = "While the load average of the last minute is this high or higher, clients are refused with the reason `load`. A decimal number above 0."},
  {.name = "max_pressure", .otherwise = "no limit", .is_own = true,
   .text = "While so much of the last ten seconds was lost because something on the machine waited for a processor (`cpu`), for memory or for disks (`io`), clients are "
           "refused with the reason `pressure`. Percentages, as /proc/pressure has them (the line `some`, avg10), looked at once a second at most. It says sooner than "
           "the load average that a machine has too much to do. A kernel that does not tell has no such limit, and the log says so."},
  {.name = "mdns", .otherwise = "yes", .text = "Accepted, so that files that have it can be read, and without effect: reeve announces nothing."},
  {.name = "never_ban", .otherwise = "nobody but this machine, its gateways and its name servers", .is_own = true,
   .text = "Addresses and networks that are never banned, whoever asks for it, in the numeric forms of `only_from`. So are, without being named: addresses that services are bound to, "
           "addresses of this machine's interfaces (but for the loopback's), default gateways, and the name servers of resolv.conf(5)."},
  {.name = "nice", .otherwise = "0",
   .text = "Priority of the program, from -20 (first) to 19 (last); what is beyond is taken for the end. A negative number works for every user, since it is set before "
           "rights are given up."},
  {.name = "no_access", .otherwise = "nobody",
   .text = "Who may not come in, in the forms of `only_from`. Of an address on both lists the longer match decides, between equals `no_access`. A host "
           "name keeps out whoever has it among his names, and also whoever's name can't be found out in time."},
  {.name = "only_from", .otherwise = "everybody",
   .text = "Who may come in; with an empty list nobody. Forms: an address; `10.1.0.0`, where zeros at the end stand for anything; `10.1.2.{3,4}`; "
           "`10.0.0.0/8`, `2001:db8::/32`; a name of networks(5); a host's name; `.example.net` for a whole domain. `192.0.2` and octal parts are errors.\n\n"
           "In `defaults` it holds for services that have none; `+=` and `-=` in a service begin with that list, `=` begins anew. A host's name lets in "
           "whose address leads to it and back (a look-up waits two seconds at most, and nobody but that client waits). Clients of unix sockets "
           "are not concerned."},
  {.name = "passenv", .otherwise = "the daemon's whole environment",
   .text = "With it, only these variables of the daemon's environment reach the program; with an empty list none. `env` adds to them."},
  {.name = "penalties", .otherwise = "none", .is_own = true,
   .text = "What counts against a source, over all services, and how much: `refused` by address, name, user, time or tcp wrappers; `early_close`, it left before a byte went either "
           "way; `silent`, it said nothing until its time was over (both of built-in and redirected services, and at tcpmux); `crash`, its program died of a signal such as SIGSEGV; `sensor`, it "
           "touched one that does not ban. Where the sum reaches `penalty_limit` the source is banned. Datagrams never count, since their source can be forged."},
  {.name = "penalty_decay", .otherwise = "300", .is_own = true,
   .text = "After so many seconds half of a source's score is forgotten. Another value at a reload makes all scores begin anew."},
  {.name = "penalty_limit", .otherwise = "100 600", .is_own = true,
   .text = "The score at which a source is banned from all services, and for how many seconds; `ban_growth` makes further bans longer."},
  {.name = "per_source", .otherwise = "three quarters of instances from 8 on, else UNLIMITED",
   .text = "How many instances one source may have at the same time; above it he is refused with the reason `per_source_limit`. What one source is, says "
           "`source_prefix`; of a unix socket it is a user."},
  {.name = "port", .otherwise = "what services(5) has",
   .text = "A number, a name of services(5), a range, or several of them. If services(5) knows the service's name it has to agree, unless the type is UNLISTED; "
           "then it is required. A port of a range is left to whoever names it by itself, and to a program that has it already, so that a sensor can "
           "have `1-65535`. xinetd takes one port.\n\n"
           "`UNUSED`, on a stream service with the flag SENSOR, means all TCP ports that no program has at the moment, by one listener and a rule of nftables: "
           "a program that binds a port later has it at once. The log says which port was touched. Datagrams to UDP ports that nobody has are written "
           "down and ban nobody. Needs a daemon of root. docs/defence.md tells more."},
  {.name = "protocol", .otherwise = "tcp for stream, udp for dgram",
   .text = "A name of protocols(5). It can be left out where `socket_type` implies it. Has no effect for unix sockets."},
  {.name = "proxy_from", .otherwise = "nobody", .is_own = true,
   .text = "Proxies, by numeric address or network, that must say by the PROXY protocol (version 1 or 2) for whom they come, within ten seconds; otherwise the visit "
           "fails with the reason `proxy`. The client whom they name is then the one who is admitted, counted, banned and logged. All others are taken for what they "
           "are. For streams with `wait = no`."},
  {.name = "proxy_protocol", .otherwise = "no", .is_own = true,
   .text = "For a redirected service: the target is told who the client is, in front of the first byte, by version 1 or 2 of the PROXY protocol. It has to expect "
           "it."},
  {.name = "rate_per_source", .otherwise = "no limit", .is_own = true,
   .text = "How often one source may come: a number of visits and a time of seconds, minutes or hours. So many may come at once, and so many in each such time from then on; "
           "whoever comes more often is refused until there is room again, with the reason `per_source_limit`, in JSON `rate_per_source`. Nobody else notices. What "
           "one source is, says `source_prefix`. Up to a million visits, in up to a day; `UNLIMITED` lifts what `defaults` says.\n\n"
           "    rate_per_source = 20/10s\n"
           "    rate_per_source = 100/m\n\n"
           "The last 65,536 sources of a service are remembered; a flood from more than that forgets the one that was idle longest."},
  {.name = "redirect", .otherwise = "none: a program serves",
   .text = "Connections are carried to another place: a host (address or name) and a port (number or name), or the absolute path of a unix socket; up to 64 "
           "targets, of which one that answers is taken (`redirect_balance`). No program is started. A target that can't be reached is left alone for ten "
           "seconds while others answer; when none answers, the visit fails with the reason `target`. For tcp with `wait = no`. `user` and `server` have no effect "
           "on it. xinetd takes one target."},
  {.name = "redirect_balance", .otherwise = "round_robin", .is_own = true,
   .text = "Which of several targets is next: each in turn, or the one with the fewest connections."},
  {.name = "redirect_timeout", .otherwise = "5 0", .is_own = true,
   .text = "CONNECT: seconds until a target must have answered, 1 to 3600. IDLE: seconds after which a relay that carries nothing in either direction is reset; 0 is "
           "never."},
  {.name = "rlimit_as", .otherwise = "the daemon's",
   .text = "Limit of the program's address space, in bytes, with K or M for 1024 or 1048576 of them. Soft and hard limit alike; see setrlimit(2)."},
  {.name = "rlimit_cpu", .otherwise = "the daemon's", .text = "Limit of the processor time that the program may use, in seconds. Soft and hard limit alike; see setrlimit(2)."},
  {.name = "rlimit_data", .otherwise = "the daemon's", .text = "Limit of the program's data, in bytes, with K or M as for `rlimit_as`. Soft and hard limit alike; see setrlimit(2)."},
  {.name = "rlimit_files", .otherwise = "what the daemon was started with",
   .text = "How many files the program may have open. Soft and hard limit alike; see setrlimit(2). Not in every xinetd."},
  {.name = "rlimit_rss", .otherwise = "the daemon's",
   .text = "Limit of the program's resident memory, in bytes, with K or M as for `rlimit_as`. Linux does not enforce it."},
  {.name = "rlimit_stack", .otherwise = "the daemon's", .text = "Limit of the program's stack, in bytes, with K or M as for `rlimit_as`. Soft and hard limit alike; see setrlimit(2)."},
  {.name = "rpc_number", .otherwise = "what rpc(5) has", .text = "Number of the RPC program. Required for `type = RPC UNLISTED`; otherwise rpc(5) has it."},
  {.name = "rpc_version", .otherwise = "required for RPC",
   .text = "Version of the RPC program, or a range of at most 256 of them. Each is registered with rpcbind, for the families and protocols of the socket."},
  {.name = "sensor_reply", .otherwise = "close", .is_own = true,
   .text = "What whoever touches a stream sensor gets, after he is written down and banned. `close`: the end of the connection. `reset`: a TCP reset, as if "
           "nobody listened. `banner`: the beginning of that file, 64 KiB at most, for at most ten seconds. `record`: up to BYTES (1 to 65536) of what he says within five "
           "seconds go into the service's log, see reeve.log(5). `tarpit`: he is kept for as long as he stays, with a line every ten seconds. 256 "
           "clients at once get a banner or are recorded, and 16,384 (half of reeve's open files, if that is less) stay in the tarpit; more are closed, or push out who has been there longest. Datagrams are never answered."},
  {.name = "server", .otherwise = "required for programs",
   .text = "Absolute path of the program that serves. A file that is not there, or can't be executed, costs the service when the configuration is read. "
           "Not for built-in and redirected services."},
  {.name = "server_args", .otherwise = "none",
   .text = "The program's arguments, without its name, which is the base name of `server`; with the flag NAMEINARGS the first word is its name. There are no "
           "quotes: an argument holds no blank."},
  {.name = "socket_group", .otherwise = "the daemon's", .is_own = true, .text = "Group of the service's unix sockets (`bind = /PATH`), by name or number."},
  {.name = "socket_mode", .otherwise = "600", .is_own = true,
   .text = "Mode of the service's unix sockets (`bind = /PATH`), an octal number: whoever may write to the file may connect. It is never more open than "
           "that, not even for a moment."},
  {.name = "socket_type", .otherwise = "stream for tcp, dgram for udp",
   .text = "The kind of socket: connections (`stream`), datagrams (`dgram`), direct access to IP (`raw`) or connections with packets that keep their bounds "
           "(`seqpacket`). It can be left out where `protocol` implies it."},
  {.name = "socket_user", .otherwise = "the daemon's", .is_own = true, .text = "Owner of the service's unix sockets (`bind = /PATH`), by name or number."},
  {.name = "source_prefix", .otherwise = "32 64", .is_own = true,
   .text = "How many bits of an IPv4 and of an IPv6 address make one source for `per_source`, `rate_per_source`, `instances` and `cps`. A home or an office has a /64 of IPv6; "
           "counting each of its addresses would count nobody. `32 128` counts addresses."},
  {.name = "state_directory", .otherwise = "$STATE_DIRECTORY, else /var/lib/reeve where that is", .is_own = true,
   .text = "Absolute path of the directory in which bans are kept, so that they outlast the daemon and the machine; `no` keeps them in memory only. It is made when "
           "it is missing; in it the daemon makes a directory bans of mode 0700, which belongs to the user reeve. Without the attribute it is the first of "
           "$STATE_DIRECTORY, as the service manager sets it, else /var/lib/reeve if that is there; else bans are not kept, which is said at the start. Two daemons need two of them. "
           "A reload heeds a change."},
  {.name = "strict", .otherwise = "yes", .is_own = true,
   .text = "With `yes`, a misspelt attribute that restricts (`only_form`) costs the service, since it would otherwise be open to everybody. With `no` it is warned about "
           "and ignored, as xinetd does."},
  {.name = "type", .otherwise = "none",
   .text = "Any of: `INTERNAL`, reeve serves by itself (echo, discard, daytime, time, chargen, each as stream and dgram, and tcpmux); `RPC`, a service of "
           "rpcbind; `UNLISTED`, not in services(5), or rpc(5), so that `port`, or `rpc_number`, is required; `TCPMUX`, reached by its name at the port of "
           "tcpmux (RFC 1078), and `TCPMUXPLUS`, the same with the `+` line said for it. `SPECIAL` is of xinetd's own workings and left out."},
  {.name = "udp_bans", .otherwise = "yes", .is_own = true,
   .text = "May a datagram alone ban its source at a sensor? Anybody can forge one. With `no` datagram sensors only log."},
  {.name = "umask", .otherwise = "the daemon's, with 022", .text = "The program's file mode mask, an octal number from 0 to 777."},
  {.name = "user", .otherwise = "required for programs",
   .text = "Who the program runs as, by name or number; a number that no user has is the group, too. Only root can change it; otherwise it is warned "
           "about."},
  {.name = "v6only", .otherwise = "no",
   .text = "With `yes` an IPv6 socket takes no IPv4 clients. xinetd takes any value in a service for yes, and ignores it in `defaults`; `compat = xinetd` does the "
           "same."},
  {.name = "wait", .otherwise = "required",
   .text = "`no`: reeve accepts each connection and starts a program for it. `yes`: the program gets the listening socket and reads or accepts by itself; until it ends, no "
           "other is started. Datagram programs need `yes`. What the kernel lets in meanwhile is checked by a filter on the socket."},
});
// clang-format on

static_assert(std::is_sorted(kManual.begin(), kManual.end(), [](const auto& a, const auto& b) { return a.name < b.name; }));

}  // namespace

const AttributeManual* manual_of(std::string_view attribute) noexcept {
  const auto found = std::ranges::lower_bound(kManual, attribute, {}, &AttributeManual::name);
  return found != kManual.end() && found->name == attribute ? &*found : nullptr;
}

}  // namespace reeve
