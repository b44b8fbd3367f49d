# SPDX-License-Identifier: LGPL-2.1-or-later
import json
import unittest

from viaduct import Case, Process

FAST = ["--interval", "0.01"]


class Ping(Case):
    def test_a_node_proves_who_it_is(self):
        result = self.expect(0, "ping", self.first.address, "-c", "2", *FAST)
        lines = result.stdout.splitlines()
        self.assertEqual(len(lines), 3)
        self.assertRegex(lines[0], f"^{self.first.id} at {self.first.address}: seq=1 time=[0-9.]+ ms$")
        self.assertIn("2 sent, 2 answered", lines[2])

    def test_json(self):
        said = json.loads(self.expect(0, "ping", self.first.address, "-c", "2", "--json", *FAST).stdout)
        self.assertEqual(said["id"], self.first.id)
        self.assertEqual((said["sent"], said["answered"]), (2, 2))
        self.assertLessEqual(said["ms_min"], said["ms_mean"])
        self.assertLessEqual(said["ms_mean"], said["ms_max"])

    def test_nobody_there(self):
        result = self.expect(1, "ping", self.silent.address, "-c", "2", "--wait", "0.1", *FAST)
        self.assertIn("2 sent, 0 answered", result.stdout)
        said = json.loads(self.expect(1, "ping", self.silent.address, "--wait", "0.1", "--json", *FAST).stdout)
        self.assertEqual((said["id"], said["answered"]), (None, 0))

    def test_a_node_of_another_federation(self):
        result = self.expect(1, "ping", self.first.address, "--federation", "house", "-c", "1")
        self.assertIn("none that proves a key of federation 'house'", result.stdout)

    def test_an_endless_one_ends_with_a_signal_and_the_sum(self):
        ping = Process("ping", self.first.address, "-c", "0", *FAST)
        ping.wait_for("seq=3 ")
        ping.process.terminate()
        ping.wait_for(r"^--- .* answered; least/mean/most ")
        self.assertEqual(ping.wait(), 0)

    def test_wrong_usage(self):
        self.assert_helps("ping")
        self.expect(2, "ping")
        self.expect(2, "ping", self.first.address, "-c", "few")
        self.expect(2, "ping", self.first.address, "--interval", "0")
        self.assert_says(self.expect(2, "ping", "localhost"), "ADDRESS:PORT \"localhost\" is not valid")


if __name__ == "__main__":
    unittest.main()
