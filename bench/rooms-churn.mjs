// SPDX-License-Identifier: LGPL-2.1-or-later
// What: 200 rooms of five members over three servers, made and emptied ten times: what memory, descriptors and records are left
import { start, stop } from '../tests/e2e/federation.mjs';
import { backTo, holdings } from '../tests/e2e/leaks.mjs';
import { rssKiB } from '../tests/e2e/proc.mjs';
import { until } from '../tests/e2e/wait.mjs';
import { atMost, options, report, round, table } from './figures.mjs';
import { Throng } from './rooms/throng.mjs';

const plan = options({ rooms: 200, members: 5, publishing: 5, servers: 3, turns: 10, lifetime: 120 },
  `usage: scripts/bench rooms-churn [OPTION…]

  --rooms 200      made at once …
  --members 5      … with so many members each, spread over …
  --servers 3      … so many servers
  --publishing 5   rooms in which one more publishes and is watched at another server
  --turns 10       how often they are made and emptied
  --lifetime 120   seconds that a record lives (record_lifetime)`);

const servers = await start({ size: plan.servers, base: 9800, prefix: 'bench/churn-',
  general: { record_lifetime: plan.lifetime, trunk_idle: 0 } });
const rows = [];
const figures = { turns: [] };

const records = async (server) => (await server.status()).records;
const hold = () => Promise.all(servers.map(holdings));

/// A record that was withdrawn is remembered for as long as it might live elsewhere.
async function forgotten(before) {
  for (const [index, server] of servers.entries())
    await until(`${server.name} has forgotten the records`, async () => await records(server) <= before[index],
      { within: 4000 * plan.lifetime, every: 500 });
}

/// The most of any server: names follow the columns of the table.
async function measure(when, seconds) {
  const each = await Promise.all(servers.map(async (server) => ({ ...await holdings(server), mib: rssKiB(server.pid) / 1024,
    records: await records(server) })));
  const most = (what) => round(Math.max(...each.map((one) => one[what])), 1);
  const seen = { mib: most('mib'), fds: most('fds'), threads: most('threads'), handles: most('handles'), records: most('records') };
  rows.push([when, seconds && round(seconds), ...Object.values(seen)]);
  console.error(`${when}: ${JSON.stringify(seen)}`);
  return seen;
}

async function turn() {
  const began = performance.now();
  const throng = new Throng(servers, plan);
  await throng.come();
  await throng.assembled();
  await throng.go();
  return (performance.now() - began) / 1000;
}

try {
  // What is made once and kept, threads that wait for work say, is not what is left over of a room.
  const few = await Promise.all(servers.map(records));
  await turn();
  await forgotten(few);
  const before = await hold();
  figures.start = await measure('before', null);
  for (let number = 1; number <= plan.turns; number++) figures.turns.push(await measure(`turn ${number}`, await turn()));
  const began = performance.now();
  await forgotten(few);
  for (const [index, server] of servers.entries()) await backTo(before[index], server).catch(({ message }) => console.error(message));
  figures.end = await measure('in the end', (performance.now() - began) / 1000);
} finally {
  await stop(servers);
}

console.log(`${plan.rooms} rooms of ${plan.members} members over ${plan.servers} servers, in ${plan.publishing} of them one more publishes; the most of any server, after one turn before`);
console.log(table([['', 'took s', 'MiB', 'descriptors', 'threads', 'handles', 'records'], ...rows]));
console.log();
const more = (what) => round(figures.end[what] - figures.start[what], 1);
report('rooms-churn', figures, [
  atMost('records left over', more('records'), 0),
  atMost('descriptors left over', more('fds'), 0),
  atMost('threads left over', more('threads'), 2),
  atMost('MiB left over', more('mib'), 4),
]);
process.exit(0);
