#include "cli/preview_list.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/prefix_trie.h"
#include "base/printable.h"
#include "cli/log_calendar.h"
#include "cli/replay_text.h"
#include "config/prefix_list.h"
#include "record/stamp.h"
#include "sys/line_file.h"

namespace reeve {
namespace {

struct Tally {
  std::uint64_t visits = 0, admitted = 0;  // of these
  void add(bool was_admitted) noexcept {
    ++visits;
    admitted += was_admitted ? 1U : 0U;
  }
};

struct Preview {
  static constexpr std::size_t kMaxSources = 262'144;  // of more, only the visits are counted
  static constexpr std::size_t kMaxServices = 10'000;  // likewise

  const PrefixList& list;
  std::vector<bool> used;  // by place in list.prefixes
  PrefixTrie trie;
  Tally all, listed;
  std::map<std::string, Tally, std::less<>> services;  // of the listed
  std::map<Address, std::pair<Tally, std::uint32_t>> sources;
  std::uint64_t nobodies = 0, uncounted = 0;
  std::optional<WallTime> first;
  WallTime last{};

  explicit Preview(const PrefixList& its_list) : list(its_list), used(its_list.prefixes.size(), false) {
    for (std::uint32_t each = 0; each < list.prefixes.size(); ++each) trie.insert(list.prefixes[each], each);
  }
  void take(const ReplayInput::Event& event);
  [[nodiscard]] std::vector<std::pair<Address, std::pair<Tally, std::uint32_t>>> top(std::size_t most) const;
  [[nodiscard]] auto used_prefixes() const { return std::ranges::count(used, true); }
};

void Preview::take(const ReplayInput::Event& event) {
  const LogLine& line = event.line;
  if (line.event == LogLine::Event::exit) return;
  if (!line.source) {
    ++nobodies;
    return;
  }
  if (!first) first = event.wall;
  last = std::max(last, event.wall);
  const bool was_admitted = line.event != LogLine::Event::refused;
  all.add(was_admitted);
  const auto match = trie.longest_match(line.source->address);
  if (!match) return;
  listed.add(was_admitted);
  used[match->value] = true;
  const std::string_view name = line.event == LogLine::Event::request ? "(web)" : line.service;
  if (auto known = services.find(name); known != services.end()) {
    known->second.add(was_admitted);
  } else if (services.size() < kMaxServices) {
    services.emplace(name, Tally{}).first->second.add(was_admitted);
  }
  auto source = sources.find(line.source->address);
  if (source == sources.end() && sources.size() < kMaxSources)
    source = sources.emplace(line.source->address, std::pair(Tally{}, match->value)).first;
  if (source == sources.end()) {
    ++uncounted;
  } else {
    source->second.first.add(was_admitted);
  }
}

std::vector<std::pair<Address, std::pair<Tally, std::uint32_t>>> Preview::top(std::size_t most) const {
  std::vector<std::pair<Address, std::pair<Tally, std::uint32_t>>> ranked(sources.begin(), sources.end());
  std::ranges::stable_sort(ranked, [](const auto& one, const auto& other) {
    return std::pair(one.second.first.admitted, one.second.first.visits) >
           std::pair(other.second.first.admitted, other.second.first.visits);
  });
  ranked.resize(std::min(most, ranked.size()));
  return ranked;
}

double percent(const Tally& part, const Tally& whole) noexcept {
  return whole.visits == 0 ? 0 : 100.0 * static_cast<double>(part.visits) / static_cast<double>(whole.visits);
}

std::string text_of(const PreviewListRequest& request, const Preview& preview, const ReplayInput::Counts& input) {
  std::string out = fmt::format("{} prefixes in the list, {} of them met\n", grouped(preview.list.prefixes.size()),
                                grouped(static_cast<std::uint64_t>(preview.used_prefixes())));
  if (const std::string refusals = refusals_text(preview.list); !refusals.empty()) out += refusals + "\n";
  if (preview.list.left_out != 0) out += fmt::format("{} prefixes are over the bound, and were left out\n", grouped(preview.list.left_out));
  out += fmt::format("{} visits", grouped(preview.all.visits));
  if (preview.first) out += fmt::format(", {} to {}", date_text(*preview.first), date_text(preview.last));
  out += fmt::format("\n{} lines of logs, {} of other things, {} unreadable\n", grouped(input.lines), grouped(input.other),
                     grouped(input.unreadable));
  for (const ReplayInput::Unreadable& one : input.shown)
    out += fmt::format("  {}:{}: {}: {}\n", printable(one.log), one.line, one.why, one.text);
  out += fmt::format("\nwould have refused {} of {} visits ({:.1f} %), {} of which were admitted\n", grouped(preview.listed.visits),
                     grouped(preview.all.visits), percent(preview.listed, preview.all), grouped(preview.listed.admitted));
  for (const auto& [name, tally] : preview.services)
    out += fmt::format("  {}: {}, {} admitted\n", printable(name, 60), grouped(tally.visits), grouped(tally.admitted));
  if (!preview.sources.empty()) out += fmt::format("\nsources, {} in all\n", grouped(preview.sources.size()));
  for (const auto& [source, of] : preview.top(request.top)) {
    out += fmt::format("  {}: {}, {} admitted, by {}\n", to_text(source), grouped(of.first.visits), grouped(of.first.admitted),
                       to_text(preview.list.prefixes[of.second]));
  }
  if (preview.nobodies != 0) out += fmt::format("\n{} visits have no address in the log, and were left out\n", grouped(preview.nobodies));
  if (preview.uncounted != 0)
    out +=
        fmt::format("{} visits are of more sources than are kept apart ({})\n", grouped(preview.uncounted), grouped(Preview::kMaxSources));
  return out;
}

std::string tally_json(const Tally& tally) {
  return fmt::format("\"visits\":{},\"admitted\":{}", tally.visits, tally.admitted);
}

std::string json_of(const PreviewListRequest& request, const Preview& preview, const ReplayInput::Counts& input) {
  std::string out =
      fmt::format("{{\"list\":{},\"prefixes\":{},\"prefixes_met\":{},\"refused_lines\":{},\"left_out\":{}", json_string(request.list),
                  preview.list.prefixes.size(), preview.used_prefixes(), preview.list.refused, preview.list.left_out);
  if (preview.first) out += fmt::format(",\"from\":\"{}\",\"to\":\"{}\"", json_stamp(*preview.first), json_stamp(preview.last));
  out += fmt::format(",\"lines\":{},\"unreadable_lines\":{},\"without_address\":{},\"all\":{{{}}},\"would_refuse\":{{{}}},\"services\":{{",
                     input.lines, input.unreadable, preview.nobodies, tally_json(preview.all), tally_json(preview.listed));
  std::string_view separator;
  for (const auto& [name, tally] : preview.services)
    out += fmt::format("{}{}:{{{}}}", std::exchange(separator, ","), json_string(name), tally_json(tally));
  out += fmt::format("}},\"source_count\":{},\"sources\":[", preview.sources.size());
  separator = "";
  for (const auto& [source, of] : preview.top(request.top)) {
    out += fmt::format("{}{{\"source\":\"{}\",{},\"prefix\":\"{}\"}}", std::exchange(separator, ","), to_text(source), tally_json(of.first),
                       to_text(preview.list.prefixes[of.second]));
  }
  return out + "]}\n";
}

Answer wrong(std::string text) {
  return {.err = "reeve: " + printable(text) + "\n", .exit_code = kWrong};
}

Result<std::string> whole_text(const std::string& path) {
  auto file = LineFile::open(path);
  if (!file) return std::unexpected(file.error());
  std::string text;
  while (const auto line = file->next()) {
    if (text.size() + line->size() > kMaxListBytes) return failure(fmt::format("{} is larger than {} MiB", path, kMaxListBytes >> 20));
    text.append(*line).push_back('\n');
  }
  if (file->error()) return std::unexpected(*file->error());
  return text;
}

}  // namespace

void add_preview_list_options(CLI::App& verb, PreviewListRequest& request) {
  verb.add_option("LIST", request.list, "A file of addresses and networks, one a line; - is standard input")->required();
  verb.add_option("LOG", request.logs, "Logs of reeve, xinetd or a web server, in any order")->required();
  verb.add_option("--top", request.top, "So many sources are shown; 10 without it")->type_name("N");
  verb.add_flag("--json", request.json, "One JSON document");
  verb.footer("Exit codes: 0 nobody who was admitted would be refused, 1 somebody would, 2 an error.");
}

Answer preview_list(const PreviewListRequest& request, std::string_view text, std::vector<LogSource> logs) {
  const PrefixList list = parse_prefix_list(text);
  if (list.prefixes.empty() && list.refused != 0) return wrong(request.list + " is no list: " + refusals_text(list));
  LogCalendar calendar(request.now);
  ReplayInput input(std::move(logs), calendar);
  Preview preview(list);
  while (const ReplayInput::Event* event = input.next()) preview.take(*event);
  Answer answer;
  answer.out = request.json ? json_of(request, preview, input.counts()) : text_of(request, preview, input.counts());
  answer.exit_code = preview.listed.admitted > 0 ? kShutsOut : kClean;
  return answer;
}

Answer preview_list(const PreviewListRequest& request) {
  if (request.list.starts_with("http://") || request.list.starts_with("https://"))
    return wrong("this command does not go to the web: curl -s '" + request.list + "' | reeve preview-list - LOG ...");
  if (std::ranges::count(request.logs, "-") + (request.list == "-" ? 1 : 0) > 1) return wrong("standard input can be one thing only");
  const auto text = whole_text(request.list);
  if (!text) return wrong(text.error().text());
  std::vector<LineFile> open;
  for (const std::string& path : request.logs) {
    auto file = LineFile::open(path);
    if (!file) return wrong(file.error().text());
    open.push_back(std::move(*file));
  }
  std::vector<LogSource> logs;
  for (std::size_t each = 0; each < open.size(); ++each)
    logs.push_back({.name = request.logs[each], .next = [file = &open[each]] { return file->next(); }, .ends = {}});
  Answer answer = preview_list(request, *text, std::move(logs));
  for (const LineFile& file : open) {
    if (!file.error()) continue;
    answer.err += "reeve: " + printable(file.error()->text()) + "\n";
    answer.exit_code = kWrong;
  }
  return answer;
}

}  // namespace reeve
