// What stands in redo files: one JSON object per line. The names of the files and what becomes of
// them are TiCDC's, the content is the lab's own. Pure.
//
//   log:   {"lab_redo":1,"kind":"row"}                                    first line, or "ddl"
//          {"s":start_ts,"c":commit_ts,"d":"app","t":"t","k":[0],"n":["id","v"],"y":[3,15],
//           "o":"insert","b":[...],"a":[...]}                             a row, values as below
//          {"s":..,"c":..,"job":7,"d":"app","t":"t","type":"add column","use":"app","q":"ALTER…"}
//   meta:  {"lab_redo":1,"checkpoint_ts":..,"resolved_ts":..,"version":0,"feed":"default/x"}
//   value: null, "n12" a number, "t2026-11-21 10:00:00" a time, "b00ff" bytes in hex
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lab/core/ddl_jobs.h"
#include "lab/feed/row_sql.h"

namespace bdrmesh::lab {

struct RedoMeta {
  std::uint64_t checkpoint = 0;
  std::uint64_t resolved = 0;
  int version = 0;  ///< 0 classic, 1 new architecture
  std::string feed;
};

/// One change of a log.
struct RedoRecord {
  std::uint64_t commit_ts = 0;
  std::optional<KeyedChange> row;
  std::optional<DdlJob> ddl;
};

std::string redo_header(std::string_view kind);
std::string encode_row(const KeyedChange& row);
std::string encode_ddl(const DdlJob& job, std::uint64_t commit_ts);
/// @return std::nullopt for a header. @throws Error invalid `BAD_JSON` for a line that is cut off.
std::optional<RedoRecord> decode_record(std::string_view line);

std::string encode_meta(const RedoMeta& meta);
/// @throws Error invalid `BAD_JSON`.
RedoMeta decode_meta(std::string_view text);

}  // namespace bdrmesh::lab
