# SPDX-License-Identifier: LGPL-2.1-or-later
import json
import unittest

from viaduct import Case, Process


class GetAndPut(Case):
    def put(self, *arguments, code=0):
        return self.ask("put", *arguments, "--identity", self.path("me.key"), code=code)

    def test_what_was_put_once_is_found_until_it_expires(self):
        value = {"text": "gr\u00fc\u00df Gott", "list": [1, {"deep": "x"}]}
        stored = json.loads(
            self.put("greeting", "hello", json.dumps(value), "--once", "--lifetime", "60", "--json").stdout)
        self.assertGreaterEqual(stored["holders"], 1)
        found = self.json("get", "greeting", "hello")
        self.assertEqual(found["key"], stored["key"])
        (record,) = found["records"]
        self.assertEqual(record["value"], value)
        self.assertEqual(record["publisher"], stored["publisher"])
        self.assertRegex(record["expires"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertIn("gr\u00fc\u00df Gott", self.ask("get", "greeting", "hello").stdout)

    def test_a_newer_one_takes_its_place(self):
        self.put("greeting", "twice", "first", "--once")
        self.put("greeting", "twice", "second", "--once")
        (record,) = self.json("get", "greeting", "twice")["records"]
        self.assertEqual(record["value"], {"value": "second"})

    def test_each_publisher_has_its_own(self):
        self.put("greeting", "both", "mine", "--once")
        self.ask("put", "greeting", "both", "theirs", "--once", "--identity", self.path("you.key"))
        values = [record["value"]["value"] for record in self.json("get", "greeting", "both")["records"]]
        self.assertEqual(sorted(values), ["mine", "theirs"])

    def test_one_that_stays_is_withdrawn_at_the_end(self):
        staying = Process("put", "greeting", "bye", "still here", "--identity", self.path("me.key"),
                          "--bootstrap", self.first.address)
        staying.wait_for("is held by [1-3] node")
        self.assertEqual(len(self.json("get", "greeting", "bye")["records"]), 1)
        self.assertEqual(staying.stop(), 0)
        self.assertEqual(self.json("get", "greeting", "bye", code=1)["records"], [])

    def test_a_servers_descriptor_is_told_in_words(self):
        self.until(lambda: self.json_or_none("get", "node", self.first.id))
        self.assertRegex(self.ask("get", "node", self.first.id).stdout,
                         r"value +viaduct/\S+, signalling at 127\.0\.0\.1:\d+")

    def json_or_none(self, *arguments):
        from viaduct import run
        return run(*arguments, "--bootstrap", self.first.address).returncode == 0

    def test_no_record(self):
        self.assertIn("no record greeting/none", self.ask("get", "greeting", "none", code=1).stdout)

    def test_what_could_move_the_cursor_is_escaped(self):
        self.put("greeting", "evil", '{"text": "\\u001b[2J\\u009b\\u202e"}', "--once")
        shown = self.ask("get", "greeting", "evil").stdout
        self.assertNotRegex(shown, "[\x1b\x9b\u202e]")
        self.assertIn("\\u001B", shown)

    def test_nobody_there(self):
        self.assert_needs_somebody("get", "greeting", "hello")
        self.assert_needs_somebody("put", "greeting", "hello", "x", "--identity", self.path("me.key"))

    def test_wrong_usage(self):
        self.assert_helps("get")
        self.assert_helps("put")
        self.ask("get", "greeting", code=2)
        self.ask("get", "Greeting", "hello", code=2)
        self.ask("put", "greeting", "hello", "no identity", code=2)
        self.assert_says(self.put("greeting", "hello", "x" * 700, code=2), "VALUE has")
        self.assert_says(self.put("greeting", "hello", "{", code=2), "VALUE begins as a JSON object but is none")
        self.assert_says(self.put("greeting", "hello", '{"a": 1.5}', code=2), "whole numbers")
        self.put("greeting", "hello", "x", "--lifetime", "1", code=2)


if __name__ == "__main__":
    unittest.main()
