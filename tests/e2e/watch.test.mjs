// SPDX-License-Identifier: LGPL-2.1-or-later
// Streams of GStreamer pipelines, watched in browsers: by URI at a Janus of the federation, and as feeds of a room.
import assert from 'node:assert/strict';
import path from 'node:path';
import test, { afterEach } from 'node:test';
import { execFileSync } from 'node:child_process';
import { house, plugin } from './house.mjs';
import { address, runs } from './where.mjs';
import { tool } from './nodes.mjs';
import { until } from './wait.mjs';
import { Launch } from './launch.mjs';
import { Viewer, withViewers } from './viewer.mjs';
import { withAttendees } from './attendee.mjs';
import { NarrowPath } from './narrow.mjs';
import { Pages } from './page-caller.mjs';

const folder = 'watch';
let id, node, pages;
const servers = house(folder, {
  size: 2,
  rooms: { demo: { description: 'Demo room', publishers: 6, federated: true } },
  async prepare() {
    node = `federation=test bootstrap=${address}:${servers[1].ports.dht}`;
    id = execFileSync(tool, ['id', path.join(runs, folder, 'cam.key')], { encoding: 'utf8' }).trim();
  },
  async finish() {
    await Launch.endAll();
    await pages?.close();
  },
});

afterEach(() => Launch.endAll());

const picture = 'videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=15/1';
const sound = 'audiotestsrc is-live=true';

async function publish(stream, { key = 'cam.key', more = '', source = `${picture} ! s. ${sound} ! s.`, first = '' } = {}) {
  const launch = Launch.start(folder,
    `${first} viaductsink name=s stream=${stream} identity-file=${key} ${node} ${more} ${source}`);
  await launch.says(/viaduct-published/);
  return launch;
}

const refusedWith = (code, reason) => (error) => error.code === code && error.reason === reason;
const streamsAt = async (server) => (await server.status()).streams;

test('a stream is watched by NodeID or by name, and crosses to a server once', async () => {
  const camera = await publish('cam');
  await withViewers([servers[0], servers[0], servers[1]], plugin, async (anna, bert, carol) => {
    const preparing = await anna.watch(`viaduct://${id}/cam`);
    assert.deepEqual(preparing.streams.map(({ type, codec }) => `${type} ${codec}`).sort(), ['audio opus', 'video vp8']);
    await bert.watch('viaduct:stream/cam');
    await carol.watch(`viaduct://${id}/cam`);
    await Promise.all([anna, bert, carol].flatMap((one) => [one.sees(), one.hears()]));
    const [stream, ...others] = await streamsAt(servers[0]);
    assert.deepEqual(others, []);
    assert.equal(stream.viewers, 2);
    assert.equal(stream.server, id);
  });
  await until('nobody watches any more', async () => (await streamsAt(servers[0])).length === 0);
  assert.equal((await servers[0].status()).lanes, 0);
  await camera.end();
});

test('who watches pauses, goes on, stops, and watches again', async () => {
  const camera = await publish('cam');
  await withViewers([servers[0]], plugin, async (viewer) => {
    await viewer.watch(`viaduct://${id}/cam`);
    await viewer.sees();
    assert.equal((await viewer.request({ request: 'pause' })).status, 'pausing');
    await new Promise((done) => { setTimeout(done, 300); });
    const before = viewer.frames;
    await new Promise((done) => { setTimeout(done, 300); });
    assert.ok(viewer.frames - before <= 1);
    assert.equal((await viewer.request({ request: 'start' })).status, 'started');
    await viewer.sees();
    await assert.rejects(viewer.request({ request: 'watch', uri: 'viaduct:stream/cam' }),
      refusedWith(460, 'already-watching'));

    const info = (await servers[0].admin('handle_info', { session_id: viewer.session.id, handle_id: viewer.handle.id }))
      .info.plugin_specific;
    assert.equal(info.uri, `viaduct://${id}/cam`);
    assert.equal(info.state, 'watching');
    assert.ok(info.lane['packets-received'] > 0);
    assert.equal(info.trunk.state, 'up');

    assert.equal((await viewer.request({ request: 'stop' })).status, 'stopping');
    await viewer.status('stopped');
    assert.deepEqual(await streamsAt(servers[0]), []);
    viewer.pc.close();
    await viewer.watch(`viaduct://${id}/cam`);
    await viewer.sees();
  });
  await camera.end();
});

