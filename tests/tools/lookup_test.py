# SPDX-License-Identifier: LGPL-2.1-or-later
import unittest

from viaduct import Case


class FindNode(Case):
    def test_the_closest_come_first(self):
        target = self.nodes[1].id
        self.until(lambda: len(self.json("find-node", target)["contacts"]) == 3)
        found = self.json("find-node", target)
        self.assertEqual(found["target"], target)
        self.assertEqual(found["contacts"][0], {"id": target, "endpoint": self.nodes[1].address})
        distance = [int(contact["id"], 16) ^ int(target, 16) for contact in found["contacts"]]
        self.assertEqual(distance, sorted(distance))
        self.assertGreaterEqual(found["hops"], 1)
        self.assertIn(target, self.ask("find-node", target).stdout)

    def test_nobody_there(self):
        self.assert_needs_somebody("find-node", "0" * 40)

    def test_another_federation_is_nobody(self):
        result = self.ask("find-node", "0" * 40, "--federation", "house", code=3)
        self.assert_says(result, "no node of federation 'house'")

    def test_wrong_usage(self):
        self.assert_helps("find-node")
        self.assert_says(self.ask("find-node", "alice", code=2), "40 hexadecimal digits")
        self.expect(2, "find-node", "0" * 40)
        self.expect(2, "find-node", "0" * 40, "--bootstrap", "nonsense")


class Lookup(Case):
    def test_a_user_who_is_nowhere(self):
        self.assertEqual(self.json("lookup", "nobody", code=1)["server"], None)
        self.assertIn("nobody is at no server", self.ask("lookup", "nobody", code=1).stdout)

    def test_a_user_who_is_somewhere(self):
        value = '{"s": "127.0.0.1:9", "t": 1000}'
        self.ask("put", "user", "alice", value, "--once", "--identity", self.path("alice.key"))
        publisher = self.expect(0, "id", self.path("alice.key")).stdout.strip()
        self.assertEqual(self.json("lookup", "alice")["server"], publisher)
        self.assertIn(publisher, self.ask("lookup", "alice").stdout)

    def test_nobody_there(self):
        self.assert_needs_somebody("lookup", "alice")

    def test_wrong_usage(self):
        self.assert_helps("lookup")
        self.expect(2, "lookup")


if __name__ == "__main__":
    unittest.main()
