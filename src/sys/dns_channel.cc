#include "sys/dns_channel.h"

#include <sys/epoll.h>

#include <algorithm>
#include <ares.h>
#include <array>
#include <cstdint>
#include <utility>

#include "sys/clock.h"

namespace reeve {
namespace {

// Both are of one server's turn: a server that is down costs half a second, then the next one is asked.
constexpr int kFirstTimeoutMs = 500;
constexpr int kTries = 2;
constexpr int kInternetClass = 1;
constexpr std::chrono::milliseconds kTick{100};

}  // namespace

struct DnsChannel::Query {
  std::string name;
  DnsType type{};
  Instant deadline;
  DnsAnswer answer;
  bool done = false;     // `answer` holds
  bool is_over = false;  // c-ares has called back
  std::coroutine_handle<> waiter;
  DnsChannel* channel = nullptr;  // nullptr: it is going away
  Servers* servers = nullptr;

  static void received(void* self, int status, int timeouts, unsigned char* bytes, int size);
  void finish();
};

struct DnsChannel::Servers {
  ares_channel channel = nullptr;
  std::size_t queries = 0;

  ~Servers() {
    if (channel != nullptr) ares_destroy(channel);
  }
};

namespace {

void* as_pointer(int number) noexcept {
  return reinterpret_cast<void*>(static_cast<std::intptr_t>(number));
}

// c-ares tells what it waits for; `set` is the epoll set's number.
void watch_socket(void* set, ares_socket_t fd, int readable, int writable) {
  const int poll = static_cast<int>(reinterpret_cast<std::intptr_t>(set));
  epoll_event event{};
  event.events = (readable != 0 ? std::uint32_t{EPOLLIN} : 0) | (writable != 0 ? std::uint32_t{EPOLLOUT} : 0);
  event.data.fd = fd;
  if (event.events == 0) {
    (void)::epoll_ctl(poll, EPOLL_CTL_DEL, fd, nullptr);
  } else if (::epoll_ctl(poll, EPOLL_CTL_MOD, fd, &event) != 0) {
    (void)::epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
  }
}

}  // namespace

void DnsChannel::Query::received(void* self, int status, int /*timeouts*/, unsigned char* bytes, int size) {
  Query& query = *static_cast<Query*>(self);
  query.is_over = true;
  if (query.channel == nullptr) return;
  --query.servers->queries;
  if (query.done) return;
  // Also answers without records come with their bytes: they say how long that may be remembered.
  const bool is_answer = status == ARES_SUCCESS || status == ARES_ENODATA || status == ARES_ENOTFOUND;
  if (is_answer && bytes != nullptr && size > 0) {
    query.answer = read_dns_answer({bytes, static_cast<std::size_t>(size)}, query.name, query.type);
  }
  query.finish();
}

void DnsChannel::Query::finish() {
  done = true;
  if (!waiter) return;
  const auto own = std::ranges::find(channel->queries_, this, &std::shared_ptr<Query>::get);
  if (own != channel->queries_.end()) channel->finished_.push_back(*own);
}

bool DnsChannel::Asking::await_ready() const noexcept {
  return query_->done;
}
void DnsChannel::Asking::await_suspend(std::coroutine_handle<> waiter) noexcept {
  query_->waiter = waiter;
}
DnsAnswer DnsChannel::Asking::await_resume() const {
  return std::move(query_->answer);
}

DnsChannel::DnsChannel(Loop& loop, std::string resolv_conf, std::string servers)
    : loop_(loop), resolv_conf_(std::move(resolv_conf)), fixed_servers_(std::move(servers)) {}

DnsChannel::~DnsChannel() {
  for (const auto& query : queries_) query->channel = nullptr;
  servers_.clear();
}

void DnsChannel::choose_servers(Instant now) {
  if (!servers_.empty() && now - looked_ < std::chrono::seconds(1)) return;
  looked_ = now;
  if (!resolv_conf_.changed() && !servers_.empty()) return;
  static const int library = ares_library_init(ARES_LIB_INIT_ALL);
  if (library != ARES_SUCCESS) return;
  auto fresh = std::make_unique<Servers>();
  std::string path = resolv_conf_.path(), lookups = "b";
  ares_options options{};
  options.timeout = kFirstTimeoutMs;
  options.tries = kTries;
  options.resolvconf_path = path.data();
  options.lookups = lookups.data();
  options.sock_state_cb = &watch_socket;
  options.sock_state_cb_data = as_pointer(poll_.get());
  const int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_RESOLVCONF | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB;
  if (ares_init_options(&fresh->channel, &options, mask) != ARES_SUCCESS) {
    fresh->channel = nullptr;
    return;
  }
  if (!fixed_servers_.empty()) (void)ares_set_servers_ports_csv(fresh->channel, fixed_servers_.c_str());
  servers_.push_back(std::move(fresh));
}

void DnsChannel::begin() {
  if (!poll_) {
    poll_ = UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
    if (!poll_) return;
    loop_.start(receive());
  }
}

DnsChannel::Asking DnsChannel::ask(const std::string& name, DnsType type, Instant deadline) {
  auto query = std::make_shared<Query>();
  query->name = name;
  query->type = type;
  query->deadline = deadline;
  const Instant now = instant_now();
  begin();
  if (poll_) choose_servers(now);
  if (servers_.empty() || queries_.size() >= kMaxQueries || deadline <= now) {
    query->done = query->is_over = true;
    return Asking(std::move(query));
  }
  query->channel = this;
  query->servers = servers_.back().get();
  ++query->servers->queries;
  queries_.push_back(query);
  ares_query(query->servers->channel, name.c_str(), kInternetClass, static_cast<int>(type), &Query::received, query.get());
  if (!ticking_) {
    ticking_ = true;
    loop_.start(tick());
  }
  return Asking(std::move(query));
}

Task<> DnsChannel::receive() {
  Watch watch(loop_, poll_.get());
  for (;;) {
    const Wake wake = co_await watch.readable(kNoDeadline);
    if (wake != Wake::ready) co_return;
    std::array<epoll_event, 16> events{};
    const int count = ::epoll_wait(poll_.get(), events.data(), static_cast<int>(events.size()), 0);
    for (int each = 0; each < count; ++each) {
      const epoll_event& event = events[static_cast<std::size_t>(each)];
      const bool readable = (event.events & ~std::uint32_t{EPOLLOUT}) != 0;
      const bool writable = (event.events & EPOLLOUT) != 0;
      process(readable ? event.data.fd : ARES_SOCKET_BAD, writable ? event.data.fd : ARES_SOCKET_BAD);
    }
    resume_finished();
  }
}

// c-ares' timeouts and our deadlines; only while something is under way.
Task<> DnsChannel::tick() {
  while (!queries_.empty()) {
    const Instant next = instant_now() + kTick;
    co_await loop_.sleep_until(next);
    process(ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    expire(instant_now());
    resume_finished();
  }
  ticking_ = false;
}

void DnsChannel::process(int readable, int writable) {
  for (const auto& each : servers_) ares_process_fd(each->channel, readable, writable);
  std::erase_if(queries_, [](const auto& query) { return query->is_over && query->done; });
  const Servers* const in_use = servers_.empty() ? nullptr : servers_.back().get();
  std::erase_if(servers_, [&](const auto& each) { return each->queries == 0 && each.get() != in_use; });
}

void DnsChannel::expire(Instant now) {
  for (const auto& query : queries_) {
    if (!query->done && query->deadline <= now) query->finish();
  }
}

void DnsChannel::resume_finished() {
  // Who is resumed may ask again: what finishes meanwhile is taken up by the loop below.
  if (std::exchange(resuming_, true)) return;
  while (!finished_.empty()) {
    const auto batch = std::exchange(finished_, {});
    for (const auto& query : batch) std::exchange(query->waiter, {}).resume();
  }
  resuming_ = false;
}

}  // namespace reeve
