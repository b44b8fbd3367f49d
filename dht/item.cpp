// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/item.h"

#include "dht/bencode.h"

namespace dht {

namespace {

/// BEP 44: these entries as they would stand in a dictionary, without the dictionary.
Bytes signed_part(const Item& item) {
    Bytes out;
    bencode::Writer writer{out};
    if (!item.salt.empty()) writer.entry("salt", item.salt);
    writer.entry("seq", item.seq).string("v").raw(item.value);
    return out;
}

}  // namespace

Key target_of(const PublicKey& key, std::string_view salt) {
    return sha1(Bytes{text(key)}.append(salt));
}

Key target_of(const Item& item) {
    return item.key ? target_of(*item.key, item.salt) : sha1(item.value);
}

bool well_formed(const Item& item) {
    return item.value.size() <= Item::value_bytes_max && item.salt.size() <= Item::salt_bytes_max &&
           item.seq >= 0 && bencode::parse(item.value).has_value();
}

void sign(Item& item, const Identity& author) {
    item.key = author.public_key();
    item.signature = author.sign(signed_part(item));
}

bool verify(const Item& item) {
    return !item.key || verify(*item.key, signed_part(item), item.signature);
}

}  // namespace dht
