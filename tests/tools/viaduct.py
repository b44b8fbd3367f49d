# SPDX-License-Identifier: LGPL-2.1-or-later
"""Real nodes on 127.0.0.1, and the command under test. VIADUCT names the executable."""

import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import unittest

VIADUCT = os.environ["VIADUCT"]
PATIENCE = 30  # seconds; far beyond what anything takes, even under sanitizers


class Process:
    """A command that stays until it is told to end."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([VIADUCT, *arguments], stdout=subprocess.PIPE, text=True)

    def wait_for(self, pattern):
        """The first line that matches; the process says it when it is ready, so nobody sleeps."""
        for line in self.process.stdout:
            found = re.search(pattern, line)
            if found:
                return found
        raise AssertionError(f"{self.process.args} ended without a line like {pattern}")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self):
        """Its exit code, once it ends by itself. A signal on its last way out would be one too many."""
        code = self.process.wait(PATIENCE)
        self.process.stdout.close()
        return code


class Node(Process):
    def __init__(self, folder, name, *bootstrap, federation="public", options=()):
        self.identity = os.path.join(folder, name + ".key")
        asked = [word for address in bootstrap for word in ("--bootstrap", address)]
        super().__init__("node", "--identity", self.identity, "--listen", "127.0.0.1:0", "--signalling",
                         "127.0.0.1:0", "--federation", federation, *asked, *options)
        self.id = self.wait_for(r"^node ([0-9a-f]{40}) ").group(1)
        self.address = self.wait_for(r"bootstrap from (\S+)").group(1)


def run(*arguments):
    return subprocess.run([VIADUCT, *arguments], capture_output=True, text=True, timeout=PATIENCE)


class SilentPort:
    """An address that takes datagrams and never answers."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]

    def close(self):
        self.socket.close()


class Case(unittest.TestCase):
    """A federation of three, of which the others know only the first; and a silent port."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.silent = SilentPort()
        cls.addClassCleanup(cls.silent.close)
        cls.first = cls.start("first")
        cls.nodes = [cls.first, cls.start("second", cls.first.address), cls.start("third", cls.first.address)]

    @classmethod
    def start(cls, name, *bootstrap, **options):
        node = Node(cls.folder.name, name, *bootstrap, **options)
        cls.addClassCleanup(node.stop)
        return node

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def ask(self, *arguments, code=0):
        """Runs the command against the first node."""
        return self.expect(code, *arguments, "--bootstrap", self.first.address)

    def expect(self, code, *arguments):
        result = run(*arguments)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        return result

    def json(self, *arguments, code=0):
        return json.loads(self.ask(*arguments, "--json", code=code).stdout)

    def until(self, try_once):
        """Nodes find each other in their own time; each try takes round trips, so nothing spins."""
        for _ in range(400):
            if try_once():
                return
        self.fail("it never came")

    def assert_says(self, result, words):
        self.assertIn(words, result.stderr)
        self.assertEqual(result.stdout, "")

    def assert_needs_somebody(self, *arguments):
        """Nobody at the bootstrap address: code 3, and what to look at, in bounded time."""
        result = self.expect(3, *arguments, "--bootstrap", self.silent.address)
        self.assert_says(result, "does UDP get through?")
        self.assertIn(self.silent.address, result.stderr)

    def assert_helps(self, command):
        self.assertIn("--help", self.expect(0, command, "--help").stdout)
