// SPDX-License-Identifier: LGPL-2.1-or-later
// Nodes that speak one family of IP only are one network with those of the other, as long as somebody speaks both.
import test, { after, before } from 'node:test';
import { Node } from './nodes.mjs';
import { until } from './wait.mjs';

let both;
const islands = { IPv4: [], IPv6: [] };

before(async () => {
  both = await Node.start('islands/both', '[::]:7601');
  const start = (name, listen, bridge) => Node.start(`islands/${name}`, listen, [bridge]);
  for (const number of [1, 2]) {
    islands.IPv4.push(await start(`v4-${number}`, `127.0.0.1:761${number}`, '127.0.0.1:7601'));
    islands.IPv6.push(await start(`v6-${number}`, `[::1]:762${number}`, '[::1]:7601'));
  }
});

after(() => Promise.all([both, ...islands.IPv4, ...islands.IPv6].filter(Boolean).map((node) => node.stop())));

/// Each node publishes its own descriptor, over the family that it speaks. Whoever asks by way of a node of one family
/// speaks no other: it never hears of an address of the other.
const finds = (from, id) => until(`${from.address} finds the record of ${id}`, async () => {
  const { records } = await from.ask('get', 'node', id);
  return records.length === 1 && records[0].publisher === id;
}, { within: 15000, every: 100 });

for (const [here, there] of [['IPv4', 'IPv6'], ['IPv6', 'IPv4']]) {
  test(`who speaks ${here} alone finds the records of who speaks ${there} alone`, async () => {
    for (const from of islands[here]) {
      for (const to of islands[there]) await finds(from, to.id);
    }
  });

  test(`who speaks ${here} alone finds its neighbour's and those of who speaks both`, async () => {
    await finds(islands[here][0], islands[here][1].id);
    await finds(islands[here][0], both.id);
  });
}

