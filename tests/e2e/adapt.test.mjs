// SPDX-License-Identifier: LGPL-2.1-or-later
// Which size of a picture a subscriber gets follows what its path carries, also of a publisher at another server.
import test from 'node:test';
import assert from 'node:assert/strict';
import { house, plugin } from './house.mjs';
import { withAttendees } from './attendee.mjs';
import { load } from './where.mjs';
import { NarrowPath } from './narrow.mjs';
import { Camera } from './synthetic-media.mjs';
import { until } from './wait.mjs';

const { RTCPeerConnection } = load('@roamhq/wrtc');
const servers = house('adapt', { size: 2, rooms: { 1234: { publishers: 8, federated: true } } });

// libwebrtc sends two sizes of a picture of this one.
const large = 480, small = 240;
const encodings = [{ rid: 'h', maxBitrate: 600_000 },
  { rid: 'l', scaleResolutionDownBy: 2, maxBitrate: 100_000 }];

async function publish(alice, camera) {
  const pc = alice.pc = new RTCPeerConnection({ iceServers: [] });
  pc.addTransceiver(camera.track, { direction: 'sendonly', sendEncodings: encodings });
  await pc.setLocalDescription(await pc.createOffer());
  await until('all candidates are gathered', () => pc.iceGatheringState === 'complete');
  const { type, sdp } = pc.localDescription;
  const { jsep } = await alice.request({ request: 'publish' }, { jsep: { type, sdp } });
  await pc.setRemoteDescription(jsep);
  await alice.handle.core('webrtcup');
}

const layers = async () => (await servers[0].status()).crossings.flatMap(({ streams }) => streams)
  .map(({ layer, packets }) => [layer, packets]);

test('a picture shrinks with its subscriber\'s path and grows again, and so does what crosses', async () => {
  const camera = new Camera({ width: large, height: 270, noise: true });
  const path = await NarrowPath.open();
  try {
    await withAttendees({ alice: servers[0], bob: servers[1] }, plugin, 1234, async (alice, bob) => {
      await publish(alice, camera);
      const { id } = await bob.publisher(({ display }) => display === 'alice');
      await bob.watch([{ feed: id, mid: '0' }], {}, path);
      const width = () => bob.widths['0'];
      await until('the large picture comes', () => width() === large);

      path.bitsPerSecond = 200_000;
      await bob.watched('that it gets the small one', ({ substream }) => substream === 0, 30000);
      await until('the small picture comes', () => width() === small);
      await until('only the small one crosses', async () => {
        const before = new Map(await layers());
        await new Promise((done) => { setTimeout(done, 300); });
        const after = new Map(await layers());
        const grew = (layer) => (after.get(layer) ?? 0) > (before.get(layer) ?? 0);
        return grew(0) && !grew(1);
      });

      path.bitsPerSecond = Infinity;
      await until('the large picture comes again', () => width() === large, { within: 60000 });

      // What the client wants is never exceeded.
      await bob.change({ request: 'configure', mid: '0', substream: 0 });
      await until('the small picture comes', () => width() === small);
      await new Promise((done) => { setTimeout(done, 1000); });
      assert.equal(width(), small);
    });
  } finally {
    path.close();
    camera.stop();
  }
});
