// SPDX-License-Identifier: LGPL-2.1-or-later
// Pictures in layers (SVC) in a room on two servers, from Chromium to Chromium; and Opus with redundancy.
import test from 'node:test';
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { house, plugin } from './house.mjs';
import { Pages } from './page-caller.mjs';
import { PageAttendee } from './room-page.mjs';
import { until } from './wait.mjs';

// Chromium makes no layer smaller than 240x135.
const large = { width: 480, height: 270, frameRate: 12, maxBitrate: 500_000, scalabilityMode: 'L2T3' };
const settings = { publishers: 8, federated: true, video_svc: true };
let pages;
const servers = house('room-layers', {
  size: 2,
  rooms: { vp9: { ...settings, videocodec: 'vp9' }, av1: { ...settings, videocodec: 'av1' },
    plain: { ...settings, video_svc: false, videocodec: 'av1' } },
  prepare: async () => { pages = await Pages.open('room-layers'); },
  finish: () => pages?.close(),
});

async function withPeople(room, people, body) {
  const attendees = [];
  try {
    for (const [name, server] of Object.entries(people)) {
      const attendee = await PageAttendee.at(server, plugin, pages);
      attendees.push(attendee);
      await attendee.join(room, name);
    }
    await body(...attendees);
  } finally {
    await Promise.all(attendees.map((each) => each.leave()));
  }
}

const found = async (who, name) => (await who.publisher(({ display }) => display === name)).id;

/// Packets of each layer that have left for the other server since the last look.
async function crossing() {
  const counts = async () => new Map((await servers[0].status()).crossings.flatMap(({ streams }) => streams)
    .filter(({ mindex }) => mindex === 1).map(({ layer, packets }) => [layer, packets]));
  const before = await counts();
  await pause(600);
  return [...await counts()].filter(([layer, packets]) => packets > (before.get(layer) ?? 0)).map(([layer]) => layer);
}

for (const codec of ['vp9', 'av1']) {
  test(`of ${codec} in layers each gets those that it wants, and no other crosses`, async () => {
    await withPeople(codec, { alice: servers[0], bob: servers[1] }, async (alice, bob) => {
      const answer = await alice.publish({ ...large, codec: `video/${codec}` });
      assert.equal(answer.video_codec, codec);
      await bob.watch([{ feed: await found(bob, 'alice') }]);
      const mid = bob.watching.find(({ type }) => type === 'video').mid;
      await bob.seesWidth(480);
      assert.deepEqual(await crossing(), [0, 1]);

      await bob.change({ request: 'configure', mid, spatial_layer: 0 });
      await bob.seesWidth(240);
      await until('only the smallest crosses', async () => String(await crossing()) === '0');
      await bob.change({ request: 'configure', mid, spatial_layer: 1 });
      await bob.seesWidth(480);

      const rate = async () => {
        const before = (await bob.received('video')).framesDecoded;
        await pause(2000);
        return (await bob.received('video')).framesDecoded - before;
      };
      await until('fewer pictures come with one temporal layer than with three', async () => {
        const pictures = [];
        for (const temporal of [0, 2]) {
          await bob.change({ request: 'configure', mid, temporal_layer: temporal });
          await pause(300);
          pictures.push(await rate());
        }
        return pictures[0] > 0 && pictures[0] < 0.7 * pictures[1];
      }, { within: 30000 });
      assert.equal((await bob.received('video')).framesDropped ?? 0, 0);
    });
  });
}

test('who is switched between pictures of AV1 sees each, whichever began first', async () => {
  await withPeople('plain', { alice: servers[0], carol: servers[0], bob: servers[1] }, async (alice, carol, bob) => {
    await alice.publish({ codec: 'video/av1', width: 320, height: 180 });
    const first = await found(bob, 'alice');
    await bob.watch([{ feed: first, mid: '1' }]);
    await bob.seesWidth(320);
    await carol.publish({ codec: 'video/av1', width: 240, height: 136 });
    const second = await found(bob, 'carol');
    for (const [feed, width] of [[second, 240], [first, 320], [second, 240], [first, 320]]) {
      await bob.change({ request: 'switch', streams: [{ feed, mid: '1', sub_mid: '0' }] });
      await bob.seesWidth(width, 5000);
    }
  });
});

test('Opus with redundancy stays so across two servers', async () => {
  await withPeople('plain', { alice: servers[0], bob: servers[1] }, async (alice, bob) => {
    await alice.publish({ codec: 'video/av1', audioCodec: 'audio/red', width: 160, height: 96 });
    await bob.watch([{ feed: await found(bob, 'alice'), mid: '0' }]);
    const [, red, opus] = bob.offered.match(/a=rtpmap:(\d+) red\/48000\/2\r\n[^]*a=rtpmap:(\d+) opus/);
    const types = () => bob.page.evaluate(() => room.types);
    await until('sound with redundancy comes', async () => (await types())[red] > 50);
    assert.ok(!((await types())[opus] > 5), 'without redundancy comes next to nothing');
    await until('it is decoded', async () => (await bob.received('audio')).jitterBufferEmittedCount > 48_000);
  });
});
