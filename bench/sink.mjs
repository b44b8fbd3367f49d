// SPDX-License-Identifier: LGPL-2.1-or-later
// What: how soon a stream can be found and played, what viewers cost its publisher, what the elements delay
// Needs: libsrtp2-dev
// Builds: stream-delay webrtc-crowd trunk-calls ../tools/viaduct ../gst/elements/libgstviaduct.so
import fs from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { Node } from '../tests/e2e/nodes.mjs';
import { cpuSeconds } from '../tests/e2e/proc.mjs';
import { until } from '../tests/e2e/wait.mjs';
import { build, runs } from '../tests/e2e/where.mjs';
import { atMost, lines, median, options, percentile, report, round, summary, table } from './figures.mjs';

const { starts, seconds, viewers, rounds } = options({ starts: 100, seconds: 5, viewers: 30, rounds: 3 },
  'usage: scripts/bench sink [--starts 100] [--seconds 5] [--viewers 30] [--rounds 3]\n\n' +
  'Viewers started one after another, seconds of watching the publisher, viewers at most, rounds of what viewers cost.');

const folder = path.join(runs, 'bench-sink');
fs.rmSync(folder, { recursive: true, force: true });
fs.mkdirSync(folder, { recursive: true });
const env = { ...process.env, GST_PLUGIN_PATH: path.join(build, 'bench', 'gst', 'elements') };
Object.assign(process.env, env); // for the programs of this benchmark, too
const node = await Node.start('bench-sink/node', '127.0.0.1:0', [], { tool: path.join(build, 'bench', 'tools', 'viaduct') });
const common = `bootstrap=${node.address} listen-address=127.0.0.1`;

