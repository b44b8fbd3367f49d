# SPDX-License-Identifier: LGPL-2.1-or-later
import socket
import unittest

from viaduct import Case


class NodeAndId(Case):
    def test_id_shows_what_the_node_is_called(self):
        self.assertEqual(self.expect(0, "id", self.first.identity).stdout.strip(), self.first.id)

    def test_a_key_file_that_is_none_is_refused(self):
        with open(self.path("text"), "w") as file:
            file.write("no key")
        self.assert_says(self.expect(3, "id", self.path("text")), "identity file")

    def test_an_address_that_is_taken_is_named(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind(("127.0.0.1", 0))
            address = "127.0.0.1:%d" % taken.getsockname()[1]
            result = self.expect(3, "node", "--identity", self.path("other.key"), "--listen", address,
                                 "--signalling", "127.0.0.1:0")
        self.assert_says(result, address)

    def test_wrong_usage(self):
        self.assert_helps("node")
        self.assert_helps("id")
        self.expect(2, "node")
        self.expect(2)
        self.expect(2, "no-such-command")
        listen = self.expect(2, "node", "--identity", self.path("x.key"), "--listen", "localhost:1")
        self.assert_says(listen, "--listen \"localhost:1\" is not valid")


if __name__ == "__main__":
    unittest.main()
