#include "defence/fleet_key.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.h"

namespace reeve {

std::string_view without_blanks_around(std::string_view text) noexcept {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

Result<FleetKey> FleetKey::from(std::string_view secret, std::string_view fleet) {
  const std::string_view key = without_blanks_around(secret);
  if (key.size() < kFewestKeyBytes) return failure("the key is shorter than " + std::to_string(kFewestKeyBytes) + " bytes");
  if (key.size() > kMostKeyBytes) return failure("the key is longer than " + std::to_string(kMostKeyBytes) + " bytes");
  return FleetKey(std::string(key), std::string(fleet));
}

std::string FleetKey::sign(std::string_view text) const {
  // A fleet's name has no line end, so two pairs of name and text never make the same bytes.
  const std::string message = fleet_ + '\n' + std::string(text);
  std::array<unsigned char, EVP_MAX_MD_SIZE> code{};
  unsigned size = 0;
  const auto* const bytes = reinterpret_cast<const unsigned char*>(message.data());
  REEVE_CHECK(HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), bytes, message.size(), code.data(), &size) != nullptr);
  REEVE_CHECK(size * 2 == kSignatureDigits);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string digits;
  digits.reserve(kSignatureDigits);
  for (unsigned each = 0; each < size; ++each) {
    digits.push_back(kDigits[code[each] >> 4]);
    digits.push_back(kDigits[code[each] & 15]);
  }
  return digits;
}

bool FleetKey::is_signature(std::string_view signature, std::string_view text) const {
  const std::string right = sign(text);
  return signature.size() == right.size() && CRYPTO_memcmp(signature.data(), right.data(), right.size()) == 0;
}

Result<std::string> read_secret(int file, const std::string& path) {
  struct stat status {};
  if (::fstat(file, &status) != 0) return failure(path, errno);
  if (!S_ISREG(status.st_mode)) return failure(path + " can't be read, or is not a file");
  if ((status.st_mode & (S_IROTH | S_IWOTH)) != 0) return failure(path + " is open to everybody: chmod o= " + path);
  std::string text(FleetKey::kMostKeyBytes + 1, '\0');
  const ssize_t size = ::pread(file, text.data(), text.size(), 0);
  if (size < 0) return failure(path, errno);
  if (static_cast<std::size_t>(size) > FleetKey::kMostKeyBytes) return failure(path + " is too large for a secret");
  text.resize(static_cast<std::size_t>(size));
  return text;
}

}  // namespace reeve
