#include "doctor/grants.h"

#include <algorithm>
#include <cctype>

#include "base/error.h"

namespace bdrmesh::doctor {
namespace {

constexpr const char* kExemption = "RESTRICTED_REPLICA_WRITER_ADMIN";

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

/// Reads a grant from left to right; names may stand in back-quotes (newer servers) or bare (older
/// ones).
class Line {
 public:
  explicit Line(const std::string& text) : text_(text) {}

  bool take(const std::string& word) {
    skip_blanks();
    if (upper(text_.substr(at_, word.size())) != word) return false;
    at_ += word.size();
    return true;
  }

  void require(const std::string& word) {
    if (!take(word)) fail("'" + word + "' expected");
  }

  /// Letters, digits, underscores and single blanks between words, up to a comma, a parenthesis or
  /// ON.
  std::string privilege() {
    skip_blanks();
    std::string name;
    while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '(' && !at_keyword_on())
      name += text_[at_++];
    while (!name.empty() && name.back() == ' ') name.pop_back();
    if (name.empty()) fail("a privilege expected");
    return upper(name);
  }

  /// `(a, b)` after a privilege. @return whether there was one.
  bool skip_columns() {
    if (!take("(")) return false;
    while (at_ < text_.size() && text_[at_] != ')') {
      if (text_[at_] == '`') {
        name();
      } else {
        ++at_;
      }
    }
    require(")");
    return true;
  }

  std::string name() {
    skip_blanks();
    if (at_ < text_.size() && (text_[at_] == '`' || text_[at_] == '\'')) return quoted(text_[at_]);
    std::string bare;
    while (at_ < text_.size() && std::string(" .,@").find(text_[at_]) == std::string::npos)
      bare += text_[at_++];
    if (bare.empty()) fail("a name expected");
    return bare;
  }

  /// Whether the next thing is a quoted user or role.
  bool at_quote() {
    skip_blanks();
    return at_ < text_.size() && (text_[at_] == '\'' || text_[at_] == '`');
  }

  [[noreturn]] void fail(const std::string& why) const {
    throw Error(ErrorKind::invalid, "BAD_GRANT",
                "not understood at column " + std::to_string(at_ + 1) + ", " + why + ": " + text_);
  }

 private:
  std::string quoted(char quote) {
    std::string name;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] != quote) {
        name += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == quote) {
        name += text_[at_++];
      } else {
        ++at_;
        return name;
      }
    }
    fail("the quote does not end");
  }

  bool at_keyword_on() const {
    return at_ > 0 && text_[at_ - 1] == ' ' && upper(text_.substr(at_, 3)) == "ON ";
  }

  void skip_blanks() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }

  const std::string& text_;
  std::size_t at_ = 0;
};

void read_roles(Line& line, Grant& grant) {
  do {
    grant.roles.push_back(line.name());
    if (line.take("@")) line.name();
  } while (line.take(","));
}

void read_privileges(Line& line, Grant& grant) {
  do {
    const std::string privilege = line.privilege();
    if (!line.skip_columns()) grant.privileges.insert(privilege);
  } while (line.take(","));
  line.require("ON");
  grant.schema = line.name();
  line.require(".");
  grant.table = line.name();
}

/// A schema of a grant is a LIKE pattern: `%`, `_`, and a back-slash before a literal one.
bool like(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern.front() == '%') {
    for (std::size_t skip = 0; skip <= text.size(); ++skip) {
      if (like(pattern.substr(1), text.substr(skip))) return true;
    }
    return false;
  }
  if (pattern.front() == '\\' && pattern.size() > 1) {
    pattern.remove_prefix(1);
  } else if (pattern.front() == '_') {
    return !text.empty() && like(pattern.substr(1), text.substr(1));
  }
  return !text.empty() &&
         std::tolower(static_cast<unsigned char>(pattern.front())) ==
             std::tolower(static_cast<unsigned char>(text.front())) &&
         like(pattern.substr(1), text.substr(1));
}

bool names(const Grant& grant, const std::string& privilege) {
  if (grant.privileges.contains(privilege)) return true;
  // SUPER stands for dynamic privileges, but neither it nor ALL for the exemption (measured §1 C).
  if (privilege.ends_with("_ADMIN") && privilege != kExemption &&
      grant.privileges.contains("SUPER"))
    return true;
  return privilege != kExemption &&
         (grant.privileges.contains("ALL PRIVILEGES") || grant.privileges.contains("ALL"));
}

bool covers_schema(const Grant& grant, const std::string& schema) {
  return grant.table == "*" && (grant.schema == "*" || like(grant.schema, schema));
}

template <class Has>
std::string joined_missing(const std::vector<std::string>& wanted, const Has& has) {
  std::string missing;
  for (const std::string& privilege : wanted) {
    if (!has(privilege)) missing += (missing.empty() ? "" : ", ") + privilege;
  }
  return missing;
}

}  // namespace

Grant parse_grant(const std::string& text) {
  Line line(text);
  Grant grant;
  line.require("GRANT ");
  if (line.at_quote()) {
    read_roles(line, grant);
  } else {
    read_privileges(line, grant);
  }
  line.require("TO ");
  line.name();
  if (line.take("@")) line.name();
  grant.grant_option = line.take("WITH GRANT OPTION");
  return grant;
}

Privileges::Privileges(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) {
    grants_.push_back(parse_grant(line));
    has_roles_ = has_roles_ || !grants_.back().roles.empty();
  }
}

bool Privileges::global(const std::string& privilege) const {
  return std::ranges::any_of(grants_, [&](const Grant& grant) {
    return grant.schema == "*" && grant.table == "*" && names(grant, privilege);
  });
}

bool Privileges::may_hand_on(const std::string& privilege) const {
  const bool by_super = privilege.ends_with("_ADMIN") && privilege != kExemption && global("SUPER");
  return by_super || std::ranges::any_of(grants_, [&](const Grant& grant) {
           return grant.grant_option && grant.schema == "*" && grant.table == "*" &&
                  names(grant, privilege);
         });
}

bool Privileges::on_schema(const std::string& privilege, const std::string& schema) const {
  return std::ranges::any_of(grants_, [&](const Grant& grant) {
    return covers_schema(grant, schema) && names(grant, privilege);
  });
}

bool Privileges::on_table(const std::string& privilege, const std::string& schema,
                          const std::string& table) const {
  return std::ranges::any_of(grants_, [&](const Grant& grant) {
    const bool this_table = grant.schema == schema && grant.table == table;
    return (this_table || covers_schema(grant, schema)) && names(grant, privilege);
  });
}

std::string Privileges::missing_global(const std::vector<std::string>& wanted) const {
  return joined_missing(wanted, [&](const std::string& privilege) { return global(privilege); });
}

std::string Privileges::missing_on_schema(const std::vector<std::string>& wanted,
                                          const std::string& schema) const {
  return joined_missing(wanted,
                        [&](const std::string& privilege) { return on_schema(privilege, schema); });
}

}  // namespace bdrmesh::doctor
