// Rows that a schema change would break on, asked for on a real engine.
#include <gmock/gmock.h>

#include "unit/verify/maria_tables.h"

namespace bdrmesh::verify {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using Kind = RowNeed::Kind;

class BreakingRows : public MariaTables {
 protected:
  std::vector<RowValues> breaking(Kind kind, std::vector<std::string> columns,
                                  const std::string& low = "", const std::string& high = "",
                                  std::size_t most = 5) {
    return reader(members_.front())
        ->breaking({{"", "t"}, kind, std::move(columns), low, high}, most, Millis{5000}, call());
  }
};

TEST_F(BreakingRows, DoubledValuesAreNamedAndNullsDoNotCount) {
  make("(id INT PRIMARY KEY, a INT, b VARCHAR(9))",
       "(1,7,'x'),(2,7,'x'),(3,7,'y'),(4,NULL,'x'),(5,NULL,'x'),(6,8,'z')");
  EXPECT_THAT(breaking(Kind::unique, {"a", "b"}), ElementsAre(RowValues{"7", "x"}));
  EXPECT_THAT(breaking(Kind::unique, {"a"}), ElementsAre(RowValues{"7"}));
  EXPECT_THAT(breaking(Kind::unique, {"id"}), IsEmpty());
}

TEST_F(BreakingRows, TheColumnsOwnCollationDecidesWhatIsDoubled) {
  make("(id INT PRIMARY KEY, v VARCHAR(9) COLLATE utf8mb4_general_ci)", "(1,'a'),(2,'A')");
  EXPECT_EQ(breaking(Kind::unique, {"v"}).size(), 1U);
}

TEST_F(BreakingRows, NullsAreFoundInAnyOfTheColumns) {
  make("(id INT PRIMARY KEY, a INT, b INT)", "(1,1,1),(2,1,NULL),(3,NULL,1)");
  EXPECT_THAT(breaking(Kind::not_null, {"a", "b"}),
              UnorderedElementsAre(RowValues{"1", std::nullopt}, RowValues{std::nullopt, "1"}));
}

TEST_F(BreakingRows, CharactersAreCountedNotBytes) {
  make("(id INT PRIMARY KEY, v VARCHAR(9))", "(1,'abc'),(2,'äöü'),(3,'abcd')");
  EXPECT_THAT(breaking(Kind::length, {"v"}, "", "3"), ElementsAre(RowValues{"abcd"}));
}

TEST_F(BreakingRows, NumbersOutsideAreFoundAtBothEnds) {
  make("(id INT PRIMARY KEY, n BIGINT)", "(1,-129),(2,-128),(3,127),(4,128),(5,NULL)");
  EXPECT_THAT(breaking(Kind::between, {"n"}, "-128", "127"),
              UnorderedElementsAre(RowValues{"-129"}, RowValues{"128"}));
  EXPECT_EQ(breaking(Kind::between, {"n"}, "-128", "127", 1).size(), 1U);
}

}  // namespace
}  // namespace bdrmesh::verify
