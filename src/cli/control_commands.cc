#include "cli/control_commands.h"

#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/printable.h"
#include "cli/control_client.h"
#include "cli/control_views.h"
#include "cli/spans.h"
#include "cli/top.h"

namespace reeve {

namespace {

constexpr std::chrono::milliseconds kPatience{10'000};
constexpr std::chrono::milliseconds kLongPatience{45'000};  // a reload, the end of servers
constexpr std::chrono::milliseconds kForEver{1'000'000'000};
constexpr std::int64_t kTail = 10;
constexpr const char* kExitCodes =
    "Exit codes: 0 done, 1 the daemon says no, 2 the question is wrong, 3 no daemon answers, 4 permission denied, 5 versions differ.";

using Writer = std::function<bool(std::string_view)>;

Answer trouble_text(const ControlTrouble& trouble) {
  return {.out = {}, .err = "reeve: " + trouble.text + "\n", .exit_code = trouble.exit_code};
}

Answer wrong(const std::string& text) {
  return {.out = {}, .err = "reeve: " + text + "\n", .exit_code = kWrong};
}

}  // namespace

struct ControlCommands::Verbs {
  struct Given {
    std::string socket = kControlPath;
    bool json = false;
    std::string service, prefix, source, why;
    std::vector<std::string> words;  // of `ban`: for 2h because ...
    bool old = false, end_old = false, history = false, no_wait = false, follow = false, plan = false, even_me = false;
    std::int64_t lines = -1, most = 0;
    std::string confirm_within;
  };
  Given given;
  CLI::App* status = nullptr;
  CLI::App* services = nullptr;
  CLI::App* instances = nullptr;
  CLI::App* bans = nullptr;
  CLI::App* ban = nullptr;
  CLI::App* unban = nullptr;
  CLI::App* stop = nullptr;
  CLI::App* start = nullptr;
  CLI::App* drain = nullptr;
  CLI::App* log = nullptr;
  CLI::App* reload = nullptr;
  CLI::App* confirm = nullptr;
  CLI::App* top = nullptr;

  CLI::App* add(CLI::App& app, const char* name, const char* what) {
    CLI::App* const verb = app.add_subcommand(name, what);
    verb->add_option("--socket", given.socket, "The daemon's control socket")
        ->type_name("PATH")
        ->envname("REEVE_CONTROL")
        ->capture_default_str();
    verb->add_flag("--json", given.json, "JSON");
    verb->footer(kExitCodes);
    return verb;
  }
  void add_all(CLI::App& app);

  [[nodiscard]] ControlRequest about_service(const char* verb) const {
    ControlRequest request(verb);
    if (!given.service.empty()) request.with("service", given.service);
    return request;
  }

  // One answer, shown as a whole.
  template <class View>
  [[nodiscard]] Answer ask(const ControlRequest& request, std::string_view items, std::chrono::milliseconds patience,
                           const View& view) const {
    auto client = ControlClient::connect(given.socket);
    if (!client) return trouble_text(client.error());
    const auto reply = client->ask(request, patience);
    if (!reply) return trouble_text(reply.error());
    return {.out = given.json ? json_view(*reply, items) : view(*reply)};
  }

  // An answer that is shown item by item, as it comes.
  template <class View, class Last>
  [[nodiscard]] Answer follow_answer(const ControlRequest& request, std::chrono::milliseconds patience, const Writer& write,
                                     const View& view, const Last& last) const {
    auto client = ControlClient::connect(given.socket);
    if (!client) return trouble_text(client.error());
    if (const auto sent = client->send(request); !sent) return trouble_text(sent.error());
    for (;;) {
      const auto line = client->next(patience);
      if (!line) return trouble_text(line.error());
      if (!*line) return trouble_text({kNoDaemon, {}, "the daemon does not answer"});
      const boost::json::object& object = (*line)->object;
      if ((*line)->is_last) return {.out = last(object)};
      std::string text = given.json ? boost::json::serialize(object) : view(object);
      if (!write(text += '\n')) return {};
    }
  }

  [[nodiscard]] Answer run_instances(bool colour) const;
  [[nodiscard]] Answer run_bans(bool colour) const;
  [[nodiscard]] Answer run_ban() const;
  [[nodiscard]] Answer run_hold(const char* verb, const char* done) const;
  [[nodiscard]] Answer run_start() const;
  [[nodiscard]] Answer run_log(bool colour, const Writer& write) const;
  [[nodiscard]] Answer run_reload(bool colour, const Writer& write) const;
};

void ControlCommands::Verbs::add_all(CLI::App& app) {
  status = add(app, "status", "The daemon in a dozen lines: services, instances, refusals, bans");
  services = add(app, "services", "Each service: its state, its instances, whom it refused");
  services->add_option("SERVICE", given.service, "Its id or name; all without it");
  instances = add(app, "instances", "Who is being served, by which process, since when");
  instances->add_option("SERVICE", given.service, "Its id or name; all without it");
  CLI::Option* const old = instances->add_flag("--old", given.old, "Only those that run a program whose file was replaced since");
  instances->add_flag("--end-old", given.end_old, "End these: SIGTERM, and SIGKILL after five seconds")->excludes(old);
  bans = add(app, "bans", "Who is shut out, for how long, because of what");
  bans->add_option("PREFIX", given.prefix, "Only bans of this address or network, or around it");
  bans->add_flag("--history", given.history, "The bans of the past, too: when they began, when and why they ended");
  bans->add_option("--most", given.most, "How many; with --history 1000 without it, and 10000 at most")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  ban = add(app, "ban", "Shut out an address or a network: reeve ban 192.0.2.0/24 for 2h because it scrapes");
  ban->add_option("PREFIX", given.prefix, "192.0.2.1, 192.0.2.0/24, 2001:db8::/48")->required();
  ban->add_option("WORDS", given.words, "for SPAN (90s, 30m, 2h, 1d; for ever without it), because REASON")->expected(0, 100);
  ban->add_flag("--even-me", given.even_me, "Even if it holds the address that this session comes from");
  unban = add(app, "unban", "Let an address or a network in again");
  unban->add_option("PREFIX", given.prefix, "As `reeve bans` shows it")->required();
  stop = add(app, "stop", "Stop a service until `reeve start`: nobody is let in, who is there is ended; its ports stay ours");
  stop->add_option("SERVICE", given.service, "Its id or name")->required();
  drain = add(app, "drain", "Stop a service gently: nobody is let in, who is there may finish; waits for that");
  drain->add_option("SERVICE", given.service, "Its id or name")->required();
  drain->add_flag("--no-wait", given.no_wait, "Don't wait until nobody is left");
  start = add(app, "start", "Start a service that was stopped or drained");
  start->add_option("SERVICE", given.service, "Its id or name")->required();
  log = add(app, "log", "What happened to visits lately: the last 1000, whatever the services' own logs keep");
  log->add_flag("-f,--follow", given.follow, "Go on with what happens now");
  log->add_option("-n,--lines", given.lines, "How many of the past; all that are kept, or 10 with --follow")->type_name("N");
  log->add_option("--source", given.source, "Only of this address or network")->type_name("PREFIX");
  log->add_option("--service", given.service, "Only of the service with this id")->type_name("ID");
  log->add_option("--why", given.why, "Only what was refused for this reason: per_source, ban, cps, ...")->type_name("REASON");
  reload = add(app, "reload", "Read the configuration again, and say what changed");
  CLI::Option* const plan = reload->add_flag("--plan", given.plan, "Only say what would change, and whose connections would end");
  reload->add_option("--confirm-within", given.confirm_within, "Go back to the former configuration unless `reeve confirm` comes in time")
      ->type_name("SPAN")
      ->excludes(plan);
  confirm = add(app, "confirm", "Keep what `reeve reload --confirm-within` brought");
  top = add(app, "top", "Watch the daemon on the whole screen: rates, services, busiest sources, bans; ? there tells the keys");
  top->remove_option(top->get_option("--json"));
}

Answer ControlCommands::Verbs::run_instances(bool colour) const {
  ControlRequest request = about_service(given.end_old ? "end_old" : "instances");
  if (given.old) request.with("old", true);
  return ask(request, "instances", kPatience, [&](const ControlReply& reply) {
    if (!given.end_old) return instances_view(reply, colour);
    if (reply.items.empty()) return std::string("no instance runs an old program\n");
    return instances_view(reply, colour) + fmt::format("{} asked to end\n", reply.items.size());
  });
}

Answer ControlCommands::Verbs::run_bans(bool colour) const {
  ControlRequest request(given.history ? "history" : "bans");
  if (!given.prefix.empty()) request.with("source", given.prefix);
  if (given.most > 0) request.with("most", given.most);
  return ask(request, "bans", kPatience,
             [&](const ControlReply& reply) { return given.history ? history_view(reply, colour) : bans_view(reply, colour); });
}

Answer ControlCommands::Verbs::run_ban() const {
  ControlRequest request("ban");
  request.with("prefix", given.prefix);
  std::string reason;
  for (std::size_t each = 0; each < given.words.size(); ++each) {
    const std::string& word = given.words[each];
    if (word == "because") {
      for (++each; each < given.words.size(); ++each) reason += (reason.empty() ? "" : " ") + given.words[each];
      if (reason.empty()) return wrong("because of what?");
    } else if (word == "for") {
      if (each + 1 == given.words.size()) return wrong("for how long? 90s, 30m, 2h, 1d, ever");
      const std::string& span = given.words[++each];
      if (span == "ever") continue;
      const auto seconds = parse_span(span);
      if (!seconds) return wrong("`" + printable(span, 60) + "` is no span of time: 90s, 30m, 2h, 1d, ever");
      request.with("seconds", *seconds);
    } else {
      return wrong("after the prefix comes `for SPAN`, `because REASON`, or both, not `" + printable(word, 60) + "`");
    }
  }
  if (!reason.empty()) request.with("because", reason);
  if (given.even_me) request.with("even_me", true);
  return ask(request, "", kPatience, [](const ControlReply& reply) {
    const std::string kept = text_of(reply.last, "kept");
    const char* how = kept == "no" ? "; it is not kept over a restart" : kept == "not_yet" ? "; it is not on disk yet" : "";
    return fmt::format("{} is shut out {}{}\n", text_of(reply.last, "prefix"),
                       has_value(reply.last, "left_s") ? "for " + span_text(number_of(reply.last, "left_s")) : "for ever", how);
  });
}

Answer ControlCommands::Verbs::run_hold(const char* verb, const char* done) const {
  ControlRequest request = about_service(verb);
  const bool waits = verb == std::string_view("drain") && !given.no_wait;
  if (waits) request.with("wait", true);
  return ask(request, "", waits ? kForEver : kLongPatience, [&](const ControlReply& reply) {
    const std::int64_t left = number_of(reply.last, "running");
    return fmt::format("{} {}{}\n", given.service, done, left == 0 ? std::string() : fmt::format("; {} still being served", left));
  });
}

Answer ControlCommands::Verbs::run_start() const {
  return ask(about_service("start"), "", kPatience, [&](const ControlReply& reply) {
    return fmt::format("{} {}\n", given.service, number_of(reply.last, "were_held") == 0 ? "was not stopped" : "is started");
  });
}

Answer ControlCommands::Verbs::run_log(bool colour, const Writer& write) const {
  ControlRequest request = about_service("log");
  if (given.follow) request.with("follow", true);
  if (!given.source.empty()) request.with("source", given.source);
  if (!given.why.empty()) request.with("why", given.why);
  if (given.lines >= 0 || given.follow) request.with("history", given.lines >= 0 ? given.lines : kTail);
  return follow_answer(
      request, given.follow ? kForEver : kPatience, write, [&](const boost::json::object& item) { return record_view(item, colour); },
      [](const boost::json::object&) { return std::string(); });
}

Answer ControlCommands::Verbs::run_reload(bool colour, const Writer& write) const {
  ControlRequest request("reload");
  if (given.plan) request.with("plan", true);
  if (!given.confirm_within.empty()) {
    const auto seconds = parse_span(given.confirm_within);
    if (!seconds) return wrong("`" + printable(given.confirm_within, 60) + "` is no span of time: 60s, 5m");
    request.with("confirm_within", *seconds);
  }
  return follow_answer(
      request, kLongPatience, write, [&](const boost::json::object& item) { return reload_view(item, colour); },
      [&](const boost::json::object& last) {
        if (given.json) return boost::json::serialize(last) + "\n";
        std::string text = text_of(last, "result") + "\n";
        if (has_value(last, "confirm_within_s"))
          text += fmt::format("in {} the former configuration comes back, unless `reeve confirm` says otherwise\n",
                              span_text(number_of(last, "confirm_within_s")));
        return text;
      });
}

ControlCommands::ControlCommands(CLI::App& app) : verbs_(std::make_unique<Verbs>()) {
  verbs_->add_all(app);
}

ControlCommands::~ControlCommands() = default;

std::optional<Answer> ControlCommands::run(bool colour, const Writer& write) {
  const Verbs& verbs = *verbs_;
  const auto show = [&](auto view) { return [view, colour](const ControlReply& reply) { return view(reply, colour); }; };
  if (verbs.status->parsed()) return verbs.ask(ControlRequest("status"), "", kPatience, show(status_view));
  if (verbs.services->parsed()) return verbs.ask(verbs.about_service("services"), "services", kPatience, show(services_view));
  if (verbs.instances->parsed()) return verbs.run_instances(colour);
  if (verbs.bans->parsed()) return verbs.run_bans(colour);
  if (verbs.ban->parsed()) return verbs.run_ban();
  if (verbs.unban->parsed()) {
    return verbs.ask(ControlRequest("unban").with("prefix", verbs.given.prefix), "", kPatience,
                     [](const ControlReply& reply) { return text_of(reply.last, "prefix") + " may come in again\n"; });
  }
  if (verbs.stop->parsed()) return verbs.run_hold("stop", "is stopped");
  if (verbs.drain->parsed()) return verbs.run_hold("drain", "takes nobody any more");
  if (verbs.start->parsed()) return verbs.run_start();
  if (verbs.log->parsed()) return verbs.run_log(colour, write);
  if (verbs.reload->parsed()) return verbs.run_reload(colour, write);
  if (verbs.confirm->parsed()) {
    return verbs.ask(ControlRequest("confirm"), "", kPatience,
                     [](const ControlReply& reply) { return text_of(reply.last, "result") + "\n"; });
  }
  if (verbs.top->parsed()) return run_top(verbs.given.socket, colour);
  return std::nullopt;
}

}  // namespace reeve
