// What a fault is: its words, what it does to the running lab, and how it is undone. The families
// of faults are tables of these.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lab/fault/fault_words.h"

namespace bdrmesh::lab::site {
class Lab;
}

namespace bdrmesh::lab::fault {

/// What an ordered fault did.
struct Done {
  std::string subject;   ///< names what is broken: a later fault on it replaces this one
  std::string did;       ///< what is true now, in words
  std::string undo{};    ///< words after `bdrmesh-lab fault`; empty: nothing to undo
  bool is_over = false;  ///< nothing stays in force: the subject is whole again, or it was one act
  std::string ends{};    ///< every subject that begins so is whole again too; empty: no other
};

struct Fault {
  std::string_view name;
  std::string_view usage;   ///< the grammar of its arguments, see read_words()
  std::string_view effect;  ///< in a few words
  /// Does it. @throws Error
  Done (*act)(site::Lab& lab, const Arguments& words);
  /// Rows that were acknowledged may be lost or differ for good: not for random play.
  bool loses_rows = false;
};

using Family = std::vector<Fault>;

/// kill, suspend, restart of parts and regions
const Family& part_faults();
/// feeds: frozen, late, rows lost or changed in flight
const Family& flow_faults();
/// answers: lost, late, wrong, half, missing
const Family& answer_faults();
/// DDL: slow, late, stuck, failing
const Family& ddl_faults();
/// transactions: commits that stand still or whose outcome nobody hears, servers that do not tell
const Family& commit_faults();
/// redo logs and backups on disk
const Family& storage_faults();
/// what somebody else changes: roles, gates, source ids, filters, sinks, feeds, rows
const Family& drift_faults();
/// clocks and garbage collection
const Family& time_faults();

}  // namespace bdrmesh::lab::fault
