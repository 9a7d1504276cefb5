#include "defence/alert_thread.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "defence/command_receiver.h"
#include "defence/line_receiver.h"
#include "defence/web_receiver.h"
#include "record/alert.h"
#include "sys/clock.h"
#include "sys/random_bytes.h"

namespace reeve {
namespace {

constexpr std::chrono::seconds kCountsEvery{1};

std::string machine_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
  return name.data();
}

}  // namespace

Result<std::unique_ptr<AlertThread>> AlertThread::start(const AlertTerms& terms, std::vector<UniqueFd> files, Say say, Count count) {
  auto client = WebClient::open();
  if (!client) return std::unexpected(client.error());
  std::unique_ptr<AlertThread> made(new AlertThread(terms, std::move(*client), std::move(say), std::move(count)));
  std::size_t file = 0;
  for (const AlertSink& sink : made->terms_.sinks) {
    std::unique_ptr<AlertReceiver> receiver;
    switch (sink.kind) {
      case AlertSink::Kind::file:
        receiver = std::make_unique<LineReceiver>(sink, made->form_, file < files.size() ? std::move(files[file]) : UniqueFd(), made->say_);
        ++file;
        break;
      case AlertSink::Kind::syslog:
        receiver = std::make_unique<LineReceiver>(sink, made->form_, UniqueFd(), made->say_);
        break;
      case AlertSink::Kind::http:
        receiver = std::make_unique<WebReceiver>(
            sink, made->form_,
            [web = made->client_.get()](WebRequest request, WebClient::Done done) { web->start(std::move(request), std::move(done)); },
            instant_now, made->say_);
        break;
      case AlertSink::Kind::command:
        receiver = std::make_unique<CommandReceiver>(sink, made->say_);
        break;
    }
    made->receivers_.push_back(std::move(receiver));
  }
  auto thread = WorkerThread::start("reeve-alerts", [self = made.get()] { self->run(); });
  if (!thread) return std::unexpected(thread.error());
  made->thread_.emplace(std::move(*thread));
  return made;
}

AlertThread::AlertThread(const AlertTerms& terms, std::unique_ptr<WebClient> client, Say say, Count count)
    : terms_(terms),
      say_(std::move(say)),
      count_(std::move(count)),
      machine_(machine_name()),
      pace_(terms.most_per_minute),
      client_(std::move(client)) {
  // Checked when the configuration was read.
  if (auto form = parse_alert_form(terms_.form_text)) form_ = std::move(*form);
}

AlertThread::~AlertThread() {
  finish();
}

void AlertThread::take(const EventMessage& event) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    if (events_.size() >= kMostWaiting) {
      ++dropped_;
      return;
    }
    events_.push_back(event);
  }
  client_->wake();
}

void AlertThread::finish() {
  if (!thread_) return;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  client_->wake();
  thread_->join();
  thread_.reset();
}

void AlertThread::run() {
  std::optional<Instant> deadline;
  for (;;) {
    const Instant now = instant_now();
    const bool closed = deal_with_events(now);
    if (closed && !deadline) deadline = now + kFarewell;
    for (const auto& receiver : receivers_) receiver->work(now);
    tell_counts(now);
    if (deadline && (is_idle() || now >= *deadline)) break;
    std::vector<int> descriptors;
    for (const auto& receiver : receivers_) receiver->append_descriptors(descriptors);
    auto most = until_next(now);
    if (deadline) most = std::min(most, std::chrono::ceil<std::chrono::milliseconds>(*deadline - now));
    client_->wait(most, descriptors);
  }
  for (const auto& receiver : receivers_) receiver->end();
}

// True: there will be no more.
bool AlertThread::deal_with_events(Instant now) {
  std::deque<EventMessage> events;
  bool closed = false;
  {
    const std::lock_guard lock(mutex_);
    events.swap(events_);
    counts_.held_back += std::exchange(dropped_, 0);
    closed = closed_;
  }
  const WallTime wall = wall_now();
  for (const EventMessage& event : events) {
    if (!pace_.admit(now)) {
      ++counts_.held_back;
      continue;
    }
    const Alert alert = alert_of(event, now, wall, machine_, random_bytes<16>());
    for (const auto& receiver : receivers_) receiver->add(alert, now);
    ++counts_.told;
  }
  if (const auto held_back = pace_.take_held_back(now)) {
    say_(Level::warning, fmt::format("{} events of a minute were told to nobody: there were more than alert_rate = {}", *held_back,
                                     terms_.most_per_minute));
  }
  return closed;
}

void AlertThread::tell_counts(Instant now) {
  counts_.lost = 0;
  for (const auto& receiver : receivers_) counts_.lost += receiver->lost();
  if (counts_ == told_counts_ || now < told_at_ + kCountsEvery) return;
  told_at_ = now;
  told_counts_ = counts_;
  count_(counts_);
}

std::chrono::milliseconds AlertThread::until_next(Instant now) const {
  constexpr std::chrono::milliseconds kLongest{60'000};
  std::optional<Instant> first = pace_.next();
  const auto consider = [&](std::optional<Instant> when) {
    if (when && (!first || *when < *first)) first = when;
  };
  for (const auto& receiver : receivers_) consider(receiver->next());
  if (counts_ != told_counts_) consider(told_at_ + kCountsEvery);
  if (!first) return kLongest;
  if (*first <= now) return std::chrono::milliseconds(0);
  return std::min(kLongest, std::chrono::ceil<std::chrono::milliseconds>(*first - now));
}

bool AlertThread::is_idle() const {
  return std::ranges::all_of(receivers_, [](const auto& receiver) { return receiver->is_idle(); });
}

}  // namespace reeve
