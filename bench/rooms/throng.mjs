// SPDX-License-Identifier: LGPL-2.1-or-later
// Many rooms with a few members each, over some servers: made, joined, left and destroyed again.
import { viaduct } from '../../tests/e2e/federation.mjs';
import { Session } from '../../tests/e2e/client.mjs';
import { until } from '../../tests/e2e/wait.mjs';
import { Publisher, Viewer, administer, ask } from './people.mjs';

const sessionsEach = 8; // of a server; handles share them
const atOnce = 40; // requests that wait for an answer
const camera = { width: 160, height: 120, rate: 5, noise: 0 };

/// Runs `task` for each, some at a time.
async function forEach(list, task) {
  const rest = [...list];
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (rest.length > 0) await task(rest.shift());
  }));
}

export class Throng {
  members = []; // { handle, room, place }
  people = []; // with media

  /// Room r is made at server r % n, and its member m is at server (r + m) % n; in the first `publishing` rooms one more
  /// publishes and somebody at another server watches.
  constructor(servers, { rooms, members: each, publishing }) {
    Object.assign(this, { servers, each, publishing, names: Array.from({ length: rooms }, (_, number) => `churn ${number}`) });
  }

  at(room, member = 0) { return (room + member) % this.servers.length; }

  async come() {
    this.sessions = await Promise.all(this.servers.map((server) =>
      Promise.all(Array.from({ length: sessionsEach }, () => Session.open(server.url)))));
    await this.forEachRoom((room, number) =>
      administer(this.servers[this.at(number)], viaduct, { request: 'create', room, federated: true, publishers: 10 }));
    // Where it was made first: then the others find it as soon as its record is stored.
    for (let member = 0; member < this.each; member++)
      await this.forEachRoom((room, number) => this.join(room, number, member));
    for (let number = 0; number < this.publishing; number++) await this.publish(number);
  }

  forEachRoom(task) { return forEach(this.names.map((name, number) => [name, number]), ([name, number]) => task(name, number)); }

  async join(room, number, member) {
    const place = this.at(number, member);
    const handle = await this.sessions[place][number % sessionsEach].attach(viaduct);
    await until(`${room} is found at ${this.servers[place].name}`, () =>
      ask(handle, { request: 'join', ptype: 'publisher', room, display: `member ${member}` }, { within: 10000 }), { every: 200 });
    this.members.push({ handle, room, place });
  }

  async publish(number) {
    const room = this.names[number];
    const from = this.servers[this.at(number)], to = this.servers[this.at(number, 1)];
    const publisher = await Publisher.at(from, viaduct, room, number, { camera });
    const viewer = await Viewer.at(to, viaduct);
    this.people.push(publisher, viewer);
    const feed = await until(`${room}'s publisher is known at ${to.name}`, async () => {
      const { participants } = await administer(to, viaduct, { request: 'listparticipants', room });
      return participants.find(({ publisher: publishes }) => publishes)?.id;
    });
    await Promise.all([viewer.sees(number), viewer.subscribe(room, [{ feed }])]);
  }

  /// Until each room's members are listed at all servers.
  async assembled() {
    await this.forEachRoom(async (room, number) => {
      const wanted = this.each + (number < this.publishing ? 1 : 0);
      for (const server of this.servers) {
        await until(`${room} has ${wanted} members at ${server.name}`, async () => {
          const { participants } = await administer(server, viaduct, { request: 'listparticipants', room });
          return participants.length === wanted;
        }, { every: 50 });
      }
    });
  }

  async go() {
    await Promise.all(this.people.splice(0).map((each) => each.leave()));
    await forEach(this.members.splice(0), ({ handle }) => handle.detach());
    await this.forEachRoom((room, number) =>
      administer(this.servers[this.at(number)], viaduct, { request: 'destroy', room }));
    await Promise.all(this.sessions.flat().map((session) => session.close()));
    for (const server of this.servers)
      await until(`${server.name} has no room`, async () => (await server.status()).rooms === 0, { every: 50 });
  }
}
