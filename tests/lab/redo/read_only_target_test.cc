// `cdc redo apply` into a cluster that takes no writes (checklist line T24).
#include <filesystem>
#include <gtest/gtest.h>

#include "base/random_id.h"
#include "lab/cluster/lab_cluster.h"
#include "lab/engine/template_data.h"
#include "lab/redo/recorded.h"
#include "lab/redo/redo_files.h"

namespace bdrmesh::lab {
namespace {

TEST(RedoApply, T24_IsRefusedByAReadOnlyTarget) {
  if (!mariadb_is_installed()) GTEST_SKIP() << "mariadbd is not installed";
  const std::filesystem::path home =
      std::filesystem::temp_directory_path() / ("bdr-redo-gate-" + random_id(8));
  std::filesystem::create_directories(home / "redo");
  ensure_template(home / "template");
  const SystemClock clock;
  {
    LabCluster target(clock, "west", home / "west", 2, find_profile("new-8.5"));
    target.start(home / "template");
    target.add_user({"root", Secret(""), {"ALL PRIVILEGES ON *.* WITH GRANT OPTION"}});
    target.state().variables.set_everywhere("tidb_super_read_only", "ON");
    const RedoOwner owner{"127.0.0.1:8300", "default", "rdo2", 1};
    DdlJob job;
    job.db = "rd";
    job.table = "bnew";
    job.type = "create table";
    job.query = "CREATE TABLE `rd`.`bnew` (`id` BIGINT PRIMARY KEY)";
    write_redo_file(home / "redo" / redo_log_name(owner, "ddl", 15),
                    redo_header("ddl") + encode_ddl(job, 15));
    write_redo_file(home / "redo" / redo_meta_name(owner),
                    encode_meta({10, 20, 1, "default/rdo2"}));
    const Ran ran = run({"redo", "apply", "--storage", "file://" + (home / "redo").string(),
                         "--sink-uri", "mysql://root@" + target.sql_address(0) + "/"},
                        "new-8.5");
    expect_as_recorded(ran, "real-new-9.0dev-redo-apply-refused-read-only.txt");
  }
  std::error_code ignored;
  std::filesystem::remove_all(home, ignored);
}

}  // namespace
}  // namespace bdrmesh::lab
