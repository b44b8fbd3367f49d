// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/glib/identity.h"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>

#include "federation/glib/ptr.h"

namespace glib {

namespace {

struct FreeKey {
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
struct FreeBio {
    void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Bio = std::unique_ptr<BIO, FreeBio>;

/// A PEM private key of Ed25519 has 119 octets.
constexpr std::size_t file_bytes_max = 4096;

class File {
public:
    explicit File(int descriptor) : descriptor_(descriptor) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (descriptor_ >= 0) close(descriptor_);
    }
    [[nodiscard]] int get() const { return descriptor_; }

private:
    int descriptor_;
};

[[noreturn]] void fail(const std::string& path, const std::string& what) {
    throw std::runtime_error{"identity file " + path + ": " + what};
}

[[noreturn]] void fail_with_errno(const std::string& path, const char* what) {
    fail(path, std::string{what} + ": " + std::strerror(errno));
}

dht::Identity parse(const std::string& path, const char* text, std::size_t size) {
    const Bio pem{BIO_new_mem_buf(text, static_cast<int>(size))};
    // An empty password, lest OpenSSL ask for one at the terminal.
    const Key key{PEM_read_bio_PrivateKey(pem.get(), nullptr, nullptr, const_cast<char*>(""))};
    dht::Identity::Seed seed{};
    std::size_t length = seed.size();
    const bool sound = key && EVP_PKEY_id(key.get()) == EVP_PKEY_ED25519 &&
                       EVP_PKEY_get_raw_private_key(key.get(), seed.data(), &length) == 1 &&
                       length == seed.size();
    if (!sound) {
        fail(path,
             "not an Ed25519 private key in PEM. Restore it from a copy, or remove it: then this "
             "server gets a new key, and with it a new NodeID");
    }
    dht::Identity identity{seed};
    OPENSSL_cleanse(seed.data(), seed.size());
    return identity;
}

/// Nothing when there is no such file.
std::optional<dht::Identity> read_identity(const std::string& path) {
    const File file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (file.get() < 0) {
        if (errno == ENOENT) return {};
        fail_with_errno(path, "cannot be read");
    }
    struct stat status {};
    if (fstat(file.get(), &status) != 0) fail_with_errno(path, "cannot be read");
    if (!S_ISREG(status.st_mode)) fail(path, "is not a regular file");
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        fail(path,
             "others than its owner may read or write it. It holds the node's private key: chmod 600 it");
    }
    std::array<char, file_bytes_max> text{};
    std::size_t size = 0;
    while (size < text.size()) {
        const auto got = read(file.get(), text.data() + size, text.size() - size);
        if (got < 0) fail_with_errno(path, "cannot be read");
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    auto identity = parse(path, text.data(), size);
    OPENSSL_cleanse(text.data(), text.size());
    return identity;
}

std::string new_key(const std::string& path) {
    EVP_PKEY* raw = nullptr;
    const std::unique_ptr<EVP_PKEY_CTX, void (*)(EVP_PKEY_CTX*)> context{
        EVP_PKEY_CTX_new_id(EVP_PKEY_ED25519, nullptr), [](EVP_PKEY_CTX* c) { EVP_PKEY_CTX_free(c); }};
    if (!context || EVP_PKEY_keygen_init(context.get()) != 1 || EVP_PKEY_keygen(context.get(), &raw) != 1) {
        fail(path, "OpenSSL could not make a key");
    }
    const Key key{raw};
    const Bio pem{BIO_new(BIO_s_secmem())};
    if (PEM_write_bio_PrivateKey(pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
        fail(path, "OpenSSL could not write the key");
    }
    char* text = nullptr;
    const auto size = BIO_get_mem_data(pem.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

/// Whole or not at all: written beside its place and linked to it. False when somebody else was first.
bool create(const std::string& path) {
    const auto parent = std::filesystem::path{path}.parent_path();
    std::error_code error;
    if (!parent.empty()) std::filesystem::create_directories(parent, error);
    if (error) fail(path, "its folder cannot be made: " + error.message());

    std::string temporary = path + ".XXXXXX";
    const File file{mkostemp(temporary.data(), O_CLOEXEC)};  // mode 0600
    if (file.get() < 0) fail_with_errno(path, "cannot be made; may this user write to its folder?");
    auto text = new_key(path);
    const bool written = write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                         fsync(file.get()) == 0;
    OPENSSL_cleanse(text.data(), text.size());
    const bool linked = written && link(temporary.c_str(), path.c_str()) == 0;
    const int reason = errno;
    unlink(temporary.c_str());
    if (linked) return true;
    errno = reason;
    if (written && reason == EEXIST) return false;
    fail_with_errno(path, "cannot be written");
}

}  // namespace

dht::Identity load_identity(const std::string& path) {
    if (auto identity = read_identity(path)) return *identity;
    create(path);
    if (auto identity = read_identity(path)) return *identity;
    fail(path, "vanished while it was made");
}

}  // namespace glib
