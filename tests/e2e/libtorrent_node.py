# SPDX-License-Identifier: LGPL-2.1-or-later
"""A libtorrent DHT node that obeys: one JSON request a line on its input, one JSON answer a line on its output.

    libtorrent_node.py ADDRESS:PORT BOOTSTRAP…
"""

import json
import sys
import time

import libtorrent as lt

PATIENCE = 20  # seconds; libtorrent itself gives a lookup 15

# What keeps a DHT off a loopback, or slow on it, is off.
SETTINGS = {
    "enable_dht": True, "enable_lsd": False, "enable_upnp": False, "enable_natpmp": False,
    "dht_restrict_routing_ips": False, "dht_restrict_search_ips": False, "dht_prefer_verified_node_ids": False,
    "dht_ignore_dark_internet": False, "dht_block_ratelimit": 1_000_000, "dht_upload_rate_limit": 100_000_000,
    "dht_bootstrap_nodes": "",
    "alert_mask": lt.alert.category_t.dht_notification | lt.alert.category_t.dht_operation_notification,
}


class Node:
    def __init__(self, listen, bootstrap):
        self.session = lt.session({**SETTINGS, "listen_interfaces": listen})
        for address in bootstrap:
            host, port = address.rsplit(":", 1)
            self.session.add_dht_node((host, int(port)))

    def wait_for(self, kind, wanted=lambda alert: True):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.session.wait_for_alert(200)
            for alert in self.session.pop_alerts():
                if isinstance(alert, kind) and wanted(alert):
                    return alert
        raise TimeoutError(f"no {kind.__name__} within {PATIENCE} s")

    def nodes(self, _):
        """How many are in its table."""
        self.session.post_dht_stats()
        return {"nodes": sum(bucket["num_nodes"] for bucket in self.wait_for(lt.dht_stats_alert).routing_table)}

    def put(self, request):
        if "secret" in request:
            self.session.dht_put_mutable_item(bytes.fromhex(request["secret"]), bytes.fromhex(request["key"]),
                                              request["value"].encode(), request["salt"].encode())
            return {"stored": self.wait_for(lt.dht_put_alert).num_success}
        target = self.session.dht_put_immutable_item(request["value"])
        return {"target": str(target), "stored": self.wait_for(lt.dht_put_alert).num_success}

    def get(self, request):
        if "key" in request:
            self.session.dht_get_mutable_item(bytes.fromhex(request["key"]), request["salt"].encode())
            # What others of them hold may come before; the last one tells the newest.
            item = self.wait_for(lt.dht_mutable_item_alert, lambda alert: alert.authoritative).item
        else:
            self.session.dht_get_immutable_item(lt.sha1_hash(bytes.fromhex(request["target"])))
            item = self.wait_for(lt.dht_immutable_item_alert).item
        value = item.get("value") if isinstance(item, dict) else item
        return {"value": value.decode() if isinstance(value, bytes) else value}


def main():
    node = Node(sys.argv[1], sys.argv[2:])
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"nodes": node.nodes, "put": node.put, "get": node.get}[request["do"]](request)
        except Exception as error:  # told to the test, which shows it
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


main()
