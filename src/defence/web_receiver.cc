#include "defence/web_receiver.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "record/alert_formats.h"

namespace reeve {
namespace {

// Too many requests, a time-out on its side, and what is its own trouble; or there was no whole answer.
bool is_worth_another(const WebAnswer& answer) noexcept {
  return !answer.trouble.empty() || answer.status == 408 || answer.status == 429 || answer.status >= 500;
}

}  // namespace

WebReceiver::WebReceiver(const AlertSink& terms, const AlertForm& form, Start start, Now now, Say say)
    : terms_(terms),
      form_(form),
      start_(std::move(start)),
      now_(std::move(now)),
      say_(std::move(say)),
      name_(shown_address(terms.target)) {}

void WebReceiver::add(const Alert& alert, Instant /*now*/) {
  if (queue_.size() >= kMostQueued) return give_up("it takes them too slowly");
  std::string body;
  if (terms_.format == AlertSink::Format::custom) {
    body = filled(form_, alert);
  } else {
    body = terms_.format == AlertSink::Format::idmef ? "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" : "";
    body += alert_line(terms_.format, form_, alert);
  }
  queue_.push_back({.body = std::move(body)});
}

void WebReceiver::work(Instant now) {
  while (!queue_.empty() && now >= again_ && under_way_ < (is_sick_ ? 1 : kMostUnderWay)) {
    Letter letter = std::move(queue_.front());
    queue_.pop_front();
    send(std::move(letter));
  }
}

std::optional<Instant> WebReceiver::next() const {
  if (queue_.empty() || under_way_ >= (is_sick_ ? 1 : kMostUnderWay)) return std::nullopt;
  return again_;
}

void WebReceiver::send(Letter letter) {
  WebRequest request{.url = terms_.target, .body = letter.body, .media_type = std::string(media_type(terms_.format))};
  ++under_way_;
  start_(std::move(request), [this, letter = std::move(letter)](WebAnswer answer) mutable { hear(std::move(letter), answer); });
}

void WebReceiver::hear(Letter letter, const WebAnswer& answer) {
  --under_way_;
  if (answer.is_good()) return arrived();
  if (!is_worth_another(answer)) return give_up(reason_of(answer));
  is_sick_ = true;
  again_ = std::max(again_, now_() + kPauses[std::min(letter.attempts, kPauses.size() - 1)]);
  if (++letter.attempts >= kMostAttempts) return give_up(reason_of(answer));
  queue_.push_front(std::move(letter));
}

void WebReceiver::give_up(const std::string& why) {
  lose(1);
  ++untold_;
  if (!std::exchange(is_said_, true)) say_(Level::error, fmt::format("alerts to {} are lost: {}", name_, why));
}

void WebReceiver::arrived() {
  is_sick_ = false;
  again_ = {};
  if (std::exchange(is_said_, false))
    say_(Level::warning, fmt::format("alerts to {} arrive again; {} were lost", name_, std::exchange(untold_, 0)));
}

}  // namespace reeve
