// Values of a Service in the words of xinetd.conf(5): what the parser would read as the same value.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "config/service.h"

namespace reeve {

[[nodiscard]] std::string_view word(CpsAction action) noexcept;

[[nodiscard]] std::string_view word(Balance balance) noexcept;
[[nodiscard]] std::string_view word(ProxyProtocol version) noexcept;

[[nodiscard]] std::string words(const ServiceTypes& types);
// The family is set by the flags IPv4 and IPv6.
[[nodiscard]] std::string words(const ServiceFlags& flags, Family family);
[[nodiscard]] std::string words(const SuccessFields& fields);
[[nodiscard]] std::string words(const FailureFields& fields);

[[nodiscard]] std::string joined(std::span<const Text> texts);
// server_args: without argv[0] unless NAMEINARGS is set.
[[nodiscard]] std::string arguments(const Service& service);
[[nodiscard]] std::string ports(std::span<const PortRange> ranges);
// redirect: "192.0.2.1 80 /run/app.sock"
[[nodiscard]] std::string targets(const Redirect& redirect);
[[nodiscard]] std::string versions(const RpcProgram& program);
// "Mon-Fri/09:00-17:30 10:00-12:00"
[[nodiscard]] std::string spans(std::span<const TimeSpan> spans);
// nullopt without a limit.
[[nodiscard]] std::optional<std::string> rate_per_source(std::uint32_t visits, std::uint32_t seconds);
// "cpu:60 memory:10"
[[nodiscard]] std::string pressure(const Pressure& most);
[[nodiscard]] std::string deny_time(std::int32_t minutes);
// nullptr: the sensor closes.
[[nodiscard]] std::string sensor_reply(const SensorReply* reply);
[[nodiscard]] std::string log_type(const LogTarget& target);

}  // namespace reeve
