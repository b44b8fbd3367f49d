# SPDX-License-Identifier: LGPL-2.1-or-later
import json
import unittest

from viaduct import Case, run


class GetAndPutItem(Case):
    def put(self, *arguments, code=0):
        return self.ask("put-item", *arguments, "--identity", self.path("me.key"), code=code)

    def put_json(self, *arguments):
        return json.loads(self.put(*arguments, "--json").stdout)

    def test_an_immutable_item_lies_under_the_hash_of_its_value(self):
        stored = self.json("put-item", "Hello World!")
        self.assertEqual(stored["target"], "e5f96f6f38320f0f33959cb4d3d656452117aadb")  # BEP 44's own vector
        self.assertGreaterEqual(stored["holders"], 1)
        found = self.json("get-item", stored["target"])
        self.assertEqual((found["value"], found["key"]), ("Hello World!", None))
        self.assertEqual(self.ask("get-item", stored["target"]).stdout, '"Hello World!"\n')

    def test_any_value_comes_back_as_it_was(self):
        for value in ({"a": [1, {"b": "c"}]}, ["x", 2, []]):
            stored = self.json("put-item", json.dumps(value))
            self.assertEqual(self.json("get-item", stored["target"])["value"], value)

    def test_a_mutable_item_is_replaced_by_a_newer_one(self):
        first = self.put_json("one", "--salt", "place", "--seq", "1")
        again = self.put_json("two", "--salt", "place", "--seq", "2", "--cas", "1")
        self.assertEqual(first["target"], again["target"])
        found = self.json("get-item", first["target"], "--salt", "place")
        self.assertEqual((found["value"], found["seq"], found["key"]), ("two", 2, first["key"]))
        self.assertIn("seq    2", self.ask("get-item", first["target"], "--salt", "place").stdout)

    def test_what_is_older_or_unexpected_is_refused_with_its_reason(self):
        self.put("new", "--salt", "refused", "--seq", "5")
        self.assert_says(self.put("old", "--salt", "refused", "--seq", "4", code=3), "greater seq is held")
        self.assert_says(self.put("new", "--salt", "refused", "--seq", "6", "--cas", "1", code=3),
                         "another seq than --cas")

    def test_an_authors_item_without_salt_lies_at_the_authors_nodeid(self):
        stored = self.put_json("here")
        author = self.expect(0, "id", self.path("me.key")).stdout.strip()
        self.assertEqual(stored["target"], author)
        self.assertIn(author, self.ask("get-item", author).stdout)

    def test_a_server_is_described_at_its_nodeid(self):
        self.until(lambda: run("get-item", self.first.id, "--bootstrap", self.first.address).returncode == 0)
        found = self.json("get-item", self.first.id)
        self.assertRegex(found["value"]["s"], r"^127\.0\.0\.1:\d+$")
        self.assertTrue(found["value"]["v"].startswith("viaduct"))
        self.assertIn("f", found["value"])

    def test_no_item(self):
        self.assertIn("no item at", self.ask("get-item", "0" * 40, code=1).stdout)
        self.assertFalse(self.json("get-item", "0" * 40, code=1)["found"])

    def test_nobody_there(self):
        self.assert_needs_somebody("get-item", "0" * 40)
        self.assert_needs_somebody("put-item", "x")

    def test_wrong_usage(self):
        self.assert_helps("get-item")
        self.assert_helps("put-item")
        self.assert_says(self.ask("get-item", "alice", code=2), "TARGET \"alice\" is not valid")
        self.assert_says(self.ask("put-item", "x", "--salt", "s", code=2), "add --identity FILE")
        self.assert_says(self.ask("put-item", "x" * 1000, code=2), "at most 1000 are accepted")
        self.assert_says(self.put("x" * 800, code=2), "at most 768 are accepted")
        self.assert_says(self.ask("put-item", "[1,", code=2), "begins as a JSON list but is none")
        self.ask("put-item", "x", "--salt", "s" * 65, code=2)
        self.put("x", "--seq", "-1", code=2)


if __name__ == "__main__":
    unittest.main()
