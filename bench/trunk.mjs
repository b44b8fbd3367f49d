// SPDX-License-Identifier: LGPL-2.1-or-later
// What: what a packet costs in a trunk, beside a bare libsrtp loop and Janus's plain RTP; its delay; whether it ages
// Needs: libsrtp2-dev
// Builds: trunk-calls
// Client: of Janus
import { atMost, lines, median, options, report, round, table } from './figures.mjs';
import { Forwarding } from './janus-forwarding.mjs';

const { seconds, rounds, ageing } = options({ seconds: 5, rounds: 3, ageing: 60 },
  'usage: scripts/bench trunk [--seconds 5] [--rounds 3] [--ageing 60]\n\n' +
  'Seconds of each run, rounds, and seconds in which 100 lanes a second come and go.');

const sizes = [1, 10, 50, 100, 200];
const runs = [];
const forwarding = await Forwarding.start();
try {
  for (let number = 0; number < rounds; number++)
    for (const lanes of sizes) {
      console.error(`round ${number + 1} of ${rounds}: ${lanes} lanes`);
      runs.push(...await lines('trunk-calls', ['load', seconds, 1, lanes]), await forwarding.measure(lanes, seconds));
    }
} finally {
  await forwarding.stop();
}
const of = (who, lanes) => runs.filter((run) => run.who === who && run.lanes === lanes);
const middle = (who, lanes, what) => median(of(who, lanes).map(what));
const figures = { load: {} };
const rows = [['lanes', 'packets/s', 'bare µs', 'trunk µs', 'ratio', 'Janus µs', 'bare p99 ms', 'trunk p50 ms', 'trunk p99 ms',
  'Janus p99 ms', 'threads', 'of Janus', 'lost %', 'Janus lost %']];
for (const lanes of sizes) {
  const micros = (who) => middle(who, lanes, (run) => 1e6 * run.cpu / run.sent);
  const figure = {
    bare_us: round(micros('bare'), 2), trunk_us: round(micros('trunk'), 2), janus_us: round(micros('janus'), 2),
    // Of each round by itself: both of its runs met the same machine.
    ratio: round(median(of('trunk', lanes).map((run, index) => run.cpu / run.sent / (of('bare', lanes)[index].cpu / of('bare', lanes)[index].sent))), 2),
    bare_p99: round(middle('bare', lanes, (run) => run.p99), 2),
    p50: round(middle('trunk', lanes, (run) => run.p50), 2), p99: round(middle('trunk', lanes, (run) => run.p99), 2),
    janus_p99: round(middle('janus', lanes, (run) => run.p99), 2),
    threads: Math.max(...of('trunk', lanes).map((run) => run.threads)),
    janus_threads: Math.max(...of('janus', lanes).map((run) => run.threads)),
    lost: round(100 * middle('trunk', lanes, (run) => 1 - run.received / run.sent), 3),
    janus_lost: round(100 * middle('janus', lanes, (run) => 1 - run.received / run.sent), 3),
  };
  figures.load[lanes] = figure;
  rows.push([lanes, lanes * 250, figure.bare_us.toFixed(2), figure.trunk_us.toFixed(2), figure.ratio.toFixed(2),
    figure.janus_us.toFixed(2), figure.bare_p99.toFixed(2), figure.p50.toFixed(2), figure.p99.toFixed(2), figure.janus_p99.toFixed(2),
    figure.threads, figure.janus_threads, figure.lost.toFixed(3), figure.janus_lost.toFixed(3)]);
}
console.log(`Processor time a packet, of both ends and what makes it; of Janus: its own, taking plain RTP and passing it on.
Medians of ${rounds} rounds of ${seconds} s, in turn`);
console.log(table(rows));

const ages = await lines('trunk-calls', ['ageing', ageing]);
const part = (from, to) => ages.slice(Math.floor(from * ages.length), Math.ceil(to * ages.length));
const mean = (list, what) => list.reduce((sum, each) => sum + what(each), 0) / list.length;
// The first sixth fills the pools.
const [early, late] = [part(1 / 6, 1 / 2), part(2 / 3, 1)];
const age = (list) => ({ mib: round(mean(list, (each) => each.mib), 2), cpu_percent: round(100 * mean(list, (each) => each.cpu), 2),
  threads: Math.max(...list.map((each) => each.threads)) });
figures.ageing = { lanes: ages.at(-1).lanes, early: age(early), late: age(late) };
console.log(`\n100 new lanes a second for ${ageing} s, ${figures.ageing.lanes} in all, each with ten packets`);
console.log(table([['', 'MiB', 'processor %', 'threads'],
  ...[['from the sixth part to the middle', 'early'], ['the last third', 'late']].map(([name, key]) =>
    [name, ...Object.values(figures.ageing[key])])]));
console.log();
const hundred = figures.load[100];
report('trunk', figures, [
  atMost('100 lanes: times the bare loop', hundred.ratio, 2),
  atMost('100 lanes: delay, p99 in ms', hundred.p99, 2),
  atMost('threads of a trunk, both ends', Math.max(...Object.values(figures.load).map((each) => each.threads)), 16),
  atMost('ageing: MiB more at the end', round(figures.ageing.late.mib - figures.ageing.early.mib, 2), 1),
  atMost('ageing: times the processor at the end', round(figures.ageing.late.cpu_percent / figures.ageing.early.cpu_percent, 2), 1.2),
]);
