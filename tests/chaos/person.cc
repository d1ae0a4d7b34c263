#include "chaos/person.h"

#include <algorithm>

#include "e2e/process.h"

namespace bdrmesh::chaos {
namespace {

constexpr const char* kGroup = "orders";

std::string state_of(const Json& operation) { return get_or<std::string>(operation, "state", ""); }

/// The object of a statement that `statement_for` has made; empty for any other.
std::optional<std::pair<SchemaObject, bool>> read_statement(const std::string& text) {
  for (const bool is_index : {false, true}) {
    for (int number = 1; number <= 6; ++number) {
      const SchemaObject object{(is_index ? "by_chaos_" : "chaos_") + std::to_string(number),
                                is_index};
      for (const bool make : {false, true}) {
        if (statement_for(object, make) == text) return std::pair{object, make};
      }
    }
  }
  return std::nullopt;
}

}  // namespace

std::string statement_for(const SchemaObject& object, bool make) {
  const std::string table = "ALTER TABLE app.items ";
  if (object.is_index) {
    return make ? table + "ADD INDEX " + object.name + " (quantity)"
                : table + "DROP INDEX " + object.name;
  }
  return make ? table + "ADD COLUMN " + object.name + " INT NULL"
              : table + "DROP COLUMN " + object.name;
}

bool is_final(const Json& operation) {
  const std::string state = state_of(operation);
  return state == "succeeded" || state == "reverted" || state == "cancelled";
}

std::string Person::act(const std::vector<std::string>& words) {
  const std::string& what = words.front();
  if (what == "ddl") return ddl(words);
  if (what == "verify") return submit("verify.links", {{"group", kGroup}, {"patience_ms", 4000}});
  if (what == "apply") return submit("group.apply", {{"group", kGroup}});
  if (what == "cancel") return steer(unfinished(), "cancel");
  if (what == "resume") return steer(blocked(), "resume");
  if (what == "gate-open") return submit("gate.open", {{"cluster", words.at(1)}});
  if (what == "gate-close")
    return submit("gate.close", {{"cluster", words.at(1)}, {"reason", "chaos"}});
  return "nobody knows how to " + what;
}

std::string Person::ddl(const std::vector<std::string>& words) {
  const bool is_index = words.at(1) == "index";
  const SchemaObject object{(is_index ? "by_" : "") + words.at(2), is_index};
  const std::map<SchemaObject, bool> known = expected_objects();
  const auto found = known.find(object);
  const bool make = found == known.end() || !found->second;
  const bool hurried = words.size() > 3;
  return submit("ddl.run", {{"group", kGroup},
                            {"script", statement_for(object, make)},
                            {"max_pause_ms", hurried ? 300 : 10000},
                            {"kill", true}});
}

std::string Person::submit(const std::string& kind, const Json& args) {
  const Reply reply = arena_.post("/operations", {{"kind", kind}, {"args", args}});
  if (!reply.ok()) return reply.text();
  return get_or<std::string>(reply.body, "operation", "?");
}

std::string Person::steer(const std::vector<std::string>& ids, const std::string& verb) {
  if (ids.empty()) return "nothing to " + verb;
  return ids.back() + ": " + arena_.post("/operations/" + ids.back() + "/" + verb).text();
}

std::vector<Json> Person::operations() const {
  const Reply reply = arena_.get("/operations?limit=10000");
  std::vector<Json> all;
  if (!reply.ok()) return all;
  for (const Json& one : reply.body.at("operations")) all.push_back(one);
  std::ranges::reverse(all);
  return all;
}

Json Person::operation(const std::string& id) const {
  Reply reply;
  e2e::eventually([&] { return (reply = arena_.get("/operations/" + id)).ok(); });
  return reply.body;
}

std::vector<std::string> Person::unfinished() const {
  std::vector<std::string> ids;
  for (const Json& one : operations()) {
    if (!is_final(one)) ids.push_back(one.at("id"));
  }
  return ids;
}

std::vector<std::string> Person::blocked() const {
  std::vector<std::string> ids;
  for (const Json& one : operations()) {
    if (state_of(one) == "blocked") ids.push_back(one.at("id"));
  }
  return ids;
}

std::map<SchemaObject, bool> Person::expected_objects() const {
  std::map<SchemaObject, bool> there;
  for (const Json& one : operations()) {
    if (state_of(one) != "succeeded" || one.at("kind") != "ddl.paused") continue;
    const std::string id = one.at("id");
    if (!subjects_.contains(id)) {
      const Reply reply = arena_.get("/operations/" + id);
      if (!reply.ok()) continue;
      subjects_[id] = reply.body.at("subject");
    }
    for (const Json& statement : subjects_[id].at("statements")) {
      if (const auto read = read_statement(statement)) there[read->first] = read->second;
    }
  }
  return there;
}

}  // namespace bdrmesh::chaos
