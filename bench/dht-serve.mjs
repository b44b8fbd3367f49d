// SPDX-License-Identifier: LGPL-2.1-or-later
// What: queries that a node answers per second of its processor, beside libtorrent, OpenDHT and a bare echo
// Needs: libtorrent-rasterbar-dev libopendht-dev
// Builds: dht-serve dht-opendht
import { atLeast, lines, median, options, report, round, table } from './figures.mjs';

const { rounds, milliseconds } = options({ rounds: 7, milliseconds: 400 },
  'usage: scripts/bench dht-serve [--rounds 7] [--milliseconds 400]\n\nRounds, and how long each run of a round takes.');

const runs = await lines('dht-serve', [rounds, milliseconds]);

/// The middle of the rounds, in thousands of good replies.
const all = new Map();
for (const run of runs) {
  const key = `${run.server}/${run.work}`;
  all.set(key, [...(all.get(key) ?? []), run]);
}
function figure(server, work) {
  const each = all.get(`${server}/${work}`);
  if (!each) return null;
  const thousands = (seconds) => each.map((run) => run.good / run[seconds] / 1000);
  const perCpu = thousands('cpu');
  return {
    thousands_per_cpu_second: round(median(perCpu), 1), least: round(Math.min(...perCpu), 1),
    most: round(Math.max(...perCpu), 1), thousands_per_second: round(Math.max(...thousands('wall')), 1),
    reply_bytes: each[0].reply_bytes, not_answered: each.reduce((sum, run) => sum + run.bad + run.lost, 0),
  };
}

const works = [
  ['find_node', [['viaduct', 'find_node'], ['libtorrent', 'find_node'], ['OpenDHT', 'find_node'], ['echo', 'find_node']]],
  ['find_node, padded query', [['viaduct', 'find_node, padded'], ['echo', 'find_node, padded']]],
  ['find_value', [['viaduct', 'find_value'], ['OpenDHT', 'get miss'], ['echo', 'find_value']]],
  ['get (BEP 44)', [['viaduct', 'get'], ['libtorrent', 'get'], ['echo', 'get']]],
  ['signed store', [['viaduct', 'store'], ['libsodium', 'verify']]],
  ['signed put (BEP 44)', [['viaduct', 'put'], ['libtorrent', 'put'], ['libsodium', 'verify']]],
];
const names = { viaduct: 'Viaduct', echo: 'bare echo', libsodium: 'libsodium, verify alone' };
const figures = {};
const rows = [['query', 'who', 'k/CPU-s', 'least', 'most', 'best k/s', 'reply bytes', 'unanswered']];
for (const [work, who] of works) {
  for (const [server, name] of who) {
    const found = figure(server, name);
    if (!found) continue;
    (figures[work] ??= {})[server] = found;
    const title = name === 'get miss' ? 'OpenDHT, get of nothing' : names[server] ?? server;
    rows.push([work, title, found.thousands_per_cpu_second.toFixed(1), found.least.toFixed(1), found.most.toFixed(1),
      found.thousands_per_second.toFixed(1), found.reply_bytes || '-', found.not_answered]);
  }
}
console.log(`Medians of ${rounds} rounds of ${milliseconds} ms; thousands of replies per second of the server's processor`);
console.log(table(rows));
console.log();

const rate = (work, server) => figures[work]?.[server]?.thousands_per_cpu_second;
const share = (work, server, of) => round(rate(work, server) / of, 2);
const best = (...rates) => Math.max(...rates.filter((each) => each !== undefined));
const aims = [];
for (const work of ['find_node', 'find_node, padded query', 'find_value']) {
  aims.push(atLeast(`${work}: of the bare echo`, share(work, 'viaduct', rate(work, 'echo')), 0.6));
}
const found = best(rate('find_node', 'libtorrent'), rate('find_node', 'OpenDHT'));
const got = best(rate('get (BEP 44)', 'libtorrent'), rate('find_value', 'OpenDHT'));
if (found > 0) aims.push(atLeast('find_node: times the best of the others', share('find_node', 'viaduct', found), 2));
if (got > 0) aims.push(atLeast('find_value: times the best get of the others', share('find_value', 'viaduct', got), 2));
aims.push(atLeast('signed store: of libsodium\'s verifications', share('signed store', 'viaduct', rate('signed store', 'libsodium')), 0.6));
report('dht-serve', figures, aims);
