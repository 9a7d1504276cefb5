#include "cli/top_feed.h"

#include <algorithm>
#include <utility>

#include "base/address.h"
#include "cli/spans.h"

namespace reeve {

namespace {

// Addresses and networks are looked for by the daemon, among all bans.
bool is_network(const std::string& text) {
  return parse_address(text.substr(0, text.find('/'))).has_value();
}

}  // namespace

std::expected<void, ControlTrouble> TopFeed::open(TopModel& model) {
  auto client = ControlClient::connect(path_);
  if (!client) return std::unexpected(std::move(client).error());
  const ControlRequest request("counts");
  const auto reply = client->ask(request, kPatience);
  if (!reply) return std::unexpected(reply.error());
  model.take(counts_of(*reply, false));
  client_ = std::move(*client);
  return {};
}

void TopFeed::send(Question question, const ControlRequest& request) {
  if (!client_) return;
  if (auto sent = client_->send(request); !sent) lost_ = std::move(sent).error();
  asked_.push_back(question);
}

void TopFeed::ask(TopModel& model, const TopView& view, Instant now) {
  if (now < next_) return;
  next_ = now + kEvery;
  if (!client_) {
    auto client = ControlClient::connect(path_);
    if (!client) return model.lose(client.error().text);
    client_ = std::move(*client);
    record_.reset();
    until_services_ = 0;
  }
  if (!asked_.empty()) {
    if (now - asked_at_ > kPatience) lose(model, "it does not answer");
    return;
  }
  asked_at_ = now;
  const bool with_services = until_services_ == 0;
  ControlRequest counts("counts");
  if (with_services) {
    counts.with("services", true);
    const auto services = model.counts() ? model.counts()->services : 0;
    until_services_ = static_cast<unsigned>(services / (kServicesAtOnce + 1));
  } else {
    --until_services_;
  }
  send(with_services ? Question::services : Question::counts, counts);
  ControlRequest log("log");
  log.with("history", static_cast<std::int64_t>(kMostRecords));
  if (record_) log.with("from", static_cast<std::int64_t>(*record_));
  send(Question::log, log);
  const bool bans_are_due = view.pane == Pane::bans && !view.paused && (now >= bans_at_ || view.filter != bans_filter_);
  if (!bans_are_due) return;
  bans_at_ = now + kBansEvery - kEvery / 2;
  bans_filter_ = view.filter;
  ControlRequest bans("bans");
  bans.with("most", kMostBans);
  if (is_network(view.filter)) bans.with("source", view.filter);
  send(Question::bans, bans);
}

void TopFeed::order(const TopOrder& order, TopView& view) {
  if (!client_) return view.say("there is no daemon to ask", true);
  const bool is_ban = order.what == TopOrder::What::ban;
  ControlRequest request(is_ban ? "ban" : "unban");
  request.with("prefix", order.prefix);
  if (is_ban) request.with("because", "reeve top");
  if (is_ban && order.seconds) request.with("seconds", *order.seconds);
  send(is_ban ? Question::ban : Question::unban, request);
  bans_at_ = {};  // the list is to be looked at anew
}

void TopFeed::receive(TopModel& model, TopView& view) {
  while (client_) {
    if (lost_) return lose(model, std::exchange(lost_, std::nullopt)->text);
    auto line = client_->next(std::chrono::milliseconds(0));
    if (!line) {
      fail(model, view, line.error());
      continue;
    }
    if (!*line) return;
    if ((*line)->is_last) {
      reply_.last = std::move((*line)->object);
      finish(model, view);
    } else {
      reply_.items.push_back(std::move((*line)->object));
    }
  }
}

void TopFeed::finish(TopModel& model, TopView& view) {
  const ControlReply reply = std::exchange(reply_, {});
  if (asked_.empty()) return lose(model, "it answers what was not asked");
  const Question question = asked_.front();
  asked_.pop_front();
  switch (question) {
    case Question::counts:
    case Question::services:
      return model.take(counts_of(reply, question == Question::services));
    case Question::log: {
      const Happenings happenings = happenings_of(reply);
      model.take(happenings, record_);
      record_ = happenings.next;
      return;
    }
    case Question::bans:
      return model.take(ban_page_of(reply));
    case Question::ban:
      return view.say(text_of(reply.last, "prefix") + " is shut out " +
                      (has_value(reply.last, "left_s") ? "for " + span_text(number_of(reply.last, "left_s")) : "for ever"));
    case Question::unban:
      return view.say(text_of(reply.last, "prefix") + " may come in again");
  }
}

void TopFeed::fail(TopModel& model, TopView& view, const ControlTrouble& trouble) {
  // Without a word of the daemon's it is the connection that failed. Where the daemon closes it, that is found next.
  if (trouble.code.empty() || asked_.empty()) return lose(model, trouble.text);
  reply_ = {};
  const Question question = asked_.front();
  asked_.pop_front();
  // A configuration that changed while it was listed: the next sample will do.
  if (trouble.code == "busy" && question == Question::services) return;
  view.say(trouble.text, true);
}

void TopFeed::lose(TopModel& model, std::string why) {
  client_.reset();
  asked_.clear();
  reply_ = {};
  lost_.reset();
  model.lose(std::move(why));
}

}  // namespace reeve
