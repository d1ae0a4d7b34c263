#include "lab/changes/upstream_reader.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <random>

#include "lab/binlog/bytes.h"
#include "lab/core/binlog_convention.h"

namespace bdrmesh::lab {

namespace {

constexpr Millis kPatience{5000};
constexpr Millis kHeartbeat{200};

/// A server drops an older reader with the same id, so each gets its own.
std::uint32_t fresh_replica_id() {
  static std::atomic<std::uint32_t> next{std::random_device{}() >> 2 | 0x10000U};
  return next++;
}

std::uint64_t number_in(const TableMap& table, const Row& row, const char* column) {
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].name != column) continue;
    std::uint64_t value = 0;
    const std::string& text = row[i].text;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
  }
  throw BadBinlog(table.schema + "." + table.name + " has no column " + column);
}

bool begins_with_word(const std::string& text, std::string_view word) {
  return text.size() >= word.size() &&
         std::equal(word.begin(), word.end(), text.begin(), [](char a, char b) {
           return a == std::toupper(static_cast<unsigned char>(b));
         });
}

bool is_transaction_control(const std::string& text) {
  return begins_with_word(text, "BEGIN") || begins_with_word(text, "SAVEPOINT") ||
         begins_with_word(text, "START TRANSACTION");
}

}  // namespace

UpstreamReader::UpstreamReader(const SqlLogin& login, BinlogPosition from, Wanted wanted,
                               Passes passes)
    : session_(login, kPatience),
      wanted_(std::move(wanted)),
      passes_(std::move(passes)),
      at_(std::move(from)) {
  if (!at_.is_set()) at_ = binlog_begin(session_, kPatience);
  session_.start_binlog(at_, fresh_replica_id(), kHeartbeat);
}

std::optional<UpstreamItem> UpstreamReader::next(Millis wait) {
  const MonoTime until = MonoTime::clock::now() + wait;
  for (;;) {
    const auto left = std::chrono::ceil<Millis>(until - MonoTime::clock::now());
    auto event = session_.next_event(std::max(left, Millis{0}));
    if (!event) return std::nullopt;
    if (auto item = take(std::move(*event))) return item;
  }
}

std::optional<UpstreamItem> UpstreamReader::take(RawEvent event) {
  const EventType type = event.header.type;
  if (type == EventType::rotate) {
    at_ = parse_rotate(event.body);
    return std::nullopt;
  }
  if (event.header.next_offset != 0) at_.offset = event.header.next_offset;
  if (is_rows_event(type)) {
    take_rows(std::move(event));
    return std::nullopt;
  }
  switch (type) {
    case EventType::format_description:
      require_no_checksums(event.body);
      tables_.clear();
      return std::nullopt;
    case EventType::gtid:
      in_group_ = true;
      standalone_ = parse_gtid(event.body).standalone;
      forget_open();
      return std::nullopt;
    case EventType::table_map:
      take_table_map(event.body);
      return std::nullopt;
    case EventType::xid:
      return finish_transaction();
    case EventType::query:
      return take_query(parse_query(event.body));
    default:
      if (in_group_) return std::nullopt;
      return UpstreamItem{std::nullopt, std::nullopt, at_, {}};
  }
}

void UpstreamReader::take_table_map(const std::string& body) {
  ByteReader in(body);
  const std::uint64_t id = in.little(6);
  const auto known = tables_.find(id);
  if (known != tables_.end() && known->second->body == body) return;
  in.little(2);
  auto table = std::make_shared<OpenTable>();
  table->body = body;
  table->schema = in.bytes(in.byte());
  in.byte();
  table->name = in.bytes(in.byte());
  table->is_wanted = table->schema != kMetaSchema && wanted_(table->schema, table->name);
  tables_[id] = std::move(table);
}

void UpstreamReader::take_rows(RawEvent event) {
  const auto found = tables_.find(table_id_of(event.body));
  if (found == tables_.end()) return;  // the event that only ends a statement names no table
  OpenTable& table = *found->second;
  if (table.schema == kMetaSchema) {
    take_meta_row(table, event);
  } else if (table.is_wanted) {
    unread_.push_back({found->second, event.header.type, std::move(event.body)});
  }
}

const std::shared_ptr<const TableMap>& UpstreamReader::map_of(OpenTable& table) {
  if (!table.map) table.map = std::make_shared<const TableMap>(parse_table_map(table.body));
  return table.map;
}

void UpstreamReader::read_rows(const UnreadRows& unread) {
  const auto& map = map_of(*unread.table);
  RowsEvent rows = parse_rows(unread.type, *map, unread.body);
  for (RowImage& image : rows.rows) {
    open_.rows.push_back({map, rows.kind, std::move(image), open_.start_ts, open_.commit_ts});
  }
}

void UpstreamReader::take_meta_row(OpenTable& table, const RawEvent& event) {
  const auto& map = map_of(table);
  const RowsEvent rows = parse_rows(event.header.type, *map, event.body);
  if (rows.kind == RowKind::remove || rows.rows.empty()) return;
  const Row& row = rows.rows.back().after;
  if (table.name == kTxnTable) {
    open_.start_ts = number_in(*map, row, "start_ts");
    open_.commit_ts = number_in(*map, row, "commit_ts");
    open_.write_source = number_in(*map, row, "write_source");
  } else if (table.name == kDdlTable) {
    const auto connection = static_cast<std::uint32_t>(number_in(*map, row, "conn"));
    announced_[connection] = static_cast<std::int64_t>(number_in(*map, row, "job"));
  }
}

void UpstreamReader::forget_open() {
  open_ = {};
  unread_.clear();
}

std::optional<UpstreamItem> UpstreamReader::take_query(const QueryEvent& query) {
  if (begins_with_word(query.text, "COMMIT")) return finish_transaction();
  if (begins_with_word(query.text, "ROLLBACK")) {
    if (!begins_with_word(query.text, "ROLLBACK TO")) {
      forget_open();
      in_group_ = false;
    }
    return std::nullopt;
  }
  if (is_transaction_control(query.text)) return std::nullopt;
  if (standalone_) in_group_ = false;
  UpstreamItem item{std::nullopt, std::nullopt, at_, query.text};
  if (const auto found = announced_.find(query.thread); found != announced_.end()) {
    item.ddl_job = found->second;
    announced_.erase(found);
  }
  return item;
}

UpstreamItem UpstreamReader::finish_transaction() {
  in_group_ = false;
  if (!passes_ || passes_(open_)) {
    for (const UnreadRows& unread : unread_) read_rows(unread);
  }
  UpstreamItem item{std::move(open_), std::nullopt, at_, {}};
  forget_open();
  return item;
}

}  // namespace bdrmesh::lab
