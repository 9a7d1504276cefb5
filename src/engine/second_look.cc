// The reception's second look: after a reload, may who is being served go on under the new rules?
#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <variant>
#include <vector>

#include "engine/reception.h"
#include "engine/relay.h"
#include "sys/clock.h"

namespace reeve {

void Reception::end(Instance& instance) {
  if (instance.ending) return;
  instance.ending = true;
  if (instance.watch != nullptr) {
    instance.watch->cancel();
  } else if (instance.conversation != nullptr) {
    instance.conversation->cancel();
  } else if (instance.is_process) {
    EndMessage message{};
    message.instance = instance.id;
    parts_.monitor.send(message, {});
  }
}

void Reception::look_again() {
  parts_.deception.tarpit().let_all_go();
  const Instant now = instant_now();
  std::map<const Post*, std::vector<Instance*>> by_post;
  std::set<Address> unnamed;
  parts_.instances.for_each([&](Instance& instance) {
    const Post& post = *instance.post;
    if (post.retired) {
      if (!instance.is_process) end(instance);  // the monitor ends the processes of a service that is gone
      return;
    }
    if (instance.source) {
      const Verdict verdict = parts_.gate.ask_again(post, instance.source->address, now, instance.identity.get());
      if (std::holds_alternative<Refusal>(verdict)) return end(instance);
      if (std::holds_alternative<Undecided>(verdict)) unnamed.insert(instance.source->address);
    }
    if (post.service().instances != kUnlimited) by_post[&post].push_back(&instance);
  });
  for (auto& [post, running] : by_post) {
    const std::uint32_t most = post->service().instances;
    if (running.size() <= most) continue;
    // The last to come are the first to go.
    std::sort(running.begin(), running.end(), [](const Instance* a, const Instance* b) { return a->since < b->since; });
    for (std::size_t each = most; each < running.size(); ++each) end(*running[each]);
  }
  ++look_again_turn_;
  if (!unnamed.empty()) parts_.loop.start(look_closer({unnamed.begin(), unnamed.end()}));
}

}  // namespace reeve
