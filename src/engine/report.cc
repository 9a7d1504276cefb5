#include "engine/report.h"

#include <map>

#include "sys/socket_filter.h"

namespace reeve {

namespace {

std::string seconds_text(Instant from, Instant to) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(to - from).count()) + " s";
}

// What is special about a service's listeners; how many of them, where there are several.
std::string door_text(std::span<const DoorRef> doors) {
  std::size_t deaf = 0, occupied = 0, resting = 0, dropped = 0;
  for (const DoorRef& door : doors) {
    deaf += door->listener ? 0U : 1U;
    occupied += door->occupied ? 1U : 0U;
    resting += door->resting ? 1U : 0U;
    if (door->listener && door->post->service().wait) dropped += dropped_packets(door->listener.get());
  }
  std::string text;
  const auto add = [&](std::size_t count, const char* what) {
    if (count == 0) return;
    text += what;
    if (doors.size() > 1) text += " at " + std::to_string(count) + " of " + std::to_string(doors.size()) + " places";
  };
  add(deaf, ", not listening");
  add(occupied, ", handed over");
  add(resting, ", resting (cps)");
  if (dropped != 0) text += ", " + std::to_string(dropped) + " packets dropped by the kernel";
  return text;
}

}  // namespace

std::string state_text(const std::vector<PostRef>& posts, const Doors& doors, Instances& instances, Gate& gate, const Inquiries& inquiries,
                       const Tarpit& tarpit, Instant now) {
  std::string text = "engine:\n";
  for (const PostRef& post : posts) {
    const Service& service = post->service();
    text += "  service " + std::string(service.id) + " port " + std::to_string(service.port) + ": running " +
            std::to_string(post->account.running()) + ", admitted " + std::to_string(post->admitted);
    for (std::size_t reason = 0; reason < post->refused.size(); ++reason) {
      if (post->refused[reason] != 0)
        text += ", refused by " + std::string(to_text(static_cast<Reason>(reason))) + " " + std::to_string(post->refused[reason]);
    }
    text += door_text(doors.of(*post));
    text += "\n";
  }
  instances.for_each([&](Instance& instance) {
    text += "  instance of " + std::string(instance.post->service().id) + ": pid " + std::to_string(instance.pid);
    if (instance.source) text += " from " + to_text(*instance.source);
    text += " for " + seconds_text(instance.since, now) + "\n";
  });
  for (const Ban& ban : gate.bans().all()) {
    text += "  ban of " + to_text(ban.prefix) + " by " + ban.reason + ", " + std::to_string(ban.hits) + " hits, ";
    text += ban.until ? seconds_text(now, *ban.until) + " left\n" : std::string("for ever\n");
  }
  if (inquiries.under_way() != 0 || inquiries.asked_for_log() != 0) {
    text += "  visits that wait for a name or a user: " + std::to_string(inquiries.under_way()) +
            "; users asked for the log: " + std::to_string(inquiries.asked_for_log()) + "\n";
  }
  if (tarpit.caught() != 0) {
    text += "  tarpit: " + std::to_string(tarpit.size()) + " clients, " + std::to_string(tarpit.caught()) + " since the start, " +
            std::to_string(tarpit.pushed_out()) + " let go for want of room\n";
  }
  if (gate.bans().evicted() != 0) text += "  bans pushed out at the bound: " + std::to_string(gate.bans().evicted()) + "\n";
  return text;
}

std::vector<std::string> inconsistencies(const std::vector<PostRef>& posts, const Doors& doors, Instances& instances, Gate& gate) {
  std::vector<std::string> broken;
  std::map<const Post*, std::uint32_t> living;
  std::uint32_t processes = 0;
  instances.for_each([&](Instance& instance) {
    ++living[instance.post.get()];
    if (instance.is_process) ++processes;
  });
  // Who is being greeted has a ticket and no instance yet, so counts may be above instances, never below.
  for (std::size_t each = 0; each < posts.size(); ++each) {
    const Post& post = *posts[each];
    const std::string name(post.service().id);
    if (post.index != each) broken.push_back("service " + name + " is at the wrong place");
    if (post.account.running() < living[&post]) broken.push_back("service " + name + " counts fewer instances than live");
  }
  for (std::size_t each = 0; each < doors.all().size(); ++each) {
    const Door& door = *doors.all()[each];
    const std::string name(door.post->service().id);
    if (door.place != each) broken.push_back("a listener of service " + name + " is at the wrong place");
    if (door.watch != UINT32_MAX && (!door.listener || door.occupied || door.resting))
      broken.push_back("service " + name + " is watched but must not be");
  }
  if (gate.ledger().processes() < processes) broken.emplace_back("fewer processes are counted than run");
  return broken;
}

}  // namespace reeve
