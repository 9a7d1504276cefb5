#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "plot/axis.h"
#include "plot/markup.h"
#include "plot/picture.h"
#include "plot/plot.h"
#include "plot/samples.h"

namespace reeve {
namespace {

constexpr double kWidth = 880, kMargin = 20, kLeft = 46;  // left of each panel: the values of its ticks
constexpr double kGutter = 14;                            // between columns, besides kLeft
constexpr double kPanelHeight = 120, kHeadHeight = 26, kBetweenRows = 26, kAxisHeight = 44;
constexpr double kTitleSize = 18, kTextSize = 13, kSmallSize = 12;
constexpr double kLineHeight = 18, kPeriodHeight = 18;
constexpr double kSwatch = 11;
// Beside a panel that reaches more than so many times higher nothing could be seen: then each has its own scale.
constexpr double kMostScaled = 8;

// Grounds of 4.5 : 1 and more for texts, 3 : 1 for areas and lines, in both.
constexpr std::string_view kStyle =
    "<style>"
    ".rp{font-family:system-ui,-apple-system,\"Segoe UI\",Roboto,\"Liberation Sans\",Arial,sans-serif;font-size:12px}"
    ".rp-ground{fill:#ffffff}.rp-text{fill:#1c2128}.rp-dim{fill:#57606a}"
    ".rp-title{font-size:18px;font-weight:600}.rp-lead{font-size:13px}.rp-head{font-size:13px;font-weight:600}"
    ".rp-grid{stroke:#dfe3e8;stroke-width:1;fill:none}.rp-axis{stroke:#8c959f;stroke-width:1;fill:none}"
    ".rp-period{fill:#8c6d1f;fill-opacity:.10}.rp-bar{fill:#9a6700}"
    ".rp-area{stroke:none}.rp-line{fill:none;stroke-width:1.6;stroke-linejoin:round}.rp-dash{stroke-dasharray:5 3}"
    ".rp-good{fill:#2f78c4}.rp-bad{fill:#d1480c}.rp-quiet{fill:#8b94a0}.rp-first{fill:#8250c8}.rp-second{fill:#14845c}"
    ".rp-lgood{stroke:#2f78c4}.rp-lbad{stroke:#d1480c}.rp-lquiet{stroke:#77808b}.rp-lfirst{stroke:#8250c8}.rp-lsecond{stroke:#14845c}"
    "@media(prefers-color-scheme:dark){"
    ".rp-ground{fill:#12161c}.rp-text{fill:#e6e9ed}.rp-dim{fill:#a0a9b4}"
    ".rp-grid{stroke:#2a313a}.rp-axis{stroke:#6b7580}"
    ".rp-period{fill:#e3b341;fill-opacity:.13}.rp-bar{fill:#d9a62e}"
    ".rp-good{fill:#58a6ff}.rp-bad{fill:#ff7b4a}.rp-quiet{fill:#6e7884}.rp-first{fill:#bb94f5}.rp-second{fill:#3fb98a}"
    ".rp-lgood{stroke:#58a6ff}.rp-lbad{stroke:#ff7b4a}.rp-lquiet{stroke:#8b95a1}.rp-lfirst{stroke:#bb94f5}.rp-lsecond{stroke:#3fb98a}"
    "}</style>";

std::string_view word(Tone tone) {
  constexpr std::array<std::string_view, 5> kWords{"good", "bad", "quiet", "first", "second"};
  return kWords[static_cast<std::size_t>(tone) % kWords.size()];
}

// A coordinate with one decimal at most, shortest form.
std::string number(double value) {
  std::string text = fmt::format("{:.1f}", value);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

struct Box {
  double x = 0, y = 0, width = 0, height = 0;
};

// A value at a moment of the drawing: steps from left to right, in absolute coordinates of whole tenths.
class StepPath {
 public:
  StepPath(const Box& box, double top, std::size_t count) : box_(box), top_(top), count_(count) {}

  [[nodiscard]] double x(std::size_t index) const {
    return tenth(box_.x + box_.width * static_cast<double>(index) / static_cast<double>(count_));
  }
  [[nodiscard]] double y(double value) const { return tenth(box_.y + box_.height * (1 - value / top_)); }

  // Along the values from the left; equal neighbours are one stroke.
  [[nodiscard]] std::string forward(const std::vector<double>& values, bool begins) const {
    std::string path = fmt::format("{}{} {}", begins ? "M" : "L", number(x(0)), number(y(values[0])));
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0 && y(values[i]) != y(values[i - 1])) path += fmt::format("V{}", number(y(values[i])));
      if (i + 1 == values.size() || y(values[i]) != y(values[i + 1])) path += fmt::format("H{}", number(x(i + 1)));
    }
    return path;
  }
  // From the right.
  [[nodiscard]] std::string backward(const std::vector<double>& values) const {
    std::string path = fmt::format("V{}", number(y(values.back())));
    for (std::size_t i = values.size(); i-- > 0;) {
      if (i + 1 < values.size() && y(values[i]) != y(values[i + 1])) path += fmt::format("V{}", number(y(values[i])));
      if (i == 0 || y(values[i]) != y(values[i - 1])) path += fmt::format("H{}", number(x(i)));
    }
    return path;
  }

