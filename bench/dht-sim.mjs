// SPDX-License-Identifier: LGPL-2.1-or-later
// What: hops in networks of up to ten million nodes, Sybils, a partition, churn: in the simulator
// Builds: dht-sim
import { writeFileSync } from 'node:fs';
import { atLeast, atMost, lines, options, report, round, table } from './figures.mjs';
import { hopsPlot } from './hops-plot.mjs';

const { full, lookups, records, minutes } = options({ full: 1000, lookups: 2000, records: 500, minutes: 120 },
  'usage: scripts/bench dht-sim [--full 1000] [--lookups 2000] [--records 500] [--minutes 120]\n\n' +
  'Nodes of the largest network of the whole protocol, lookups in each population, records and simulated minutes\n' +
  'under churn. Of the whole protocol 10,000 nodes take some minutes and a gigabyte.');
const started = Date.now();
const run = async (...args) => lines('dht-sim', args);

const whole = [];
for (const nodes of [100, 1000, 10_000, 100_000].filter((each) => each <= full)) whole.push(...await run('full', nodes));
const population = [];
for (let nodes = 1000; nodes <= 10_000_000; nodes *= 10) population.push(...await run('population', nodes, lookups));
const sybils = await run('sybils', 100_000, lookups);
const partition = await run('partition', 200, 500);
const [churn] = await run('churn', 100, records, minutes);

const count = (number) => number.toLocaleString('en');
console.log('The whole protocol on the simulated network; only the signatures are cheap ones');
console.log(table([['nodes', 'lookups', 'found', 'hops, mean', 'most', 'holders', 'KiB a node', 'datagrams a join', 'seconds'],
  ...whole.map((each) => [count(each.nodes), each.lookups, each.found, each.hops.toFixed(2), each.hops_max,
    each.holders, each.kib_per_node, each.datagrams_per_join, each.seconds])]));
console.log('\nThe same lookup and the same buckets, routing tables made on demand');
console.log(table([['nodes', 'lookups', 'hops, mean', 'most', 'queries', 'exactly the k nearest', 'MiB', 'seconds'],
  ...population.map((each) => [count(each.nodes), each.lookups, each.hops.toFixed(2), each.hops_max, each.queries,
    `${round(100 * each.exactly_the_nearest, 2)} %`, each.mib, each.seconds])]));
const percent = (part, of) => round(100 * part / of, 2);
console.log(`\nA fifth of ${count(sybils[0].nodes)} nodes are Sybils; ${lookups} records`);
const kinds = { none: 'none', silent: 'name nobody', liars: 'name each other', cunning: 'and never the same twice' };
console.log(table([['Sybils', 'lookups right', 'that reach the nearest honest node', 'queries', 'paths'],
  ...sybils.map((each) => [kinds[each.sybils], `${percent(each.right, each.lookups)} %`,
    `${percent(each.nearest_honest, each.lookups)} %`, each.queries, each.paths])]));
console.log(`\nHalves of ${partition[0].nodes} nodes cut apart for 10 minutes; records of 2 minutes, refreshed each minute`);
console.log(table([['seconds after they meet again', 'found', 'of'],
  ['still cut apart', partition[0].cut_found, partition[0].records],
  ...partition.map((each) => [each.seconds_after, each.found, each.records])]));
console.log(`\nChurn, scaled down: of ${churn.nodes} nodes 85 % replaced every 10 minutes for ${churn.minutes} minutes, ` +
  `${churn.records} records\nof 10 minutes, each looked up every 10 minutes`);
console.log(table([['lookups', 'not found', 'not found at the end'],
  [churn.lookups, churn.lookups - churn.found, churn.records - churn.at_the_end]]));
console.log(`\n${Math.round((Date.now() - started) / 1000)} s in all`);

writeFileSync(new URL('../docs/dht-hops.svg', import.meta.url), hopsPlot(population, whole));

const largest = population.at(-1);
const [liars, cunning] = ['liars', 'cunning'].map((kind) => sybils.find((each) => each.sybils === kind));
report('dht-sim', { whole, population, sybils, partition, churn }, [
  atMost('hops in 10^7 nodes, mean', round(largest.hops, 2), 5),
  atMost('hops in 10^7 nodes, most', largest.hops_max, 10),
  atMost('the whole protocol: GiB for 10^5 nodes, by the largest here', round(whole.at(-1).kib_per_node * 1e5 / 2 ** 20, 1), 4),
  atLeast('% of lookups right with 20 % Sybils', Math.min(...[liars, cunning].map((each) => percent(each.right, each.lookups))), 99.5),
  atLeast('% of records found one refresh after a partition',
    percent(partition.find((each) => each.seconds_after === 60).found, partition[0].records), 100),
  atMost('lookups without their record under churn, of 10,000', round(1e4 * (1 - churn.found / churn.lookups), 1), 0),
]);
