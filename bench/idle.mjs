// SPDX-License-Identifier: LGPL-2.1-or-later
// What: what the plugin adds to a Janus that does nothing: start-up time, memory, processor time
import fs from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, start, stop, haveViaduct } from '../tests/e2e/federation.mjs';
import * as proc from '../tests/e2e/proc.mjs';
import { atMost, median, options, report, round, table } from './figures.mjs';

const { starts, seconds } = options({ starts: 15, seconds: 20 },
  'usage: scripts/bench idle [--starts 15] [--seconds 20]\n\nStarts of each kind, and seconds of watching.');
if (!haveViaduct) {
  console.error('idle: the plugin is not built');
  process.exit(1);
}

const mebibytes = (kib) => round(kib / 1024, 2);

/// All threads' time in nanoseconds: an idle process uses less than one tick of the usual counter.
function cpuMilliseconds(pid) {
  const times = fs.readdirSync(`/proc/${pid}/task`).map((tid) =>
    Number(fs.readFileSync(`/proc/${pid}/task/${tid}/schedstat`, 'utf8').split(' ')[0]));
  return times.reduce((sum, time) => sum + time, 0) / 1e6;
}

const memory = ({ pid }) => ({ rss: mebibytes(proc.rssKiB(pid)), pss: mebibytes(proc.pssKiB(pid)) });

// Started in turn, one at a time: what disturbs the machine disturbs both.
const times = { without: [], with: [] };
const memories = { without: [], with: [] };
for (let number = 0; number < starts; number++) {
  for (const [kind, plugin] of [['without', null], ['with', undefined]]) {
    const [server] = describe({ size: 1, prefix: `bench/idle-${kind}-`, ...(plugin === null && { plugin }) });
    times[kind].push(await server.start());
    memories[kind].push(memory(server));
    await server.stop();
  }
}

// A whole federation, so that the DHT has somebody to talk to, beside a Janus without the plugin.
const federation = await start({ prefix: 'bench/idle-', base: 9100 });
const [bare] = describe({ size: 1, plugin: null, prefix: 'bench/idle-bare-', base: 9300 });
let settled, cpu, bareCpu;
try {
  await bare.start();

  const before = [cpuMilliseconds(federation[0].pid), cpuMilliseconds(bare.pid)];
  await pause(seconds * 1000); // this is the measurement, not a wait for something
  cpu = (cpuMilliseconds(federation[0].pid) - before[0]) / seconds / 10;
  bareCpu = (cpuMilliseconds(bare.pid) - before[1]) / seconds / 10;
  settled = memory(federation[0]);
} finally {
  await stop([...federation, bare]);
}

const middle = (kind, what) => median(memories[kind].map((each) => each[what]));
const figures = {
  start_ms: { without: round(median(times.without)), with: round(median(times.with)) },
  rss_mib: { without: middle('without', 'rss'), with: middle('with', 'rss'), in_federation: settled.rss },
  pss_mib: { without: middle('without', 'pss'), with: middle('with', 'pss'), in_federation: settled.pss },
  cpu_percent: { without: round(bareCpu, 3), with: round(cpu, 3) },
};
const row = (name, each, digits) => [name, each.without.toFixed(digits), each.with.toFixed(digits),
  (each.with - each.without).toFixed(digits)];
console.log(table([['', 'Janus', 'with the plugin', 'added'],
  row(`start to answering, ms (median of ${starts})`, figures.start_ms, 1),
  row('RSS, MiB', figures.rss_mib, 2),
  row('PSS, MiB', figures.pss_mib, 2),
  row(`processor over ${seconds} s in a federation of three, % of a core`, figures.cpu_percent, 3)]));

report('idle', figures, [
  atMost('start-up added, ms', round(figures.start_ms.with - figures.start_ms.without), 100),
  atMost('RSS added, MiB', round(figures.rss_mib.with - figures.rss_mib.without, 2), 10),
  atMost('processor added, % of a core', round(figures.cpu_percent.with - figures.cpu_percent.without, 3), 0.1),
]);
process.exit(0);
