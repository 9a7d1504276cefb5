#include "engine/open_ports.h"

#include "sys/listeners.h"

namespace reeve {

std::vector<WirePort> open_ports(const std::vector<DoorRef>& doors) {
  std::vector<WirePort> ports;
  for (const DoorRef& door : doors) {
    if (!door->listener) continue;
    const Service& service = door->post->service();
    WirePort port;
    port.protocol = service.protocol;
    port.is_sensor = service.on_unused_ports ? 1 : 0;
    for (const Endpoint& endpoint : bound_endpoints(door->listener.get())) {
      if (endpoint.port == 0 || endpoint.address.is_local()) continue;
      port.port = endpoint.port;
      (endpoint.address.is_v4() ? port.v4 : port.v6) = 1;
    }
    if (port.port != 0) ports.push_back(port);
  }
  return ports;
}

}  // namespace reeve
