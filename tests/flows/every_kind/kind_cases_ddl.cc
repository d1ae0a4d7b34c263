// The cases of schema changes beyond one for each strategy: scripts, ways back, rows in the way.
#include <gmock/gmock.h>

#include "flows/every_kind/kind_cases.h"

namespace bdrmesh::flows {
namespace {

constexpr const char* kAddHint = "ALTER TABLE app.orders ADD COLUMN hint int";
constexpr const char* kAddIndex = "ALTER TABLE app.orders ADD INDEX by_note (note)";
constexpr const char* kAddUnique = "ALTER TABLE app.orders ADD UNIQUE INDEX once (note)";

std::function<Json(FlowBench&)> running(const Json& args, const std::string& primary = "east") {
  return [=](FlowBench& bench) {
    bench.bring_up(primary);
    return args;
  };
}

using Done = std::function<void(const FlowBench&, const std::string&)>;

/// Each of them once on each of `clusters`, and writes go on.
Done applied(const std::vector<std::string>& statements, const std::vector<std::string>& clusters) {
  return [=](const FlowBench& bench, const std::string& journal) {
    for (const std::string& name : clusters) {
      for (const std::string& statement : statements)
        EXPECT_EQ(bench.inner.times_applied(name, statement), 1) << name << "\n" << journal;
    }
    EXPECT_TRUE(bench.inner.all_gates_open()) << journal;
  };
}

}  // namespace

std::vector<KindCase> ddl_kind_cases() {
  const std::vector<std::string> two{"east", "west"};
  const std::string script = std::string(kDropNote) + ";" + kAddHint;
  return {
      {"ddl.run", "ddl.run paused and replicated", running({{"script", script}}),
       applied({kDropNote, kAddHint}, two)},
      {"ddl.run", "ddl.run unique index with a way back",
       running({{"script", kAddUnique}, {"undo", "ALTER TABLE app.orders DROP INDEX once"}}),
       applied({kAddUnique}, two)},
      {"ddl.run", "ddl.run everywhere with a way back",
       running({{"script", kAddIndex}, {"undo", "ALTER TABLE app.orders DROP INDEX by_note"}}, ""),
       applied({kAddIndex}, two)},
  };
}

}  // namespace bdrmesh::flows
