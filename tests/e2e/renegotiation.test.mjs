// SPDX-License-Identifier: LGPL-2.1-or-later
// What changes while a call goes on: tracks that come and go, ICE that restarts, mutes, caps, layers.
import test from 'node:test';
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { house, withCallers } from './house.mjs';
import { connect, end, media } from './call.mjs';
import { tracks } from './synthetic-media.mjs';
import { until } from './wait.mjs';

const servers = house('renegotiation');

/// Both sides of one renegotiation that `one` begins.
const renegotiate = (one, other, options) => Promise.all([one.renegotiate(options), other.updates()]);

const decoded = async (caller, index) => {
  const entries = [...(await caller.pc.getStats()).values()];
  const video = entries.filter((each) => each.type === 'inbound-rtp' && (each.kind ?? each.mediaType) === 'video');
  return video.length > index ? Math.min(...video.map((each) => each.packetsReceived)) : 0;
};

for (const [where, index] of [['two servers', 2], ['one server', 0]]) {
  test(`a second camera comes and goes, across ${where}`, async () => {
    await withCallers({ alice: servers[0], carol: servers[index] }, async (alice, carol) => {
      await connect(alice, carol);
      await media(alice, carol);
      const camera = tracks();
      const sender = alice.pc.addTrack(camera.tracks[1]);
      await renegotiate(alice, carol);
      await until('the second picture comes', async () => await decoded(carol, 1) > 10, { every: 50 });
      alice.pc.removeTrack(sender);
      camera.done();
      await renegotiate(alice, carol);
      await media(alice, carol);
      await renegotiate(carol, alice);
      await media(alice, carol);
      await end(alice, carol);
    });
  });
}

test('ICE restarts on either side and media goes on', async () => {
  const [a, , c] = servers;
  const ufrag = (caller) => caller.pc.localDescription.sdp.match(/a=ice-ufrag:(\S+)/)[1];
  await withCallers({ alice: a, carol: c }, async (alice, carol) => {
    await connect(alice, carol);
    await media(alice, carol);
    for (const [one, other] of [[alice, carol], [carol, alice]]) {
      const before = ufrag(one);
      await renegotiate(one, other, { iceRestart: true });
      assert.notEqual(ufrag(one), before);
      await media(alice, carol, { packets: 50, frames: 10 });
    }
    await end(alice, carol);
  });
});

test('who mutes is not heard, and a picture comes back with a keyframe', async () => {
  const [a, , c] = servers;
  await withCallers({ alice: a, carol: c }, async (alice, carol) => {
    await connect(alice, carol);
    await media(alice, carol);
    await alice.request({ request: 'set', audio: false, video: false });
    await until('carol gets nothing for half a second', async () => {
      const before = await carol.received();
      await pause(500);
      return isDeepStrictEqual(await carol.received(), before);
    });
    await alice.request({ request: 'set', audio: true, video: true });
    await carol.hears();
    await end(alice, carol);
  });
});

test('a cap on the bitrate reaches the browser', async () => {
  const [a, , c] = servers;
  const sent = async (caller) => {
    for (const each of (await caller.pc.getStats()).values())
      if (each.type === 'outbound-rtp' && (each.kind ?? each.mediaType) === 'video') return each.bytesSent;
    return 0;
  };
  const rate = async (caller) => {
    const before = await sent(caller);
    await pause(2000);
    return (await sent(caller) - before) * 4; // bits a second
  };
  await withCallers({ alice: a, carol: c }, async (alice, carol) => {
    await connect(alice, carol);
    await media(alice, carol, { packets: 100, frames: 20 });
    await alice.request({ request: 'set', bitrate: 60_000 });
    await until('alice sends no more than her cap', async () => await rate(alice) < 80_000, { within: 30000 });
    await end(alice, carol);
  });
});
