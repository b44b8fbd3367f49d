// SPDX-License-Identifier: LGPL-2.1-or-later
// A room is a name, not a place: who joins it at any server meets everybody who did at any other.
import test from 'node:test';
import assert from 'node:assert/strict';
import { house, plugin } from './house.mjs';
import { Attendee, withAttendees } from './attendee.mjs';
import { until } from './wait.mjs';

const servers = house('rooms', { size: 3,
  rooms: { 1234: { description: 'Demo room', publishers: 8, federated: true } } });

const refusedWith = (code, reason) => (error) => error.code === code && (!reason || error.reason === reason);

test('who publishes at one server is watched at the others, and each feed crosses once', async () => {
  await withAttendees({ alice: servers[0], bob: servers[2], carol: servers[2] }, plugin, 1234, async (alice, bob, carol) => {
    await alice.publish({ data: true });
    const [feed, same] = await Promise.all([bob, carol].map((each) => each.publisher(({ display }) => display === 'alice')));
    assert.equal(feed.id, same.id);
    assert.deepEqual(feed.streams.map(({ codec }) => codec), ['opus', 'vp8', undefined]);
    for (const watcher of [bob, carol]) {
      const began = performance.now();
      await watcher.watch([{ feed: feed.id }]);
      await watcher.sees();
      console.log(`watching took ${Math.round(performance.now() - began)} ms`);
    }
    const { crossings } = await servers[0].status();
    assert.equal(crossings.length, 1, JSON.stringify(crossings));
    assert.ok(crossings[0].streams.find(({ mindex }) => mindex === 1).packets > 0);
    await until('a message crosses', () => {
      alice.channel.send('hello');
      return bob.messages.length > 0 && carol.messages.length > 0;
    }, { every: 100 });

    await alice.request({ request: 'unpublish' });
    await bob.event('unpublished', ({ unpublished }) => unpublished === feed.id);
    await until('nothing crosses', async () => (await servers[0].status()).crossings.length === 0);
  });
});

test('a room that is not here is found where it is, with its pin', async () => {
  await withAttendees({ alice: servers[0], bob: servers[2] }, plugin, undefined, async (alice, bob) => {
    await alice.administer({ request: 'create', room: 'team', federated: true, pin: 'open', secret: 'sesame',
      videocodec: 'vp8', bitrate: 500000 });
    await alice.join('team', 'alice', { pin: 'open' });
    await assert.rejects(bob.join('team', 'bob', { pin: 'shut' }), refusedWith(433));
    await bob.join('team', 'bob', { pin: 'open' });
    await bob.publish();
    const feed = await alice.publisher(({ display }) => display === 'bob');
    await alice.watch([{ feed: feed.id }]);
    await alice.sees();
    await alice.administer({ request: 'kick', room: 'team', secret: 'sesame', id: feed.id });
    await bob.event('that he was kicked', ({ reason }) => reason === 'kicked');
    await alice.event('that he is gone', ({ leaving }) => leaving === feed.id);
    const found = await bob.request({ request: 'lookup', room: 'team' });
    assert.ok(found.servers.length >= 1);
    await assert.rejects(bob.join('nowhere', 'bob'), refusedWith(426));
    await alice.administer({ request: 'destroy', room: 'team', secret: 'sesame' });
  });
});

test('a subscription to another server is configured, and its publisher is listed', async () => {
  await withAttendees({ alice: servers[0], bob: servers[2] }, plugin, 1234, async (alice, bob) => {
    await alice.publish();
    const { id } = await bob.publisher(({ display }) => display === 'alice');
    const { participants } = await bob.administer({ request: 'listparticipants', room: 1234 });
    const listed = Object.fromEntries(participants.map((each) => [each.display, each]));
    assert.deepEqual([listed.alice.id, listed.alice.publisher, listed.alice.remote], [id, true, true]);
    assert.deepEqual([listed.bob.id, listed.bob.publisher, listed.bob.remote], [bob.id, false, undefined]);

    await bob.watch([{ feed: id }]);
    await bob.sees();
    const pictures = async () => (await servers[0].status()).crossings
      .flatMap(({ streams }) => streams).find(({ mindex }) => mindex === 1)?.packets ?? 0;
    await bob.change({ request: 'configure', mid: '1', send: false });
    await until('no picture crosses that nobody wants', async () => {
      const before = await pictures();
      await new Promise((done) => { setTimeout(done, 300); });
      return await pictures() === before;
    });
    await bob.change({ request: 'configure', mid: '1', send: true });
    await bob.sees();
  });
});

test('who knows the secret moderates from any server', async () => {
  await withAttendees({ alice: servers[0], bob: servers[2] }, plugin, undefined, async (alice, bob) => {
    const room = 'moderated', secret = 'sesame';
    await alice.administer({ request: 'create', room, federated: true, secret });
    await alice.join(room, 'alice');
    await bob.join(room, 'bob');
    await alice.publish();
    await bob.publish();
    const { id } = await bob.publisher(({ display }) => display === 'alice');
    await alice.publisher(({ display }) => display === 'bob');

    const moderate = { request: 'moderate', room, mid: '0', mute: true };
    await assert.rejects(bob.administer({ ...moderate, secret: 'wrong', id }), refusedWith(433, 'wrong-secret'));
    await assert.rejects(alice.event('that she is muted', ({ moderation }) => moderation, 1000));
    await bob.administer({ ...moderate, secret, id });
    const muted = await alice.event('that she is muted', ({ moderation }) => moderation === 'muted');
    assert.equal(muted.mid, '0');
    await bob.administer({ ...moderate, secret, id: bob.id }); // himself, at a server that does not know the secret
    await bob.event('that he is muted', ({ moderation }) => moderation === 'muted');
    await assert.rejects(bob.administer({ ...moderate, secret, id, mid: 'none' }), refusedWith(428));
    await bob.administer({ request: 'kick', room, secret, id });
    await alice.event('that she was kicked', ({ reason }) => reason === 'kicked');
    await alice.administer({ request: 'destroy', room, secret });
  });
});

test('who is at a server that dies is gone within 3 seconds', async () => {
  await withAttendees({ alice: servers[0] }, plugin, 1234, async (alice) => {
    const carol = await Attendee.at(servers[2], plugin);
    await carol.join(1234, 'carol');
    await carol.publish();
    const feed = await alice.publisher(({ display }) => display === 'carol');
    await alice.watch([{ feed: feed.id }]);
    await alice.sees();
    const began = performance.now();
    await servers[2].kill();
    await alice.event('that she is gone', ({ leaving }) => leaving === feed.id, 4000);
    const took = performance.now() - began;
    console.log(`it took ${Math.round(took)} ms`);
    assert.ok(took < 3000, `${took} ms`);
    await carol.leave();
  });
});
