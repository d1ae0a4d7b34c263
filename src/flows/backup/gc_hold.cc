#include "flows/backup/gc_hold.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace bdrmesh::flows {
namespace {

constexpr const char* kLifeTime = "tidb_gc_life_time";

bool held_by(const TokenRow& row, const std::string& operation) {
  const auto remembered = remembered_setting(row, kLifeTime);
  return remembered && remembered->holders.contains(operation);
}

Millis life_of(const std::string& text) { return go_duration(text).value_or(Millis{0}); }

}  // namespace

std::optional<Millis> go_duration(const std::string& text) {
  struct Unit {
    std::string_view name;
    double ms;
  };
  constexpr std::array kUnits = {Unit{"ms", 1}, Unit{"h", 3600000}, Unit{"m", 60000},
                                 Unit{"s", 1000}};
  double total = 0;
  std::string_view rest = text;
  if (rest.empty()) return std::nullopt;
  while (!rest.empty()) {
    double number = 0;
    const auto [end, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (problem != std::errc() || number < 0) return std::nullopt;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    const auto* unit =
        std::ranges::find_if(kUnits, [&](const Unit& one) { return rest.starts_with(one.name); });
    if (unit == kUnits.end()) return std::nullopt;
    rest.remove_prefix(unit->name.size());
    total += number * unit->ms;
  }
  return Millis{static_cast<std::int64_t>(total)};
}

std::string to_go_duration(Millis span) {
  const auto seconds = span.count() / 1000;
  return std::to_string(seconds / 3600) + "h" + std::to_string(seconds / 60 % 60) + "m" +
         std::to_string(seconds % 60) + "s";
}

SharedSetting gc_life_time() {
  return {kLifeTime,
          [](TidbCluster& tidb, const Call& call) { return tidb.global_variable(kLifeTime, call); },
          [](TidbCluster& tidb, const std::string& value, const Call& call) {
            tidb.set_gc_life_time(value, call);
          },
          [](const std::string& a, const std::string& b) { return life_of(a) > life_of(b); }};
}

Millis HoldGc::wanted() const {
  // Longer ones are cut off by the server in silence.
  static constexpr Millis kLongest{8760LL * 3'600'000};
  return std::min(Millis{get_required<std::int64_t>(args_, "life_ms")}, kLongest);
}

Verdict HoldGc::verify(StepContext& ctx) {
  const TokenRow row = ports_.tokens.require_ours(cluster(), ctx.call());
  if (!held_by(row, ctx.operation()))
    return not_yet("our hold on the history of " + cluster().value());
  const std::string now = tidb().global_variable(kLifeTime, ctx.call());
  if (life_of(now) >= wanted()) return holds();
  return not_yet("tidb_gc_life_time of " + cluster().value() + ", now " + now + ", to be raised");
}

void HoldGc::execute(StepContext& ctx) {
  const Millis life = wanted();
  const std::string now = tidb().global_variable(kLifeTime, ctx.call());
  // What is long enough stays as it is.
  SharedSettings(ports_.world, ports_.tokens)
      .hold(cluster(), gc_life_time(), ctx.operation(),
            life_of(now) >= life ? now : to_go_duration(life), ctx.call());
}

void HoldGc::compensate(StepContext& ctx) {
  const TokenRow row = ports_.tokens.require_ours(cluster(), ctx.call());
  if (!held_by(row, ctx.operation())) return;
  SharedSettings(ports_.world, ports_.tokens)
      .give_back(cluster(), gc_life_time(), ctx.operation(), ctx.call());
}

Verdict GiveBackGc::verify(StepContext& ctx) {
  const TokenRow row = ports_.tokens.require_ours(cluster(), ctx.call());
  if (!held_by(row, ctx.operation())) return holds();
  return not_yet("tidb_gc_life_time of " + cluster().value() + " to be given back");
}

void GiveBackGc::execute(StepContext& ctx) {
  const auto back = SharedSettings(ports_.world, ports_.tokens)
                        .give_back(cluster(), gc_life_time(), ctx.operation(), ctx.call());
  if (back)
    ctx.event("info", "tidb_gc_life_time of " + cluster().value() + " is " + *back + " again");
}

}  // namespace bdrmesh::flows
