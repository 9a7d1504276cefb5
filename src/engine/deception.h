// Deception: what happens to a sensor's client. He is written down and banned at once; then he gets what sensor_reply says.
//
// The reception calls it last in a visit. Those who are talked to (banner, record) are kMostTalks at once; over it they are
// closed. Everything has a deadline but the tarpit, which has a bound of its own.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/arrival.h"
#include "engine/banner_files.h"
#include "engine/bans.h"
#include "engine/penalties.h"
#include "engine/post.h"
#include "engine/recorder.h"
#include "engine/tarpit.h"
#include "sys/loop.h"

namespace reeve {

class Deception {
 public:
  static constexpr std::uint32_t kMostTalks = 256;

  Deception(Loop& loop, BannerFiles& banners, Recorder& recorder, Bans& bans, Penalties& penalties) noexcept
      : loop_(loop), banners_(banners), recorder_(recorder), bans_(bans), penalties_(penalties), tarpit_(loop) {}

  // `arrival` was let in to a sensor.
  Task<> receive(PostRef post, Arrival arrival);

  [[nodiscard]] Tarpit& tarpit() noexcept { return tarpit_; }

 private:
  Task<> reply(PostRef post, Arrival arrival, std::optional<Endpoint> local);
  Task<> show_banner(UniqueFd connection, Text path);
  Task<> record(PostRef post, Arrival arrival, std::optional<Endpoint> local, std::uint32_t most);

  Loop& loop_;
  BannerFiles& banners_;
  Recorder& recorder_;
  Bans& bans_;
  Penalties& penalties_;
  Tarpit tarpit_;
  std::uint32_t talks_ = 0;
};

}  // namespace reeve
