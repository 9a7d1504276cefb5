#include "defence/nft_generation.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

namespace reeve {

namespace {

constexpr std::uint16_t type_of(int message) noexcept {
  return static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | message);
}

struct Question {
  nlmsghdr header;
  nfgenmsg about;
};

// The attribute NFTA_GEN_ID of an answer of `size` bytes.
Result<std::uint32_t> number_in(const std::byte* answer, std::size_t size, std::uint32_t sequence) {
  nlmsghdr header{};
  if (size < sizeof header) return failure("nftables: short answer");
  std::memcpy(&header, answer, sizeof header);
  if (header.nlmsg_seq != sequence || header.nlmsg_len > size) return failure("nftables: answer to another question");
  if (header.nlmsg_type == NLMSG_ERROR) {
    nlmsgerr error{};
    if (size < sizeof header + sizeof error.error) return failure("nftables: short answer");
    std::memcpy(&error.error, answer + sizeof header, sizeof error.error);
    return failure("nftables: generation", -error.error);
  }
  if (header.nlmsg_type != type_of(NFT_MSG_NEWGEN)) return failure("nftables: unknown answer");
  for (std::size_t at = NLMSG_ALIGN(sizeof header) + NLMSG_ALIGN(sizeof(nfgenmsg)); at + sizeof(nlattr) <= header.nlmsg_len;) {
    nlattr attribute{};
    std::memcpy(&attribute, answer + at, sizeof attribute);
    std::uint32_t number = 0;
    if (attribute.nla_len < sizeof attribute || at + attribute.nla_len > header.nlmsg_len) break;
    if ((attribute.nla_type & NLA_TYPE_MASK) == NFTA_GEN_ID && attribute.nla_len == sizeof attribute + sizeof number) {
      std::memcpy(&number, answer + at + sizeof attribute, sizeof number);
      return ntohl(number);
    }
    at += NLA_ALIGN(attribute.nla_len);
  }
  return failure("nftables: answer without a generation");
}

}  // namespace

Result<NftGeneration> NftGeneration::open() {
  UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
  if (!fd) return failure("netlink socket", errno);
  // The kernel answers before send(2) returns; should it ever not, nobody waits for long.
  const timeval patience{.tv_sec = 1, .tv_usec = 0};
  (void)::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return NftGeneration(std::move(fd));
}

Result<std::uint32_t> NftGeneration::now() {
  Question question{};
  question.header.nlmsg_len = sizeof question;
  question.header.nlmsg_type = type_of(NFT_MSG_GETGEN);
  question.header.nlmsg_flags = NLM_F_REQUEST;
  question.header.nlmsg_seq = ++sequence_;
  question.about.nfgen_family = AF_UNSPEC;
  question.about.version = NFNETLINK_V0;
  if (::send(fd_.get(), &question, sizeof question, 0) < 0) return failure("nftables: generation", errno);
  std::array<std::byte, 1024> answer{};
  const ssize_t size = ::recv(fd_.get(), answer.data(), answer.size(), 0);
  if (size < 0) return failure("nftables: generation", errno);
  return number_in(answer.data(), static_cast<std::size_t>(size), sequence_);
}

}  // namespace reeve
