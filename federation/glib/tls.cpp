// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/glib/tls.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <stdexcept>
#include <string>

template <>
struct glib::Free<EVP_PKEY> {
    void operator()(EVP_PKEY* p) const noexcept { EVP_PKEY_free(p); }
};
template <>
struct glib::Free<X509> {
    void operator()(X509* p) const noexcept { X509_free(p); }
};
template <>
struct glib::Free<BIO> {
    void operator()(BIO* p) const noexcept { BIO_free(p); }
};
template <>
struct glib::Free<GByteArray> {
    void operator()(GByteArray* p) const noexcept { g_byte_array_unref(p); }
};

namespace glib {

namespace {

constexpr long day_seconds = 24 * 60 * 60;

void must(bool worked) {
    if (!worked) throw std::runtime_error{"OpenSSL could not make a certificate of the node's key"};
}

Ptr<EVP_PKEY> private_key(const dht::Identity& identity) {
    auto seed = identity.seed();
    Ptr<EVP_PKEY> key{EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size())};
    OPENSSL_cleanse(seed.data(), seed.size());
    must(key != nullptr);
    return key;
}

Ptr<X509> self_signed(EVP_PKEY& key, const std::string& name) {
    Ptr<X509> certificate{X509_new()};
    must(certificate != nullptr);
    X509* const x = certificate.get();
    must(X509_set_version(x, X509_VERSION_3) == 1);
    must(ASN1_INTEGER_set(X509_get_serialNumber(x), 1) == 1);
    // Clocks differ, and nobody here looks at the dates: the key is what is known.
    must(X509_gmtime_adj(X509_getm_notBefore(x), -day_seconds) != nullptr);
    must(X509_gmtime_adj(X509_getm_notAfter(x), 365 * 20 * day_seconds) != nullptr);
    X509_NAME* const subject = X509_get_subject_name(x);
    must(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                    reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0) == 1);
    must(X509_set_issuer_name(x, subject) == 1);
    must(X509_set_pubkey(x, &key) == 1);
    must(X509_sign(x, &key, nullptr) > 0);  // Ed25519 hashes by itself
    return certificate;
}

}  // namespace

Ref<GTlsCertificate> make_certificate(const dht::Identity& identity) {
    const auto key = private_key(identity);
    const auto certificate = self_signed(*key, identity.node_id().hex());
    const Ptr<BIO> pem{BIO_new(BIO_s_secmem())};
    must(pem && PEM_write_bio_X509(pem.get(), certificate.get()) == 1);
    must(PEM_write_bio_PrivateKey(pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    char* text = nullptr;
    const auto size = BIO_get_mem_data(pem.get(), &text);
    Error error;
    auto made = take_ref(g_tls_certificate_new_from_pem(text, size, error.out()));
    if (!made)
        throw std::runtime_error{std::string{"GIO does not take the node's certificate: "} + error.message() +
                                 ". Is glib-networking installed?"};
    return made;
}

std::optional<dht::NodeId> node_id_of(GTlsCertificate* certificate) {
    if (!certificate) return {};
    GByteArray* raw = nullptr;
    g_object_get(certificate, "certificate", &raw, nullptr);
    const Ptr<GByteArray> der{raw};
    if (!der) return {};
    const unsigned char* at = der->data;
    const Ptr<X509> x{d2i_X509(nullptr, &at, static_cast<long>(der->len))};
    EVP_PKEY* const key = x ? X509_get0_pubkey(x.get()) : nullptr;
    if (!key || EVP_PKEY_id(key) != EVP_PKEY_ED25519) return {};
    dht::PublicKey raw_key{};
    std::size_t size = raw_key.size();
    if (EVP_PKEY_get_raw_public_key(key, raw_key.data(), &size) != 1 || size != raw_key.size()) return {};
    return dht::node_id_of(raw_key);
}

}  // namespace glib
