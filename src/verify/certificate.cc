#include "verify/certificate.h"

#include <algorithm>
#include <array>
#include <openssl/evp.h>

namespace bdrmesh::verify {
namespace {

constexpr const char* kDigest = "digest";
constexpr const char* kParts = "parts";
constexpr int kDeepest = 64;

/// Numbers with a fraction as texts.
void make_exact(Json& json) {
  if (json.is_number_float()) {
    json = json.dump();
  } else if (json.is_structured()) {
    for (Json& one : json) make_exact(one);
  }
}

void require_exact(const Json& json) {
  if (json.is_number_float()) {
    throw Error(ErrorKind::invalid, "BAD_CERTIFICATE",
                "a number with a fraction has no canonical form: " + json.dump());
  }
  if (!json.is_structured()) return;
  for (const Json& one : json) require_exact(one);
}

Json digests_of_parts(const Json& certificate) {
  Json parts = Json::object();
  for (const auto& [name, value] : certificate.items()) {
    if (name != kDigest && name != kParts) parts[name] = sha256_hex(canonical(value));
  }
  return parts;
}

std::string digest_of(Json certificate) {
  certificate.erase(kDigest);
  return sha256_hex(canonical(certificate));
}

Json parse(std::string_view text) {
  const auto not_too_deep = [](int depth, Json::parse_event_t, Json&) {
    if (depth > kDeepest)
      throw Error(ErrorKind::invalid, "BAD_CERTIFICATE", "it is nested too deeply");
    return true;
  };
  try {
    Json json = Json::parse(text, not_too_deep);
    if (json.is_object() && json.contains(kDigest) && json.contains(kParts)) return json;
  } catch (const Json::exception& e) {
    throw Error(ErrorKind::invalid, "BAD_CERTIFICATE", std::string("it is no JSON: ") + e.what());
  }
  throw Error(ErrorKind::invalid, "BAD_CERTIFICATE", "it has no digests: it is no certificate");
}

std::vector<CertificateFault> faults_of_parts(const Json& certificate) {
  std::vector<CertificateFault> faults;
  const Json& noted = certificate.at(kParts);
  const Json seen = digests_of_parts(certificate);
  if (!noted.is_object()) return {{kParts, "is no list of digests"}};
  for (const auto& [name, digest] : seen.items()) {
    if (!noted.contains(name)) {
      faults.push_back({name, "was not there when the certificate was issued"});
    } else if (noted.at(name) != digest) {
      faults.push_back({name, "is not as it was issued: its SHA-256 is " +
                                  digest.get<std::string>() + ", noted is " +
                                  noted.at(name).dump()});
    }
  }
  for (const auto& [name, digest] : noted.items()) {
    if (!seen.contains(name)) faults.push_back({name, "is missing"});
  }
  return faults;
}

std::vector<CertificateFault> faults_of_form(const std::string& form, std::string_view text) {
  if (form == text) return {};
  const auto [ours, theirs] = std::ranges::mismatch(form, text);
  return {{"text", "it says what was issued, but is written in another way from byte " +
                       std::to_string(ours - form.begin()) +
                       " on: white space, the order of members, or a member that comes twice"}};
}

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
    throw Error(ErrorKind::bug, "NO_SHA256", "OpenSSL computes no SHA-256");
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    text += kHex[digest.at(i) >> 4U];
    text += kHex[digest.at(i) & 0xFU];
  }
  return text;
}

std::string canonical(const Json& json) {
  require_exact(json);
  try {
    return json.dump();
  } catch (const Json::exception& e) {
    throw Error(ErrorKind::invalid, "BAD_CERTIFICATE", e.what());
  }
}

Json sealed(Json body) {
  make_exact(body);
  body.erase(kDigest);
  body.erase(kParts);
  body = Json::parse(body.dump(-1, ' ', false, Json::error_handler_t::replace));
  body[kParts] = digests_of_parts(body);
  body[kDigest] = digest_of(body);
  return body;
}

std::vector<CertificateFault> certificate_faults(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  try {
    const Json certificate = parse(text);
    std::vector<CertificateFault> faults = faults_of_parts(certificate);
    if (faults.empty() && certificate.at(kDigest) != Json(digest_of(certificate))) {
      faults.push_back({kDigest, "all parts are as they were issued, but the digest over them is " +
                                     digest_of(certificate) + ", not " +
                                     certificate.at(kDigest).dump()});
    }
    return faults.empty() ? faults_of_form(canonical(certificate), text) : faults;
  } catch (const Error& e) {
    return {{"text", e.message()}};
  }
}

}  // namespace bdrmesh::verify