 private:
  static double tenth(double value) { return std::round(value * 10) / 10; }

  Box box_;
  double top_;
  std::size_t count_;
};

class Drawing {
 public:
  explicit Drawing(const Plot& plot)
      : plot_(plot), columns_(std::clamp(plot.columns, 1u, 2u)), rows_((plot.panels.size() + columns_ - 1) / columns_) {
    const auto columns = static_cast<double>(columns_);
    panel_width_ = (kWidth - 2 * kMargin - columns * kLeft - (columns - 1) * kGutter) / columns;
    samples_ = std::max<std::size_t>(sample_count(plot), 1);
    step_ = plot.step > 0 && std::isfinite(plot.step) ? plot.step : 1;
    begin_ = std::isfinite(plot.begin) ? plot.begin : 0;
    end_ = begin_ + step_ * static_cast<double>(samples_);
  }

  std::string element(bool is_document) {
    draw_title();
    place_periods();
    for (std::size_t row = 0; row < rows_; ++row) draw_row(row);
    const double height = y_ + kMargin / 2;
    std::string out = fmt::format(
        "<svg{} class=\"rp\" viewBox=\"0 0 {} {}\" width=\"{}\" height=\"{}\" role=\"img\" aria-labelledby=\"rp-title rp-desc\">\n"
        "<title id=\"rp-title\">{}</title>\n<desc id=\"rp-desc\">{}</desc>\n{}\n",
        is_document ? " xmlns=\"http://www.w3.org/2000/svg\"" : "", number(kWidth), number(height), number(kWidth), number(height),
        escaped(plot_.title), escaped(in_words()), kStyle);
    if (is_document) out += fmt::format("<rect class=\"rp-ground\" width=\"{}\" height=\"{}\"/>\n", number(kWidth), number(height));
    return out + body_ + "</svg>\n";
  }

 private:
  template <class... Values>
  void add(fmt::format_string<const Values&...> text, const Values&... values) {
    fmt::format_to(std::back_inserter(body_), text, values...);
  }
  void text(double x, double y, std::string_view classes, std::string_view content, std::string_view anchor = {}) {
    add("<text x=\"{}\" y=\"{}\" class=\"{}\"{}>{}</text>\n", number(x), number(y), classes,
        anchor.empty() ? std::string() : fmt::format(" text-anchor=\"{}\"", anchor), escaped(content));
  }

  [[nodiscard]] double panel_x(std::size_t column) const {
    return kMargin + kLeft + static_cast<double>(column) * (panel_width_ + kLeft + kGutter);
  }
  [[nodiscard]] double x_of(double at, std::size_t column) const {
    return panel_x(column) + panel_width_ * std::clamp((at - begin_) / (end_ - begin_), 0.0, 1.0);
  }

  void draw_title() {
    y_ = kMargin;
    for (const std::string& line : wrapped(plot_.title, kWidth - 2 * kMargin, kTitleSize)) {
      y_ += kTitleSize + 2;
      text(kMargin, y_ - 4, "rp-text rp-title", line);
    }
    for (const std::string& line : wrapped(plot_.description, kWidth - 2 * kMargin, kTextSize)) {
      y_ += kLineHeight;
      text(kMargin, y_ - 2, "rp-dim rp-lead", line);
    }
    y_ += 12;
  }

  struct Placed {
    const Period* period;
    double x0, x1, y;
  };

