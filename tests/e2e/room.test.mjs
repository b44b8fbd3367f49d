// SPDX-License-Identifier: LGPL-2.1-or-later
// VideoRoom's API within one server, by real clients.
import dgram from 'node:dgram';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import assert from 'node:assert/strict';
import { plugin } from './house.mjs';
import { start, stop } from './federation.mjs';
import { Attendee, withAttendees } from './attendee.mjs';
import { after, before } from 'node:test';
import { until } from './wait.mjs';

let server;
before(async () => {
  const servers = await start({ prefix: 'room/', size: 1, rooms: {
    1234: { description: 'Demo room', publishers: 6 },
    locked: { pin: 'open', secret: 'sesame', is_private: true },
    loud: { audiolevel_event: true, audio_active_packets: 20, audio_level_average: 60, notify_joining: true },
  } });
  server = servers[0];
});
after(() => stop([server]));

const refusedWith = (code, reason) => (error) => error.code === code && (!reason || error.reason === reason);
const people = (...names) => Object.fromEntries(names.map((name) => [name, server]));

test('who publishes is announced, watched, and withdrawn', async () => {
  await withAttendees(people('alice', 'bob'), plugin, 1234, async (alice, bob) => {
    const answer = await alice.publish();
    assert.equal(answer.configured, 'ok');
    assert.equal(answer.audio_codec, 'opus');
    assert.equal(answer.video_codec, 'vp8');
    const feed = await bob.publisher(({ id }) => id === alice.id);
    assert.equal(feed.display, 'alice');
    assert.deepEqual(feed.streams.map(({ type, codec }) => [type, codec]), [['audio', 'opus'], ['video', 'vp8']]);

    const attached = await bob.watch([{ feed: alice.id }]);
    assert.equal(attached.videoroom, 'attached');
    assert.deepEqual(attached.streams.map(({ type, feed_id: id }) => [type, id]),
      [['audio', alice.id], ['video', alice.id]]);
    await bob.sees();

    await alice.request({ request: 'unpublish' });
    await bob.event('unpublished', ({ unpublished }) => unpublished === alice.id);
    const updated = await bob.watched('an offer without her', ({ videoroom }) => videoroom === 'updated');
    assert.ok(updated.streams.every(({ active }) => !active));
    await bob.answer(updated);
    await alice.request({ request: 'leave' });
    await bob.event('leaving', ({ leaving }) => leaving === alice.id);
  });
});

test('a subscription grows, shrinks, pauses, and is switched', async () => {
  await withAttendees(people('alice', 'bob', 'carol'), plugin, 1234, async (alice, bob, carol) => {
    await alice.publish();
    await bob.publish();
    await carol.watch([{ feed: alice.id, mid: '1' }]);
    await carol.sees();
    const grown = await carol.change({ request: 'subscribe', streams: [{ feed: bob.id }] });
    assert.equal(grown.videoroom, 'updated');
    assert.equal(grown.streams.filter(({ active }) => active).length, 3);
    await carol.sees();

    await carol.change({ request: 'unsubscribe', streams: [{ feed: bob.id, mid: '1' }] });
    assert.equal(carol.watching.filter(({ active }) => active).length, 2);
    const again = await carol.change({ request: 'update', subscribe: [{ feed: bob.id, mid: '1' }] });
    assert.equal(again.streams.length, 3, 'the m-line was used again');
    await carol.sees();

    await carol.change({ request: 'pause' });
    const frames = () => Object.values(carol.frames).reduce((sum, each) => sum + each, 0);
    await new Promise((done) => { setTimeout(done, 300); });
    const paused = frames();
    await new Promise((done) => { setTimeout(done, 300); });
    assert.ok(frames() - paused <= 1);
    await carol.change({ request: 'start' });
    await carol.sees();

    const switched = await carol.change({ request: 'switch', streams: [{ feed: bob.id, mid: '1', sub_mid: '0' }] });
    assert.equal(switched.switched, 'ok');
    assert.equal(switched.changes, 1);
    assert.equal(switched.streams[0].feed_id, bob.id);
    await carol.sees();
    const restarted = await carol.change({ request: 'configure', restart: true });
    assert.match(restarted.jsep.sdp, /ice-ufrag/);
    await carol.sees();
  });
});

test('what is said over data channels reaches who watches', async () => {
  await withAttendees(people('alice', 'bob'), plugin, 1234, async (alice, bob) => {
    await alice.publish({ data: true });
    await bob.watch([{ feed: alice.id }]);
    await bob.sees();
    await until('the message arrives', () => {
      if (alice.channel.readyState === 'open') alice.channel.send('hello');
      return bob.messages.some(({ label, data }) => label === 'chat' && data === 'hello');
    }, { every: 100 });
  });
});

