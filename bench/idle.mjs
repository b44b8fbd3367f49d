// SPDX-License-Identifier: LGPL-2.1-or-later
// What: what the plugin adds to a Janus that does nothing: start-up time, memory, processor time
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

const memory = ({ pid }) => ({ rss: mebibytes(proc.rssKiB(pid)), pss: mebibytes(proc.pssKiB(pid)) });

// Started in turn, one at a time: what disturbs the machine disturbs both.
const times = { without: [], with: [] };
for (let number = 0; number < starts; number++) {
  for (const [kind, plugin] of [['without', { plugin: null }], ['with', {}]]) {
    const [server] = describe({ size: 1, prefix: `bench/idle-${kind}-`, ...plugin });
    times[kind].push(await server.start());
    await server.stop();
  }
}

/// Memory, and processor time over some seconds, of both at once.
async function watch(bare, server) {
  const cpu = [bare, server].map(({ cpuSeconds }) => cpuSeconds);
  await pause(seconds * 1000); // this is the measurement, not a wait for something
  const [without, with_] = [bare, server].map((each, index) =>
    ({ ...memory(each), cpu: round(100 * (each.cpuSeconds - cpu[index]) / seconds, 3) }));
  return { without, with: with_ };
}

const [bare] = describe({ size: 1, plugin: null, prefix: 'bench/idle-bare-', base: 9300 });
// Shared pages are divided among those who share them: of several servers each would look smaller.
const [lone] = describe({ size: 1, prefix: 'bench/idle-lone-', base: 9400 });
let alone, federated, federation = [];
try {
  await bare.start();
  await lone.start();
  alone = { without: memory(bare), with: memory(lone) };
  await lone.stop();
  // Three, so that the DHT has somebody to talk to.
  federation = await start({ prefix: 'bench/idle-', base: 9100 });
  federated = await watch(bare, federation[0]);
} finally {
  await stop([...federation, lone, bare]);
}

const pick = (what, from) => ({ without: from.without[what], with: from.with[what] });
const figures = {
  start_ms: { without: round(median(times.without)), with: round(median(times.with)) },
  rss_mib: pick('rss', federated),
  pss_alone_mib: pick('pss', alone),
  cpu_percent: pick('cpu', federated),
};
const added = ({ with: one, without }, digits) => round(one - without, digits);
const row = (name, each, digits) =>
  [name, each.without.toFixed(digits), each.with.toFixed(digits), added(each, digits).toFixed(digits)];
console.log(table([['', 'Janus', 'with the plugin', 'added'],
  row(`start to answering, ms (median of ${starts})`, figures.start_ms, 1),
  row('RSS in a federation of three, MiB', figures.rss_mib, 2),
  row('PSS alone, MiB', figures.pss_alone_mib, 2),
  row(`processor over ${seconds} s in a federation of three, % of a core`, figures.cpu_percent, 2)]));

report('idle', figures, [
  atMost('start-up added, ms', added(figures.start_ms, 1), 100),
  atMost('RSS added, MiB', added(figures.rss_mib, 2), 10),
  atMost('processor added, % of a core', added(figures.cpu_percent, 2), 0.1),
]);
process.exit(0);
