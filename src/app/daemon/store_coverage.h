// The time of the last proof of each table, in the state file.
#pragma once

#include <map>

#include "store/state_store.h"
#include "verify/coverage_book.h"

namespace bdrmesh {

inline constexpr const char* kCoverageDocument = "table_proof";

/// When each table of the group was last compared, whatever came of it.
inline std::map<TableName, WallTime> last_looks(const StateStore& store, const GroupName& group) {
  std::map<TableName, WallTime> looks;
  for (const DocumentRecord& one : store.documents(kCoverageDocument)) {
    if (one.body.at("group") != group.value()) continue;
    const std::string name = one.body.at("table");
    const std::size_t dot = name.find('.');
    looks[{name.substr(0, dot), name.substr(dot + 1)}] = one.at;
  }
  return looks;
}

class StoreCoverage final : public verify::CoverageBook {
 public:
  explicit StoreCoverage(StateStore& store) : store_(store) {}

  void looked(const verify::TableLook& look, WallTime at) override {
    const std::string key = look.group.value() + " " + to_string(look.table);
    const auto before = store_.document(kCoverageDocument, key);
    Json body = before ? before->body
                       : Json{{"group", look.group.value()},
                              {"table", to_string(look.table)},
                              {"proven_at", nullptr},
                              {"proven_by", nullptr},
                              {"mode", nullptr},
                              {"rows", nullptr},
                              {"positions", Json::object()}};
    if (look.verdict == "equal") {
      body["proven_at"] = to_rfc3339(at);
      body["proven_by"] = look.operation;
      body["mode"] = look.mode;
      body["rows"] = look.rows;
      body["positions"] = look.positions;
    }
    body["looked_at"] = to_rfc3339(at);
    body["looked_by"] = look.operation;
    body["verdict"] = look.verdict;
    store_.put_document({kCoverageDocument, key, at, std::move(body)});
  }

 private:
  StateStore& store_;
};

}  // namespace bdrmesh
