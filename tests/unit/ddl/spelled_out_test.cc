// The spelled-out statements keep their verdict, also when they are written in other ways that mean
// the same.
#include "unit/ddl/spelled_out.h"

#include <gtest/gtest.h>
#include <random>

#include "base/error.h"
#include "ddl/classify.h"
#include "ddl/tokens.h"
#include "ddl/view.h"

namespace bdrmesh::ddl {
namespace {

Context mesh(bool roles) {
  Context context;
  context.default_schema = "shop";
  context.tidb = roles ? Version{8, 5, 0} : Version{7, 5, 0};
  context.roles_set = roles;
  context.tables = TableFilter({"shop.*"});
  return context;
}

Statement only(std::string_view sql, bool roles, bool ansi = false) {
  Context context = mesh(roles);
  context.ansi_quotes = ansi;
  std::vector<Statement> all = classify(sql, context);
  EXPECT_EQ(all.size(), 1U) << sql;
  return all.front();
}

TEST(SpelledOut, AreAsManyAsPromisedAndKeepTheirVerdict) {
  EXPECT_GE(std::size(kSpelledOut), 200U);
  for (const SpelledOut& wanted : kSpelledOut) {
    const Statement roles = only(wanted.sql, true);
    EXPECT_EQ(to_string(roles.class_), wanted.class_) << wanted.sql << ": " << roles.reason;
    EXPECT_EQ(to_string(roles.strategy), wanted.with_roles) << wanted.sql << ": " << roles.reason;
    const Statement none = only(wanted.sql, false);
    EXPECT_EQ(to_string(none.strategy), wanted.without_roles) << wanted.sql << ": " << none.reason;
    EXPECT_FALSE(roles.reason.empty()) << wanted.sql;
  }
}

/// Writes the tokens of a statement again: other case, other blanks, comments between, names in
/// other quotes.
class Rewriter {
 public:
  Rewriter(std::mt19937& random, bool ansi) : random_(random), ansi_(ansi) {}

  std::string write(std::string_view sql) {
    const auto scanned = split_statements(sql, {});
    EXPECT_EQ(scanned.size(), 1U) << sql;
    std::string out;
    std::size_t at = 0;
    for (const Token& token : scanned.front().tokens) {
      // What stood between (blanks, comments that are executed) stays; blanks may become others.
      const std::string_view between = sql.substr(at, token.begin - at);
      const bool blank = between.find_first_not_of(" \n\t") == std::string_view::npos;
      out += blank && !between.empty() ? gap() : std::string(between);
      out += token_text(sql, token);
      at = token.end;
    }
    return out + std::string(sql.substr(at)) + (pick(2) ? ";" : "");
  }

 private:
  bool pick(unsigned n) { return random_() % n == 0; }

  std::string gap() {
    switch (random_() % 6) {
      case 0:
        return "\n\t ";
      case 1:
        return " /* , DROP PRIMARY KEY; */ ";
      case 2:
        return " -- FROB ' \" `\n";
      case 3:
        return " # x\n";
      case 4:
        return "/**/ ";
      default:
        return " ";
    }
  }

  std::string token_text(std::string_view sql, const Token& token) {
    std::string text(sql.substr(token.begin, token.end - token.begin));
    if (token.kind == TokenKind::word) {
      for (char& c : text) {
        if (pick(2)) c = static_cast<char>(std::islower(c) ? std::toupper(c) : std::tolower(c));
      }
    }
    if (token.kind == TokenKind::quoted_name && ansi_) return '"' + token.text + '"';
    return text;
  }

  std::mt19937& random_;
  bool ansi_;
};

TEST(SpelledOut, KeepTheirVerdictInOtherLetters) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (const SpelledOut& wanted : kSpelledOut) {
    for (int round = 0; round < 12; ++round) {
      const bool ansi = round % 3 == 2;
      const std::string sql = Rewriter(random, ansi).write(wanted.sql);
      const Statement seen = only(sql, true, ansi);
      ASSERT_EQ(to_string(seen.class_), wanted.class_) << sql << "\n" << seen.reason;
      ASSERT_EQ(to_string(seen.strategy), wanted.with_roles) << sql << "\n" << seen.reason;
    }
  }
}

TEST(SpelledOut, ScriptsOfThemSplitAgain) {
  std::string script;
  for (const SpelledOut& wanted : kSpelledOut) script += std::string(wanted.sql) + ";\n";
  const auto all = classify(script, mesh(true));
  ASSERT_EQ(all.size(), std::size(kSpelledOut));
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].text, kSpelledOut[i].sql);
}

TEST(SpelledOut, AreJudgedOrRefusedWhereverTheirEndIsMissing) {
  for (const SpelledOut& wanted : kSpelledOut) {
    for (std::size_t length = 1; length < wanted.sql.size(); ++length) {
      const std::string cut(wanted.sql.substr(0, length));
      try {
        for (const Statement& seen : classify(cut, mesh(true)))
          ASSERT_FALSE(seen.reason.empty()) << cut;
      } catch (const Error& error) {
        ASSERT_EQ(error.code(), "DDL_SYNTAX") << cut;
      }
    }
  }
}

TEST(StatementView, HasTheMembersThatPipelinesRead) {
  const Json drop = to_json(only("ALTER TABLE cart DROP COLUMN memo", true));
  EXPECT_EQ(drop.size(), 8U) << drop;
  EXPECT_EQ(drop.at("statement"), "ALTER TABLE cart DROP COLUMN memo");
  EXPECT_EQ(drop.at("kind"), "drop column");
  EXPECT_EQ(drop.at("tables"), Json({"shop.cart"}));
  EXPECT_EQ(drop.at("class"), "non_replicable");
  EXPECT_EQ(drop.at("reorganises"), false);
  EXPECT_EQ(drop.at("idempotent"), false);
  EXPECT_EQ(drop.at("strategy"), "paused");
  EXPECT_FALSE(drop.at("reason").get<std::string>().empty());
  EXPECT_EQ(to_json(only("DROP DATABASE shop", true)).at("tables"), Json({"shop.*"}));
  EXPECT_EQ(to_json(only("SELECT 1", true)).at("class"), "not_ddl");
  EXPECT_EQ(
      to_json(only("ALTER TABLE cart ADD UNIQUE INDEX IF NOT EXISTS u (a)", true)).at("idempotent"),
      true);
}

}  // namespace
}  // namespace bdrmesh::ddl
