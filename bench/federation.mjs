// SPDX-License-Identifier: LGPL-2.1-or-later
// What: calls between random servers of five, in containers, through a list of faults
// Engine: yes
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Federation } from '../tests/docker/federation.mjs';
import { until } from '../tests/e2e/wait.mjs';
import { AudioPerson, back, found, gone, person } from '../tests/docker/people.mjs';
import { faultsPlot } from './faults-plot.mjs';
import { faults } from './faults.mjs';
import { atMost, median, options, percentile, report, round, table } from './figures.mjs';

const { calls, hold } = options({ calls: 100, hold: 12 },
  'usage: scripts/bench federation [--calls 100] [--hold 12]\n\n' +
  'Calls through each fault, five at a time, and the seconds that each is to last. Writes federation.svg to the build\n' +
  'folder.');

const atOnce = 5, patience = 10000;

const federation = await Federation.start();
let people = [];
for (const server of federation.servers) {
  for (const number of [1, 2]) people.push(await person(`${server.name.slice(-1)}${number}`, server, {}, AudioPerson));
}

/// Pairs of people at different servers, by chance.
function pairs() {
  for (;;) {
    const shuffled = people.map((person) => [Math.random(), person]).sort(([a], [b]) => a - b).map(([, person]) => person);
    const found = Array.from({ length: atOnce }, (_, index) => shuffled.slice(2 * index, 2 * index + 2));
    if (found.every(([from, to]) => from.server !== to.server)) return found;
  }
}

/// One call: how soon there was sound, and for how long.
async function session([from, to], ends) {
  const seen = { servers: [from.server, to.server], failed: true, seconds: 0 };
  const began = performance.now();
  try {
    await Promise.race([from.reach(to), pause(patience).then(() => { throw new Error('not within 10 s'); })]);
  } catch (error) {
    seen.reason = error.reason ?? error.message;
    return seen;
  }
  seen.failed = false;
  seen.connect = performance.now() - began;
  const up = performance.now();
  const over = await Promise.race([from, to].map((one) => one.ended()).concat(ends.then(() => undefined)));
  const heard = over === undefined && await from.stillHears(to);
  seen.dropped = !heard;
  seen.seconds = (performance.now() - up) / 1000;
  if (!heard) seen.reason = over ?? 'silent';
  return seen;
}

async function rounds(fault) {
  const seen = [];
  for (let done = 0; done < calls; done += atOnce) {
    const victim = federation.servers[done / atOnce % 5];
    if (fault.before) await fault.begin(federation, victim);
    const ends = pause(hold * 1000);
    const running = pairs().map((pair) => session(pair, ends));
    if (!fault.before) {
      await pause(2000); // the calls are up
      await fault.begin(federation, victim);
    }
    if (fault.seconds) await pause(fault.seconds * 1000);
    await fault.end?.(federation, victim);
    const these = await Promise.all(running);
    for (const each of these) each.hit = fault.ends && each.servers.includes(victim);
    await fault.after?.(federation);
    seen.push(...these);
    people = await Promise.all(people.map((one) => until(`${one.name} is back`, () => back(one), { every: 500 })));
    await found(people.slice(0, 3), { within: 20000 });
  }
  return seen;
}

const rows = [['fault', 'calls', 'connected after ms: p50', 'p95', 'failed %', 'seconds without a drop', 'dropped', 'of those spared']];
const figures = {};
for (const fault of faults) {
  const seen = await rounds(fault);
  const up = seen.filter((each) => !each.failed);
  const connect = up.map((each) => each.connect);
  const line = figures[fault.name] = {
    calls: seen.length, p50: round(median(connect)), p95: round(percentile(connect, 0.95)),
    failed_percent: round(100 * (seen.length - up.length) / seen.length),
    seconds: round(up.reduce((sum, each) => sum + each.seconds, 0) / up.length, 2),
    dropped: up.filter((each) => each.dropped).length,
    spared_dropped: up.filter((each) => each.dropped && !each.hit).length,
  };
  rows.push([fault.name, ...Object.values(line)]);
  console.error(`${fault.name}: ${JSON.stringify(line)} ${[...new Set(seen.map((each) => each.reason).filter(Boolean))]}`);
}
people.forEach(gone);

const file = path.join(process.env.VIADUCT_BUILD, 'federation.svg');
fs.writeFileSync(file, faultsPlot(figures, hold));
console.log(`Five servers, ${atOnce} calls at a time, each to last ${hold} s; "spared": the fault was not to end them`);
console.log(table(rows));
console.log(`${file}\n`);
const all = Object.values(figures);
report('federation', figures, [
  atMost('calls that failed without a fault, %', figures.none.failed_percent, 0),
  atMost('calls that failed with 5 % loss, %', figures['5 % loss'].failed_percent, 0),
  atMost('connected after ms with 5 % loss, p95', figures['5 % loss'].p95, 2 * Math.max(500, figures.none.p95)),
  atMost('calls dropped that were to survive', all.reduce((sum, each) => sum + each.spared_dropped, 0), 0),
]);
process.exit(0);
