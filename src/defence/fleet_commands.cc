#include "defence/fleet_commands.h"

#include <charconv>

namespace reeve {
namespace {

constexpr const char* kPublish =
    "redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) "
    "return redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], '*', 'r', ARGV[1], 'p', ARGV[2])";

std::string_view word_of(FleetRecord::Kind kind) noexcept {
  return kind == FleetRecord::Kind::lift ? ":lift:" : ":ban:";
}

std::int64_t number_of(std::string_view text) noexcept {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number >= 0 ? number : 0;
}

}  // namespace

std::vector<RedisCommand> FleetCommands::log_in(const std::string& user, const std::string& password) {
  if (password.empty()) return {};
  if (user.empty()) return {{"AUTH", password}};
  return {{"AUTH", user, password}};
}

RedisCommand FleetCommands::load_script() {
  return {"SCRIPT", "LOAD", kPublish};
}

RedisCommand FleetCommands::publish(const std::string& script, const FleetRecord& record, const std::string& signed_record,
                                    WallMs left) const {
  std::string key = name_;
  key.append(word_of(record.kind)).append(record.node).append(":").append(to_text(record.prefix));
  return {"EVALSHA", script, "2", std::move(key), log(), signed_record, std::to_string(left), std::to_string(kLogLength)};
}

RedisCommand FleetCommands::read_log(const std::string& position, std::int64_t wait_ms) const {
  return {"XREAD", "COUNT", std::to_string(kBatch), "BLOCK", std::to_string(wait_ms), "STREAMS", log(), position};
}

RedisCommand FleetCommands::scan(FleetRecord::Kind kind, const std::string& cursor) const {
  return {"SCAN", cursor, "MATCH", name_ + std::string(word_of(kind)) + "*", "COUNT", std::to_string(kBatch)};
}

std::vector<RedisCommand> FleetCommands::read_keys(const std::vector<std::string>& keys) {
  std::vector<RedisCommand> commands;
  commands.reserve(keys.size() + 1);
  RedisCommand& all = commands.emplace_back();
  all.reserve(keys.size() + 1);
  all.emplace_back("MGET");
  all.insert(all.end(), keys.begin(), keys.end());
  for (const std::string& key : keys) commands.push_back({"PTTL", key});
  return commands;
}

RedisCommand FleetCommands::announce(const std::string& node, const std::string& signed_record) const {
  return {"HSET", name_ + ":nodes", node, signed_record};
}

RedisCommand FleetCommands::forget_nodes(const std::vector<std::string>& names) const {
  RedisCommand command{"HDEL", name_ + ":nodes"};
  command.insert(command.end(), names.begin(), names.end());
  return command;
}

LogPosition read_position(std::string_view text) noexcept {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return {};
  return {number_of(text.substr(0, dash)), number_of(text.substr(dash + 1))};
}

std::int64_t read_time(const RedisValue& answer) noexcept {
  if (answer.size() != 2) return 0;
  constexpr std::int64_t kMostSeconds = 1'000'000'000'000;
  const std::int64_t seconds = number_of(answer[0].text()), micros = number_of(answer[1].text());
  return seconds < kMostSeconds ? seconds * 1000 + micros / 1000 : 0;
}

}  // namespace reeve
