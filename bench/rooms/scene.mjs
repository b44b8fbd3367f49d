// SPDX-License-Identifier: LGPL-2.1-or-later
// A room at several servers with who publishes there, and one at each who watches everybody; and what happens to a server.
import { setTimeout as pause } from 'node:timers/promises';
import { joined, start, stop, viaduct } from '../../tests/e2e/federation.mjs';
import { Network, hub } from '../../tests/e2e/network.mjs';
import { backTo, holdings } from '../../tests/e2e/leaks.mjs';
import { rssKiB } from '../../tests/e2e/proc.mjs';
import { until } from '../../tests/e2e/wait.mjs';
import { Helper } from './helper.mjs';
import { Tap } from './tap.mjs';
import { Watcher } from './watcher.mjs';

const room = 1234;
const patience = 30_000; // ms, for everything to be as before
const leftovers = 20_000; // ms, for what is left of connections to go

/// After those who watch, and what notes when packets come to them: they would have machines of their own, and here
/// one process reads for all of them. What it does not read in time is lost.
const niceness = 10;
const behind = ({ enter, ...options }) => ({ ...options, enter: [...enter, 'nice', '-n', String(niceness)] });

export class Scene {
  // By the number of the server.
  publishers = [];
  watchers = [];

  static async open({ servers: size, publishers: many, progress }) {
    const scene = new this();
    Object.assign(scene, { progress, numbers: Array.from({ length: many }, (_, number) => number) });
    scene.network = await Network.open(size);
    const urlOf = (index) => `ws://${scene.network.spaces[index].address}:${9600 + 10 * index + 1}`;
    scene.servers = await start({ size, base: 9600, prefix: 'bench/faults-', each: (index) => behind(scene.network.options(index)),
      general: (index) => ({ trunk_idle: 3600, clients: urlOf(index) }),
      rooms: { [room]: { publishers: 1000, federated: true } } });
    scene.tap = new Tap(hub);
    scene.publishers = scene.servers.map(() => new Helper('publishers-process.mjs', { niceness }));
    for (let index = 0; index < size; index++) await scene.come(index);
    await scene.whole();
    return scene;
  }

  // ---- Who is where

  /// Who is at home at this server.
  homeOf(index) { return this.numbers.filter((number) => number % this.servers.length === index); }
  allBut(index) { return this.numbers.filter((number) => number % this.servers.length !== index); }
  others(index) { return this.watchers.filter((_, number) => number !== index); }

  async watch(index) {
    const server = this.servers[index];
    this.watchers[index] = await Watcher.at(server, viaduct, room, { tap: this.tap, display: `watcher ${index}`,
      substream: index % 2, addresses: { server: server.address, browser: hub } });
  }

  /// Whoever belongs to this server joins there.
  async come(index) {
    await this.watch(index);
    await this.publishers[index].ask('come', { url: this.servers[index].url, numbers: this.homeOf(index), at: room });
  }

  // ---- What is seen

  /// Until each of these watchers knows these publishers and no others; the time since `began`.
  async roster(watchers, numbers, began, within = patience) {
    await until('the roster is right', () => watchers.every((each) => each.knows(numbers)), { within, every: 2 });
    return performance.now() - began;
  }

  /// Until everybody is known everywhere, and packets of everything come everywhere.
  async whole(within = patience) {
    const before = await this.tap.read();
    let missing = [];
    try {
      await until('everything comes everywhere', async () => {
        const now = await this.tap.read();
        missing = this.watchers.flatMap((watcher) => {
          const coming = new Set(watcher.active.filter(({ key }) => now.get(key)?.packets > (before.get(key)?.packets ?? 0))
            .map(({ type, number }) => `${type} of ${number}`));
          return this.numbers.flatMap((number) => [`audio of ${number}`, `video of ${number}`]).filter((each) => !coming.has(each))
            .map((each) => `${each} to ${watcher.display}`);
        });
        return missing.length === 0 && this.watchers.every((each) => each.knows(this.numbers));
      }, { within, every: 40 });
    } catch (error) {
      const wrong = this.watchers.filter((each) => !each.knows(this.numbers)).map(({ display, roster }) => `${display} knows ${[...roster.values()]}`);
      throw new Error(`${error.message}: ${[...missing.slice(0, 12), ...wrong].join(', ')}`);
    }
    await this.truth();
  }

