// SPDX-License-Identifier: LGPL-2.1-or-later
// What: how soon a callee sees another of the three simulcast layers that Chromium sends through the trunk
import { haveViaduct, start, stop, viaduct } from '../tests/e2e/federation.mjs';
import { Caller } from '../tests/e2e/caller.mjs';
import { connect, end } from '../tests/e2e/call.mjs';
import { choose, layers, sees } from '../tests/e2e/layers.mjs';
import { PageCaller, Pages } from '../tests/e2e/page-caller.mjs';
import { atMost, options, report, round, summary, table } from './figures.mjs';

const { switches } = options({ switches: 60 },
  'usage: scripts/bench layer-switch [--switches 60]\n\nHow often the callee asks for another layer.');
if (!haveViaduct) throw new Error('the plugin is not built');

const names = ['low', 'middle', 'high'];
const order = [0, 1, 2, 0, 2, 1]; // from each to each other
const took = { low: [], middle: [], high: [] };
const failures = [];
const pages = await Pages.open('layer-switch');
const servers = await start({ prefix: 'bench/layers-', base: 9380 });
try {
  const alice = await PageCaller.at(servers[0], viaduct, pages, layers);
  const carol = await Caller.at(servers[2], viaduct);
  await alice.register('alice');
  await carol.register('carol');
  await connect(alice, carol);
  await sees(carol, 2, 45000); // Chromium looks first how much there is room for
  for (let number = 0; number < switches; number++) {
    if (number % 10 === 0) console.error(`switch ${number + 1} of ${switches}`);
    const layer = order[number % order.length];
    try {
      took[names[layer]].push(await choose(carol, layer));
    } catch (error) {
      failures.push(error.message);
    }
  }
  await end(alice, carol);
  await Promise.all([alice.leave(), carol.leave()]);
} finally {
  await stop(servers);
  await pages.close();
}

const all = Object.values(took).flat();
console.log(`${switches} switches across two servers; milliseconds from \`set\` until a picture of that size is decoded`);
console.log(table([['to', 'times', 'p50', 'p95', 'most'], ...Object.entries(took).map(([name, each]) =>
  [name, each.length, summary(each).p50, summary(each).p95, round(Math.max(...each))])]));
console.log();
report('layer-switch', { took, failures }, [
  atMost('switches that failed', failures.length, 0),
  atMost('most, ms', round(Math.max(...all)), 1000),
]);
process.exit(0);
