// A recorded talk with a real server, played again to the lab: the same statements in the same
// order, and the same answers once ids, timestamps and times are taken out.
//
// A recording has lines `session> statement`, each followed by its answer: `Query OK`, `ERROR code
// (state): text`, a table, rows one under the other, `Empty set`; warnings behind it. Lines that
// begin with `--` are the recorder's words.
#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "lab/sql/client.h"

namespace bdrmesh::lab {

/// One statement and what the real server said.
struct RecordedStep {
  int line = 0;
  std::string session;
  std::string sql;
  std::string answer;  ///< normalised
  std::string scene;   ///< the recorder's words before it
};

/// What differs from run to run becomes a letter: times, timestamps, ids, addresses.
inline std::string normalised(const std::string& text) {
  static const std::regex uuid("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  static const std::regex time(R"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?)");
  static const std::regex address(R"(127\.0\.0\.1:\d+)");
  static const std::regex long_number(R"(\d{4,})");
  static const std::regex failure(R"(ERROR \d+ \(\w+\): )");
  std::smatch head;
  if (std::regex_search(text, head, failure, std::regex_constants::match_continuous)) {
    return head.str() + normalised(text.substr(head.str().size()));
  }
  static const std::regex commit_mode("\"(1pc|2pc|async_commit)\"");
  std::string out = std::regex_replace(text, uuid, "<uuid>");
  out = std::regex_replace(out, commit_mode, "\"<mode>\"");
  out = std::regex_replace(out, time, "<time>");
  out = std::regex_replace(out, address, "<address>");
  return std::regex_replace(out, long_number, "<n>");
}

class Recording {
 public:
  explicit Recording(const std::filesystem::path& file) {
    std::ifstream in(file);
    EXPECT_TRUE(in.good()) << file;
    std::string line;
    while (std::getline(in, line)) take(line);
    finish();
  }

  const std::vector<RecordedStep>& steps() const { return steps_; }

  static std::string trimmed(const std::string& text) {
    const std::size_t begin = text.find_first_not_of(' ');
    const std::size_t end = text.find_last_not_of(' ');
    return begin == std::string::npos ? "" : text.substr(begin, end - begin + 1);
  }

 private:
  void take(const std::string& line) {
    ++line_;
    static const std::regex statement(R"(^([a-zA-Z][a-zA-Z0-9 ,]{0,20})> (.*)$)");
    std::smatch found;
    if (line.rfind("--", 0) == 0 || line.empty()) {
      in_sql_ = false;
      if (line.rfind("-- took", 0) != 0 && !line.empty()) scene_ = line;
      return;
    }
    if (std::regex_match(line, found, statement)) {
      finish();
      step_.line = line_;
      step_.session = found[1];
      step_.scene = scene_;
      step_.sql = found[2];
      in_sql_ = true;
      return;
    }
    if (line.rfind("+-", 0) == 0) {
      in_sql_ = false;
      return;
    }
    const bool answer = line.rfind("Query OK", 0) == 0 || line.rfind("ERROR ", 0) == 0 ||
                        line.rfind("CLIENT ERROR", 0) == 0 || line.rfind("Empty set", 0) == 0 ||
                        line.rfind("| ", 0) == 0 || line.rfind("***", 0) == 0;
    if (in_sql_ && !answer) {
      step_.sql += "\n" + line;  // a statement of several lines
      return;
    }
    in_sql_ = false;
    add_answer(line);
  }

  void add_answer(const std::string& line) {
    std::string text = line;
    if (line.rfind("| ", 0) == 0) {
      text.clear();
      std::stringstream cells(line.substr(1));
      for (std::string cell; std::getline(cells, cell, '|');) text += "|" + trimmed(cell);
    } else if (line.rfind("Query OK", 0) == 0) {
      text = "OK";
    } else if (line.rfind("CLIENT ERROR", 0) == 0) {
      text = "CLIENT ERROR";
    } else if (answer_.rfind("***", 0) == 0 || line.rfind("***", 0) == 0) {
      text = trimmed(line);
    } else if (line.rfind("Warning (", 0) == 0 || line.rfind("Note (", 0) == 0) {
      return;  // warnings are compared by tests of their own
    }
    answer_ += text + "\n";
  }

