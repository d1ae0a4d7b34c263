// How far behind links were.
#include <algorithm>
#include <array>

#include "store/state_store_impl.h"

namespace bdrmesh {
namespace {

using sqlite::Connection;

/// How long spans of each length are kept, in seconds.
struct Resolution {
  std::int64_t span;
  std::int64_t kept;
};
constexpr std::int64_t kDay = 86'400;
constexpr std::array kResolutions{Resolution{60, 7 * kDay}, Resolution{900, 90 * kDay},
                                  Resolution{3600, 400 * kDay}};

std::int64_t seconds(WallTime at) { return to_millis(at) / 1000; }

std::int64_t link_id(Connection& connection, const LagRecord& one) {
  connection.query("INSERT OR IGNORE INTO lag_links (mesh, origin, target) VALUES (?, ?, ?)")
      .bind(one.group)
      .bind(one.from)
      .bind(one.to)
      .run();
  auto query =
      connection.query("SELECT id FROM lag_links WHERE mesh = ? AND origin = ? AND target = ?");
  query.bind(one.group).bind(one.from).bind(one.to);
  query.next();
  return query.number(0);
}

void add(Connection& connection, const LagRecord& one) {
  const std::int64_t link = link_id(connection, one);
  for (const Resolution& resolution : kResolutions) {
    const std::int64_t at = seconds(one.at);
    connection
        .query(
            "INSERT INTO lags (span, link, begin_s, most_ms, sum_ms, samples, standing) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (span, link, begin_s) DO UPDATE SET "
            "most_ms = max(most_ms, excluded.most_ms), sum_ms = sum_ms + excluded.sum_ms, "
            "samples = samples + excluded.samples, standing = standing + excluded.standing")
        .bind(resolution.span)
        .bind(link)
        .bind(at - at % resolution.span)
        .bind(one.most.count())
        .bind(one.sum.count())
        .bind(one.samples)
        .bind(one.standing)
        .run();
  }
  // By the key, so that it costs nothing where nothing is old.
  for (const Resolution& resolution : kResolutions) {
    connection.query("DELETE FROM lags WHERE span = ? AND link = ? AND begin_s < ?")
        .bind(resolution.span)
        .bind(link)
        .bind(seconds(one.at) - resolution.kept)
        .run();
  }
}

}  // namespace

void StateStore::add_lags(const std::vector<LagRecord>& minutes) {
  if (minutes.empty()) return;
  impl_->write([&](Connection& connection) {
    for (const LagRecord& one : minutes) add(connection, one);
  });
}

std::vector<LagRecord> StateStore::lags(const std::string& group, const std::string& from,
                                        const std::string& to, Millis span, WallTime since) const {
  const auto connection = impl_->reader();
  auto query = connection->query(
      "SELECT begin_s, most_ms, sum_ms, samples, standing FROM lags JOIN lag_links ON "
      "lag_links.id = lags.link WHERE span = ? AND mesh = ? AND origin = ? AND target = ? AND "
      "begin_s >= ? ORDER BY begin_s");
  query.bind(span.count() / 1000).bind(group).bind(from).bind(to).bind(seconds(since));
  std::vector<LagRecord> found;
  while (query.next()) {
    found.push_back({group, from, to, from_millis(query.number(0) * 1000), span,
                     Millis{query.number(1)}, Millis{query.number(2)}, query.number(3),
                     query.number(4)});
  }
  return found;
}

}  // namespace bdrmesh
