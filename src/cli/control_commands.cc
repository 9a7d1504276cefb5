#include "cli/control_commands.h"

#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/control_client.h"
#include "cli/control_views.h"

namespace reeve {

namespace {

constexpr std::chrono::milliseconds kPatience{10'000};
constexpr const char* kExitCodes =
    "Exit codes: 0 done, 1 the daemon says no, 2 the question is wrong, 3 no daemon answers, 4 permission denied, 5 versions differ.";

Answer trouble_text(const ControlTrouble& trouble) {
  return {.out = {}, .err = "reeve: " + trouble.text + "\n", .exit_code = trouble.exit_code};
}

}  // namespace

struct ControlCommands::Verbs {
  std::string socket = kControlPath;
  bool json = false;
  std::string service;
  CLI::App* status = nullptr;
  CLI::App* services = nullptr;
  CLI::App* instances = nullptr;
  CLI::App* bans = nullptr;

  CLI::App* add(CLI::App& app, const char* name, const char* what) {
    CLI::App* const verb = app.add_subcommand(name, what);
    verb->add_option("--socket", socket, "The daemon's control socket")->type_name("PATH")->envname("REEVE_CONTROL")->capture_default_str();
    verb->add_flag("--json", json, "One JSON document");
    verb->footer(kExitCodes);
    return verb;
  }

  using View = std::string (*)(const ControlReply& reply, bool colour);
  [[nodiscard]] Answer ask(const ControlRequest& request, View view, std::string_view name, bool colour) const {
    auto client = ControlClient::connect(socket);
    if (!client) return trouble_text(client.error());
    const auto reply = client->ask(request, kPatience);
    if (!reply) return trouble_text(reply.error());
    return {.out = json ? json_view(*reply, name) : view(*reply, colour)};
  }
  [[nodiscard]] ControlRequest about_service(const char* verb) const {
    ControlRequest request(verb);
    if (!service.empty()) request.with("service", service);
    return request;
  }
};

ControlCommands::ControlCommands(CLI::App& app) : verbs_(std::make_unique<Verbs>()) {
  Verbs& verbs = *verbs_;
  verbs.status = verbs.add(app, "status", "The daemon in a dozen lines: services, instances, refusals, bans");
  verbs.services = verbs.add(app, "services", "Each service: its state, its instances, whom it refused");
  verbs.services->add_option("SERVICE", verbs.service, "Its id or name; all without it");
  verbs.instances = verbs.add(app, "instances", "Who is being served, by which process, since when");
  verbs.instances->add_option("SERVICE", verbs.service, "Its id or name; all without it");
  verbs.bans = verbs.add(app, "bans", "Who is shut out, for how long, because of what");
}

ControlCommands::~ControlCommands() = default;

std::optional<Answer> ControlCommands::run(bool colour, const std::function<bool(std::string_view)>&) {
  const Verbs& verbs = *verbs_;
  if (verbs.status->parsed()) return verbs.ask(ControlRequest("status"), status_view, "", colour);
  if (verbs.services->parsed()) return verbs.ask(verbs.about_service("services"), services_view, "services", colour);
  if (verbs.instances->parsed()) return verbs.ask(verbs.about_service("instances"), instances_view, "instances", colour);
  if (verbs.bans->parsed()) return verbs.ask(ControlRequest("bans"), bans_view, "bans", colour);
  return std::nullopt;
}

}  // namespace reeve
