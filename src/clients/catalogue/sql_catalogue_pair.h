// The SQL about accounts and about reading the past; a part of the catalogue (sql_catalogue.h).
// Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"
#include "model/names.h"

namespace bdrmesh::sql_text {

// --- accounts (tidb-sql §2.3, §9; measured §1 B: a new login of a locked account is 3118)
std::string account_locked(const std::string& user);
std::string set_account_locked(const std::string& user, const std::string& host, bool locked);
inline constexpr std::string_view kSessions =
    "SELECT INSTANCE, ID, USER, HOST, COMMAND FROM information_schema.CLUSTER_PROCESSLIST";
std::string sessions_of(const std::string& user);
std::string create_user(const std::string& user, const Secret& password);
std::string set_password(const std::string& user, const Secret& password);
/// `grant` is a list of privileges and an object: `SELECT, INSERT ON *.*`.
/// @throws Error bug for anything else.
std::string grant_to(const std::string& grant, const std::string& user);
std::string drop_user(const std::string& user);

// --- reading the past (tidb-sql §6)
std::string set_external_ts_read(bool on);
inline constexpr std::string_view kSyncpoints =
    "SELECT changefeed, primary_ts, secondary_ts FROM tidb_cdc.syncpoint_v1 ORDER BY changefeed, "
    "CAST(primary_ts AS UNSIGNED)";
std::string set_ttl_jobs(bool on);

}  // namespace bdrmesh::sql_text
