// Sessions of the product's user say what its catalogue has, and nothing else.
#include "lab/sql/cluster_fixture.h"

namespace bdrmesh::lab {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class SurfaceCatalogue : public ClusterTest {
 protected:
  void SetUp() override {
    ClusterTest::SetUp();
    state().hold_to_catalogue("mesh");
  }
  void TearDown() override {
    state().release_from_catalogue("mesh");
    ClusterTest::TearDown();
  }
};

TEST_F(SurfaceCatalogue, LetsTheDriverConnectAndTheCataloguePass) {
  auto mesh = connect("mesh");
  EXPECT_EQ(mesh.one("SELECT @@global.tidb_source_id AS value"), "1");
  EXPECT_EQ(mesh.error_of("ADMIN SHOW DDL JOBS 100"), "");
  EXPECT_EQ(mesh.error_of("/* bdrmesh:op1:1:east */ ALTER TABLE " + table() + " ADD COLUMN c INT"),
            "");
}

TEST_F(SurfaceCatalogue, RefusesTheRestByItsForm) {
  auto mesh = connect("mesh");
  EXPECT_EQ(mesh.error_of("SELECT b FROM `" + schema_ + "`.t WHERE a = 5 AND b IN ('x', 2)"),
            "1105 HY000 the lab: statement is not in the product's catalogue: SELECT b FROM `?`.t "
            "WHERE a = ? AND b IN (?, ?)");
  EXPECT_THAT(mesh.error_of("ALTER TABLE " + table() + " ADD COLUMN d INT"), StartsWith("1105"));
  EXPECT_THAT(mesh.error_of("PREPARE p FROM 'DELETE FROM " + table() + "'"),
              HasSubstr("catalogue"));
  EXPECT_EQ(root().one("SELECT COUNT(*) FROM " + table()), "0");
}

TEST_F(SurfaceCatalogue, IsNobodyElsesLimit) {
  EXPECT_EQ(root().error_of("ALTER TABLE " + table() + " ADD COLUMN d INT"), "");
}

}  // namespace
}  // namespace bdrmesh::lab