test('a pin, a secret and tokens keep others out', async () => {
  await withAttendees(people('alice'), plugin, undefined, async (alice) => {
    await assert.rejects(alice.join('nowhere', 'alice'), refusedWith(426));
    await assert.rejects(alice.join('locked', 'alice'), refusedWith(433, 'wrong-pin'));
    await assert.rejects(alice.administer({ request: 'kick', room: 'locked', id: 1 }), refusedWith(433));
    await alice.administer({ request: 'allowed', room: 'locked', secret: 'sesame', action: 'add', allowed: ['ticket'] });
    await assert.rejects(alice.join('locked', 'alice', { pin: 'open' }), refusedWith(433, 'not-allowed'));
    await alice.join('locked', 'alice', { pin: 'open', token: 'ticket' });
    assert.ok(!(await alice.administer({ request: 'list' })).list.some(({ room }) => room === 'locked'));
    const bob = await Attendee.at(server, plugin);
    await bob.join('locked', 'bob', { pin: 'open', token: 'ticket' });
    await bob.administer({ request: 'kick', room: 'locked', secret: 'sesame', id: alice.id });
    await alice.event('that she was kicked', ({ reason }) => reason === 'kicked');
    await bob.event('that she was kicked', ({ kicked }) => kicked === alice.id);
    await bob.administer({ request: 'destroy', room: 'locked', secret: 'sesame' });
    await bob.event('the end of the room', ({ videoroom }) => videoroom === 'destroyed');
    assert.equal((await bob.administer({ request: 'exists', room: 'locked' })).exists, false);
    await bob.leave();
  });
});

test('rooms are made, edited and full', async () => {
  await withAttendees(people('alice', 'bob'), plugin, undefined, async (alice, bob) => {
    const { room } = await alice.administer({ request: 'create', publishers: 1, description: 'small', bitrate: 128000 });
    await alice.administer({ request: 'edit', room, new_description: 'tiny' });
    const { list } = await alice.administer({ request: 'list' });
    assert.equal(list.find((each) => each.room === room).description, 'tiny');
    assert.equal((await alice.join(room, 'alice')).description, 'tiny');
    await bob.join(room, 'bob');
    await alice.publish();
    await assert.rejects(bob.publish(), refusedWith(432));
    await assert.rejects(alice.request({ request: 'publish' }), refusedWith(434));
    await assert.rejects(alice.administer({ request: 'create', room }), refusedWith(427));
  });
});

test('who talks is told, and a moderator may mute', async () => {
  await withAttendees(people('alice', 'bob'), plugin, 'loud', async (alice, bob) => {
    await alice.event('that bob joins', ({ joining }) => joining?.display === 'bob');
    await alice.publish();
    const talking = await bob.event('that alice talks', ({ videoroom }) => videoroom === 'talking', 10000);
    assert.equal(talking.id, alice.id);
    await bob.watch([{ feed: alice.id, mid: '0' }]);
    await bob.sees();
    await alice.administer({ request: 'moderate', room: 'loud', id: alice.id, mid: '0', mute: true });
    await bob.event('that she is muted', ({ moderation }) => moderation === 'muted');
    await assert.rejects(bob.sees({ within: 1000 }));
    await alice.administer({ request: 'moderate', room: 'loud', id: alice.id, mid: '0', mute: false });
    await bob.sees();
  });
});

test('what is published goes out as RTP, and into files', async () => {
  const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  let packets = 0;
  socket.on('message', (octets) => { packets += octets[0] >> 6 === 2 && (octets[1] & 0x7f) === 77; });
  try {
    await withAttendees(people('alice'), plugin, 1234, async (alice) => {
      const base = path.join(server.folder, 'recorded');
      await alice.publish({ record: true, filename: base });
      const { forwarders } = await alice.administer({ request: 'rtp_forward', room: 1234, publisher_id: alice.id,
        host: '127.0.0.1', streams: [{ mid: '1', port: socket.address().port, pt: 77, ssrc: 5 }] });
      await until('packets are forwarded', () => packets > 20);
      const { publishers } = await alice.administer({ request: 'listforwarders', room: 1234 });
      assert.equal(publishers[0].forwarders[0].stream_id, forwarders[0].stream_id);
      await alice.administer({ request: 'stop_rtp_forward', room: 1234, publisher_id: alice.id,
        stream_id: forwarders[0].stream_id });
      await alice.administer({ request: 'enable_recording', room: 1234, record: false });
      for (const kind of ['audio', 'video']) await until(`the ${kind} is in a file`,
        () => fs.statSync(`${base}-${kind}.mjr`).size > 1000);
    });
  } finally {
    socket.close();
  }
});