test('a publisher that is killed and started again is watched on', async () => {
  let camera = await publish('cam');
  await withViewers([servers[0]], plugin, async (viewer) => {
    await viewer.watch(`viaduct://${id}/cam`);
    await viewer.sees();
    await camera.end('SIGKILL');
    const interrupted = await viewer.status('interrupted');
    assert.equal(interrupted.reason_code, 'server-unreachable');
    camera = await publish('cam');
    const began = performance.now();
    await viewer.sees(3000);
    console.log(`watched on after ${Math.round(performance.now() - began)} ms`);
    await viewer.status('started');
    // The next one has one stream more.
    await camera.end();
    await viewer.status('interrupted');
    camera = await publish('cam', { source: `${picture} ! s. ${picture} ! s. ${sound} ! s.` });
    const updating = await viewer.status('updating');
    assert.equal(updating.streams.filter(({ active }) => active).length, 3);
    await viewer.answer(updating.jsep);
    await viewer.sees();
  });
  await camera.end();
});

test('the picture shrinks to what the path to a browser carries, and grows when that one has gone', async () => {
  const noise = 'videotestsrc is-live=true pattern=snow ! video/x-raw,width=160,height=120,framerate=15/1';
  const camera = await publish('snow', { first: '-v', source: `${noise} ! s.`,
    more: 'bitrate=1000000 min-bitrate=100000 max-bitrate=1000000' });
  const told = () => Number([...camera.said.matchAll(/target-bitrate = (\d+)/g)].at(-1)?.[1]);
  const path = await NarrowPath.open();
  try {
    await withViewers([servers[0]], plugin, async (viewer) => {
      await viewer.watch(`viaduct://${id}/snow`, path);
      await viewer.sees();
      path.bitsPerSecond = 400_000;
      await until('the encoder makes less', () => told() < 450_000, { within: 30000, every: 50 });
    });
    const least = told();
    await until('the encoder makes more again', () => told() > 1.2 * least, { within: 20000, every: 50 });
  } finally {
    path.close();
    await camera.end();
  }
});

test('what cannot be watched says why', async () => {
  const camera = await publish('cam', { more: 'max-viewers=1' });
  await withViewers([servers[0], servers[1], servers[1]], plugin, async (viewer, second, third) => {
    const watch = (uri, at = third) => at.request({ request: 'watch', uri }, { within: 15000 });
    await assert.rejects(third.request({ request: 'watch' }), refusedWith(453, 'missing-element'));
    for (const uri of ['cam', 'http://x/', `viaduct://${id}`, 'viaduct:room/demo', `viaduct://${id}/demo/cam`])
      await assert.rejects(watch(uri), refusedWith(454, 'invalid-uri'), uri);
    await assert.rejects(watch(`viaduct://${id}/nothing`), refusedWith(455, 'unknown-feed'));
    await assert.rejects(watch('viaduct:stream/nothing'), refusedWith(455, 'unknown-feed'));
    await assert.rejects(watch(`viaduct://${'12'.repeat(20)}/cam`), refusedWith(455, 'server-unreachable'));
    await assert.rejects(third.request({ request: 'start' }), refusedWith(424, 'join-first'));
    assert.equal((await third.request({ request: 'stop' })).status, 'idle');
    await viewer.watch(`viaduct://${id}/cam`);
    await assert.rejects(watch(`viaduct://${id}/cam`, second), refusedWith(470, 'too-many'));
    await viewer.sees();
  });
  await camera.end();
});

test('a browser that can play nothing of it is told so', async () => {
  const camera = await publish('cam', { source: `${picture} ! s.` });
  await withViewers([servers[0]], plugin, async (viewer) => {
    const { jsep } = await viewer.request({ request: 'watch', uri: `viaduct://${id}/cam` }, { within: 10000 });
    viewer.connection();
    const reject = ({ type, sdp }) =>
      ({ type, sdp: sdp.replace(/m=video \d+/, 'm=video 0').replace('a=recvonly', 'a=inactive') });
    await assert.rejects(viewer.answer(jsep, reject), refusedWith(470, 'incompatible-codecs'));
    assert.deepEqual(await streamsAt(servers[0]), []);
  });
  await camera.end();
});

/// A page's answer to an offer of what it shall only receive.
const answerIn = (page, { type, sdp }) => page.evaluate(async (offer) => {
  await caller.connect({ video: false });
  caller.state.add = () => {};
  return caller.answer(offer);
}, { type, sdp });

const plays = (page) => until('pictures and sound', async () => {
  const stats = await page.evaluate(() => caller.stats());
  const of = (kind) => stats.find((each) => each.type === 'inbound-rtp' && each.kind === kind);
  return of('video')?.framesDecoded > 10 && of('audio')?.packetsReceived > 20;
}, { every: 50 });

