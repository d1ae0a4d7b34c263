#include "lab/feed/sink_options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <utility>

#include "base/json.h"
#include "lab/feed/api_error.h"

namespace bdrmesh::lab {

namespace {

constexpr std::size_t kMostWorkers = 1024;
constexpr std::size_t kMostTxnRows = 2048;
constexpr std::size_t kMostUpdateRows = 256;

[[noreturn]] void invalid(const std::string& why) {
  throw ApiError(400, "CDC:ErrMySQLInvalidConfig", "MySQL config invalid: " + why);
}

/// Both sources of one option; the URI wins.
class Source {
 public:
  Source(const SinkUri& uri, const std::string& json)
      : uri_(uri), json_(json.empty() ? Json::object() : parse_json(json, "mysql_config")) {}

  std::optional<std::string> text(const std::string& name, const char* key) const {
    const auto found = uri_.parameters.find(name);
    if (found != uri_.parameters.end()) return found->second;
    if (!json_.is_object()) return std::nullopt;
    const auto member = json_.find(key);
    if (member == json_.end() || member->is_null()) return std::nullopt;
    return member->is_string() ? member->get<std::string>() : member->dump();
  }

 private:
  const SinkUri& uri_;
  Json json_;
};

void take_flag(bool& target, const std::string& name, const std::optional<std::string>& text) {
  if (!text) return;
  static constexpr std::array<std::string_view, 6> kTrue = {"1", "t", "T", "TRUE", "true", "True"};
  static constexpr std::array<std::string_view, 6> kFalse = {"0",     "f",     "F",
                                                             "FALSE", "false", "False"};
  if (std::find(kTrue.begin(), kTrue.end(), *text) != kTrue.end()) {
    target = true;
  } else if (std::find(kFalse.begin(), kFalse.end(), *text) != kFalse.end()) {
    target = false;
  } else {
    invalid("strconv.ParseBool: parsing \"" + *text + "\": invalid syntax");
  }
  (void)name;
}

void take_count(std::size_t& target, std::size_t most, const std::string& name,
                const std::optional<std::string>& text) {
  if (!text) return;
  long value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{} || end != text->data() + text->size()) {
    invalid("strconv.ParseInt: parsing \"" + *text + "\": invalid syntax");
  }
  if (value <= 0) invalid("invalid " + name + " " + *text + ", which must be greater than 0");
  target = std::min(static_cast<std::size_t>(value), most);
}

void take_duration(std::optional<Millis>& target, const std::optional<std::string>& text) {
  if (!text) return;
  target = go_millis(*text);
  if (!target) invalid("time: invalid duration \"" + *text + "\"");
}

}  // namespace

std::optional<Millis> go_millis(const std::string& text) {
  static constexpr std::array<std::pair<std::string_view, double>, 6> kUnits = {
      {{"ns", 1e-6}, {"us", 1e-3}, {"ms", 1}, {"s", 1e3}, {"m", 6e4}, {"h", 3.6e6}}};
  if (text == "0") return Millis{0};
  double total = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  if (at == end) return std::nullopt;
  while (at != end) {
    double value = 0;
    const auto parsed = std::from_chars(at, end, value, std::chars_format::fixed);
    if (parsed.ec != std::errc{} || value < 0) return std::nullopt;
    at = parsed.ptr;
    const char* const unit = at;
    while (at != end && *at >= 'a' && *at <= 'z') ++at;
    const std::string_view name(unit, static_cast<std::size_t>(at - unit));
    const auto* const known = std::find_if(kUnits.begin(), kUnits.end(),
                                           [&](const auto& entry) { return entry.first == name; });
    if (known == kUnits.end()) return std::nullopt;
    total += value * known->second;
  }
  return Millis{static_cast<Millis::rep>(total)};
}

SinkOptions sink_options(const SinkUri& uri, const std::string& mysql_config, bool safe_mode,
                         const std::string& atomicity) {
  const Source source(uri, mysql_config);
  SinkOptions options;
  options.safe_mode = safe_mode;
  take_count(options.worker_count, kMostWorkers, "worker-count",
             source.text("worker-count", "worker_count"));
  take_count(options.max_txn_row, kMostTxnRows, "max-txn-row",
             source.text("max-txn-row", "max_txn_row"));
  take_count(options.max_multi_update_row, kMostUpdateRows, "max-multi-update-row",
             source.text("max-multi-update-row", "max_multi_update_row_count"));
  take_flag(options.safe_mode, "safe-mode", source.text("safe-mode", ""));
  take_flag(options.batch_dml, "batch-dml-enable",
            source.text("batch-dml-enable", "enable_batch_dml"));
  take_flag(options.multi_statements, "multi-stmt-enable",
            source.text("multi-stmt-enable", "enable_multi_statement"));
  take_duration(options.read_timeout, source.text("read-timeout", "read_timeout"));
  take_duration(options.write_timeout, source.text("write-timeout", "write_timeout"));
  const std::string mode =
      source.text("tidb-txn-mode", "tidb_txn_mode").value_or("optimistic");  // others: ignored
  options.pessimistic = mode == "pessimistic";
  options.whole_table_txns =
      source.text("transaction-atomicity", "").value_or(atomicity) == "table";
  return options;
}

}  // namespace bdrmesh::lab
