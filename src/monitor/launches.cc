#include "monitor/launches.h"

#include <unistd.h>

#include <algorithm>
#include <deque>
#include <map>
#include <string_view>

#include "base/check.h"
#include "monitor/visit_environment.h"

namespace reeve {

namespace {

using Environment = std::vector<char*>;

std::string_view name_of(std::string_view assignment) noexcept {
  return assignment.substr(0, assignment.find('='));
}

// execve wants char*, but changes nothing.
char* c_string(Text text) noexcept {
  return const_cast<char*>(text.data());
}

void put(Environment& environment, char* assignment) {
  const std::string_view name = name_of(assignment);
  const auto same = std::find_if(environment.begin(), environment.end(), [&](const char* one) { return name_of(one) == name; });
  if (same != environment.end()) {
    *same = assignment;
  } else {
    environment.push_back(assignment);
  }
}

// The daemon's own as far as passenv lets it through, then env. The client's address is not the daemon's to pass on.
Environment make_environment(const Service& service, const Heritage& heritage) {
  const Launch& launch = *service.launch;
  Environment environment;
  for (const std::string& own : heritage.environment) {
    const std::string_view name = name_of(own);
    const bool passes = launch.passenv_all || std::find(launch.passenv.begin(), launch.passenv.end(), name) != launch.passenv.end();
    if (passes && !tells_of_visits(service.flags, name)) environment.push_back(const_cast<char*>(own.c_str()));
  }
  for (const Text assignment : launch.env) put(environment, c_string(assignment));
  return environment;
}

int system_resource(Resource resource) noexcept {
  switch (resource) {
    case Resource::as:
      return RLIMIT_AS;
    case Resource::cpu:
      return RLIMIT_CPU;
    case Resource::data:
      return RLIMIT_DATA;
    case Resource::rss:
      return RLIMIT_RSS;
    case Resource::stack:
      return RLIMIT_STACK;
    case Resource::files:
      return RLIMIT_NOFILE;
  }
  return RLIMIT_NLIMITS;
}

}  // namespace

// Spans and pointers of a Program point into the arrays here, so each is filled by one reservation.
struct Launches::Store {
  ConfigurationRef configuration;
  std::vector<Program> programs;  // one for each service; without a path where none is executed
  std::vector<char*> arguments;
  std::vector<Program::Limit> limits;
  std::map<Environment, std::size_t> environments;
  std::deque<std::string> names;  // LISTEN_FDNAMES of those few that have them

  // LISTEN_PID is the starter's.
  void add_listen_fds(const Service& service, Environment& environment) {
    static char one[] = "LISTEN_FDS=1";
    put(environment, one);
    put(environment, names.emplace_back("LISTEN_FDNAMES=" + listen_fd_name(service)).data());
  }

  // Most services have the daemon's environment unchanged: they share one.
  std::span<char* const> share(Environment environment) { return environments.try_emplace(std::move(environment)).first->first; }
};

Heritage Heritage::of_this_process(const rlimit& open_files) {
  Heritage heritage;
  for (char* const* each = environ; each != nullptr && *each != nullptr; ++each) heritage.environment.emplace_back(*each);
  heritage.open_files = open_files;
  heritage.priority = ::getpriority(PRIO_PROCESS, 0);
  heritage.is_plain_root = ::getuid() == 0 && ::geteuid() == 0 && ::getgid() == 0 && ::getegid() == 0 && ::getgroups(0, nullptr) == 0;
  return heritage;
}

Launches::Launches(ConfigurationRef configuration, const Heritage& heritage) {
  auto store = std::make_shared<Store>();
  store->configuration = std::move(configuration);
  const auto& services = store->configuration->services;
  std::size_t arguments = 0, limits = 0;
  for (const Service& service : services) {
    if (service.launch == nullptr) continue;
    arguments += service.launch->arguments.size() + 1;
    limits += service.launch->limits.size() + 1;
  }
  store->programs.resize(services.size());
  store->arguments.reserve(arguments);
  store->limits.reserve(limits);

  std::span<char* const> plain;
  for (std::size_t index = 0; index < services.size(); ++index) {
    if (services[index].launch == nullptr) continue;
    const Launch& launch = *services[index].launch;
    Program& program = store->programs[index];
    program.path = launch.server.data();
    program.argv = store->arguments.data() + store->arguments.size();
    for (const Text argument : launch.arguments) store->arguments.push_back(c_string(argument));
    store->arguments.push_back(nullptr);

    const ServiceFlags& flags = services[index].flags;
    const bool is_plain = launch.passenv_all && launch.env.empty() && !flags.listen_fds && !flags.ucspi && !flags.remote_addr;
    if (!is_plain || plain.empty()) {
      Environment environment = make_environment(services[index], heritage);
      if (flags.listen_fds) store->add_listen_fds(services[index], environment);
      program.environment = store->share(std::move(environment));
    }
    if (is_plain && plain.empty()) plain = program.environment;
    if (is_plain) program.environment = plain;

    const std::size_t first_limit = store->limits.size();
    bool has_files = false;
    for (const ResourceLimit& limit : launch.limits) {
      has_files |= limit.resource == Resource::files;
      const rlim_t value = limit.value == UINT64_MAX ? RLIM_INFINITY : limit.value;
      store->limits.push_back({system_resource(limit.resource), {value, value}});
    }
    if (!has_files && heritage.open_files.rlim_cur != heritage.open_files.rlim_max)
      store->limits.push_back({RLIMIT_NOFILE, heritage.open_files});
    program.limits = std::span(store->limits).subspan(first_limit);

    program.sockets = flags.listen_fds ? Program::Sockets::listen : flags.ucspi ? Program::Sockets::ucspi : Program::Sockets::inetd;

    program.set_ids = launch.set_ids && !(heritage.is_plain_root && launch.uid == 0 && launch.gid == 0 && launch.groups.empty());
    program.uid = launch.uid;
    program.gid = launch.gid;
    program.groups = launch.groups;
    program.umask = launch.umask;
    if (launch.nice != 0) program.priority = std::clamp(heritage.priority + launch.nice, -20, 19);
  }
  store_ = std::move(store);
}

ProgramRef Launches::program(std::size_t service) const {
  REEVE_CHECK(service < store_->programs.size() && store_->programs[service].path != nullptr);
  return {store_, &store_->programs[service]};
}

}  // namespace reeve
