#include "defence/line_receiver.h"

#include <unistd.h>

#include <system_error>

#include <fmt/format.h>

#include "record/alert_formats.h"
#include "record/journal_file.h"
#include "record/stamp.h"
#include "record/syslog_socket.h"
#include "sys/clock.h"

namespace reeve {
namespace {

constexpr const char* kLogger = "/dev/log";

std::unique_ptr<Sink> make_sink(const AlertSink& terms, UniqueFd file) {
  if (terms.kind == AlertSink::Kind::syslog) return std::make_unique<SyslogSink>(kLogger);
  return std::make_unique<FileSink>(JournalFile{.fd = std::move(file), .path = terms.target});
}

std::string reason(int sys_errno) {
  return sys_errno == 0 ? std::string("too many at once") : std::generic_category().message(sys_errno);
}

}  // namespace

LineReceiver::LineReceiver(const AlertSink& terms, const AlertForm& form, UniqueFd file, Say say)
    : terms_(terms), form_(form), say_(std::move(say)), sink_(make_sink(terms, std::move(file))) {}

void LineReceiver::add(const Alert& alert, Instant /*now*/) {
  std::string line;
  const bool is_syslog = terms_.kind == AlertSink::Kind::syslog;
  if (is_syslog) line = syslog_header(terms_.facility, terms_.level, syslog_stamp(alert.at), "reeved", ::getpid());
  line += alert_line(terms_.format, form_, alert);
  line += is_syslog ? '\0' : '\n';
  if (!sink_->add(line)) lose(1);
}

void LineReceiver::work(Instant /*now*/) {
  const auto now = std::chrono::steady_clock::now();
  lose(sink_->write(now));
  if (const auto failure = sink_->take_failure(now))
    say_(Level::error, fmt::format("alerts to {}: {}; they wait, as far as there is room", sink_->name(), reason(*failure)));
  if (const auto recovery = sink_->take_recovery(now)) {
    say_(Level::warning, fmt::format("alerts to {} are written again: {} late, {} lost", sink_->name(), recovery->late, recovery->lost));
  }
}

std::optional<Instant> LineReceiver::next() const {
  const auto when = sink_->next_write();
  if (!when) return std::nullopt;
  return instant_now() + std::max(*when - std::chrono::steady_clock::now(), SteadyTime::duration(0));
}

}  // namespace reeve
