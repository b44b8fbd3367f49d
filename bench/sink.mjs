// SPDX-License-Identifier: LGPL-2.1-or-later
// What: how soon a stream can be found and played, and what viewers cost its publisher
import fs from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { Node } from '../tests/e2e/nodes.mjs';
import { cpuSeconds } from '../tests/e2e/proc.mjs';
import { until } from '../tests/e2e/wait.mjs';
import { build, runs } from '../tests/e2e/where.mjs';
import { atMost, options, percentile, report, round, summary, table } from './figures.mjs';

const { starts, seconds, viewers } = options({ starts: 100, seconds: 5, viewers: 30 },
  'usage: scripts/bench sink [--starts 100] [--seconds 5] [--viewers 30]\n\n' +
  'Viewers started one after another, seconds of watching the publisher, viewers at most.');

const folder = path.join(runs, 'bench-sink');
fs.rmSync(folder, { recursive: true, force: true });
fs.mkdirSync(folder, { recursive: true });
const env = { ...process.env, GST_PLUGIN_PATH: path.join(build, 'plain', 'gst', 'elements') };
const node = await Node.start('bench-sink/node', '127.0.0.1:0');
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

const source = 'videotestsrc is-live=true ! video/x-raw,width=1280,height=720,framerate=30/1';
const sink = (stream) => `${source} ! viaductsink stream=${stream} identity-file=${folder}/cam.key ${common}`;

// How soon it can be found: the element tells when other nodes hold its record.
const found = [];
for (let i = 0; i < 10; i++) {
  const publisher = launch(sink(`cam${i}`));
  found.push(await publisher.until('published') - await publisher.until('playing'));
  await publisher.stop();
}

const publisher = launch(sink('cam'));
await publisher.until('published');
const uri = publisher.said.match(/uri=\(string\)([^,]+)/)[1];

// A process each, so that nothing of the one before is warm.
const first = [];
for (let i = 0; i < starts; i++) {
  const viewer = launch(`viaductsrc uri=${uri} ${common} ! decodebin ! fakesink sync=false`);
  first.push(await viewer.until('decoded') - await viewer.until('playing'));
  await viewer.stop();
}

// What the publisher needs beside its encoder.
const costs = {};
const watching = [];
for (const count of [1, 10, 30].filter((number) => number <= viewers)) {
  while (watching.length < count) {
    const viewer = launch(`viaductsrc uri=${uri} ${common} ! fakesink`);
    watching.push(viewer);
    await until('a viewer', () => /viaductsrc0\.GstGhostPad:video_0/.test(viewer.said), { within: 30000 });
  }
  await pause(1000); // keyframes for those who came
  const before = cpuSeconds(publisher.child.pid);
  await pause(seconds * 1000); // this is the measurement, not a wait for something
  costs[count] = round(100 * (cpuSeconds(publisher.child.pid) - before) / seconds);
}
for (const viewer of watching) await viewer.stop();
await publisher.stop();
await node.stop();

const figures = { found_ms: summary(found), first_frame_ms: summary(first), publisher_cpu_percent: costs };
console.log(table([['', 'p50', 'p95', 'p99'],
  ['PLAYING to published, ms', ...Object.values(figures.found_ms)],
  [`viewer's PLAYING to first decoded frame, ms (${starts})`, ...Object.values(figures.first_frame_ms)]]));
console.log(table([['viewers', ...Object.keys(costs)], ['publisher, % of a core', ...Object.values(costs)]]));
report('sink', figures, [
  atMost('PLAYING to published, p95, ms', round(percentile(found, 0.95)), 300),
  atMost('first decoded frame, p50, ms', round(percentile(first, 0.5)), 500),
]);
process.exit(0);
