#include "ddl/tokens.h"

#include <gtest/gtest.h>
#include <random>

#include "base/error.h"

namespace bdrmesh::ddl {
namespace {

std::vector<std::string> statements(std::string_view script, const ScanOptions& options = {}) {
  std::vector<std::string> result;
  for (const StatementTokens& one : split_statements(script, options)) {
    result.emplace_back(script.substr(one.begin, one.end - one.begin));
  }
  return result;
}

std::string rendered(std::string_view script, const ScanOptions& options = {}) {
  std::string result;
  for (const StatementTokens& one : split_statements(script, options)) {
    if (!result.empty()) result += " | ";
    result += render(one.tokens);
  }
  return result;
}

TEST(Tokens, SplitAtSemicolonsOutsideOfQuotesAndComments) {
  EXPECT_EQ(statements("a; b ;c"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(statements(";; a;;"), (std::vector<std::string>{"a"}));
  EXPECT_EQ(statements("a ';' \";\" `;` /* ; */ b -- ;\n; c # ;\n"),
            (std::vector<std::string>{"a ';' \";\" `;` /* ; */ b", "c"}));
  EXPECT_EQ(statements("-- first\na; /* second */ b"), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(statements("  -- nothing\n /* here */ ; ").empty());
}

TEST(Tokens, KeepQuotesAndEscapesApart) {
  EXPECT_EQ(rendered("'it''s' 'a\\'b' 'c\\\\'"), "'it''s' 'a''b' 'c\\\\'");
  EXPECT_EQ(rendered("`a``b` \"x\"\"y\""), "`a``b` 'x\"y'");
  EXPECT_EQ(rendered("\"x\"", {.ansi_quotes = true}), "`x`");
  EXPECT_EQ(rendered("'a\\' b", {.no_backslash_escapes = true}), "'a\\\\' b");
  EXPECT_EQ(rendered("'a -- b /* c */'"), "'a -- b /* c */'");
}

TEST(Tokens, TakeTwoDashesAsCommentOnlyBeforeABlank) {
  EXPECT_EQ(rendered("a -- b\nc"), "a c");
  EXPECT_EQ(rendered("1--1"), "1 - - 1");
  EXPECT_EQ(rendered("a --"), "a");
}

TEST(Tokens, EnterCommentsThatTidbExecutes) {
  EXPECT_EQ(rendered("a /*! b */ c"), "a b c");
  EXPECT_EQ(rendered("a /*!80000 b */ c"), "a b c");
  EXPECT_EQ(rendered("a /*T! b */ c"), "a b c");
  EXPECT_EQ(rendered("a /*T![ttl] b */ c"), "a b c");
  EXPECT_EQ(rendered("a /*+ hint */ /*M! maria */ c"), "a c");
  EXPECT_EQ(rendered("a /*T![ttl] 'x */ y' */ c"), "a 'x */ y' c");
  EXPECT_EQ(statements("/*T![ttl] a */ ; b"), (std::vector<std::string>{"/*T![ttl] a */", "b"}));
}

TEST(Tokens, MarkWhatOnlySomeServersExecute) {
  const auto known = split_statements("a /*T![auto_rand,clustered_index] b */", {});
  EXPECT_FALSE(known.at(0).tokens.at(1).conditional);
  const auto unknown = split_statements("a /*T![ttl,new_thing] b */ c", {});
  EXPECT_TRUE(unknown.at(0).tokens.at(1).conditional);
  EXPECT_FALSE(unknown.at(0).tokens.at(2).conditional);
}

TEST(Tokens, TellNamesFromNumbers) {
  const std::vector<std::pair<std::string, TokenKind>> cases = {
      {"12", TokenKind::number},
      {"1.5", TokenKind::number},
      {".5", TokenKind::number},
      {"1e-3", TokenKind::number},
      {"1e5", TokenKind::number},
      {"0xff", TokenKind::number},
      {"0b01", TokenKind::number},
      {"2020_log", TokenKind::word},
      {"e5", TokenKind::word},
      {"t$1", TokenKind::word},
      {"\xc3\xbc"
       "ber",
       TokenKind::word},
  };
  for (const auto& [text, kind] : cases) {
    const auto scanned = split_statements(text, {});
    ASSERT_EQ(scanned.at(0).tokens.size(), 1U) << text;
    EXPECT_EQ(scanned.at(0).tokens.at(0).kind, kind) << text;
  }
  EXPECT_EQ(rendered("db.2020_log"), "db.2020_log");
  EXPECT_EQ(split_statements("db.12", {}).at(0).tokens.at(2).kind, TokenKind::word);
}

TEST(Tokens, NameThePlaceOfBrokenText) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"a 'b", "quote ' is not closed at line 1, column 3"},
      {"a;\nb `c", "quote ` is not closed at line 2, column 3"},
      {"a (b", "( is not closed at line 1, column 3"},
      {"a ) b", ") without its ( at line 1, column 3"},
      {"a /* b", "comment is not closed at line 1, column 3"},
      {"a /*! b", "comment is not closed at line 1, column 3"},
      {"a /*T![ttl b */", "feature list is not closed"},
      {"a /*! b ; c */", "; inside a comment"},
      {"a (b; c)", "( is not closed"},
      {std::string("a\0b", 3), "NUL byte at line 1, column 2"},
  };
  for (const auto& [script, part] : cases) {
    try {
      split_statements(script, {});
      ADD_FAILURE() << "accepted " << script;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::invalid);
      EXPECT_EQ(error.code(), "DDL_SYNTAX");
      EXPECT_NE(error.message().find(part), std::string::npos) << error.message();
    }
  }
}

TEST(Tokens, DoNotShowWhatFollowsAnOpenQuote) {
  try {
    split_statements("CREATE USER u IDENTIFIED BY 'hidden", {});
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.message().find("hidden"), std::string::npos);
    EXPECT_NE(error.message().find("IDENTIFIED BY"), std::string::npos);
  }
}

TEST(Tokens, CoverTheTextTheyCameFrom) {
  std::mt19937 random(7);
  const std::string letters = "ab1.;,()'\"`\\-#/*!T[] \n=\xc3";
  for (int round = 0; round < 50000; ++round) {
    std::string script;
    for (auto length = random() % 24; length > 0; --length)
      script += letters[random() % letters.size()];
    try {
      for (const StatementTokens& one :
           split_statements(script, {.keep_comments = round % 2 == 0})) {
        ASSERT_LE(one.end, script.size());
        ASSERT_FALSE(one.tokens.empty());
        std::size_t last = one.begin;
        for (const Token& token : one.tokens) {
          ASSERT_LE(last, token.begin) << script;
          ASSERT_LT(token.begin, token.end) << script;
          ASSERT_LE(token.end, one.end) << script;
          last = token.end;
        }
      }
    } catch (const Error& error) {
      ASSERT_EQ(error.code(), "DDL_SYNTAX");
    }
  }
}

}  // namespace
}  // namespace bdrmesh::ddl
