# SPDX-License-Identifier: LGPL-2.1-or-later
import json
import os
import tempfile
import time
import unittest

from viaduct import Node, run

NODE = "21fe31dfa154a261626bf854046fd2271b7bed4b"


class Federation(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = os.path.join(folder.name, "acme")
        self.name = self.say(0, "init", "acme")["federation"]

    def path(self, name):
        return os.path.join(self.folder, name)

    @staticmethod
    def text(file):
        with open(file) as opened:
            return opened.read()

    def call(self, code, *arguments):
        result = run("federation", *arguments, "--directory", self.folder)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        return result

    def say(self, code, *arguments):
        return json.loads(self.call(code, *arguments, "--json").stdout)

    def test_init_makes_a_private_key_and_a_name_with_it(self):
        self.assertRegex(self.name, "^acme@[0-9a-f]{64}$")
        self.assertEqual(os.stat(self.path("federation.key")).st_mode & 0o777, 0o600)

    def test_init_never_replaces_a_federation(self):
        self.assertIn("already", self.call(3, "init", "other").stderr)
        self.assertEqual(self.say(0, "show")["federation"], self.name)

    def test_admit_writes_a_certificate(self):
        said = self.say(0, "admit", NODE, "--expires", "30d")
        shown = self.say(0, "show", said["file"])
        self.assertEqual((shown["federation"], shown["member"], shown["serial"]), (self.name, NODE, 1))
        self.assertEqual((shown["role"], shown["expires"]), ("server", said["expires"]))
        self.assertTrue(shown["signature_ok"])
        self.assertEqual(self.text(said["file"]).count("\n"), 1)
        self.assertRegex(self.call(0, "show", said["file"]).stdout, r"\((29|30) days\)")

    def test_admit_takes_a_public_key_a_role_and_a_place(self):
        key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
        said = self.say(0, "admit", key, "--role", "reader", "--output", self.path("mine"))
        self.assertEqual((said["member"], said["role"]), ("5b27aa5589179770e47575b162a1ded97b8bfc6d", "reader"))
        self.assertEqual(self.say(0, "show", self.path("mine"))["role"], "reader")

    def test_a_certificate_that_was_changed_is_told(self):
        file = self.say(0, "admit", NODE)["file"]
        text = self.text(file)
        with open(file, "w") as damaged:
            damaged.write(text[:-1] + "x\n")
        self.assertIn("neither", self.call(3, "show", file).stderr)

    def test_revoke_ends_every_certificate_of_a_node(self):
        self.say(0, "admit", NODE)
        self.say(0, "admit", "00" * 20)
        self.say(0, "admit", NODE)
        revoked = self.say(0, "revoke", NODE)
        self.assertEqual(revoked["revoked"], 2)
        listed = self.say(0, "show", revoked["file"])
        self.assertEqual((listed["serials"], listed["seq"]), ([1, 3], revoked["seq"]))
        states = [entry["state"] for entry in self.say(0, "show")["certificates"]]
        self.assertEqual(states, ["revoked", "valid", "revoked"])
        self.assertIn("revoked", self.call(0, "show").stdout)

    def test_each_list_supersedes_the_one_before(self):
        self.say(0, "admit", NODE)
        first = self.say(0, "revoke", NODE)["seq"]
        self.assertGreater(self.say(1, "revoke", NODE)["seq"], first)  # nothing left to revoke

    def test_expired_certificates_leave_the_list(self):
        self.say(0, "admit", NODE, "--expires", "1s")
        file = self.say(0, "revoke", NODE)["file"]
        for _ in range(100_000):
            self.say(1, "revoke", NODE)
            if not self.say(0, "show", file)["serials"]:
                return
        self.fail("it stayed")

    def test_wrong_usage(self):
        self.assertEqual(run("federation", "--help").returncode, 0)
        self.assertEqual(run("federation").returncode, 2)
        self.assertIn("without @", self.call(2, "init", "a@b").stderr)
        self.assertIn("40 hexadecimal digits", self.call(2, "admit", "abc").stderr)
        self.assertIn("365d", self.call(2, "admit", NODE, "--expires", "1y").stderr)
        self.assertIn("365d", self.call(2, "admit", NODE, "--expires", "0d").stderr)
        self.call(2, "admit", NODE, "--role", "king")
        self.assertIn("there is no federation", run("federation", "admit", NODE, "--directory", "/nowhere").stderr)
        self.assertIn("no such file", self.call(3, "show", self.path("nothing")).stderr)

    def test_a_damaged_register_is_told(self):
        with open(self.path("members"), "a") as register:
            register.write("rubbish\n")
        self.assertIn("rubbish", self.call(3, "admit", NODE).stderr)


class Closed(unittest.TestCase):
    """A closed federation of three nodes, a reader, and a stranger."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.name = self.federation("init", "acme")["federation"]
        self.first = self.node("first")
        self.nodes = [self.first, self.node("second", self.first.address), self.node("third", self.first.address)]

    def path(self, name):
        return os.path.join(self.folder, name)

    def federation(self, *arguments):
        result = run("federation", *arguments, "--directory", self.folder, "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)

    def admit(self, name, *options):
        node_id = run("id", self.path(name + ".key")).stdout.strip()
        self.federation("admit", node_id, "--output", self.path(name + ".key.certificate"), *options)
        return node_id

    def node(self, name, *bootstrap):
        self.admit(name)
        node = Node(self.folder, name, *bootstrap, federation=self.name)
        self.addCleanup(node.stop)
        return node

    def ask(self, *arguments):
        return run(*arguments, "--federation", self.name, "--bootstrap", self.first.address)

    def crawled(self, *arguments):
        result = self.ask("crawl", "--json", *arguments)
        return {node["id"] for node in json.loads(result.stdout)["nodes"]} if result.stdout else set()

    def until(self, condition):
        for _ in range(200):
            if condition():
                return
        self.fail("it never came")

    def test_members_see_each_other_and_strangers_nobody(self):
        everybody = {node.id for node in self.nodes}
        self.admit("reader", "--role", "reader")
        reader = ("--identity", self.path("reader.key"))
        self.until(lambda: self.crawled(*reader) == everybody)
        self.assertEqual(self.ask("find-node", self.first.id, *reader).returncode, 0)

        without = self.ask("find-node", self.first.id)
        self.assertEqual(without.returncode, 2)
        self.assertIn("is closed: name a member's key file", without.stderr)
        run("id", self.path("stranger.key"))
        nothing = self.ask("find-node", self.first.id, "--identity", self.path("stranger.key"))
        self.assertEqual(nothing.returncode, 3)
        self.assertIn("there is none", nothing.stderr)
        foreign = self.ask("find-node", self.first.id, "--identity", self.path("stranger.key"), "--certificate",
                           self.path("reader.key.certificate"))
        self.assertEqual(foreign.returncode, 3)
        self.assertIn("it is for node", foreign.stderr)
        self.assertEqual(run("ping", self.first.address, "--federation", self.name, "-c", "1").returncode, 0)

    def test_a_member_publishes_and_a_reader_does_not(self):
        self.admit("member")
        stored = self.ask("put", "greeting", "hello", "x", "--identity", self.path("member.key"), "--once")
        self.assertEqual(stored.returncode, 0, stored.stderr)
        self.admit("reader", "--role", "reader")
        reader = ("--identity", self.path("reader.key"))
        self.assertEqual(self.ask("get", "greeting", "hello", *reader).returncode, 0)
        refused = self.ask("put", "greeting", "bye", "x", *reader, "--once")
        self.assertEqual(refused.returncode, 3)

    def test_who_is_revoked_is_gone(self):
        self.admit("reader", "--role", "reader")
        reader = ("--identity", self.path("reader.key"))
        self.until(lambda: len(self.crawled(*reader)) == 3)
        gone = self.nodes[2].id
        said = self.federation("revoke", gone, "--bootstrap", self.first.address)
        self.assertEqual(said["revoked"], 1)
        self.assertGreaterEqual(said["holders"], 2)
        self.assertEqual(self.crawled(*reader), {node.id for node in self.nodes[:2]})
        again = self.federation("revoke", "--bootstrap", self.first.address)
        self.assertGreaterEqual(again["holders"], 1)

    def test_a_renewed_certificate_needs_no_restart(self):
        self.admit("reader", "--role", "reader")
        reader = ("--identity", self.path("reader.key"))
        run("id", self.path("brief.key"))
        self.admit("brief", "--expires", "12s")
        node = Node(self.folder, "brief", self.first.address, federation=self.name)
        self.addCleanup(node.stop)
        self.until(lambda: node.id in self.crawled(*reader))
        self.admit("brief")
        time.sleep(13)
        self.until(lambda: node.id in self.crawled(*reader))

    def test_an_expired_certificate_is_told(self):
        self.admit("old", "--expires", "1s")
        def expired():
            result = self.ask("find-node", self.first.id, "--identity", self.path("old.key"))
            return result.returncode == 3 and "has expired on" in result.stderr
        self.until(expired)


if __name__ == "__main__":
    unittest.main()