  // The names of periods in as many lines as they need, above each column; a bar below a name shows how long it lasts.
  void place_periods() {
    constexpr std::size_t kMostLines = 6;
    std::size_t lines_of_all = 0;
    for (std::size_t column = 0; column < columns_; ++column) {
      std::vector<double> ends;
      const double right = panel_x(column) + panel_width_;
      for (const Period& period : plot_.periods) {
        if (!(period.end > begin_) || !(period.begin < end_)) continue;
        const double x0 = x_of(period.begin, column), x1 = std::max(x_of(period.end, column), x0 + 2);
        const double width = width_of(period.name, kSmallSize);
        const double text_x = std::clamp(x0, panel_x(column), std::max(panel_x(column), right - width));
        const double needed = std::max(text_x + width + 12, x1 + 4);
        auto line = static_cast<std::size_t>(std::ranges::find_if(ends, [&](double end) { return end <= text_x; }) - ends.begin());
        if (line == ends.size() && line < kMostLines) ends.push_back(needed);
        if (line == ends.size()) continue;  // no room for a name: the shade alone
        ends[line] = needed;
        const double y = y_ + static_cast<double>(line) * kPeriodHeight;
        text(text_x, y + 10, "rp-dim", period.name);
        add("<rect class=\"rp-bar\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"2\"/>\n", number(x0), number(y + 13), number(x1 - x0));
      }
      lines_of_all = std::max(lines_of_all, ends.size());
    }
    y_ += static_cast<double>(lines_of_all) * kPeriodHeight + (lines_of_all > 0 ? 4 : 0);
  }

  // Do title and legend fit into one line?
  [[nodiscard]] bool fits_beside(const Panel& panel) const {
    return width_of(head_of(panel), kTextSize) * 1.06 + 16 + legend_width(panel) <= panel_width_;
  }
  static std::string head_of(const Panel& panel) {
    return panel.unit.empty() ? panel.title : fmt::format("{}, {}", panel.title, panel.unit);
  }
  static double legend_width(const Panel& panel) {
    double width = 0;
    for (const Series& series : panel.series) width += kSwatch + 5 + width_of(series.name, kSmallSize) + 14;
    return width;
  }

  // Title on the left, legend on the right, or in a line of its own.
  void draw_head(const Panel& panel, const Box& box, bool below) {
    const double legend = legend_width(panel);
    const double baseline = box.y - 9;
    text(box.x, below ? baseline - kLineHeight : baseline, "rp-text rp-head", head_of(panel));
    double x = below ? box.x : box.x + box.width - legend + 14;
    for (std::size_t i = 0; i < panel.series.size(); ++i) {
      const Series& series = panel.series[i];
      if (panel.form == Panel::Form::stacked) {
        add("<rect class=\"rp-{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"2\"/>\n", word(series.tone), number(x),
            number(baseline - 9.5), number(kSwatch), number(kSwatch));
      } else {
        add("<path class=\"rp-line rp-l{}{}\" d=\"M{} {}h{}\"/>\n", word(series.tone), is_dashed(i) ? " rp-dash" : "", number(x),
            number(baseline - 4), number(kSwatch + 2));
      }
      text(x + kSwatch + 5, baseline, "rp-dim", series.name);
      x += kSwatch + 5 + width_of(series.name, kSmallSize) + 14;
    }
  }

  static bool is_dashed(std::size_t series) { return series % 2 == 1; }

  void draw_row(std::size_t row) {
    const bool is_last = row + 1 == rows_;
    const std::size_t first = row * columns_, last = std::min(first + columns_, plot_.panels.size());
    double top = 0, lowest = 0;
    bool below = false;
    std::vector<Drawn> all;
    for (std::size_t i = first; i < last; ++i) {
      all.push_back(drawn(plot_.panels[i], static_cast<std::size_t>(panel_width_ / 2)));
      top = std::max(top, all.back().top);
      if (all.back().top > 0) lowest = lowest > 0 ? std::min(lowest, all.back().top) : all.back().top;
      below = below || !fits_beside(plot_.panels[i]);
    }
    const bool share_scale = top <= kMostScaled * lowest;
    y_ += below ? kHeadHeight + kLineHeight : kHeadHeight;
    for (std::size_t i = first; i < last; ++i) {
      const std::size_t column = i - first;
      const Box box{panel_x(column), y_, panel_width_, kPanelHeight};
      const ValueAxis axis = value_axis(share_scale ? top : all[column].top, 4);
      draw_head(plot_.panels[i], box, below);
      draw_ground(box, column, axis, is_last || i + columns_ >= plot_.panels.size());
      draw_series(plot_.panels[i], all[column], box, axis);
      add("<path class=\"rp-axis\" d=\"M{} {}h{}\"/>\n", number(box.x), number(box.y + box.height), number(box.width));
    }
    y_ += kPanelHeight + (is_last ? kAxisHeight : kBetweenRows);
  }

