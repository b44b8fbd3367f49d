// SPDX-License-Identifier: LGPL-2.1-or-later
// What: how soon media is back after the network between two servers was gone for 1, 5 and 14 s; and that 20 end calls
// Needs: libsrtp2-dev
// Builds: trunk-calls
import { atLeast, atMost, lines, options, report, round, summary, table } from './figures.mjs';

const { cuts } = options({ cuts: 100 },
  'usage: scripts/bench interruptions [--cuts 100]\n\n' +
  'Interruptions of 1, 5 and 14 s, ten pairs of servers at a time; then as many of 20 s.');

const runs = await lines('trunk-calls', ['interruptions', cuts]);
const tooLong = runs.filter((run) => run.what === 'too long');
const each = runs.filter((run) => run.what !== 'too long');
const figures = { too_long: { cuts: tooLong.length, ended: tooLong.filter((run) => run.ends === 2).length,
  most_ms: Math.max(0, ...tooLong.map((run) => run.after_ms)) } };
const rows = [['what is cut', 'cuts', 'calls lost', 'back after ms: p50', 'p95', 'most']];
for (const what of ['everything', 'one way', 'media only']) {
  const some = each.filter((run) => run.what === what);
  const back = some.filter((run) => run.back_ms >= 0).map((run) => run.back_ms);
  const { p50, p95 } = summary(back);
  figures[what] = { cuts: some.length, lost: some.filter((run) => run.back_ms < 0 || run.failures > 0).length, p50, p95,
    most: round(Math.max(0, ...back)) };
  rows.push([what, ...Object.values(figures[what])]);
}
console.log('Until both sides hear each other, from the return of the network; 20 ms each way');
console.log(table(rows));
console.log(`20 s: ${figures.too_long.ended} of ${tooLong.length} calls ended with a reason at both ends, after at most ${figures.too_long.most_ms} ms\n`);
const kinds = ['everything', 'one way', 'media only'].map((what) => figures[what]);
report('interruptions', figures, [
  atLeast('cuts that could be measured', each.length, cuts),
  atMost('calls lost', kinds.reduce((sum, kind) => sum + kind.lost, 0), 0),
  atMost('media back after ms, most', Math.max(...kinds.map((kind) => kind.most)), 1000),
  atLeast('calls that 20 s end at both ends, with a reason', figures.too_long.ended, cuts),
]);
