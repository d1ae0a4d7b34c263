// Certificates: one canonical form, and no byte can change unnoticed.
#include "verify/certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bdrmesh::verify {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

Json body() {
  return {{"operation", "op1"},
          {"proof", true},
          {"not_proven", Json::array()},
          {"evidence",
           {{"fence", {{"east", {{"tso", "444"}}}, {"west", {{"tso", "445"}}}}},
            {"rows", 1'000'000},
            {"word", "Größe \"7\"\n"}}}};
}

std::vector<std::string> parts_of(const std::vector<CertificateFault>& faults) {
  std::vector<std::string> parts;
  for (const CertificateFault& fault : faults) parts.push_back(fault.part);
  return parts;
}

TEST(Sha256, IsThatOfTheStandard) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Canonical, SortsMembersAndWritesNoWhiteSpace) {
  EXPECT_EQ(canonical({{"b", {1, -2, "x"}}, {"a", nullptr}}), R"({"a":null,"b":[1,-2,"x"]})");
}

TEST(Canonical, RefusesFractions) {
  EXPECT_THROW(canonical({{"a", 1.5}}), Error);
  EXPECT_EQ(sealed({{"a", 1.5}}).at("a"), "1.5");
}

TEST(Certificate, IsWholeAsIssued) {
  const Json certificate = sealed(body());
  EXPECT_THAT(certificate_faults(canonical(certificate)), IsEmpty());
  EXPECT_THAT(certificate_faults(canonical(certificate) + "\n"), IsEmpty());
}

TEST(Certificate, SealingAgainChangesNothing) {
  const Json certificate = sealed(body());
  EXPECT_EQ(sealed(certificate), certificate);
}

TEST(Certificate, EveryChangedByteIsFound) {
  const std::string whole = canonical(sealed(body()));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int bit : {0x01, 0x20, 0x80}) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ bit);
      ASSERT_FALSE(certificate_faults(changed).empty()) << "byte " << at << ": " << changed;
    }
    std::string shorter = whole;
    shorter.erase(at, 1);
    ASSERT_FALSE(certificate_faults(shorter).empty()) << "without byte " << at;
    std::string longer = whole;
    longer.insert(at, 1, ' ');
    ASSERT_FALSE(certificate_faults(longer).empty()) << "white space before byte " << at;
  }
  ASSERT_FALSE(certificate_faults(whole + " ").empty());
  ASSERT_FALSE(certificate_faults(whole + "\n\n").empty());
}

TEST(Certificate, SaysWhichPartIsWrong) {
  Json certificate = sealed(body());
  certificate["evidence"]["fence"]["west"]["tso"] = "446";
  EXPECT_EQ(parts_of(certificate_faults(canonical(certificate))),
            std::vector<std::string>{"evidence"});
  certificate = sealed(body());
  certificate["proof"] = false;
  certificate["not_proven"].push_back("app.t");
  EXPECT_EQ(parts_of(certificate_faults(canonical(certificate))),
            (std::vector<std::string>{"not_proven", "proof"}));
  certificate = sealed(body());
  certificate.erase("not_proven");
  const auto faults = certificate_faults(canonical(certificate));
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults.front().part, "not_proven");
  EXPECT_THAT(faults.front().why, HasSubstr("missing"));
}

TEST(Certificate, APartWhoseDigestWasMendedTooIsFoundByTheDigestOfAll) {
  Json certificate = sealed(body());
  certificate["proof"] = false;
  certificate["parts"]["proof"] = sha256_hex("false");
  EXPECT_EQ(parts_of(certificate_faults(canonical(certificate))),
            std::vector<std::string>{"digest"});
}

TEST(Certificate, AnotherSpellingOfTheSameIsToldApart) {
  const Json certificate = sealed(body());
  EXPECT_EQ(parts_of(certificate_faults(certificate.dump(2))), std::vector<std::string>{"text"});
  std::string twice = canonical(certificate);
  twice.insert(1, R"("proof":false,)");
  EXPECT_FALSE(certificate_faults(twice).empty());
}

TEST(Certificate, WhatIsNoneIsSaidSo) {
  for (const char* text : {"", "x", "[]", "{}", "null", R"({"digest":1,"parts":2})"})
    EXPECT_FALSE(certificate_faults(text).empty()) << text;
  EXPECT_FALSE(certificate_faults(std::string(100'000, '[')).empty());
}

TEST(Certificate, BytesThatAreNoTextDoNotStopIt) {
  const Json certificate = sealed({{"note", "a\xff"}});
  EXPECT_THAT(certificate_faults(canonical(certificate)), IsEmpty());
}

}  // namespace
}  // namespace bdrmesh::verify
