#include <gtest/gtest.h>

#include "lab/history/past_layout.h"
#include "lab/history/past_timeline.h"
#include "lab/history/table_refs.h"
#include "lab/parse/tokens.h"

namespace bdrmesh::lab {
namespace {

PastDdl ddl(PastDdl::Kind kind, const std::string& table, std::uint64_t ts,
            const std::string& definition = "") {
  PastDdl made;
  made.kind = kind;
  made.table = {"s", table};
  made.definition = definition;
  made.ts = ts;
  made.job = static_cast<std::int64_t>(ts);
  return made;
}

TEST(PastTimeline, ATableIsAsItWasBeforeTheFirstChangeAfterTheTso) {
  PastTimeline line;
  line.add(ddl(PastDdl::Kind::created, "t", 10));
  line.add(ddl(PastDdl::Kind::changed, "t", 20, "one"));
  line.add(ddl(PastDdl::Kind::changed, "t", 30, "two"));
  EXPECT_FALSE(line.origin({"s", "t"}, 9).existed);
  EXPECT_EQ(line.origin({"s", "T"}, 10).definition, "one");
  EXPECT_EQ(line.origin({"s", "t"}, 20).definition, "two");
  EXPECT_EQ(line.origin({"s", "t"}, 30).definition, "");
  EXPECT_TRUE(line.origin({"s", "t"}, 30).path.empty());
}

TEST(PastTimeline, WhatWasKeptEndsTheWay) {
  PastTimeline line;
  PastDdl truncated = ddl(PastDdl::Kind::gone, "t", 20, "old");
  truncated.kept = KeptRows{"k1", true, {}, {}};
  line.add(truncated);
  line.add(ddl(PastDdl::Kind::changed, "t", 30, "new"));
  const PastOrigin before = line.origin({"s", "t"}, 15);
  ASSERT_TRUE(before.kept);
  EXPECT_EQ(before.kept->table, "k1");
  EXPECT_EQ(before.end_job, 20);
  EXPECT_FALSE(line.origin({"s", "t"}, 25).kept);
}

TEST(PastTimeline, FollowsRenamesAndKnowsWhoTookTheName) {
  PastTimeline line;
  PastDdl renamed = ddl(PastDdl::Kind::renamed, "a", 20, "a's");
  renamed.new_name = {"s", "b"};
  line.add(renamed);
  line.add(ddl(PastDdl::Kind::created, "a", 30));
  const PastOrigin a = line.origin({"s", "a"}, 10);
  ASSERT_EQ(a.legs.size(), 2U);
  EXPECT_EQ(a.present().name, "b");
  EXPECT_EQ(a.legs.front().until_job, 20);
  EXPECT_FALSE(line.origin({"s", "b"}, 10).existed);
  EXPECT_FALSE(line.origin({"s", "a"}, 25).existed);
  EXPECT_TRUE(line.origin({"s", "a"}, 30).existed);
}

TEST(PastTimeline, ADdlThatStillRunsIsLaterThanAnyTso) {
  PastTimeline line;
  const auto id = line.add(ddl(PastDdl::Kind::changed, "t", 0, "old"));
  EXPECT_EQ(line.origin({"s", "t"}, 1000).definition, "old");
  line.finish(id, 500);
  EXPECT_EQ(line.origin({"s", "t"}, 1000).definition, "");
  EXPECT_EQ(line.origin({"s", "t"}, 499).definition, "old");
}

TEST(PastTimeline, ForgetsWhatGarbageCollectionHasPassed) {
  PastTimeline line;
  PastDdl gone = ddl(PastDdl::Kind::gone, "t", 20);
  gone.kept = KeptRows{"k1", true, {}, {}};
  line.add(gone);
  EXPECT_TRUE(line.forget_before(20).empty());
  EXPECT_EQ(line.forget_before(21), std::vector<std::string>{"k1"});
}

std::vector<std::string> names(const std::string& sql) {
  std::vector<std::string> found;
  for (const TableRef& ref : table_refs(tokenize(sql).list)) {
    found.push_back((ref.name.schema.empty() ? "" : ref.name.schema + ".") + ref.name.name +
                    (ref.has_alias ? "!" : "") + (ref.as_of ? "@" : ""));
  }
  return found;
}

TEST(TableRefs, FindsTablesWhereverTheyStand) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(names("SELECT a, b FROM t"), Names{"t"});
  EXPECT_EQ(names("SELECT * FROM s.t AS x, `u` y WHERE x.a IN (SELECT a FROM v)"),
            (Names{"s.t!", "u!", "v"}));
  EXPECT_EQ(names("SELECT * FROM a JOIN b ON a.i=b.i LEFT JOIN (c, d) USING (i) ORDER BY 1, 2"),
            (Names{"a", "b", "c", "d"}));
  EXPECT_EQ(names("SELECT EXTRACT(YEAR FROM d), TRIM(BOTH 'x' FROM e) FROM t"), Names{"t"});
  EXPECT_EQ(names("WITH c AS (SELECT * FROM t) SELECT * FROM c JOIN u"), (Names{"t", "u"}));
  EXPECT_EQ(names("(SELECT 1 FROM a) UNION ALL (SELECT 2 FROM b LIMIT 3, 4)"), (Names{"a", "b"}));
  EXPECT_EQ(names("SELECT (SELECT MAX(i) FROM a), f(b, c) FROM (SELECT * FROM d) x"),
            (Names{"a", "d"}));
  EXPECT_EQ(names("TABLE t"), Names{"t"});
  EXPECT_EQ(names("SELECT * FROM t PARTITION (p0, p1) USE INDEX (i) FOR UPDATE"), Names{"t"});
}

TEST(TableRefs, FindsTheirTimes) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(names("SELECT * FROM t AS OF TIMESTAMP now() - interval 1 second WHERE a=1"),
            Names{"t@"});
  EXPECT_EQ(names("SELECT * FROM t x AS OF TIMESTAMP '2026-01-01', u AS OF TIMESTAMP f(1, 2) AS y"),
            (Names{"t!@", "u!@"}));
}

TEST(PastLayout, TheHiddenTableHasNoForeignKeys) {
  EXPECT_EQ(hidden_definition("CREATE TABLE `t` (\n  `a` int(11) NOT NULL,\n  `b` int(11),\n  "
                              "PRIMARY KEY (`a`),\n  CONSTRAINT `f` FOREIGN KEY (`b`) REFERENCES "
                              "`p` (`a`)\n) ENGINE=InnoDB COMMENT='x (\n'",
                              "m1"),
            "CREATE TABLE `lab_past`.`m1` (\n  `a` int(11) NOT NULL,\n  `b` int(11),\n  PRIMARY "
            "KEY (`a`)\n) ENGINE=InnoDB COMMENT='x (\n'");
}

}  // namespace
}  // namespace bdrmesh::lab
