#include "lab/load/txn_source.h"

#include <algorithm>
#include <array>

namespace bdrmesh::lab::load {
namespace {

constexpr std::size_t kRemembered = 300;

std::string datetime_literal(WallTime time) {
  std::string text = to_rfc3339(time);  // 2026-11-21T03:04:05.678Z
  text[10] = ' ';
  text.pop_back();
  return text;
}

bool holds(const std::vector<RowWrite>& rows, std::int64_t id) {
  return std::ranges::any_of(rows, [id](const RowWrite& row) { return row.id == id; });
}

}  // namespace

KeyRange KeyRange::of(int source_id, WallTime run_start, int writer) {
  // source id | seconds of the run's start | writer | counter; below 2^63 up to source id 8.
  constexpr std::int64_t kPerCluster = 1'000'000'000'000'000'000;
  constexpr std::int64_t kPerSecond = 100'000'000;
  constexpr std::int64_t kPerWriter = 6'000'000;
  const std::int64_t seconds = to_millis(run_start) / 1000;
  return {source_id * kPerCluster + seconds * kPerSecond + writer * kPerWriter};
}

TxnSource::TxnSource(std::string origin, KeyRange keys, std::uint64_t seed, HotKeys hot)
    : origin_(std::move(origin)), next_id_(keys.first), random_(seed), hot_(hot) {}

int TxnSource::below(int limit) {
  return std::uniform_int_distribution<int>(0, limit - 1)(random_);
}

std::string TxnSource::amount() {
  const int cents = below(100);
  return std::to_string(below(10'000)) + (cents < 10 ? ".0" : ".") + std::to_string(cents);
}

std::string TxnSource::words() {
  static constexpr std::array<const char*, 6> kWords{"paid",        "o'clock", "ünïcode 数据",
                                                     "back\\slash", "",        "to be called"};
  return kWords.at(static_cast<std::size_t>(below(kWords.size())));
}

std::vector<RowWrite> TxnSource::new_order(WallTime now) {
  RowWrite order{RowOp::insert, "orders", next_id_++, {}};
  order.values = {{"origin", origin_},
                  {"note", words()},
                  {"amount", amount()},
                  {"created", datetime_literal(now)}};
  std::vector<RowWrite> rows{order};
  for (int left = 1 + below(2); left > 0; --left) {
    RowWrite item{RowOp::insert, "items", next_id_++, {}};
    item.values = {{"order_id", std::to_string(order.id)},
                   {"sku", origin_ + "-" + std::to_string(below(1000))},
                   {"quantity", std::to_string(1 + below(9))}};
    rows.push_back(std::move(item));
  }
  return rows;
}

const TxnSource::Order& TxnSource::any_order() {
  return orders_[static_cast<std::size_t>(below(static_cast<int>(orders_.size())))];
}

std::vector<RowWrite> TxnSource::changed_order() {
  // The oldest orders are the hot ones: they stay at the front.
  const bool hot = hot_.own > 0 && below(5) < 4;
  const Order& chosen = hot ? orders_[static_cast<std::size_t>(
                                  below(std::min(hot_.own, static_cast<int>(orders_.size()))))]
                            : any_order();
  std::vector<RowWrite> rows{chosen.order, chosen.items.front()};
  const RowOp op = below(4) == 0 ? RowOp::upsert : RowOp::update;
  for (RowWrite& row : rows) row.op = op;
  rows[0].values["amount"] = amount();
  rows[0].values["note"] = words();
  rows[1].values["quantity"] = std::to_string(1 + below(9));
  return rows;
}

std::vector<RowWrite> TxnSource::deleted_order() {
  const Order& chosen = any_order();
  std::vector<RowWrite> rows = chosen.items;
  rows.push_back(chosen.order);
  for (RowWrite& row : rows) {
    row.op = RowOp::remove;
    row.values.clear();
  }
  return rows;
}

std::vector<RowWrite> TxnSource::shared_order(WallTime now) {
  RowWrite row{RowOp::update, "orders", 1 + below(hot_.shared), {}, true};
  row.values = {{"note", origin_ + " was here"}, {"created", datetime_literal(now)}};
  return {row};
}

std::vector<RowWrite> TxnSource::next(WallTime now) {
  if (hot_.shared > 0 && below(10) == 0) return shared_order(now);
  const int dice = below(10);
  if (orders_.size() < 10 || dice < 6) return new_order(now);
  return dice < 9 ? changed_order() : deleted_order();
}

void TxnSource::committed(const std::vector<RowWrite>& rows) {
  if (rows.front().shared) return;
  switch (rows.front().op) {
    case RowOp::insert:
      orders_.push_back({rows.front(), {rows.begin() + 1, rows.end()}});
      if (orders_.size() > kRemembered) orders_.erase(orders_.begin() + hot_.own);
      break;
    case RowOp::update:
    case RowOp::upsert:
      for (Order& order : orders_) {
        if (order.order.id != rows[0].id) continue;
        order.order.values = rows[0].values;
        order.items.front().values = rows[1].values;
      }
      break;
    case RowOp::remove:
      lost(rows);
      break;
  }
}

void TxnSource::lost(const std::vector<RowWrite>& rows) {
  std::erase_if(orders_, [&rows](const Order& order) { return holds(rows, order.order.id); });
}

}  // namespace bdrmesh::lab::load
