# SPDX-License-Identifier: LGPL-2.1-or-later
import json
import socket
import unittest

from viaduct import Case, Node, run


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

    def test_caps_hold(self):
        strict = self.start("strict", options=["--queries-per-second", "1"])
        result = self.expect(0, "ping", strict.address, "-c", "10", "--interval", "0.01", "--wait", "0.2", "--json")
        self.assertLess(json.loads(result.stdout)["answered"], 10)  # a burst of two, then one a second
        lone = self.start("lone", self.first.address, options=["--exempt-private", "false",
                                                               "--contacts-per-subnet", "1"])
        self.ask("find-node", lone.id)

    def test_caps_have_limits(self):
        for option in ("--contacts-per-subnet", "--lookup-contacts-per-subnet", "--records-max"):
            self.expect(2, "node", "--identity", self.path("x.key"), option, "0")
        self.expect(2, "node", "--identity", self.path("x.key"), "--queries-per-second", "-1")

    def test_a_restart_remembers_the_others(self):
        bootstrap = self.start("bootstrap")
        other = self.start("other", bootstrap.address)
        node = Node(self.folder.name, "node", bootstrap.address)
        self.until(lambda: self.knows(node, other))
        node.stop()
        bootstrap.stop()
        again = self.start("node")
        self.until(lambda: self.knows(again, other))

    def knows(self, node, other):
        result = run("crawl", "--bootstrap", node.address, "--json", "--time", "5")
        return other.id in [found["id"] for found in json.loads(result.stdout or '{"nodes": []}')["nodes"]]

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
