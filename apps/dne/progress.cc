// SPDX-License-Identifier: MIT
#include "apps/dne/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "apps/dne/command.h"
#include "apps/dne/ranks.h"
#include "dne/base/about.h"
#include "dne/base/json_text.h"

namespace dne::app {
namespace {

// A live line too long for the terminal is cut off, since only its last row could be replaced.
constexpr const char* kNoWrap = "\033[?7l";
constexpr const char* kWrap = "\033[?7h";
constexpr auto kRefresh = std::chrono::milliseconds(250);

// Quick generations would flood the screen: so many lines at once, and then so many a second.
constexpr double kMostLines = 200;
constexpr double kLinesPerSecond = 2;

std::string Duration(double seconds) {
  const auto s = static_cast<long>(std::max(0.0, seconds));
  if (s >= 3600) return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
  return fmt::format("{}:{:02}", s / 60, s % 60);
}

// One width, as columns need it.
std::string Rounded(double score) {
  return IsSmallScore(score) ? ScoreText(score) : fmt::format("{:.1f}", score);
}

std::string BestText(double score) {
  return IsSmallScore(score) ? ScoreText(score) : Thousands(score);
}

// How much of the budget is spent, 0..1, by the limit that is nearest to its end; none: no limit
// but a target.
std::optional<double> BudgetShare(const BudgetConfig& budget, double generations, double steps,
                                  double frames) {
  std::optional<double> share;
  const auto consider = [&](const std::optional<uint64_t>& limit, double spent) {
    if (limit) share = std::max(share.value_or(0), spent / static_cast<double>(*limit));
  };
  consider(budget.generations, generations);
  consider(budget.steps, steps);
  consider(budget.frames, frames);
  return share;
}

class TextProgress final : public RunObserver {
 public:
  TextProgress(const BudgetConfig& budget, const std::vector<GenerationRecord>& finished,
               const Watch& watch, bool live)
      : budget_(budget), watch_(watch), start_(Now()) {
    if (!finished.empty()) last_ = finished.back();
    start_share_ = Share();
    if (live) ticker_ = std::jthread([this](const std::stop_token& stop) { Tick(stop); });
  }

  ~TextProgress() override {
    ticker_.request_stop();
    if (ticker_.joinable()) ticker_.join();
  }

  void OnPlan(const Plan& plan) override {
    const std::lock_guard lock(mutex_);
    generation_ = plan.generation;
    round_ = plan.round;
  }

  void OnGeneration(const GenerationRecord& record) override {
    const std::lock_guard lock(mutex_);
    last_ = record;
    if (MayPrint()) Print(GenerationLine(record) + "\n");
  }

 private:
  void Tick(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
      Print(kNoWrap + LiveLine() + kWrap);
      wake_.wait_for(lock, stop, kRefresh, [] { return false; });
    }
    Print("");
  }

  bool MayPrint() {
    const double now = Now();
    lines_ = std::min(kMostLines, lines_ + (now - asked_) * kLinesPerSecond);
    asked_ = now;
    if (lines_ < 1) return false;
    lines_ -= 1;
    return true;
  }

  // Replaces the live line where there is one.
  void Print(const std::string& text) {
    if (ticker_.joinable()) std::fputs("\r\033[K", stdout);
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
  }

  double Share() const {
    if (!last_) return 0;
    return BudgetShare(budget_, last_->generation + 1.0, MetricOf(*last_, "steps_total"),
                       MetricOf(*last_, "frames_total"))
        .value_or(0);
  }

  std::string LiveLine() const {
    std::string line = fmt::format("generation {} {} {}/{}", generation_, round_,
                                   watch_.jobs_done.load(), watch_.jobs_total.load());
    if (last_) {
      line += fmt::format("  best {}  elite {}", BestText(MetricOf(*last_, "fitness_max")),
                          Rounded(MetricOf(*last_, "elite_validation")));
    }
    const double elapsed = Now() - start_;
    if (elapsed > 1) {
      line += fmt::format("  {} steps/s",
                          Thousands(static_cast<double>(watch_.steps_run.load()) / elapsed));
    }
    return line + TimeLeft(elapsed);
  }

