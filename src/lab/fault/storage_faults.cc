// Faults of what lies on disks: redo logs that cannot be written, are cut or have lost their meta.
#include "lab/fault/fault.h"
#include "lab/fault/plain_ticdc.h"
#include "lab/feed/feed_faults.h"
#include "lab/redo/redo_files.h"
#include "lab/site/lab.h"

namespace bdrmesh::lab::fault {
namespace {

using site::Lab;

Done redo_disk(Lab& lab, const Arguments& words) {
  std::string id;
  const bool full = words.text("HOW") == "full";
  lab.feed(words.text("FROM"), words.text("TO"), id)->set_redo_disk_full(full);
  return {"redo disk " + id,
          "the redo storage of feed " + id + (full ? " is full" : " has room again"),
          full ? "redo-disk " + words.text("FROM") + " " + words.text("TO") + " free" : "", !full};
}

/// Where a feed writes its redo log.
std::filesystem::path redo_of(Lab& lab, const Arguments& words, std::string& id) {
  const site::ClusterView& from = lab.view().cluster(words.text("FROM"));
  lab.feed(from.name, words.text("TO"), id);
  const Json config = get_required<Json>(PlainTicdc(lab.clock(), from.ticdc).detail(id), "config");
  const auto storage =
      get_or<std::string>(get_or<Json>(config, "consistent", Json::object()), "storage", "");
  const auto directory = storage.empty() ? std::nullopt : redo_directory(storage);
  if (!directory) bad_fault("feed " + id + " writes no redo log to a directory");
  return *directory;
}

Done truncate_redo(Lab& lab, const Arguments& words) {
  std::string id;
  const std::string file = truncate_last_redo_file(redo_of(lab, words, id));
  if (file.empty()) bad_fault("feed " + id + " has written no redo log yet");
  return {"", "redo log " + file + " of feed " + id + " was cut in half", "", true};
}

Done lose_redo_meta(Lab& lab, const Arguments& words) {
  std::string id;
  const std::size_t count = remove_redo_metas(redo_of(lab, words, id));
  return {"", std::to_string(count) + " meta files of the redo log of feed " + id + " are gone", "",
          true};
}

Done slow_backup(Lab& lab, const Arguments& words) {
  const std::string& cluster = words.text("CLUSTER");
  const Millis least = words.time("TIME");
  const bool over = least == Millis{0};
  lab.state(cluster).faults.set_backup_duration(least);
  return {"sql " + cluster + " backup",
          "BACKUP and RESTORE on " + cluster + " take at least " + std::to_string(least.count()) +
              " ms",
          over ? "" : "slow-backup " + cluster + " 0", over};
}

Done fail_backup(Lab& lab, const Arguments& words) {
  const std::string& cluster = words.text("CLUSTER");
  const std::string& which = words.text("WHICH");
  const int percent = words.number_or("COUNT", 50);
  const bool full = words.text("WHY") == "disk-full";
  lab.state(cluster).faults.fail_next_backup(
      which == "restore", percent,
      full ? "write /backup/1.rows: no space left on device" : "made to fail by the lab");
  return {"",
          "the next " + which + " on " + cluster + " fails when it stands at " +
              std::to_string(percent) + " %",
          "clear " + cluster, true};
}

}  // namespace

const Family& storage_faults() {
  static const Family family{
      {"redo-disk", "FROM TO HOW:full|free", "the storage of a feed's redo log is full", redo_disk},
      {"slow-backup", "CLUSTER TIME", "BACKUP and RESTORE take at least so long", slow_backup},
      {"fail-backup", "CLUSTER WHICH:backup|restore [COUNT WHY:error|disk-full]",
       "the next one fails at so many percent", fail_backup},
      {"truncate-redo", "FROM TO", "the newest redo log file is cut in half", truncate_redo, true},
      {"lose-redo-meta", "FROM TO", "the meta files of a redo log are gone", lose_redo_meta, true},
  };
  return family;
}

}  // namespace bdrmesh::lab::fault
