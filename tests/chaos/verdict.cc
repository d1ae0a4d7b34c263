#include "chaos/verdict.h"

#include <algorithm>
#include <map>

namespace bdrmesh::chaos {
namespace {

using e2e::eventually;
using std::chrono::seconds;

constexpr seconds kUntilEverythingEnds{240};
constexpr seconds kUntilLinksArePrimed{180};
constexpr int kResumes = 12;  ///< of one operation, by a patient person

class Judge {
 public:
  Judge(Arena& arena, const Person& person) : arena_(arena), person_(person) {}

  Verdict judge() {
    heal();
    end_operations();
    count();
    links_carry_rows();
    gates_are_open();
    roles_are_restored();
    schemas_are_equal();
    no_leftovers();
    nothing_acknowledged_is_lost();
    process_is_well();
    return verdict_;
  }

 private:
  void fail(const std::string& text) { verdict_.failures.push_back(text); }

  void heal() {
    Reply reply;
    eventually([&] { return (reply = arena_.order({"heal"})).ok(); }, seconds{60});
    if (!reply.ok()) fail("the lab could not be healed: " + reply.text());
    arena_.continue_daemon();
    if (!arena_.daemon_alive() && !arena_.start_daemon())
      fail("the daemon does not start: " + arena_.daemon_log());
    if (!eventually([&] { return arena_.get("/health").ok(); }, seconds{30}))
      fail("the daemon does not answer: " + arena_.daemon_log());
  }

  /// A daemon that was superseded on a cluster says so and must be started anew: a person does.
  bool wants_new_daemon(const Json& operation) const {
    const Json error = get_or(operation, "error", Json());
    const std::string code = error.is_object() ? get_or<std::string>(error, "code", "") : "";
    return code == "EPOCH_NEWER" || code == "EPOCH_TWIN" || code == "EPOCH_LOST";
  }

  void end_operations() {
    std::map<std::string, int> resumes;
    const bool ended = eventually(
        [&] {
          for (const std::string& id : person_.blocked()) {
            if (resumes[id] >= kResumes) continue;
            if (wants_new_daemon(person_.operation(id))) {
              arena_.end_daemon();
              arena_.start_daemon();
            }
            ++resumes[id];
            if (arena_.post("/operations/" + id + "/resume").ok()) ++verdict_.resumed;
          }
          return arena_.get("/health").ok() && person_.unfinished().empty();
        },
        kUntilEverythingEnds);
    if (ended) return;
    for (const std::string& id : person_.unfinished())
      fail("operation " + id + " does not end:\n" + person_.operation(id).dump(1));
  }

  void count() {
    for (const Json& one : person_.operations()) {
      ++verdict_.operations;
      const bool succeeded = one.at("state") == "succeeded";
      succeeded ? ++verdict_.succeeded : ++verdict_.undone;
      if (!succeeded && get_or(one, "line_crossed", false))
        fail("operation " + one.at("id").get<std::string>() + " crossed its line and was undone");
    }
  }

  void links_carry_rows() {
    std::string last;
    const bool proven = eventually(
        [&] {
          const Reply started = arena_.post(
              "/operations",
              {{"kind", "verify.links"}, {"args", {{"group", "orders"}, {"patience_ms", 20000}}}});
          if (!started.ok()) {
            last = started.text();
            return false;
          }
          const std::string id = started.body.at("operation");
          Json seen;
          eventually([&] { return is_final(seen = person_.operation(id)); }, seconds{60});
          last = seen.dump(1);
          const Json result = get_or(seen, "result", Json());
          return result.is_object() && get_or(result, "unproven", 1) == 0;
        },
        kUntilLinksArePrimed);
    if (!proven) fail("not every link is proven: " + last);
  }

  std::string scalar(const std::string& cluster, const std::string& sql, std::size_t server = 1) {
    std::optional<Json> rows;
    eventually([&] { return (rows = arena_.sql(cluster, sql, server)).has_value(); }, seconds{60});
    if (!rows || rows->empty()) return rows ? "" : "no answer";
    return rows->front().begin().value().is_null()
               ? "NULL"
               : rows->front().begin().value().get<std::string>();
  }

  void gates_are_open() {
    for (const std::string& cluster : arena_.clusters()) {
      for (const std::size_t server : {1U, 2U}) {
        const std::string on = scalar(cluster, "SELECT @@global.tidb_super_read_only", server);
        if (on != "0") {
          fail("the gate of " + cluster + " is not open on its server " + std::to_string(server) +
               ": " + on + "\n" + arena_.get("/gates").body.dump(1));
        }
      }
      const std::string notes = scalar(cluster, "SELECT gates FROM bdrmesh_local.owner");
      if (notes != "[]") fail("gates are noted on " + cluster + ": " + notes);
    }
  }

  void roles_are_restored() {
    for (const std::string& cluster : arena_.clusters()) {
      const std::string wanted = cluster == arena_.clusters().front() ? "primary" : "secondary";
      const std::string seen = scalar(cluster, "ADMIN SHOW BDR ROLE");
      if (seen != wanted) fail("the role of " + cluster + " is '" + seen + "', not " + wanted);
    }
  }

  void schemas_are_equal() {
    std::map<std::string, std::string> first;
    for (const std::string& cluster : arena_.clusters()) {
      for (const char* table : {"app.items", "app.orders"}) {
        const auto rows = arena_.sql(cluster, std::string("SHOW CREATE TABLE ") + table);
        const std::string text = rows ? rows->dump(1) : "no answer";
        const auto [seen, fresh] = first.emplace(table, text);
        if (!fresh && seen->second != text)
          fail(std::string(table) + " differs on " + cluster + ":\n" + text + "\n" + seen->second);
      }
    }
    for (const auto& [object, there] : person_.expected_objects()) {
      const bool seen = first["app.items"].find("`" + object.name + "`") != std::string::npos;
      if (seen != there)
        fail(object.name + " is " + (seen ? "there" : "missing") + " though the operations say " +
             (there ? "made" : "taken away") + "\n" + first["app.items"]);
    }
  }

  void no_leftovers() {
    for (const std::string& cluster : arena_.clusters()) {
      const std::string left =
          scalar(cluster,
                 "SELECT COUNT(*) FROM information_schema.tables WHERE TABLE_SCHEMA = "
                 "'bdrmesh_local' AND TABLE_NAME LIKE 'rehearsal%'");
      if (left != "0") fail(left + " rehearsal copies are left on " + cluster);
    }
  }

  void nothing_acknowledged_is_lost() {
    arena_.stop_load();
    const e2e::Finished checked = arena_.check_load();
    if (checked.exit_code != 0) fail("the load's ledger: " + describe(checked));
  }

  void process_is_well() {
    for (const std::string& log : arena_.unexpected_deaths()) fail("the daemon died:\n" + log);
    const int code = arena_.end_daemon();
    if (code != 0)
      fail("the daemon ended with " + std::to_string(code) + ":\n" + arena_.daemon_log());
    const e2e::Finished checked = arena_.check_state();
    if (checked.exit_code != 0) fail("state check: " + describe(checked));
  }

  Arena& arena_;
  const Person& person_;
  Verdict verdict_;
};

}  // namespace

Verdict judge(Arena& arena, const Person& person) { return Judge(arena, person).judge(); }

}  // namespace bdrmesh::chaos
