// Reads the members of one configuration table, collecting problems instead of stopping at the
// first. Every key that was never asked for is an unknown one. Used by one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/config_tree.h"

namespace bdrmesh {

/// The one of `known` that `word` was probably meant to be; empty when none is near.
std::string nearest(std::string_view word, const std::vector<std::string>& known);

/// `2s`, `10m`, `1h30m`, `500ms`. @return std::nullopt when `text` is no duration.
std::optional<Millis> parse_duration(std::string_view text);

class ConfigFields {
 public:
  /// `where` names the table in messages: `cluster east`.
  ConfigFields(const ConfigNode& table, std::string where, ConfigResult& result)
      : table_(table), where_(std::move(where)), result_(result) {}

  int line() const { return table_.line; }
  const std::string& where() const { return where_; }
  bool has(const std::string& key) const { return table_.find(key) != nullptr; }
  /// The line of a member, or of the table when it is missing.
  int line_of(const std::string& key) const;

  void problem(int line, std::string what, std::string hint);
  void warn(int line, std::string what, std::string hint);

  /// An absent member gives std::nullopt and, when required, a problem; one of a wrong type always
  /// a problem.
  std::optional<std::string> text(const std::string& key, const std::string& required_hint = {});
  std::optional<std::int64_t> integer(const std::string& key,
                                      const std::string& required_hint = {});
  std::optional<Millis> duration(const std::string& key);
  /// The texts of a list; items of other types are problems. Empty lists are problems.
  std::vector<const ConfigNode*> texts(const std::string& key,
                                       const std::string& required_hint = {});
  const ConfigNode* table(const std::string& key);
  /// The tables of a list `[[outer.key]]`; empty when it is absent.
  std::vector<const ConfigNode*> tables(const std::string& key);

  /// Takes a member as known without reading it: another message speaks of it.
  void leave(const std::string& key) { known_.push_back(key); }

  /// Reports every member that was not asked for, with the nearest one that exists.
  void finish();

 private:
  const ConfigNode* member(const std::string& key, ConfigNode::Type type,
                           const std::string& required_hint);

  const ConfigNode& table_;
  std::string where_;
  ConfigResult& result_;
  std::vector<std::string> known_;
};

}  // namespace bdrmesh
