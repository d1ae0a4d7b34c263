#include "lab/app/fault_board.h"

#include <array>
#include <optional>

#include "lab/app/lab.h"
#include "lab/feed/feed_faults.h"

namespace bdrmesh::lab::app {
namespace {

using Words = FaultBoard::Words;
using Done = FaultBoard::Done;

struct Fault {
  const char* name;
  const char* arguments;
  const char* effect;
  std::size_t least;  ///< arguments
  std::size_t most;
  Done (*act)(Lab& lab, const Words& words);  ///< words[0] is the name
};

[[noreturn]] void bad_fault(const std::string& why) {
  throw Error(ErrorKind::invalid, "BAD_FAULT", why, "bdrmesh-lab fault list");
}

std::optional<int> number_in(const std::string& word) {
  if (word.empty() || word.size() > 9 || word.find_first_not_of("0123456789") != word.npos) {
    return std::nullopt;
  }
  return std::stoi(word);
}

int number(const std::string& word, const char* what) {
  const auto value = number_in(word);
  if (!value) bad_fault("'" + word + "' is no " + what);
  return *value;
}

std::size_t server_index(const std::string& word) {
  const int server = number(word, "number of a tidb-server");
  if (server < 1 || server > static_cast<int>(ClusterState::kServers)) {
    bad_fault("a cluster has tidb-servers 1 and 2, not " + word);
  }
  return static_cast<std::size_t>(server - 1);
}

Part part_in(const Words& words) {
  const std::string& kind = words[2];
  if (kind == "tidb-server" || kind == "tidb") {
    if (words.size() < 4) bad_fault("which tidb-server, 1 or 2?");
    return {Part::Kind::tidb_server, server_index(words[3])};
  }
  if (words.size() > 3) bad_fault("a cluster has one " + kind + " only");
  if (kind == "ticdc") return {Part::Kind::ticdc, 0};
  if (kind == "mariadb") return {Part::Kind::mariadb, 0};
  bad_fault("'" + kind + "' is none of tidb-server, ticdc, mariadb");
}

/// `east tidb-server 1`
std::string spelled(const Words& words, std::size_t from = 1) {
  std::string text;
  for (std::size_t i = from; i < words.size(); ++i) text += (text.empty() ? "" : " ") + words[i];
  return text;
}

Done kill(Lab& lab, const Words& words) {
  lab.kill(words[1], part_in(words));
  return {"part " + spelled(words), spelled(words) + " was killed", "restart " + spelled(words)};
}

Done suspend(Lab& lab, const Words& words) {
  lab.suspend(words[1], part_in(words));
  return {"part " + spelled(words), spelled(words) + " is suspended: it answers nobody",
          "resume " + spelled(words)};
}

Done resume(Lab& lab, const Words& words) {
  lab.resume(words[1], part_in(words));
  return {"part " + spelled(words), spelled(words) + " goes on", "", true};
}

Done restart(Lab& lab, const Words& words) {
  lab.restart(words[1], part_in(words));
  return {"part " + spelled(words), spelled(words) + " was started anew on its old address", "",
          true};
}

std::string link_of(const Words& words) { return words[1] + " " + words[2]; }

Done freeze_feed(Lab& lab, const Words& words) {
  std::string id;
  lab.feed(words[1], words[2], id)->freeze();
  return {"frozen " + id, "feed " + id + " moves nothing; its state stays as it is",
          "thaw " + link_of(words)};
}

Done thaw(Lab& lab, const Words& words) {
  std::string id;
  lab.feed(words[1], words[2], id)->thaw();
  return {"frozen " + id, "feed " + id + " moves rows again", "", true};
}

Done delay_feed(Lab& lab, const Words& words) {
  std::string id;
  const int delay = number(words[3], "number of milliseconds");
  lab.feed(words[1], words[2], id)->set_delay(Millis{delay});
  return {"delay " + id, "feed " + id + " waits " + words[3] + " ms before each batch",
          delay == 0 ? "" : "delay-feed " + link_of(words) + " 0", delay == 0};
}

Done drop_row(Lab& lab, const Words& words) {
  std::string id;
  const std::string table = words.size() > 3 ? words[3] : "app.*";
  const std::size_t dot = table.find('.');
  if (dot == std::string::npos) bad_fault("'" + table + "' is no schema.table");
  lab.feed(words[1], words[2], id)->drop_next(table.substr(0, dot), table.substr(dot + 1));
  return {"drop " + id, "feed " + id + " loses the next row of " + table + " on its way", "", true};
}

Done lose_answer(Lab& lab, const Words& words) {
  if (words[2] == "ticdc") {
    lab.lose_ticdc_answer(words[1], words[3]);
  } else if (words[2] == "tidb") {
    lab.state(words[1]).faults.lose_answer_of_next(words[3]);
  } else {
    bad_fault("answers are lost by tidb or ticdc, not '" + words[2] + "'");
  }
  return {"",
          "the next request to " + words[1] + "'s " + words[2] + " that contains '" + words[3] +
              "' takes effect and is not answered",
          "", true};
}

Done slow_sysvar(Lab& lab, const Words& words) {
  const std::size_t server = server_index(words[2]);
  const bool never = words[3] == "never";
  std::optional<Millis> delay;
  if (!never) delay = Millis{number(words[3], "number of milliseconds, nor 'never'")};
  lab.state(words[1]).variables.set_delay(server, delay);
  return {"sysvar " + words[1] + " " + words[2],
          "tidb-server " + words[2] + " of " + words[1] +
              (never ? " never hears of variables set elsewhere"
                     : " hears of variables set elsewhere " + words[3] + " ms late"),
          delay == Millis{0} ? "" : "slow-sysvar " + words[1] + " " + words[2] + " 0",
          delay == Millis{0}};
}

Done slow_ddl(Lab& lab, const Words& words) {
  const int delay = number(words[2], "number of milliseconds");
  lab.state(words[1]).faults.set_ddl_delay(Millis{delay});
  return {"ddl delay " + words[1],
          "every DDL on " + words[1] + " works " + words[2] + " ms before it takes effect",
          delay == 0 ? "" : "slow-ddl " + words[1] + " 0", delay == 0};
}

Done fail_ddl(Lab& lab, const Words& words) {
  const int count = words.size() > 2 ? number(words[2], "count") : 1;
  const int code = words.size() > 3 ? number(words[3], "error code") : 1105;
  const std::string match = words.size() > 4 ? words[4] : "";
  lab.state(words[1]).faults.fail_next_ddl(match, count, {code, "made to fail by the lab"});
  return {"",
          "the next " + std::to_string(count) + " DDL on " + words[1] +
              (match.empty() ? "" : " with '" + match + "'") + " fail with " + std::to_string(code),
          "clear " + words[1], true};
}

Done set_role(Lab& lab, const Words& words) {
  ClusterState& state = lab.state(words[1]);
  const std::string before = state.bdr_role();
  const std::string& role = words[2];
  if (role != "primary" && role != "secondary" && role != "none") {
    bad_fault("a role is primary, secondary or none, not '" + role + "'");
  }
  state.set_bdr_role(role == "none" ? "" : role);
  return {"", "BDR role of " + words[1] + " is now " + role + ", set by somebody else",
          "set-role " + words[1] + " " + (before.empty() ? "none" : before), true};
}

Done open_gate(Lab& lab, const Words& words) {
  lab.run_sql(words[1], "SET GLOBAL tidb_super_read_only = OFF");
  return {"", "tidb_super_read_only of " + words[1] + " was set OFF by user dba",
          "close-gate " + words[1], true};
}

Done close_gate(Lab& lab, const Words& words) {
  lab.run_sql(words[1], "SET GLOBAL tidb_super_read_only = ON");
  return {"", "tidb_super_read_only of " + words[1] + " was set ON by user dba",
          "open-gate " + words[1], true};
}

Done clear(Lab& lab, const Words& words) {
  lab.state(words[1]).faults.clear();
  return {
      "ddl delay " + words[1],
      "waiting and slow DDL faults and lost answers of " + words[1] + "'s tidb-servers are gone",
      "", true};
}

constexpr const char* kPart = "CLUSTER tidb-server N|ticdc|mariadb";

constexpr std::array kFaults{
    Fault{"kill", kPart, "the part dies at once, as by kill -9", 2, 3, kill},
    Fault{"restart", kPart, "starts it again on its address and data", 2, 3, restart},
    Fault{"suspend", kPart, "it hangs: keeps its connections, answers nobody", 2, 3, suspend},
    Fault{"resume", kPart, "it goes on with what it was doing", 2, 3, resume},
    Fault{"freeze-feed", "FROM TO", "a changefeed moves nothing and stays normal", 2, 2,
          freeze_feed},
    Fault{"thaw", "FROM TO", "undoes freeze-feed", 2, 2, thaw},
    Fault{"delay-feed", "FROM TO MS", "each batch of a changefeed comes late", 3, 3, delay_feed},
    Fault{"drop-row", "FROM TO [SCHEMA.TABLE]", "the next row is lost in flight", 2, 3, drop_row},
    Fault{"lose-answer", "CLUSTER tidb|ticdc MATCH", "the next such request works unheard", 3, 3,
          lose_answer},
    Fault{"slow-sysvar", "CLUSTER N MS|never", "tidb-server N hears of variables late", 3, 3,
          slow_sysvar},
    Fault{"slow-ddl", "CLUSTER MS", "every DDL takes so much longer", 2, 2, slow_ddl},
    Fault{"fail-ddl", "CLUSTER [COUNT [CODE [MATCH]]]", "the next DDL jobs fail", 1, 4, fail_ddl},
    Fault{"set-role", "CLUSTER primary|secondary|none", "changes the BDR role unasked", 2, 2,
          set_role},
    Fault{"open-gate", "CLUSTER", "somebody else turns read-only off", 1, 1, open_gate},
    Fault{"close-gate", "CLUSTER", "somebody else turns read-only on", 1, 1, close_gate},
    Fault{"clear", "CLUSTER", "forgets slow and failing DDL and lost SQL answers", 1, 1, clear},
};

std::string usage(const Fault& fault) {
  return std::string("fault ") + fault.name + " " + fault.arguments;
}

std::string undo_line(const Done& done) {
  return done.undo.empty() ? "" : "undo: bdrmesh-lab fault " + done.undo + "\n";
}

}  // namespace

std::string FaultBoard::order(const Words& words) {
  if (words.empty()) bad_fault("which fault?");
  if (words[0] == "list") {
    std::string text;
    for (const Fault& fault : kFaults) {
      std::string line = std::string(fault.name) + " " + fault.arguments;
      line.resize(std::max<std::size_t>(line.size() + 2, 50), ' ');
      text += line + fault.effect + "\n";
    }
    for (const auto& [subject, done] : in_force_) {
      text += "IN FORCE: " + done.did + "\n  " + undo_line(done);
    }
    return text;
  }
  for (const Fault& fault : kFaults) {
    if (words[0] != fault.name) continue;
    if (words.size() - 1 < fault.least || words.size() - 1 > fault.most) {
      bad_fault("usage: bdrmesh-lab " + usage(fault));
    }
    Done done = fault.act(lab_, words);
    std::string text = done.did + "\n" + undo_line(done);
    if (done.is_over) {
      in_force_.erase(done.subject);
    } else {
      in_force_[done.subject] = std::move(done);
    }
    return text;
  }
  bad_fault("there is no fault '" + words[0] + "'");
}

Json FaultBoard::in_force() const {
  Json all = Json::array();
  for (const auto& [subject, done] : in_force_) {
    all.push_back({{"did", done.did}, {"undo", "bdrmesh-lab fault " + done.undo}});
  }
  return all;
}

}  // namespace bdrmesh::lab::app
