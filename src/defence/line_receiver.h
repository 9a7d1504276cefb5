// LineReceiver: alerts as lines of a file, or as messages to the system's logger, through the sinks that records take.
#pragma once

#include <memory>

#include "base/unique_fd.h"
#include "config/alert_form.h"
#include "config/defence.h"
#include "defence/alert_receiver.h"
#include "record/sink.h"

namespace reeve {

class LineReceiver final : public AlertReceiver {
 public:
  // `file`: to append to; for AlertSink::Kind::file.
  LineReceiver(const AlertSink& terms, const AlertForm& form, UniqueFd file, Say say);

  void add(const Alert& alert, Instant now) override;
  void work(Instant now) override;
  [[nodiscard]] std::optional<Instant> next() const override;
  [[nodiscard]] bool is_idle() const override { return sink_->pending_bytes() == 0; }

 private:
  AlertSink terms_;
  const AlertForm& form_;
  Say say_;
  std::unique_ptr<Sink> sink_;
};

}  // namespace reeve
