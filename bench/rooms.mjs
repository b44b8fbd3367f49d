// SPDX-License-Identifier: LGPL-2.1-or-later
// What: rooms: processor, memory, first pictures, switches, beside Janus's VideoRoom; and many publishers at five servers
//
// The same people with the same pictures in four rooms in turn, so that whatever disturbs the machine disturbs all.
import { setTimeout as pause } from 'node:timers/promises';
import { stockRooms, viaduct } from '../tests/e2e/federation.mjs';
import { atLeast, atMost, options, report, round, summary, table } from './figures.mjs';
import { firstPicture, switches as change } from './rooms/first-picture.mjs';
import { crowd } from './rooms/crowd.mjs';
import { Way } from './rooms/ways.mjs';

const plan = options(
  { subscribers: 20, feeds: 2, rounds: 6, seconds: 8, pictures: 100, switches: 1000, servers: 5, publishers: 20 },
  `usage: scripts/bench rooms [OPTION…]

  --subscribers 20   who watches each of the four rooms, while processor and memory are measured …
  --feeds 2          … everybody so many publishers
  --rounds 6         each room in turn, so many times (0: does not measure them) …
  --seconds 8        … for so long
  --pictures 100     subscriptions across two servers, until the first picture (0: none)
  --switches 1000    changes between feeds of another server (0: none)
  --servers 5        a room at so many servers …
  --publishers 20    … with so many who send audio and two sizes of a picture (0: does not measure it)`, 0);

const progress = (text) => console.error(text);
const ways = {
  videoroom: new Way('VideoRoom, one server', stockRooms, 1, 9000),
  local: new Way('Viaduct, one server', viaduct, 1, 9100),
  remote: new Way('VideoRoom, remote publishers', stockRooms, 2, 9200),
  across: new Way('Viaduct, two servers', viaduct, 2, 9300),
};
const all = Object.values(ways);
const watched = Array.from({ length: plan.feeds }, (_, number) => number);
const unwatched = [0, 1, 2, 3, 4].map((each) => plan.feeds + each);
const figures = {}, aims = [];

// ---- Processor and memory

async function assemble(way) {
  progress(`${way.name}: ${plan.subscribers} come to watch ${plan.feeds}`);
  for (const number of watched) await way.publish(number);
  // The first ones bring what is there once.
  for (let number = 0; number < 2; number++) await way.watch(watched);
  await pause(1000);
  const before = way.memoryKiB();
  for (let number = 0; number < plan.subscribers; number++) await way.watch(watched);
  await pause(2000);
  way.memory = (way.memoryKiB() - before) / plan.subscribers;
  way.off();
}

async function slice(way) {
  way.on();
  await pause(1500);
  const packets = await way.received(), cpu = way.cpuSeconds();
  await pause(1000 * plan.seconds);
  way.cpu += way.cpuSeconds() - cpu;
  way.packets += await way.received() - packets;
  way.off();
}

async function measureCost() {
  for (const way of all) await assemble(way);
  for (let number = 1; number <= plan.rounds; number++) {
    progress(`round ${number} of ${plan.rounds}`);
    for (const way of all) await slice(way);
  }
  for (const [key, way] of Object.entries(ways)) {
    figures[key] = { packets: way.packets, cpu_us_per_packet: round(1e6 * way.cpu / way.packets, 2),
      packets_per_second: Math.round(way.packets / (plan.rounds * plan.seconds)), kib_per_subscriber: round(way.memory) };
    for (const viewer of way.viewers.splice(0)) await viewer.leave();
  }
  const times = (what, one, other) => round(figures[one][what] / figures[other][what], 2);
  aims.push(
    atMost('one server: times VideoRoom\'s processor time per packet', times('cpu_us_per_packet', 'local', 'videoroom'), 1.1),
    atMost('one server: times VideoRoom\'s memory per subscriber', times('kib_per_subscriber', 'local', 'videoroom'), 1.1),
    atMost('two servers: times remote publishers\' processor time per packet', times('cpu_us_per_packet', 'across', 'remote'), 1.5),
    atMost('two servers: times remote publishers\' memory per subscriber', times('kib_per_subscriber', 'across', 'remote'), 1.5));
}

// ---- First pictures and switches

async function measurePictures() {
  const number = unwatched[0];
  for (const way of [ways.remote, ways.across]) {
    way.samples = [];
    await way.publish(number);
    for (let warmup = 0; warmup < 3; warmup++) await firstPicture(way, number);
  }
  for (let time = 1; time <= plan.pictures; time++) {
    for (const way of [ways.remote, ways.across]) way.samples.push(await firstPicture(way, number));
    if (time % 20 === 0) progress(`${time} of ${plan.pictures} first pictures`);
  }
  for (const key of ['remote', 'across'])
    (figures[key] ??= {}).first_picture_ms = { ...summary(ways[key].samples), most: round(Math.max(...ways[key].samples)) };
  aims.push(atMost('two servers: ms to the first picture, p99', figures.across.first_picture_ms.p99, 500));
}

/// Only ours: most switches among VideoRoom's remote publishers never bring a picture.
async function measureSwitches() {
  const way = ways.across;
  for (const number of unwatched) if (!way.member.feeds.has(number)) await way.publish(number);
  const { took, wrong, lost } = await change(way, unwatched, plan.switches, progress);
  const late = took.filter((each) => each > 300).length;
  (figures.across ??= {}).switches = { switches: took.length, ...summary(took), most: round(Math.max(...took)),
    late, wrong_pictures: wrong, lost_packets: lost };
  way.off();
  aims.push(atMost('switches that took more than 300 ms', late, 0), atMost('wrong pictures', wrong, 0));
}

// ----

try {
  const needed = plan.rounds > 0 ? all : plan.pictures + plan.switches > 0 ? [ways.remote, ways.across] : [];
  for (const way of needed) await way.begin();
  if (plan.rounds > 0) await measureCost();
  if (plan.pictures > 0) await measurePictures();
  if (plan.switches > 0) await measureSwitches();
} finally {
  for (const way of all) await way.end();
}
if (plan.publishers > 0) {
  const seen = figures.crowd = await crowd({ ...plan, progress });
  aims.push(
    atLeast('publishers seen and heard at every server', seen.seen_everywhere, plan.publishers),
    atMost('layers that cross a pair of servers more than once', seen.crossed_twice, 0));
}

const cells = (summary) => summary ? [summary.p50, summary.p99, summary.most].map((value) => value.toFixed(1)) : [null, null, null];
console.log(`${plan.subscribers} subscribers of ${plan.feeds} publishers each, in turn; across: from one server to the other`);
console.log(table([
  ['way', 'packets/s', 'CPU µs/packet', 'KiB/subscriber', 'first picture ms: p50', 'p99', 'most', 'switch ms: p50', 'p99', 'most',
    '> 300 ms', 'wrong pictures'],
  ...Object.entries(ways).filter(([key]) => figures[key]).map(([key, { name }]) => [name, figures[key].packets_per_second,
    figures[key].cpu_us_per_packet, figures[key].kib_per_subscriber, ...cells(figures[key].first_picture_ms),
    ...cells(figures[key].switches), figures[key].switches?.late, figures[key].switches?.wrong_pictures]),
]));
if (figures.crowd) {
  const { seen_everywhere: everywhere, crossings, layers, crossed_twice: twice } = figures.crowd;
  console.log(`\n${plan.servers} servers: ${everywhere} of ${plan.publishers} publishers are seen and heard at every server; `
    + `${crossings} crossings of a feed from one server to another, with ${layers} layers of pictures; ${twice} crossed twice`);
}
console.log();
report('rooms', figures, aims);
process.exit(0);