  std::string TimeLeft(double elapsed) const {
    double share = Share();
    const double total = static_cast<double>(watch_.jobs_total.load());
    // The generation in work counts by its jobs where generations are what is limited.
    if (budget_.generations && total > 0 && round_ == "train") {
      share = std::max(share, (generation_ + 0.8 * static_cast<double>(watch_.jobs_done) / total) /
                                  static_cast<double>(*budget_.generations));
    }
    if (share <= start_share_) return "";
    return fmt::format("  {} left", Duration(elapsed * (1 - share) / (share - start_share_)));
  }

  BudgetConfig budget_;
  const Watch& watch_;
  double start_;
  double start_share_ = 0;
  double lines_ = kMostLines;  // that may be printed at once
  double asked_ = start_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::optional<GenerationRecord> last_;
  uint32_t generation_ = 0;
  std::string round_ = "train";
  std::jthread ticker_;
};

class JsonProgress final : public RunObserver {
 public:
  void OnGeneration(const GenerationRecord& record) override {
    std::puts(GenerationJson(record).c_str());
    std::fflush(stdout);
  }
};

}  // namespace

double MetricOf(const GenerationRecord& record, const std::string& name) {
  const auto found = record.metrics.find(name);
  return found == record.metrics.end() ? 0 : found->second;
}

std::string GenerationLine(const GenerationRecord& record) {
  const auto metric = [&](const char* name) { return MetricOf(record, name); };
  // An evolution strategy's first generation has no population.
  const std::string population =
      record.metrics.contains("fitness_max")
          ? fmt::format("best {:>8}  mean {:>9}", BestText(metric("fitness_max")),
                        Rounded(metric("fitness_mean")))
          : fmt::format("{:<29}", "first centres");
  std::string line = fmt::format("generation {:>4}  {}  elite {:>9}", record.generation, population,
                                 Rounded(metric("elite_validation")));
  if (record.metrics.contains("accuracy")) {
    line += fmt::format("  accuracy {:>6.2f} %", 100 * metric("accuracy"));
  }
  if (record.metrics.contains("coverage")) {
    line += fmt::format("  coverage {:>6.2f} %", 100 * metric("coverage"));
  }
  if (record.metrics.contains("elite_test")) {
    line += fmt::format("  test {:>9.1f}", metric("elite_test"));
  }
  line += fmt::format("  steps {:>11}  {:>6} steps/s", Thousands(metric("steps_total")),
                      Thousands(metric("steps_per_second")));
  if (record.metrics.contains("genome_bytes")) {
    line += fmt::format("  genome {} B", metric("genome_bytes"));
  }
  if (!record.metrics.contains("ranks")) return line;
  line += fmt::format("  {} ranks", Thousands(metric("ranks")));
  if (metric("ranks_lost") > 0) line += fmt::format(", {} lost", Thousands(metric("ranks_lost")));
  return line + fmt::format(", waited {:.1f} %", 100 * metric("overhead_share"));
}

std::string GenerationJson(const GenerationRecord& record) {
  nlohmann::json json = record.metrics;
  json["generation"] = record.generation;
  json["digest"] = fmt::format("{:016x}", record.digest);
  return JsonText(json);
}

std::unique_ptr<RunObserver> MakeProgress(LogFormat format, const BudgetConfig& budget,
                                          const std::vector<GenerationRecord>& finished,
                                          const Watch& watch) {
  if (format == LogFormat::kJson) return std::make_unique<JsonProgress>();
  // Launchers give every rank a terminal of their own, wherever what is printed goes in the end.
  const bool is_terminal = isatty(STDOUT_FILENO) != 0 && ClusterOfJob() == nullptr;
  return std::make_unique<TextProgress>(budget, finished, watch, is_terminal);
}

}  // namespace dne::app
