// The page about the doctor names every code that a check can tell.
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <regex>
#include <set>
#include <sstream>

namespace bdrmesh::doctor {
namespace {

std::string text_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(DoctorPage, NamesEveryCode) {
  const std::filesystem::path root = BDR_SOURCE_DIR;
  const std::string page = text_of(root / "docs/doctor.md");
  const std::regex told(R"re(findings\.(ok|warn|error)\(\s*"([A-Z0-9_]+)")re");
  std::set<std::string> codes;
  for (const auto& file : std::filesystem::directory_iterator(root / "src/doctor")) {
    if (file.path().extension() != ".cc") continue;
    const std::string source = text_of(file.path());
    for (std::sregex_iterator at(source.begin(), source.end(), told), end; at != end; ++at)
      codes.insert((*at)[2]);
  }
  EXPECT_GT(codes.size(), 40U);
  for (const std::string& code : codes)
    EXPECT_NE(page.find("`" + code + "`"), std::string::npos)
        << code << " is not in docs/doctor.md";
}

}  // namespace
}  // namespace bdrmesh::doctor
