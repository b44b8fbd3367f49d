// SPDX-License-Identifier: LGPL-2.1-or-later
// Servers that stop, and clients that go without a word.
import test from 'node:test';
import assert from 'node:assert/strict';
import { againstStock, house, withCallers } from './house.mjs';
import { connect, media } from './call.mjs';
import { joined } from './federation.mjs';
import { until } from './wait.mjs';

const servers = house('shutdown');
const only = againstStock ? { skip: 'one server is both' } : {};

test('a caller whose network goes away ends the call for the other', async () => {
  const [a, , c] = servers;
  await withCallers({ alice: a, carol: c }, async (alice, carol) => {
    await connect(alice, carol);
    await media(alice, carol);
    alice.session.drop();
    assert.ok(await carol.hungUp());
    carol.endMedia();
    await until('the server forgets the caller', async () =>
      (await a.sessions()).length === (againstStock ? 1 : 0));
    alice.endMedia();
    alice.leave = async () => {};
  });
});

test('the name of a caller whose network went away is free again', async () => {
  const [a, , c] = servers;
  await withCallers({ alice: a }, async (alice) => {
    alice.session.drop();
    await until('the server forgets the caller', async () => (await a.sessions()).length === 0);
    alice.leave = async () => {};
  });
  await withCallers({ alice: c }, async () => {});
});

test('a server told to stop in the middle of a call does so, and the other side is told', only, async () => {
  const [a, , c] = servers;
  await withCallers({ alice: a, carol: c }, async (alice, carol) => {
    await connect(alice, carol);
    await media(alice, carol);
    assert.equal(await c.stop(), 0);
    assert.ok(await alice.hungUp());
    alice.endMedia();
  });
  await c.restart();
  await joined(servers);
});

test('a server that was restarted takes calls again', only, async () => {
  const [a, , c] = servers;
  await withCallers({ alice: a, carol: c }, async (alice, carol) => {
    await connect(alice, carol);
    await media(alice, carol);
  });
});

test('a server that crashes and is back at once takes its users again', only, async () => {
  const c = servers[2];
  for (let time = 0; time < 5; time++) { // within a second: records are numbered by the time
    await withCallers({ carla: c }, async () => {});
    await withCallers({ carla: c }, async () => { await c.kill(); });
    await c.restart();
    await joined(servers);
  }
});

test('the servers stop in order', async () => {
  for (const server of new Set(servers)) assert.equal(await server.stop(), 0);
});
