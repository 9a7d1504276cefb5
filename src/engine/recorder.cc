#include "engine/recorder.h"

#include <sys/wait.h>

#include "sys/clock.h"

namespace reeve {

void Recorder::started(const Post& post, const std::optional<Endpoint>& source, std::int32_t pid) {
  const Service& service = post.service();
  Record record;
  record.event = Event::start;
  record.wall = wall_now();
  record.service = service.id;
  record.source = source;
  record.pid = pid;
  write(post, service, record);
}

void Recorder::exited(const Instance& instance, const Service& service, const News* news, Instant now) {
  Record record;
  record.event = Event::exit;
  record.wall = wall_now();
  record.service = service.id;
  record.source = instance.source;
  record.pid = instance.pid;
  record.duration = now - instance.since;
  if (news != nullptr) {
    record.has_status = true;
    record.wait_status = news->wait_status;
    record.cpu_us = static_cast<std::uint64_t>(news->cpu_us);
    record.max_rss_kb = static_cast<std::uint64_t>(news->max_rss_kb);
  }
  write(*instance.post, service, record);
  if (news != nullptr && WIFSIGNALED(news->wait_status) && is_crash(WTERMSIG(news->wait_status)) && !instance.ending)
    penalties_.note(service, instance.source, Offence::crash);
}

void Recorder::relayed(const Instance& instance, const Service& service, std::uint64_t bytes_in, std::uint64_t bytes_out, Instant now) {
  Record record;
  record.event = Event::traffic;
  record.wall = wall_now();
  record.service = service.id;
  record.source = instance.source;
  record.has_status = record.has_traffic = true;  // xinetd's process of a relay exits with 0 always
  record.bytes_in = bytes_in;
  record.bytes_out = bytes_out;
  if (service.log_on_success.traffic) write(*instance.post, service, record);
  record.event = Event::exit;
  record.duration = now - instance.since;
  write(*instance.post, service, record);
}

void Recorder::refused(Post& post, const std::optional<Endpoint>& source, const Refusal& refusal, int sys_errno) {
  post.count_refusal(refusal.reason);
  const Service& service = post.service();
  Record record;
  record.event = Event::fail;
  record.wall = wall_now();
  record.service = service.id;
  record.source = source;
  record.reason = refusal.reason;
  record.where = refusal.where;
  if (refusal.where.line != 0) record.rule_file = post.configuration->files[refusal.where.file];
  record.sys_errno = sys_errno;
  write(post, service, record);
  penalties_.note_refusal(service, source, refusal.reason);
}

void Recorder::touched(Post& post, const std::optional<Endpoint>& source, const std::optional<Endpoint>& local, std::uint8_t protocol) {
  const Service& service = post.service();
  if (!service.on_unused_ports || !local) return refused(post, source, {Reason::sensor, service.where}, 0);
  post.count_refusal(Reason::sensor);
  Record record;
  record.event = Event::fail;
  record.wall = wall_now();
  record.service = service.id;
  record.source = source;
  record.local = local;
  record.protocol = protocol;
  record.reason = Reason::sensor;
  record.where = service.where;
  record.rule_file = post.configuration->files[service.where.file];
  write(post, service, record);
}

void Recorder::unidentified(Post& post, const Endpoint& source, const Refusal& refusal, const RemoteUser& user) {
  post.count_refusal(refusal.reason);
  Record record;
  record.event = Event::noid;
  record.wall = wall_now();
  record.service = post.service().id;
  record.source = source;
  record.reason = refusal.reason;
  record.where = refusal.where;
  if (refusal.where.line != 0) record.rule_file = post.configuration->files[refusal.where.file];
  record.answer = user.reason;
  write(post, post.service(), record);
  penalties_.note_refusal(post.service(), source, refusal.reason);
}

void Recorder::heard(const Post& post, const Endpoint& source, const std::optional<Endpoint>& local, std::string_view said) {
  Record record;
  record.event = Event::data;
  record.wall = wall_now();
  record.service = post.service().id;
  record.source = source;
  record.local = local;
  record.bytes_in = said.size();
  // A datagram to syslog has no room for more.
  record.data = post.service().log->kind == LogTarget::Kind::syslog ? said.substr(0, kMostShown) : said;
  write(post, post.service(), record);
}

void Recorder::identified(const Post& post, const Endpoint& source, const RemoteUser& user) {
  Record record;
  record.event = Event::userid;
  record.wall = wall_now();
  record.service = post.service().id;
  record.source = source;
  record.answer = user.answer;
  record.user = user.user;
  write(post, post.service(), record);
}

void Recorder::refused_by_wrappers(Post& post, const std::optional<Endpoint>& source, std::string_view path, Where where) {
  post.count_refusal(Reason::libwrap);
  const Service& service = post.service();
  Record record;
  record.event = Event::fail;
  record.wall = wall_now();
  record.service = service.id;
  record.source = source;
  record.reason = Reason::libwrap;
  record.where = where;
  record.rule_file = path;
  write(post, service, record);
  penalties_.note_refusal(service, source, Reason::libwrap);
}

void Recorder::write(const Post& post, const Service& service, const Record& record) {
  recent_.add(record);
  const LogTarget& target = *service.log;
  if (target.kind == LogTarget::Kind::none) return;
  const bool json = target.format == LogFormat::json;
  const auto line = json ? json_line(record, service.log_on_success, service.log_on_failure)
                         : xinetd_line(record, service.log_on_success, service.log_on_failure);
  if (!line) return;
  if (target.kind == LogTarget::Kind::syslog) {
    journal_.write_syslog(target.facility, target.level, record.wall, *line);
  } else if (json) {
    journal_.write_file_raw(post.log_file, *line);
  } else {
    journal_.write_file(post.log_file, record.wall, *line);
  }
}

}  // namespace reeve
