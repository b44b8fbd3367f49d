// SPDX-License-Identifier: LGPL-2.1-or-later
// A server that is drained takes in nobody new, says where to go, and keeps who is there; one that is full too.
import test from 'node:test';
import assert from 'node:assert/strict';
import { house, plugin } from './house.mjs';
import { viaduct } from './federation.mjs';
import { Attendee, withAttendees } from './attendee.mjs';
import { Caller } from './caller.mjs';
import { until } from './wait.mjs';

const clients = (index) => `ws://there.example/${index}`;
const servers = house('drain', { size: 3, general: (index) => ({ clients: clients(index) }),
  rooms: { 1234: { publishers: 8, federated: true } } });

const drain = async (server, on) => (await server.admin('message_plugin',
  { plugin: viaduct, request: { request: 'drain', drain: on } })).response;
const refusedWith = (reason) => (error) => error.reason === reason;

test('who is in at a drained server goes on, who comes is sent elsewhere, and it is found no more', async () => {
  await withAttendees({ alice: servers[0], bob: servers[2] }, plugin, 1234, async (alice, bob) => {
    await alice.publish();
    const { id } = await bob.publisher(({ display }) => display === 'alice');
    await bob.watch([{ feed: id }]);
    await bob.sees();
    const caller = await Caller.at(servers[0], viaduct);
    const late = await Attendee.at(servers[0], plugin), stranger = await Caller.at(servers[0], viaduct);
    try {
      await caller.register('carol');
      assert.equal((await drain(servers[0], true)).draining, true);
      const { alternates } = await alice.event('that it is drained', ({ draining }) => draining === true);
      const nodes = (await Promise.all(servers.map((server) => server.status()))).map(({ node }) => node);
      assert.deepEqual(alternates.map(({ server }) => server).sort(), nodes.slice(1).sort());
      assert.equal(alternates.find(({ server }) => server === nodes[2]).clients, clients(2));
      await caller.handle.event('draining');

      await bob.sees(); // what is there goes on
      await assert.rejects(late.join(1234, 'late'), (error) =>
        error.reason === 'draining' && error.data.alternates.length === 2);
      await assert.rejects(late.administer({ request: 'create', room: 'new' }), refusedWith('draining'));
      await assert.rejects(stranger.register('dave'), refusedWith('draining'));
      await until('it is found no more', async () => {
        const { servers: found } = await bob.request({ request: 'lookup', room: 1234 });
        return found.every(({ clients: at }) => at !== clients(0));
      });

      assert.equal((await drain(servers[0], false)).draining, false);
      await alice.event('that it is drained no longer', ({ draining }) => draining === false);
      await late.join(1234, 'late');
      await until('it is found again', async () => {
        const { servers: found } = await bob.request({ request: 'lookup', room: 1234 });
        return found.some(({ clients: at }) => at === clients(0));
      });
    } finally {
      await Promise.all([caller, late, stranger].map((each) => each.leave()));
    }
  });
});

test('something else than true or false drains nothing', async () => {
  assert.match((await drain(servers[1], 'yes')).error, /true or false/);
  assert.equal((await servers[1].status()).draining, false);
});