test('Chromium plays a stream, H.264 and Opus', async () => {
  const camera = await publish('film', { more: 'video-codec=video/x-h264' });
  pages ??= await Pages.open(folder);
  const viewer = await Viewer.at(servers[0], plugin);
  const page = await pages.page();
  try {
    const { jsep } = await viewer.request({ request: 'watch', uri: `viaduct://${id}/film` }, { within: 10000 });
    await viewer.request({ request: 'start' }, { jsep: await answerIn(page, jsep) });
    await viewer.status('started');
    await plays(page);
  } finally {
    await viewer.leave();
    await page.close();
    await camera.end();
  }
});

test('Chromium plays a pipeline that is in a room', async () => {
  pages ??= await Pages.open(folder);
  const page = await pages.page();
  await withAttendees({ alice: servers[0] }, plugin, 'demo', async (alice) => {
    const camera = await publish('porch', { more: 'room=demo' });
    const { id: feed } = await alice.publisher(({ id: its }) => its === 'porch');
    const handle = await alice.session.attach(plugin);
    const offer = await handle.request({ request: 'join', ptype: 'subscriber', room: 'demo', streams: [{ feed }] });
    await handle.request({ request: 'start' }, { jsep: await answerIn(page, offer.jsep) });
    await plays(page);
    await page.evaluate(() => caller.close());
    await camera.end();
  });
  await page.close();
});

test('a pipeline in a room is a feed that others of the room see, and it goes as one goes', async () => {
  await withAttendees({ alice: servers[0], bob: servers[1] }, plugin, 'demo', async (alice, bob) => {
    const camera = await publish('door', { more: 'room=demo display-name="Front door"' });
    for (const one of [alice, bob]) {
      const feed = await one.publisher(({ display }) => display === 'Front door');
      assert.equal(feed.id, 'door');
      assert.deepEqual(feed.streams.map(({ type, codec }) => `${type} ${codec}`).sort(), ['audio opus', 'video vp8']);
      await one.watch([{ feed: feed.id }]);
    }
    await Promise.all([alice.sees(), bob.sees()]);
    await camera.end();
    await alice.event('that it is gone', ({ leaving, unpublished }) => (leaving ?? unpublished) === 'door');
  });
});

test('what a browser publishes in a room is played by a pipeline, until it ends and when it is back', async () => {
  await withAttendees({ alice: servers[0] }, plugin, 'demo', async (alice) => {
    await alice.publish();
    const player = Launch.start(folder, `-v viaductsrc name=v uri=viaduct:room/demo/${alice.id} ${node} ` +
      'v.video_0 ! queue ! decodebin ! videoconvert ! identity name=pictures silent=false ! fakesink ' +
      'v.audio_0 ! queue ! decodebin ! audioconvert ! identity name=sounds silent=false ! fakesink');
    const pictures = () => player.count(/\(pictures:sink\)/g);
    await until('pictures', () => pictures() > 10 && player.count(/\(sounds:sink\)/g) > 10);
    await alice.request({ request: 'unpublish' });
    alice.endMedia();
    await player.says(/viaduct-interrupted/);
    const before = pictures();
    await alice.publish();
    await until('pictures again', () => pictures() > before + 10);
    await player.end();
  });
});

test('sound that Chromium publishes with redundancy is played by a pipeline', async () => {
  pages ??= await Pages.open(folder);
  const page = await pages.page();
  await withAttendees({ alice: servers[0] }, plugin, 'demo', async (alice) => {
    const offer = await page.evaluate(async () => {
      await caller.connect({ video: false, audioCodec: 'audio/red' });
      return caller.offer();
    });
    const { jsep } = await alice.request({ request: 'publish' }, { jsep: offer });
    await page.evaluate(({ type, sdp }) => caller.state.pc.setRemoteDescription({ type, sdp }), jsep);
    const player = Launch.start(folder, `-v viaductsrc uri=viaduct:room/demo/${alice.id} ${node} ` +
      '! decodebin ! audioconvert ! identity name=sounds silent=false ! fakesink');
    await until('sound', () => player.count(/\(sounds:sink\)/g) > 20, { within: 20000 });
    const [sent] = await page.evaluate(() => caller.state.pc.getSenders().map((each) => each.getParameters().codecs));
    assert.equal(sent[0].mimeType, 'audio/red');
    await player.end();
    await page.evaluate(() => caller.close());
  });
  await page.close();
});