/// A pipeline, and when it said what first.
function launch(text) {
  const child = spawn('gst-launch-1.0', ['-m', '-v', ...text.split(' ')], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const launched = { child, said: '', times: {} };
  child.stdout.on('data', (data) => {
    const now = performance.now();
    launched.said += data;
    for (const [name, pattern] of [['playing', /Setting pipeline to PLAYING/], ['published', /viaduct-published/],
      ['decoded', /fakesink0\.GstPad:sink: caps = video\/x-raw/]]) {
      if (!launched.times[name] && pattern.test(launched.said)) launched.times[name] = now;
    }
  });
  child.stderr.on('data', (data) => { launched.said += data; });
  launched.ended = new Promise((resolve) => child.once('exit', resolve));
  launched.stop = async () => {
    child.kill('SIGINT');
    await launched.ended;
  };
  launched.until = (name, within = 20000) => until(`${text}: ${name}`, () => launched.times[name], { within, every: 2 })
    .catch((error) => { throw new Error(`${error.message}\n${launched.said.slice(-2000)}`); });
  return launched;
}

const bitrate = 1_000_000;
const source = 'videotestsrc is-live=true ! video/x-raw,width=1280,height=720,framerate=30/1';
const sink = (stream) => `${source} ! viaductsink stream=${stream} video-encoder=vp8enc bitrate=${bitrate} ` +
  `max-bitrate=${bitrate} identity-file=${folder}/cam.key ${common}`;

/// How soon it can be found: the element tells when other nodes hold its record.
async function timesToPublished() {
  const found = [];
  for (let i = 0; i < 10; i++) {
    const publisher = launch(sink(`cam${i}`));
    found.push(await publisher.until('published') - await publisher.until('playing'));
    await publisher.stop();
  }
  return found;
}

/// A process each, so that nothing of the one before is warm.
async function timesToFirstFrame(uri) {
  const first = [];
  for (let i = 0; i < starts; i++) {
    if (i % 20 === 0) console.error(`viewer ${i + 1} of ${starts}`);
    const viewer = launch(`viaductsrc uri=${uri} ${common} ! decodebin ! fakesink sync=false`);
    first.push(await viewer.until('decoded') - await viewer.until('playing'));
    await viewer.stop();
  }
  return first;
}

/// UDP datagrams that were sent in this network namespace, by anybody.
function datagrams() {
  const [names, values] = fs.readFileSync('/proc/net/snmp', 'utf8').split('\n').filter((line) => line.startsWith('Udp:'))
    .map((line) => line.split(' '));
  return Number(values[names.indexOf('OutDatagrams')]);
}

const counts = [...new Set([0, 1, 10, viewers])].filter((count) => count <= viewers);

/// What the publisher needs with so many viewers, by their number: { cpu: % of a core, datagrams: a second }.
async function costsOfViewers() {
  const publisher = launch(sink('cam'));
  await publisher.until('published');
  const uri = publisher.said.match(/uri=\(string\)([^,]+)/)[1];
  const watching = [];
  const costs = {};
  for (const count of counts) {
    while (watching.length < count) {
      const viewer = launch(`viaductsrc uri=${uri} ${common} ! fakesink`);
      watching.push(viewer);
      await until('a viewer', () => /viaductsrc0\.GstGhostPad:video_0/.test(viewer.said), { within: 30000 });
    }
    await pause(7000); // keyframes for those who came; and libnice checks often for some seconds
    const [before, sent] = [cpuSeconds(publisher.child.pid), datagrams()];
    await pause(seconds * 1000); // this is the measurement, not a wait for something
    costs[count] = { cpu: 100 * (cpuSeconds(publisher.child.pid) - before) / seconds, datagrams: (datagrams() - sent) / seconds };
  }
  for (const viewer of watching) await viewer.stop();
  await publisher.stop();
  return costs;
}

/// The same encoder and a webrtcbin for each viewer.
async function costsOfWebrtcbin() {
  const costs = {};
  const text = `${source} ! vp8enc deadline=1 lag-in-frames=0 end-usage=cbr keyframe-max-dist=2000 cpu-used=8 ` +
    `error-resilient=default target-bitrate=${bitrate}`;
  for (const count of counts.filter((each) => each > 0)) {
    const [{ cpu }] = await lines('webrtc-crowd', [text, count, seconds]);
    costs[count] = 100 * cpu / seconds;
  }
  return costs;
}

const found = await timesToPublished();
const publisher = launch(sink('cam'));
await publisher.until('published');
const first = await timesToFirstFrame(publisher.said.match(/uri=\(string\)([^,]+)/)[1]);
await publisher.stop();

const ours = [], theirs = [], bare = [], delays = [];
for (let number = 0; number < rounds; number++) {
  console.error(`round ${number + 1} of ${rounds}: viewers and what they cost`);
  ours.push(await costsOfViewers());
  theirs.push(await costsOfWebrtcbin());
  bare.push(...(await lines('trunk-calls', ['load', seconds, 1, 20])).filter(({ who }) => who === 'bare'));
  delays.push(...await lines('stream-delay', [node.address, `${folder}/delay.key`, 0, seconds]));
}
await node.stop();

const middle = (list, what) => median(list.map(what));
const costs = Object.fromEntries(counts.map((count) => [count, {
  cpu: round(middle(ours, (each) => each[count].cpu)), datagrams: round(middle(ours, (each) => each[count].datagrams), 0),
  webrtcbin: count > 0 ? round(middle(theirs, (each) => each[count])) : undefined }]));
const sendMicroseconds = round(1e6 * middle(bare, (each) => each.sender_cpu / each.sent), 2);
/// Without what it would take to protect and send as many datagrams and do nothing else.
const beyond = (count) => costs[count].cpu - 100 * costs[count].datagrams * sendMicroseconds / 1e6;
const delay = { p50: round(middle(delays, (each) => each.p50), 2), p99: round(middle(delays, (each) => each.p99), 2),
  lost: delays.reduce((sum, each) => sum + each.sent - each.received, 0) };
const figures = { found_ms: summary(found), first_frame_ms: summary(first), costs, send_us: sendMicroseconds, delay };
console.log(table([['', 'p50', 'p95', 'p99'],
  ['PLAYING to published, ms', ...Object.values(figures.found_ms)],
  [`viewer's PLAYING to first decoded frame, ms (${starts})`, ...Object.values(figures.first_frame_ms)]]));
console.log(`\nA publisher of a raw 720p picture, ${bitrate / 1e6} Mbit/s of VP8; medians of ${rounds} rounds`);
console.log(table([['viewers', ...counts],
  ['viaductsink, % of a core', ...counts.map((count) => costs[count].cpu)],
  ['datagrams a second, of all', ...counts.map((count) => costs[count].datagrams)],
  ['beyond protecting and sending them, % of a core', ...counts.map((count) => round(beyond(count)))],
  ['a webrtcbin for each, % of a core', ...counts.map((count) => costs[count].webrtcbin)]]));
console.log(`\nTo protect and send a datagram and do nothing else takes ${sendMicroseconds} µs`);
console.log(`From RTP into viaductsink to RTP out of viaductsrc latency=0: p50 ${delay.p50} ms, p99 ${delay.p99} ms; ${delay.lost} lost\n`);
report('sink', figures, [
  atMost('PLAYING to published, p95, ms', round(percentile(found, 0.95)), 300),
  atMost('first decoded frame, p50, ms', round(percentile(first, 0.5)), 500),
  atMost(`${viewers} viewers beside one, beyond sending`, round(beyond(viewers) / beyond(1), 2), 1.5),
  atMost('delay of the elements, p99, ms', delay.p99, 20),
]);
process.exit(0);
