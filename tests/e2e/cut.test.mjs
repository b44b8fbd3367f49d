// SPDX-License-Identifier: LGPL-2.1-or-later
// A server that is cut off from the others and keeps its clients: both sides go on by themselves, and meet again.
import test from 'node:test';
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { house, plugin } from './house.mjs';
import { withAttendees } from './attendee.mjs';
import { Network } from './network.mjs';

const network = await Network.open(3);
const servers = house('cut', { size: 3, each: (index) => network.options(index), finish: () => network.close(),
  rooms: { 1234: { publishers: 8, federated: true } } });

const named = (name) => ({ display }) => display === name;

test('who is at a server that is cut off is gone within 3 seconds, the others go on, and it comes back by itself', async () => {
  await withAttendees({ alice: servers[0], bob: servers[1], carol: servers[2] }, plugin, 1234, async (alice, bob, carol) => {
    await alice.publish();
    await carol.publish();
    const [hers, carols] = [await bob.publisher(named('alice')), await alice.publisher(named('carol'))];
    const alices = await carol.publisher(named('alice'));
    await bob.watch([{ feed: hers.id }]);
    await carol.watch([{ feed: alices.id }]);
    await Promise.all([bob.sees(), carol.sees()]);

    const began = performance.now();
    network.cut(2);
    const healed = pause(4000); // the fault's length
    await Promise.all([alice.event('that carol is gone', ({ leaving }) => leaving === carols.id),
      carol.event('that alice is gone', ({ leaving }) => leaving === alices.id)]);
    const took = performance.now() - began;
    console.log(`it took ${Math.round(took)} ms`);
    assert.ok(took < 3000, `${took} ms`);
    await bob.sees();

    await healed;
    network.heal(2);
    const again = await alice.publisher(named('carol'));
    assert.equal(again.id, carols.id);
    assert.equal((await carol.publisher(named('alice'))).id, alices.id);
    await carol.answer(await carol.watched('an offer without alice', ({ videoroom }) => videoroom === 'updated'));
    await carol.change({ request: 'update', subscribe: [{ feed: alices.id }] });
    await Promise.all([carol.sees(), bob.sees()]);
  });
});

test('a room that is destroyed meanwhile is over there too, once it can be told', async () => {
  await withAttendees({ alice: servers[0], carol: servers[2] }, plugin, undefined, async (alice, carol) => {
    await alice.administer({ request: 'create', room: 'fleeting', federated: true });
    await alice.join('fleeting', 'alice');
    await carol.join('fleeting', 'carol');
    network.cut(2);
    await carol.event('that alice is gone', ({ leaving }) => leaving !== undefined);
    await alice.administer({ request: 'destroy', room: 'fleeting' });
    network.heal(2);
    await carol.event('that the room is no more', ({ videoroom }) => videoroom === 'destroyed', 10000);
  });
});