  void draw_ground(const Box& box, std::size_t column, const ValueAxis& axis, bool names_time) {
    for (const Period& period : plot_.periods) {
      if (!(period.end > begin_) || !(period.begin < end_)) continue;
      const double x0 = x_of(period.begin, column), x1 = std::max(x_of(period.end, column), x0 + 2);
      add("<rect class=\"rp-period\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>\n", number(x0), number(box.y), number(x1 - x0),
          number(box.height));
    }
    std::string grid;
    for (const Tick& tick : axis.ticks) {
      const double y = box.y + box.height * (1 - tick.at / axis.top);
      if (tick.at > 0) grid += fmt::format("M{} {}h{}", number(box.x), number(y), number(box.width));
      text(box.x - 6, y + 4, "rp-dim", tick.text, "end");
    }
    const unsigned count = columns_ == 1 ? 10 : 5;
    for (const Tick& tick : time_ticks(plot_, begin_, end_, count)) {
      const double x = x_of(tick.at, column);
      grid += fmt::format("M{} {}v{}", number(x), number(box.y), number(box.height + (names_time ? 4 : 0)));
      if (names_time) text(x, box.y + box.height + 17, "rp-dim", tick.text, "middle");
    }
    if (!grid.empty()) add("<path class=\"rp-grid\" d=\"{}\"/>\n", grid);
    if (names_time) text(box.x + box.width / 2, box.y + box.height + 35, "rp-dim", time_axis_name(plot_, begin_, end_, count), "middle");
  }

  void draw_series(const Panel& panel, const Drawn& of, const Box& box, const ValueAxis& axis) {
    if (of.values.empty() || of.values.front().empty()) return;
    // The last value may stand for fewer samples than the others, and ends with them.
    const double width = box.width * static_cast<double>(of.values.front().size() * of.merged) / static_cast<double>(samples_);
    const StepPath steps({box.x, box.y, std::min(width, box.width), box.height}, axis.top, of.values.front().size());
    const std::vector<double> zero(of.values.front().size(), 0.0);
    for (std::size_t i = 0; i < of.values.size(); ++i) {
      const std::string_view tone = word(panel.series[i].tone);
      const std::string name = escaped(panel.series[i].name);
      if (panel.form == Panel::Form::lines) {
        add("<path class=\"rp-line rp-l{}{}\" d=\"{}\"><title>{}</title></path>\n", tone, is_dashed(i) ? " rp-dash" : "",
            steps.forward(of.values[i], true), name);
      } else {
        add("<path class=\"rp-area rp-{}\" d=\"{}{}Z\"><title>{}</title></path>\n", tone, steps.forward(of.values[i], true),
            steps.backward(i == 0 ? zero : of.values[i - 1]), name);
      }
    }
  }

  // What a reader who sees no picture is told.
  [[nodiscard]] std::string in_words() const {
    std::string text = plot_.description;
    const auto sentence = [&](std::string_view more) {
      if (!text.empty()) text += text.ends_with('.') ? " " : ". ";
      text += more;
    };
    sentence(fmt::format("From {} to {}.", time_text(plot_, begin_), time_text(plot_, end_)));
    for (const Panel& panel : plot_.panels) {
      std::string peaks;
      for (const Series& series : panel.series) {
        double peak = 0;
        for (std::size_t i = 0; i < series.values.size(); ++i) peak = std::max(peak, sample(series, i));
        peaks += fmt::format("{}{} up to {}", peaks.empty() ? "" : ", ", series.name, short_number(peak));
      }
      sentence(fmt::format("{}{}{}: {}.", panel.title, panel.unit.empty() ? "" : ", ", panel.unit, peaks.empty() ? "nothing" : peaks));
    }
    return text;
  }

  const Plot& plot_;
  std::size_t columns_, rows_;
  double panel_width_ = 0;
  std::size_t samples_ = 1;
  double step_ = 1, begin_ = 0, end_ = 1;
  double y_ = 0;
  std::string body_;
};

}  // namespace

std::string svg_element(const Plot& plot, bool is_document) {
  return Drawing(plot).element(is_document);
}

std::string to_svg(const Plot& plot) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + svg_element(plot, true);
}

}  // namespace reeve
