// SPDX-License-Identifier: LGPL-2.1-or-later
// Somebody at each server, and what people do.
import { Attendee } from '../e2e/attendee.mjs';
import { Caller } from '../e2e/caller.mjs';
import { connect, end, media, over } from '../e2e/call.mjs';
import { viaduct } from '../e2e/federation.mjs';
import { until } from '../e2e/wait.mjs';

export { connect, end, media, over };

const everyone = new Set();

/// Registers; with the token of an earlier time the name is still hers.
export async function person(name, server, options = {}, Kind = Caller) {
  const made = await Kind.at(server, viaduct);
  everyone.add(made);
  Object.assign(made, { token: (await made.register(name, options)).token });
  return made;
}

/// One at each server, named after it.
export const oneAtEach = (servers) =>
  Promise.all(servers.map((server) => person(server.name.replace('server-', 'user'), server)));

/// As when the tab is closed, whatever is left of the connection.
export function gone(one) {
  everyone.delete(one);
  one.endMedia();
  one.session.drop();
}

export function allGone() {
  for (const one of everyone) gone(one);
}

/// Registers again, as clients do when their server has been away. The token keeps the name theirs.
export async function back(one, server = one.server) {
  gone(one);
  return person(one.name, server, { token: one.token }, one.constructor);
}

/// Waits until each is found, from everywhere, at the right server; the milliseconds that it took.
export async function found(people, { within = 10000, by = people } = {}) {
  const began = performance.now();
  const finds = async (from, to) => until(`${from.name} finds ${to.name}`, async () =>
    (await from.request({ request: 'lookup', username: to.name }, { within })).server === to.server.id,
  { within, every: 100 });
  await Promise.all(by.map(async (from) => {
    for (const to of people) if (to !== from) await finds(from, to);
  }));
  return Math.round(performance.now() - began);
}

/// A whole call; the milliseconds until both hear each other.
export async function call(from, to, howMuch) {
  const began = performance.now();
  await connect(from, to);
  await from.firstPacket();
  const took = Math.round(performance.now() - began);
  await media(from, to, { packets: 10, frames: 2, ...howMuch });
  await end(from, to);
  return took;
}

/// How long the other side of a call may take to learn that its server was killed. Mostly it is 3 s: the host refuses
/// connections. But a container's address goes with it, and when it has gone first, that looks like a cut cable.
export const toldWithin = 19000;

/// A call that is to last.
export async function callUp(from, to) {
  await connect(from, to);
  await media(from, to);
  return { from, to, stillUp: (options) => media(from, to, { packets: 25, ...options }) };
}

/// Sends sound alone, so that many fit on one machine.
export class AudioPerson extends Caller {
  connection() {
    const pc = super.connection();
    for (const sender of pc.getSenders()) if (sender.track?.kind === 'video') pc.removeTrack(sender);
    return pc;
  }

  /// Calls, and has sound.
  async reach(to) {
    await connect(this, to);
    await this.firstPacket();
  }

  /// The word with which a call ends that nobody here has ended.
  async ended() {
    const event = await this.handle.event('hangup', { within: 3600000 });
    return event.plugindata.data.result.reason_code;
  }

  async stillHears(other) {
    const packets = async () => [(await this.received()).audio, (await other.received()).audio];
    const before = await packets().catch(() => undefined);
    if (!before) return false;
    return until('both hear each other', async () => (await packets()).every((now, index) => now > before[index] + 10),
      { within: 5000, every: 50 }).then(() => true, () => false);
  }
}

/// Somebody in a room, who makes it if nobody has.
export async function attendee(name, server, room, { makes = false, publishes = false } = {}) {
  const made = await Attendee.at(server, viaduct);
  everyone.add(made);
  if (makes) await made.administer({ request: 'create', room, federated: true, publishers: 10 });
  await made.join(room, name);
  if (publishes) await made.publish();
  return made;
}

const participants = async (one) =>
  (await one.administer({ request: 'listparticipants', room: one.room })).participants;

/// Waits until each of them sees these in the room, once, and nobody else; the milliseconds that it took.
export async function roster(people, names = people.map(({ name }) => name), { within = 10000 } = {}) {
  const began = performance.now();
  const wanted = [...names].sort().join();
  await Promise.all(people.map(async (one) => {
    let seen;
    try {
      await until(`${one.name} sees ${wanted}`, async () => {
        seen = (await participants(one)).map(({ display }) => display).sort().join();
        return seen === wanted;
      }, { within, every: 50 });
    } catch (error) {
      throw new Error(`${error.message}, but ${seen}`);
    }
  }));
  return Math.round(performance.now() - began);
}

/// Watches somebody, anew if need be, as a page does that is told of who publishes; the milliseconds that it took.
export async function watch(one, other, { within = 10000 } = {}) {
  const began = performance.now();
  one.subscription?.close();
  await one.subscriber?.detach();
  const feed = await until(`${other.name} publishes`, async () =>
    (await participants(one)).find(({ display, publisher }) => display === other.name && publisher), { within, every: 50 });
  await one.watch([{ feed: feed.id }]);
  await one.sees({ within });
  return Math.round(performance.now() - began);
}
