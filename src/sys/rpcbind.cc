#include "sys/rpcbind.h"

#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <dlfcn.h>
#include <map>
#include <netconfig.h>
#include <new>
#include <rpc/rpc.h>
#include <rpc/rpcb_clnt.h>

#include "base/unique_fd.h"
#include "sys/children.h"

namespace reeve {

namespace {

constexpr const char* kLibrary = "libtirpc.so.3";

sockaddr_storage to_system(const Endpoint& endpoint, bool v4, socklen_t& length) noexcept {
  sockaddr_storage raw{};
  if (v4) {
    auto& address = *::new (&raw) sockaddr_in{};
    address.sin_family = AF_INET;
    address.sin_port = htons(endpoint.port);
    if (endpoint.address.is_v4()) address.sin_addr.s_addr = htonl(endpoint.address.to_v4());
    length = sizeof address;
  } else {
    auto& address = *::new (&raw) sockaddr_in6{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(endpoint.port);
    std::memcpy(&address.sin6_addr, endpoint.address.bytes().data(), sizeof address.sin6_addr);
    length = sizeof address;
  }
  return raw;
}

bool is_v4(RpcTransport transport) noexcept {
  return transport == RpcTransport::tcp || transport == RpcTransport::udp;
}

// Does anybody have this port? A registration that nobody stands behind any more may be replaced.
bool is_in_use(RpcTransport transport, std::uint16_t port) noexcept {
  const bool stream = transport == RpcTransport::tcp || transport == RpcTransport::tcp6;
  const UniqueFd probe(::socket(is_v4(transport) ? AF_INET : AF_INET6, (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0));
  if (!probe) return true;
  const int on = 1;
  // With it a stream's port is taken by who listens only, not by what is left of connections.
  if (stream) (void)::setsockopt(probe.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (!is_v4(transport)) (void)::setsockopt(probe.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  socklen_t length = 0;
  const sockaddr_storage any = to_system({{}, port}, is_v4(transport), length);
  return ::bind(probe.get(), reinterpret_cast<const sockaddr*>(&any), length) != 0;
}

// The library, loaded when it is needed.
class Tirpc {
 public:
  // Empty, or what is wrong.
  std::string load() {
    void* const library = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return std::string("the library that speaks with rpcbind can't be loaded: ") + ::dlerror();
    const bool complete = find(library, "rpcb_set", set_) && find(library, "rpcb_unset", unset_) && find(library, "rpcb_getmaps", maps_) &&
                          find(library, "getnetconfigent", netconfig_) && find(library, "clnt_spcreateerror", why_);
    return complete ? std::string() : std::string(kLibrary) + " lacks what is needed";
  }

  // All that is registered, by asking through the local socket. Empty text, or why not.
  std::string read(std::map<RpcKey, Endpoint>& registered) {
    const netconfig* const local = netconfig_("local");
    if (local == nullptr) return "netconfig(5) has no `local`";
    char host[] = "localhost";
    char label[] = "rpcbind";
    const rpcblist* list = maps_(local, host);
    if (list == nullptr) return why_(label);  // it always has itself
    for (; list != nullptr; list = list->rpcb_next) {
      const rpcb& one = list->rpcb_map;
      const auto address = one.r_addr == nullptr ? std::nullopt : parse_universal_address(one.r_addr);
      for (const RpcTransport transport : {RpcTransport::tcp, RpcTransport::udp, RpcTransport::tcp6, RpcTransport::udp6}) {
        if (!address || one.r_netid == nullptr || to_text(transport) != one.r_netid) continue;
        registered.emplace(RpcKey{static_cast<std::uint32_t>(one.r_prog), static_cast<std::uint32_t>(one.r_vers), transport}, *address);
      }
    }
    return {};
  }

  bool set(const RpcKey& key, const Endpoint& address) {
    socklen_t length = 0;
    sockaddr_storage raw = to_system(address, is_v4(key.transport), length);
    netbuf where{};
    where.buf = &raw;
    where.len = where.maxlen = length;
    const netconfig* const transport = netconfig_(std::string(to_text(key.transport)).c_str());
    return transport != nullptr && set_(key.program, key.version, transport, &where) != 0;
  }
  bool unset(const RpcKey& key) {
    const netconfig* const transport = netconfig_(std::string(to_text(key.transport)).c_str());
    return transport != nullptr && unset_(key.program, key.version, transport) != 0;
  }

 private:
  template <class Function>
  static bool find(void* library, const char* name, Function& function) {
    function = reinterpret_cast<Function>(::dlsym(library, name));
    return function != nullptr;
  }

  decltype(&::rpcb_set) set_ = nullptr;
  decltype(&::rpcb_unset) unset_ = nullptr;
  decltype(&::rpcb_getmaps) maps_ = nullptr;
  decltype(&::getnetconfigent) netconfig_ = nullptr;
  decltype(&::clnt_spcreateerror) why_ = nullptr;
};

}  // namespace

struct RpcErrand::Entry {
  RpcOutcome outcome = RpcOutcome::unknown;
  std::uint16_t other_port = 0;
};
struct RpcErrand::Shared {
  std::array<char, 248> trouble{};
};

std::string_view to_text(RpcTransport transport) noexcept {
  switch (transport) {
    case RpcTransport::tcp:
      return "tcp";
    case RpcTransport::udp:
      return "udp";
    case RpcTransport::tcp6:
      return "tcp6";
    case RpcTransport::udp6:
      return "udp6";
  }
  return "tcp";
}

std::optional<Endpoint> parse_universal_address(std::string_view text) noexcept {
  std::uint16_t port = 0;
  for (const unsigned shift : {0U, 8U}) {
    const std::size_t dot = text.rfind('.');
    if (dot == std::string_view::npos) return std::nullopt;
    const std::string_view digits = text.substr(dot + 1);
    std::uint8_t byte = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    port = static_cast<std::uint16_t>(port | byte << shift);
    text = text.substr(0, dot);
  }
  const auto address = parse_address(text);
  if (!address) return std::nullopt;
  return Endpoint{*address, port};
}

namespace {

struct Done {
  RpcOutcome outcome;
  std::uint16_t other_port = 0;
};

Done withdraw(Tirpc& rpcbind, const RpcJob& job, const std::optional<Endpoint>& found) {
  // Whoever has registered it since keeps it.
  if (!found || (job.former && found->port != job.former->port)) return {RpcOutcome::withdrawn};
  return {rpcbind.unset(job.key) ? RpcOutcome::withdrawn : RpcOutcome::refused};
}

Done establish(Tirpc& rpcbind, const RpcJob& job, const std::optional<Endpoint>& found) {
  if (found == job.wanted) return {RpcOutcome::stands};
  if (found) {
    const bool ours = found->port == job.wanted->port || (job.former && found->port == job.former->port);
    if (!ours && is_in_use(job.key.transport, found->port)) return {RpcOutcome::taken, found->port};
    if (!rpcbind.unset(job.key)) return {RpcOutcome::refused};
  }
  return {rpcbind.set(job.key, *job.wanted) ? RpcOutcome::registered : RpcOutcome::refused};
}

}  // namespace

RpcErrand::RpcErrand(std::vector<RpcJob> jobs, void* mapping, std::size_t bytes) noexcept
    : jobs_(std::move(jobs)), mapping_(mapping), bytes_(bytes) {}

RpcErrand::RpcErrand(RpcErrand&& other) noexcept
    : jobs_(std::move(other.jobs_)), mapping_(std::exchange(other.mapping_, nullptr)), bytes_(other.bytes_), pid_(other.pid_) {}

RpcErrand::~RpcErrand() {
  if (mapping_ != nullptr) ::munmap(mapping_, bytes_);
}

RpcErrand::Shared& RpcErrand::shared() const noexcept {
  return *static_cast<Shared*>(mapping_);
}

RpcErrand::Entry& RpcErrand::entry(std::size_t job) const noexcept {
  return reinterpret_cast<Entry*>(static_cast<std::byte*>(mapping_) + sizeof(Shared))[job];
}

RpcOutcome RpcErrand::outcome(std::size_t job) const noexcept {
  return entry(job).outcome;
}

std::uint16_t RpcErrand::other_port(std::size_t job) const noexcept {
  return entry(job).other_port;
}

std::string RpcErrand::trouble() const {
  const auto& text = shared().trouble;
  return {text.begin(), std::find(text.begin(), text.end(), '\0')};
}

Result<RpcErrand> RpcErrand::begin(std::vector<RpcJob> jobs) {
  // The child can't leave more there than room was made for, and nobody else has the memory.
  const std::size_t bytes = sizeof(Shared) + jobs.size() * sizeof(Entry);
  void* const mapping = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED) return failure("memory for the news of rpcbind", errno);
  RpcErrand errand(std::move(jobs), mapping, bytes);
  const auto work = [&errand] {
    Tirpc rpcbind;
    std::map<RpcKey, Endpoint> registered;
    std::string trouble = rpcbind.load();
    if (trouble.empty()) trouble = rpcbind.read(registered);
    if (!trouble.empty()) {
      auto& text = errand.shared().trouble;
      std::copy_n(trouble.begin(), std::min(trouble.size(), text.size() - 1), text.begin());
      return 1;
    }
    for (std::size_t each = 0; each < errand.jobs_.size(); ++each) {
      const RpcJob& job = errand.jobs_[each];
      const auto place = registered.find(job.key);
      const auto found = place == registered.end() ? std::nullopt : std::optional(place->second);
      const Done done = job.wanted ? establish(rpcbind, job, found) : withdraw(rpcbind, job, found);
      errand.entry(each) = {done.outcome, done.other_port};
    }
    return 0;
  };
  auto pid = fork_confined({}, work);
  if (!pid) return std::unexpected(std::move(pid).error());
  errand.pid_ = *pid;
  return errand;
}

}  // namespace reeve
