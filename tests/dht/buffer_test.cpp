// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/buffer.h"

#include "tests/dht/samples.h"

using dht::Buffer;

START_TEST(what_is_appended_stands_end_to_end) {
    Buffer buffer;
    ck_assert(buffer.text().empty());
    buffer.append("ab");
    buffer.append("cde", 2);
    buffer.append("");
    ck_assert(buffer.text() == "abcd");
    ck_assert_uint_eq(buffer.size(), 4);
}
END_TEST

START_TEST(what_is_longer_than_a_datagram_is_nothing) {
    Buffer buffer;
    const std::string most(1500, 'm');
    buffer.append(most);
    ck_assert(buffer.text() == most);
    buffer.append("x");
    ck_assert(buffer.text().empty());
    Buffer other;
    other.append(most + 'x');
    other.append("y");
    ck_assert(other.text().empty());
}
END_TEST

int main() {
    return run_suite("buffer",
                     {what_is_appended_stands_end_to_end, what_is_longer_than_a_datagram_is_nothing});
}