  void finish() {
    if (step_.line != 0) {
      step_.answer = normalised(answer_);
      steps_.push_back(step_);
    }
    step_ = {};
    answer_.clear();
  }

  std::vector<RecordedStep> steps_;
  RecordedStep step_;
  std::string answer_;
  std::string scene_;
  int line_ = 0;
  bool in_sql_ = false;
};

/// What the lab says to a statement, in the form of a recorded answer.
/// @param vertical  rows one under the other, as the recorder chose for wide ones.
inline std::string said_by(TestClient& client, const std::string& sql, bool vertical) {
  constexpr int kFirstClientError = 2000;
  try {
    const std::unique_ptr<sql::Statement> statement(client.raw().createStatement());
    if (!statement->execute(sql)) return "OK\n";
    const std::unique_ptr<sql::ResultSet> result(statement->getResultSet());
    const unsigned columns = result->getMetaData()->getColumnCount();
    std::string head;
    std::string empty = "Empty set; columns: ";
    for (unsigned i = 1; i <= columns; ++i) {
      head += "|" + result->getMetaData()->getColumnLabel(i).asStdString();
      empty += (i == 1 ? "" : ", ") + result->getMetaData()->getColumnLabel(i).asStdString();
    }
    std::string rows;
    for (int row = 1; result->next(); ++row) {
      if (vertical) {
        rows += "*************************** " + std::to_string(row) +
                ". row ***************************\n";
      }
      for (unsigned i = 1; i <= columns; ++i) {
        const std::string value =
            result->isNull(i) ? "NULL" : Recording::trimmed(result->getString(i).asStdString());
        rows += vertical
                    ? result->getMetaData()->getColumnLabel(i).asStdString() + ": " + value + "\n"
                    : "|" + value;
      }
      if (!vertical) rows += "\n";
    }
    if (rows.empty()) return normalised(empty + "\n");
    return normalised(vertical ? rows : head + "\n" + rows);
  } catch (const sql::SQLException& e) {
    if (e.getErrorCode() >= kFirstClientError && e.getErrorCode() < kFirstClientError + 100) {
      return "CLIENT ERROR\n";
    }
    return normalised("ERROR " + std::to_string(e.getErrorCode()) + " (" + e.getSQLState() +
                      "): " + e.what() + "\n");
  }
}

/// Plays recordings; sessions are opened when they first speak.
class Player {
 public:
  using Open = std::function<std::unique_ptr<TestClient>(const std::string& session)>;
  explicit Player(Open open) : open_(std::move(open)) {}

  /// Compares the answers of all steps between two lines. Those whose statement contains a word of
  /// `unlike` are played and not compared; those with one of `left_out` are not played.
  /// @return how many were compared.
  int play(const Recording& recording, int first_line, int last_line,
           const std::vector<std::string>& unlike = {},
           const std::vector<std::string>& left_out = {}) {
    int compared = 0;
    for (const RecordedStep& step : recording.steps()) {
      if (step.line < first_line || step.line > last_line || names(step, left_out)) continue;
      compared += play(step, unlike);
    }
    return compared;
  }

  /// @return whether it was compared.
  int play(const RecordedStep& step, const std::vector<std::string>& unlike = {}) {
    const bool vertical = step.answer.rfind("***", 0) == 0;
    const std::string said = said_by(session(step.session), step.sql, vertical);
    if (names(step, unlike)) return 0;
    EXPECT_EQ(said, step.answer) << "line " << step.line << ": " << step.sql;
    return 1;
  }

  TestClient& session(const std::string& name) {
    auto& client = sessions_[name];
    if (!client) client = open_(name);
    return *client;
  }
  void close(const std::string& name) { sessions_.erase(name); }
  void close_all() { sessions_.clear(); }

 private:
  static bool names(const RecordedStep& step, const std::vector<std::string>& words) {
    for (const std::string& word : words) {
      if (step.sql.find(word) != std::string::npos) return true;
    }
    return false;
  }

  Open open_;
  std::map<std::string, std::unique_ptr<TestClient>> sessions_;
};

}  // namespace bdrmesh::lab
