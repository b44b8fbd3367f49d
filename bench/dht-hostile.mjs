// SPDX-License-Identifier: LGPL-2.1-or-later
// What: a million forged, altered, replayed and false messages to one node, and what becomes of honest traffic
// Builds: dht-hostile
import { atLeast, atMost, lines, options, report, round, table } from './figures.mjs';

const { messages } = options({ messages: 1_000_000 },
  'usage: scripts/bench dht-hostile [--messages 1000000]\n\nAs many of each kind.');

const said = await lines('dht-hostile', [messages]);
const all = (what) => said.filter((each) => each.what === what);
const kinds = all('kind');
const [quiet, attacked] = ['quiet', 'attacked'].map((phase) => all('honest').find((each) => each.phase === phase));
const [before, after] = ['before', 'after'].map((when) => all('state').find((each) => each.when === when));
const { forged } = all('found')[0];

console.log('What was sent to one node of 32; real signatures, the simulator\'s clock. µs of the processor for each message,\n'
  + 'the attacker\'s own work (most of it signing) and its question for a token among them');
console.log(table([['kind', 'sent', 'accepted', 'µs'], ...kinds.map((each) => [each.kind, each.sent, each.accepted, each.us])]));
console.log('\nHonest stores and lookups of them meanwhile, half from or at the node that is attacked');
console.log(table([['', 'done', 'right', 'lookup p50, ms', 'p99'],
  ...[['quiet', quiet], ['attacked', attacked]].map(([name, each]) => [name, each.of, each.good, each.p50, each.p99])]));
console.log('\nThe node that is attacked; resident memory is of all 32 and the attacker');
console.log(table([['', 'MiB', 'records', 'items', 'contacts'],
  ...[['before', before], ['after', after]].map(([name, each]) => [name, each.rss_mib, each.records, each.items, each.contacts])]));
console.log();

const sent = kinds.reduce((sum, each) => sum + each.sent, 0);
const accepted = kinds.reduce((sum, each) => sum + each.accepted, 0);
report('dht-hostile', { kinds, quiet, attacked, before, after, forged, sent }, [
  atLeast('messages sent', sent, messages),
  atMost('messages accepted', accepted, 0),
  atMost('forged records that a lookup finds', forged, 0),
  atMost('records held more than before', after.records - before.records, 0),
  atMost('items held', after.items, 0),
  atMost('MiB that memory has grown by', round(after.rss_mib - before.rss_mib), 32),
  atLeast('% of honest stores and lookups that succeed', round(100 * attacked.good / attacked.of, 2), 100),
  atMost('lookup, p50 beside that of the quiet phase', round(attacked.p50 / quiet.p50, 2), 1.1),
  atMost('lookup, p99 beside that of the quiet phase', round(attacked.p99 / quiet.p99, 2), 1.2),
]);
