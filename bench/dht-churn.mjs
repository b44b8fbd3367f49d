// SPDX-License-Identifier: LGPL-2.1-or-later
// What: gets among 64 nodes of which 56 are killed and replaced every 24 seconds, beside others
// Needs: libtorrent-rasterbar-dev libopendht-dev
// Builds: dht-net dht-opendht
import { atLeast, lines, options, report, round, table } from './figures.mjs';

const { seconds } = options({ seconds: 72 },
  'usage: scripts/bench dht-churn [--seconds 72]\n\nHow long nodes are killed and replaced, in each of four networks in turn.');

const programs = {
  'Viaduct, the first record': ['dht-net', 'viaduct', 'first'],
  'Viaduct, all records': ['dht-net', 'viaduct', 'all'],
  'libtorrent, mutable items': ['dht-net', 'libtorrent', 'first'],
  'OpenDHT, permanent values': ['dht-opendht', 'net', 17600, 'first'],
};
const figures = {};
const rows = [['', 'found, first half', 'last half', 'p50', 'p99', 'most']];
for (const [who, [program, ...args]] of Object.entries(programs)) {
  const said = Object.fromEntries((await lines(program, [...args, 'churn', seconds])).map(({ what, ...each }) => [what, each]));
  const percent = ({ good, of }) => round(100 * good / of, 2);
  const { p50, p99, most } = said['last half'];
  const found = { first: percent(said['first half']), last: percent(said['last half']) };
  figures[who] = { put_percent: percent(said.put), found_percent: found, p50, p99, most, of: said['last half'].of };
  rows.push([who, `${found.first} %`, `${found.last} %`, p50, p99, most]);
}
console.log(`64 nodes, 8 of which stay, put 200 values and look for 20 a second; every 3 s 7 of the others are killed and`);
console.log(`replaced by new ones, for ${seconds} s. What is found, and milliseconds in the last half`);
console.log(table(rows));
console.log();
report('dht-churn', figures, ['the first record', 'all records'].map((what) =>
  atLeast(`${what}: % found in the last half`, figures[`Viaduct, ${what}`].found_percent.last, 99.9)));
