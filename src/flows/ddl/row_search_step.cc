#include "flows/ddl/row_search_step.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace bdrmesh::flows {
namespace {

constexpr std::size_t kExamples = 5;
constexpr std::size_t kLongestValue = 40;
constexpr Millis kLongestQuestion{8000};
constexpr Millis kBudget{20000};

constexpr std::array kKinds = {
    std::pair{RowNeed::Kind::unique, "unique"}, std::pair{RowNeed::Kind::not_null, "not_null"},
    std::pair{RowNeed::Kind::length, "length"}, std::pair{RowNeed::Kind::between, "between"}};

std::string word_of(RowNeed::Kind kind) {
  return std::ranges::find(kKinds, kind, [](const auto& one) { return one.first; })->second;
}

RowNeed::Kind kind_from(const std::string& word) {
  const auto* found = std::ranges::find(kKinds, word, [](const auto& one) { return one.second; });
  if (found == kKinds.end())
    throw Error(ErrorKind::bug, "BAD_PLAN", "rows cannot be searched for '" + word + "'");
  return found->first;
}

Json to_json(const RowNeed& need) {
  return {{"schema", need.table.schema}, {"table", need.table.table}, {"want", word_of(need.kind)},
          {"columns", need.columns},     {"low", need.low},           {"high", need.high}};
}

RowNeed need_from(const Json& json) {
  return {{get_required<std::string>(json, "schema"), get_required<std::string>(json, "table")},
          kind_from(get_required<std::string>(json, "want")),
          get_required<std::vector<std::string>>(json, "columns"),
          get_or<std::string>(json, "low", ""),
          get_or<std::string>(json, "high", "")};
}

std::string in_parentheses(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
  return "(" + out + ")";
}

/// One row's values, fit for a message whatever stands in them.
std::string shown(const RowValues& values) {
  std::vector<std::string> parts;
  for (const std::optional<std::string>& value : values) {
    std::string text = value.value_or("NULL").substr(0, kLongestValue);
    std::ranges::replace_if(
        text, [](unsigned char c) { return c < 0x20 || c >= 0x7f; }, '?');
    parts.push_back(value ? "'" + text + "'" : text);
  }
  return in_parentheses(parts);
}

}  // namespace

std::string describe(const RowNeed& need) {
  const std::string table = to_string(need.table);
  const std::string columns = in_parentheses(need.columns);
  switch (need.kind) {
    case RowNeed::Kind::unique:
      return "no two rows of " + table + " agree in " + columns;
    case RowNeed::Kind::not_null:
      return "no row of " + table + " has a NULL in " + columns;
    case RowNeed::Kind::length:
      return columns + " of " + table + " has at most " + need.high + " characters";
    case RowNeed::Kind::between:
      return columns + " of " + table + " lies between " + need.low + " and " + need.high;
  }
  return table;
}

Json row_search_args(const std::vector<ddl::RowNeeds>& statements) {
  Json args{
      {"needs", Json::array()}, {"unsearched", Json::array()}, {"budget_ms", kBudget.count()}};
  for (const ddl::RowNeeds& one : statements) {
    for (const RowNeed& need : one.needs) args["needs"].push_back(to_json(need));
    for (const std::string& what : one.unsearched) args["unsearched"].push_back(what);
  }
  return args;
}

Verdict SearchRows::verify(StepContext& ctx) {
  return ctx.fact("rows_searched", scope())
             ? holds()
             : not_yet("the search for rows in the way on " + cluster().value());
}

std::string SearchRows::search(TableReader& reader, const RowNeed& need, Millis limit,
                               const Call& call) const {
  std::vector<RowValues> found;
  try {
    found = reader.breaking(need, kExamples, limit, call);
  } catch (const Error& e) {
    if (e.code() != "TIDB_TOO_SLOW") throw;
    return describe(need) + ": not known, " + std::to_string(limit.count() / 1000) +
           " s did not suffice to read " + to_string(need.table);
  }
  if (found.empty()) return "";
  std::vector<std::string> examples;
  for (const RowValues& values : found) examples.push_back(shown(values));
  throw Error(ErrorKind::precondition, "ROWS_IN_THE_WAY",
              "the statement needs that " + describe(need) + ", but on " + cluster().value() +
                  " there are: " + in_parentheses(examples),
              "nothing was changed and nobody was paused; correct these rows, then run it again");
}

void SearchRows::execute(StepContext& ctx) {
  const MonoTime until =
      ports_.clock.mono() + Millis{get_required<std::int64_t>(args_, "budget_ms")};
  auto unsearched = get_required<std::vector<std::string>>(args_, "unsearched");
  const auto reader = ports_.world.table_reader(cluster(), std::nullopt, 0);
  for (const Json& json : get_required<Json>(args_, "needs")) {
    const RowNeed need = need_from(json);
    const auto left = std::chrono::duration_cast<Millis>(until - ports_.clock.mono());
    std::string untold = describe(need) + ": not searched, the time for it was used up";
    if (left > Millis{0})
      untold = search(*reader, need, std::min(left, kLongestQuestion), ctx.call());
    if (!untold.empty()) unsearched.push_back(std::move(untold));
  }
  for (const std::string& what : unsearched) {
    ctx.event("warning", "not searched on " + cluster().value() + ": " + what +
                             "; if there are such rows, the job rolls back inside the pause");
  }
  ctx.set_fact({"rows_searched", scope(), FactLife::durable, {{"unsearched", unsearched}}});
}

}  // namespace bdrmesh::flows