  /// No server lists anybody who is not there, nor anybody twice.
  async truth() {
    const wanted = [...this.numbers.map((number) => `publisher ${number}`), ...this.watchers.map(({ display }) => display)].sort().join();
    for (const watcher of this.watchers) {
      const listed = (await watcher.listed()).sort().join();
      if (listed !== wanted) throw new Error(`${watcher.display}'s server lists ${listed}`);
      const [mistake] = watcher.mistakes.splice(0);
      if (mistake) throw new Error(`${watcher.display}: ${mistake.message}`);
    }
  }

  /// What of whom comes to whom now, for which `where` is true.
  lines(where) { return this.watchers.flatMap((watcher, index) => watcher.active.filter((line) => where(index, line.number))); }

  /// The longest times without RTP of these lines since the tap began.
  async longest(lines) {
    const read = await this.tap.read();
    return lines.map(({ type, key, number, at }) => ({ type, number, to: at.display, ms: read.get(key)?.longest ?? Infinity }));
  }

  /// Until nobody misses pictures any more who had no time to read them while all of this began.
  async settled(longest = 600, within = 60_000) {
    const began = performance.now();
    await until('every picture comes whole', async () => {
      await this.tap.begin();
      await pause(8000);
      return (await this.longest(this.lines(() => true))).every(({ ms }) => ms < longest);
    }, { within });
    return performance.now() - began;
  }

  async held() {
    return Promise.all(this.servers.map(async (server) =>
      ({ pid: server.pid, ...await holdings(server), mib: rssKiB(server.pid) / 1024 })));
  }

  /// The same, once no server that was there `before` holds more than then; in the end, whatever it holds.
  async heldAgain(before) {
    const there = before.filter(({ pid }, index) => pid === this.servers[index].pid);
    await Promise.all(there.map((then) => backTo(then, this.servers[before.indexOf(then)], { within: leftovers })
      .catch(({ message }) => this.progress(message))));
    return this.held();
  }

  // ---- What happens to a server. Each returns when the roster was right, and how long it took to be as before.

  async kill(index) {
    const server = this.servers[index];
    const began = performance.now();
    await server.kill();
    const roster = await this.roster(this.others(index), this.allBut(index), began);
    await this.publishers[index].ask('drop');
    await this.watchers[index].leave();
    await server.restart();
    const back = performance.now();
    await this.come(index);
    await this.whole();
    return { roster, returned: performance.now() - back };
  }

  async cut(index, seconds) {
    const began = performance.now();
    this.network.cut(index);
    const [theirs, its] = await Promise.all([this.roster(this.others(index), this.allBut(index), began),
      this.roster([this.watchers[index]], this.homeOf(index), began)]);
    await pause(Math.max(0, 1000 * seconds - (performance.now() - began))); // the fault's length
    this.network.heal(index);
    const back = performance.now();
    await this.whole();
    return { roster: Math.max(theirs, its), returned: performance.now() - back };
  }

  /// Its members are told, and go where they are told to; then it takes people in again, and they come home.
  async drain(index) {
    const server = this.servers[index];
    const began = performance.now();
    await this.tell(server, true);
    const [{ clients }] = await this.publishers[index].ask('told');
    await this.watchers[index].leave();
    await this.publishers[index].ask('move', { url: clients });
    await this.roster(this.others(index), this.numbers, began);
    await until('it is found no more', async () => {
      const found = await Promise.all(this.others(index).map((watcher) => watcher.found()));
      return found.every((clients) => !clients.includes(server.url));
    });
    const roster = performance.now() - began;
    const back = performance.now();
    await this.tell(server, false);
    await this.watch(index);
    await this.publishers[index].ask('move', { url: server.url });
    await this.whole();
    return { roster, returned: performance.now() - back };
  }

  tell(server, drain) {
    return server.admin('message_plugin', { plugin: viaduct, request: { request: 'drain', drain } });
  }

  /// After a fault that did not end well: as in the beginning.
  async mend(index) {
    try { this.network.heal(index); } catch { /* it was not cut */ }
    const server = this.servers[index];
    await Promise.allSettled([this.watchers[index].leave(), this.publishers[index].ask(server.gone ? 'drop' : 'leave')]);
    if (server.gone) await server.restart();
    await this.tell(server, false);
    await joined(this.servers);
    await this.come(index);
    await this.whole();
  }

  async close() {
    for (const each of this.watchers) await each?.leave().catch(() => {});
    for (const each of this.publishers) await each.ask('leave').catch(() => {});
    await stop(this.servers);
    await Promise.all([this.tap, ...this.publishers].map((each) => each.stop()));
    await this.network.close();
  }
}
