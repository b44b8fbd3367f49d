// SPDX-License-Identifier: LGPL-2.1-or-later
// In a simulation of thousands of nodes nearly all time would go into Ed25519. Linked into a program, these
// stand before libsodium's: a signature is a keyed hash that anybody could compute, and in the simulator
// nobody forges one. All else of the protocol is what it is.
#include <sodium.h>

#include <cstring>

namespace {

constexpr std::size_t public_key_offset = crypto_sign_SECRETKEYBYTES - crypto_sign_PUBLICKEYBYTES;

void hash(unsigned char* out, const unsigned char* message, unsigned long long size,
          const unsigned char* public_key) {
    std::memset(out, 0, crypto_sign_BYTES);
    crypto_shorthash(out, message, size, public_key);
}

}  // namespace

extern "C" {

int crypto_sign_detached(unsigned char* signature, unsigned long long* signature_bytes,
                         const unsigned char* message, unsigned long long bytes,
                         const unsigned char* secret_key) {
    hash(signature, message, bytes, secret_key + public_key_offset);
    if (signature_bytes != nullptr) *signature_bytes = crypto_sign_BYTES;
    return 0;
}

int crypto_sign_verify_detached(const unsigned char* signature, const unsigned char* message,
                                unsigned long long bytes, const unsigned char* public_key) {
    unsigned char expected[crypto_sign_BYTES];
    hash(expected, message, bytes, public_key);
    return std::memcmp(expected, signature, sizeof expected) == 0 ? 0 : -1;
}

}  // extern "C"
