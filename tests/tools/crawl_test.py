# SPDX-License-Identifier: LGPL-2.1-or-later
import unittest
import xml.etree.ElementTree

from viaduct import Case


class Crawl(Case):
    def setUp(self):
        self.until(lambda: len(self.json("crawl")["nodes"]) == 3)

    def test_every_node_is_found_from_one(self):
        said = self.json("crawl")
        self.assertTrue(said["complete"])
        self.assertEqual({node["id"]: node["endpoint"] for node in said["nodes"]},
                         {node.id: node.address for node in self.nodes})
        self.assertEqual(said["silent"], [])
        text = self.ask("crawl").stdout
        for node in self.nodes:
            self.assertIn(f"{node.id}  {node.address}", text)
        self.assertIn("3 nodes of federation 'public'", text)

    def test_descriptors_are_shown(self):
        self.until(lambda: all("signalling" in node for node in self.json("crawl")["nodes"]))
        for node in self.json("crawl")["nodes"]:
            self.assertTrue(node["software"].startswith("viaduct/"))

    def test_holders_of_a_record(self):
        self.ask("put", "greeting", "hello", "x", "--once", "--identity", self.path("me.key"))
        (record,) = self.json("crawl", "--record", "greeting/hello", "--record", "greeting/none")["records"][:1]
        self.assertEqual(record["publishers"], [self.expect(0, "id", self.path("me.key")).stdout.strip()])
        self.assertLessEqual(set(record["holders"]), {node.id for node in self.nodes})
        self.assertGreaterEqual(len(record["holders"]), 1)

    def test_the_picture_is_xml_with_every_node(self):
        picture = self.path("ring.svg")
        self.ask("crawl", "--svg", picture, "--record", "greeting/<&>")
        root = xml.etree.ElementTree.parse(picture).getroot()
        nodes = [element for element in root.iter() if element.get("class") == "node"]
        self.assertEqual(len(nodes), 3)
        with open(picture) as file:
            self.assertIn("prefers-color-scheme: dark", file.read())

    def test_silent_addresses_are_told_and_do_not_hold_it_up(self):
        said = self.json("crawl", "--bootstrap", self.silent.address)
        self.assertEqual(len(said["nodes"]), 3)
        self.assertEqual(said["silent"], [self.silent.address])

    def test_limits_cut_it_short(self):
        self.assertFalse(self.json("crawl", "--max", "1")["complete"])
        said = self.json("crawl", "--bootstrap", self.silent.address, "--time", "0.5")
        self.assertFalse(said["complete"])

    def test_nobody_there(self):
        self.assert_needs_somebody("crawl")
        self.assert_says(self.ask("crawl", "--federation", "house", code=3), "no node of federation 'house'")

    def test_wrong_usage(self):
        self.assert_helps("crawl")
        self.expect(2, "crawl")
        self.ask("crawl", "--max", "0", code=2)
        self.assert_says(self.ask("crawl", "--record", "alice", code=2), "KIND/NAME")
        self.assert_says(self.ask("crawl", "--svg", "/no/such/folder/x.svg", code=3), "--svg")


if __name__ == "__main__":
    unittest.main()
