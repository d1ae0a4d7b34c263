// Gate, open transactions and timestamps of a cluster over SQL (tidb-sql §2, §3).
#include <algorithm>
#include <optional>
#include <utility>

#include "base/error.h"
#include "clients/catalogue/sql_catalogue.h"
#include "clients/sql/sql_errors.h"
#include "clients/tidb/answers.h"
#include "clients/tidb/sql_tidb_cluster.h"

namespace bdrmesh {
namespace {

constexpr int kUnknownVariable = 1193;

/// Our own session on a server: its transaction must be seen before an empty list means anything
/// (measured §1 A4).
struct Canary {
  std::string instance;
  SqlSession session;
};

struct Seen {
  SqlRows rows;
  std::vector<std::string> warnings;
};

Seen read_transactions_once(SqlSession& session) {
  Seen seen;
  seen.rows = session.query(std::string(sql_text::kTransactions), "read open transactions");
  seen.warnings = session.warnings();
  return seen;
}

Seen read_transactions_twice(SqlSession& session) {
  try {
    return read_transactions_once(session);
  } catch (const SqlError& e) {
    // 1105 "transaction future is not set": a race inside the server; the next try works (tidb-sql
    // §2.7).
    if (e.message().find("transaction future is not set") == std::string::npos) throw;
  }
  return read_transactions_once(session);
}

}  // namespace

bool SqlTidbCluster::super_read_only(const ServerAddress& server, const Call& call) {
  return connector_.ask(server, call, [](SqlSession& session) {
    return read_switch(
        session
            .query(sql_text::global_variable("tidb_super_read_only"), "read tidb_super_read_only")
            .text(0, std::size_t{0}));
  });
}

void SqlTidbCluster::set_super_read_only(bool on, const Call& call) {
  connector_.open_any(call).change(sql_text::set_super_read_only(on), "set tidb_super_read_only");
}

TransactionLook SqlTidbCluster::look_at_transactions(const std::vector<TidbServerInfo>& servers,
                                                     const Call& call) {
  TransactionLook look;
  std::vector<Canary> canaries;
  for (const TidbServerInfo& server : servers) {
    try {
      Canary canary{server.status_address, connector_.open(server.address, call)};
      canary.session.change(std::string(sql_text::kBegin), "open a canary transaction");
      canary.session.query(std::string(sql_text::kCanary), "read the token row");
      canary.session.connection_id();
      canaries.push_back(std::move(canary));
    } catch (const Error& e) {
      if (e.kind() != ErrorKind::transient && e.kind() != ErrorKind::ambiguous) throw;
      look.warnings.push_back("no canary on " + server.address.value() + ": " + e.message());
    }
  }
  if (canaries.empty()) {
    throw Error(ErrorKind::transient, "TIDB_LOOK_INCOMPLETE",
                look.warnings.empty() ? "no tidb-server to look at" : look.warnings.front());
  }

  // Asked by one of the canaries: so no other session of ours is in the list.
  Seen seen;
  try {
    seen = read_transactions_twice(canaries.front().session);
  } catch (const Error& e) {
    // A frozen server holds the answer of all others up: whoever knows which one it is should say
    // so.
    if (e.kind() != ErrorKind::transient || look.warnings.empty()) throw;
    look.warnings.push_back(e.message());
    return look;
  }
  look.warnings.insert(look.warnings.end(), seen.warnings.begin(), seen.warnings.end());
  for (OpenTransaction& open : read_transactions(seen.rows)) {
    const auto own = std::ranges::find_if(canaries, [&](Canary& canary) {
      return canary.session.connection_id() == open.session_id && canary.instance == open.instance;
    });
    if (own == canaries.end()) {
      look.rows.push_back(std::move(open));
    } else {
      look.instances_seen.insert(open.instance);
    }
  }
  return look;
}

void SqlTidbCluster::kill_session(const ServerAddress& server, std::uint64_t session_id,
                                  const Call& call) {
  connector_.open(server, call)
      .change(sql_text::kill_session(session_id), "end session " + std::to_string(session_id));
}

Tso SqlTidbCluster::current_tso(const Call& call) {
  return connector_.ask_any(call, [](SqlSession& session) {
    for (const std::string_view pin : sql_text::kFreshTsoPins) {
      try {
        session.query(std::string(pin), "pin the session to fresh timestamps");
      } catch (const SqlError& e) {
        if (e.number() != kUnknownVariable) throw;  // older servers know fewer ways to be stale
      }
    }
    session.query(std::string(sql_text::kBegin), "begin a transaction");
    const Tso tso(
        session.query(std::string(sql_text::kCurrentTso), "read a TSO").number(0, "value"));
    session.query(std::string(sql_text::kRollback), "end the transaction");
    if (tso.is_set()) return tso;
    throw Error(ErrorKind::transient, "TIDB_NO_TSO",
                "tidb-server " + session.server().value() + " gave no TSO");
  });
}

}  // namespace bdrmesh
