// SPDX-License-Identifier: LGPL-2.1-or-later
// Whatever two browsers agree on goes from one to the other as it is.
import path from 'node:path';
import test from 'node:test';
import assert from 'node:assert/strict';
import { house, plugin, withCallers } from './house.mjs';
import { connect, end, media } from './call.mjs';
import { PageCaller, Pages } from './page-caller.mjs';
import { readRecording } from './mjr.mjs';
import { runs } from './where.mjs';
import { until } from './wait.mjs';

let pages;
const servers = house('codecs', {
  prepare: async () => { pages = await Pages.open('codecs'); },
  finish: () => pages?.close(),
});

for (const codec of ['video/VP8', 'video/VP9', 'video/H264', 'video/AV1']) {
  test(`${codec} arrives and can be decoded`, async () => {
    const at = (server) => () => PageCaller.at(server, plugin, pages, { codec });
    await withCallers({ alice: at(servers[0]), carol: at(servers[2]) }, async (alice, carol) => {
      await connect(alice, carol);
      await media(alice, carol, { frames: 15 });
      for (const caller of [alice, carol]) {
        assert.equal((await caller.codec('video')).toLowerCase(), codec.toLowerCase());
        assert.equal(await caller.codec('audio'), 'audio/opus');
      }
      await end(alice, carol);
    });
  });
}

test('Opus with redundancy arrives as such', async () => {
  const at = (server) => () => PageCaller.at(server, plugin, pages, { audioCodec: 'audio/red' });
  await withCallers({ alice: at(servers[0]), carol: at(servers[2]) }, async (alice, carol) => {
    await connect(alice, carol);
    // Browsers count what they find within as Opus; a recording shows what came.
    const filename = path.join(runs, 'codecs', 'red');
    await carol.request({ request: 'set', record: true, filename });
    await media(alice, carol);
    await end(alice, carol);
    const { header, packets } = await until('the recording is closed', () => readRecording(`${filename}-audio.mjr`));
    assert.equal(header.c, 'opus');
    const red = packets.filter((packet) => (packet[1] & 0x7f) === header.or);
    assert.ok(red.length > 0.9 * packets.length, `${red.length} of ${packets.length}`);
  });
});

test('the loudness of a voice reaches the other browser', async () => {
  const at = (server) => () => PageCaller.at(server, plugin, pages);
  await withCallers({ alice: at(servers[0]), carol: at(servers[2]) }, async (alice, carol) => {
    await connect(alice, carol);
    await media(alice, carol);
    // What stands in the header, not what was decoded.
    await until('carol sees how loud alice is', () => carol.evaluate(() => {
      const receiver = caller.state.pc.getReceivers().find((each) => each.track.kind === 'audio');
      return receiver.getSynchronizationSources().some((each) => each.audioLevel !== undefined);
    }));
    await end(alice, carol);
  });
});

test('pages have data channels as well', async () => {
  const at = (server) => () => PageCaller.at(server, plugin, pages, { data: 'JanusDataChannel' });
  await withCallers({ alice: at(servers[0]), carol: at(servers[2]) }, async (alice, carol) => {
    await connect(alice, carol);
    const open = (who) => until(`${who.name}'s channel is open`,
      () => who.evaluate(() => caller.state.channels.JanusDataChannel?.readyState === 'open'));
    await Promise.all([open(alice), open(carol)]);
    await alice.evaluate(() => caller.state.channels.JanusDataChannel.send('hello'));
    await until('carol reads it', () => carol.evaluate(
      () => caller.state.heard.some(([, text]) => text === 'hello')));
    await end(alice, carol);
  });
});
