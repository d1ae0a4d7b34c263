#include "lab/redo/redo_format.h"

#include "base/json.h"

namespace bdrmesh::lab {

namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

void append_text(std::string& out, const std::string& text) { out += Json(text).dump(); }

void append_value(std::string& out, const Value& value) {
  switch (value.kind) {
    case Value::Kind::null:
      out += "null";
      return;
    case Value::Kind::number:
      out += "\"n" + value.text + '"';
      return;
    case Value::Kind::time:
      out += "\"t" + value.text + '"';
      return;
    case Value::Kind::bytes:
      break;
  }
  out += "\"b";
  for (const char c : value.text) {
    out += kDigits[static_cast<std::uint8_t>(c) >> 4];
    out += kDigits[static_cast<std::uint8_t>(c) & 15];
  }
  out += '"';
}

void append_row(std::string& out, const char* name, const Row& row) {
  if (row.empty()) return;
  out += std::string(",\"") + name + "\":[";
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) out += ',';
    append_value(out, row[i]);
  }
  out += ']';
}

std::string_view name_of(RowKind kind) {
  return kind == RowKind::insert ? "insert" : kind == RowKind::update ? "update" : "delete";
}

Value value_from(const Json& json) {
  if (json.is_null()) return {};
  const auto text = json.get<std::string>();
  if (text.empty()) throw Error(ErrorKind::invalid, "BAD_JSON", "a value without kind");
  if (text[0] == 'n') return {Value::Kind::number, text.substr(1)};
  if (text[0] == 't') return {Value::Kind::time, text.substr(1)};
  Value value{Value::Kind::bytes, ""};
  for (std::size_t i = 1; i + 1 < text.size(); i += 2) {
    const auto nibble = [&](char c) { return static_cast<unsigned>(kDigits.find(c)) & 15U; };
    value.text += static_cast<char>(nibble(text[i]) << 4 | nibble(text[i + 1]));
  }
  return value;
}

Row row_from(const Json& json, const char* name) {
  Row row;
  const auto found = json.find(name);
  if (found == json.end()) return row;
  for (const Json& value : *found) row.push_back(value_from(value));
  return row;
}

KeyedChange change_from(const Json& json) {
  TableMap table;
  table.schema = get_required<std::string>(json, "d");
  table.name = get_required<std::string>(json, "t");
  const auto names = get_required<std::vector<std::string>>(json, "n");
  const auto types = get_required<std::vector<unsigned>>(json, "y");
  for (std::size_t i = 0; i < names.size() && i < types.size(); ++i) {
    table.columns.push_back({static_cast<ColumnType>(types[i]), 0, false, names[i]});
  }
  KeyedChange keyed;
  keyed.key = get_required<RowKey>(json, "k");
  keyed.keyless = keyed.key.size() == table.columns.size() && get_or(json, "x", false);
  const auto kind = get_required<std::string>(json, "o");
  keyed.change.kind = kind == "insert"   ? RowKind::insert
                      : kind == "update" ? RowKind::update
                                         : RowKind::remove;
  keyed.change.image = {row_from(json, "b"), row_from(json, "a")};
  keyed.change.start_ts = get_required<std::uint64_t>(json, "s");
  keyed.change.commit_ts = get_required<std::uint64_t>(json, "c");
  keyed.change.table = std::make_shared<const TableMap>(std::move(table));
  return keyed;
}

DdlJob job_from(const Json& json) {
  DdlJob job;
  job.id = get_required<std::int64_t>(json, "job");
  job.db = get_required<std::string>(json, "d");
  job.table = get_required<std::string>(json, "t");
  job.type = get_required<std::string>(json, "type");
  job.default_db = get_required<std::string>(json, "use");
  job.query = get_required<std::string>(json, "q");
  job.start_ts = get_required<std::uint64_t>(json, "s");
  job.finished_ts = get_required<std::uint64_t>(json, "f");
  return job;
}

}  // namespace

std::string redo_header(std::string_view kind) {
  return "{\"lab_redo\":1,\"kind\":\"" + std::string(kind) + "\"}\n";
}

std::string encode_row(const KeyedChange& row) {
  const RowChange& change = row.change;
  const TableMap& table = *change.table;
  std::string out = "{\"s\":" + std::to_string(change.start_ts) +
                    ",\"c\":" + std::to_string(change.commit_ts) + ",\"d\":";
  append_text(out, table.schema);
  out += ",\"t\":";
  append_text(out, table.name);
  std::string names;
  std::string types;
  std::string key;
  for (const Column& column : table.columns) {
    if (!names.empty()) names += ',';
    append_text(names, column.name);
    types += (types.empty() ? "" : ",") + std::to_string(static_cast<unsigned>(column.type));
  }
  for (const std::size_t index : row.key) key += (key.empty() ? "" : ",") + std::to_string(index);
  out += ",\"k\":[" + key + "],\"n\":[" + names + "],\"y\":[" + types + "]";
  if (row.keyless) out += ",\"x\":true";
  out += ",\"o\":\"" + std::string(name_of(change.kind)) + '"';
  append_row(out, "b", change.image.before);
  append_row(out, "a", change.image.after);
  return out + "}\n";
}

std::string encode_ddl(const DdlJob& job, std::uint64_t commit_ts) {
  const Json json = {{"s", job.start_ts}, {"c", commit_ts},        {"f", job.finished_ts},
                     {"job", job.id},     {"d", job.db},           {"t", job.table},
                     {"type", job.type},  {"use", job.default_db}, {"q", job.query}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<RedoRecord> decode_record(std::string_view line) {
  const Json json = parse_json(line, "redo log");
  if (json.contains("lab_redo")) return std::nullopt;
  RedoRecord record;
  record.commit_ts = get_required<std::uint64_t>(json, "c");
  if (json.contains("q")) {
    record.ddl = job_from(json);
  } else {
    record.row = change_from(json);
  }
  return record;
}

std::string encode_meta(const RedoMeta& meta) {
  const Json json = {{"lab_redo", 1},
                     {"checkpoint_ts", meta.checkpoint},
                     {"resolved_ts", meta.resolved},
                     {"version", meta.version},
                     {"feed", meta.feed}};
  return json.dump() + "\n";
}

RedoMeta decode_meta(std::string_view text) {
  const Json json = parse_json(text, "redo meta");
  return {get_required<std::uint64_t>(json, "checkpoint_ts"),
          get_required<std::uint64_t>(json, "resolved_ts"), get_or(json, "version", 0),
          get_or<std::string>(json, "feed", "")};
}

}  // namespace bdrmesh::lab
