// SPDX-License-Identifier: LGPL-2.1-or-later
// The same room in four ways: of Janus's VideoRoom and of ours, at one server and across two.
import { start, stop, stockRooms, viaduct } from '../../tests/e2e/federation.mjs';
import { rssKiB } from '../../tests/e2e/proc.mjs';
import { Member, Publisher, Viewer, administer } from './people.mjs';

export const room = 1234;
const settings = { description: 'bench', publishers: 100, is_private: false };

/// One room, and how it is measured. `servers`: where people publish, and where they watch.
export class Way {
  publishers = [];
  viewers = [];
  packets = 0;
  cpu = 0;
  samples = []; // milliseconds to the first picture

  constructor(name, plugin, size, base) { Object.assign(this, { name, plugin, size, base }); }

  get from() { return this.servers[0]; }
  get to() { return this.servers[this.size - 1]; }

  async begin() {
    const federated = this.plugin === viaduct && this.size > 1;
    this.servers = await start({ size: this.size, plugin: this.plugin, base: this.base,
      prefix: `bench/rooms-${this.base}-`, general: this.plugin === viaduct ? { trunk_idle: 3600 } : undefined,
      rooms: { [room]: { ...settings, ...(federated && { federated }) } } });
    this.member = await Member.at(this.to, this.plugin, room);
  }

  async publish(number, options) {
    const publisher = await Publisher.at(this.from, this.plugin, room, number, options);
    this.publishers.push(publisher);
    if (this.plugin === stockRooms && this.size > 1) await this.remote(publisher);
    await this.member.feed(number);
    return publisher;
  }

  /// What an operator's controller does for each publisher and server.
  async remote(publisher) {
    const streams = publisher.streams.map((each) => ({ ...each, mindex: each.mindex, mid: each.mid }));
    const id = publisher.number + 1;
    const added = await administer(this.to, this.plugin, { request: 'add_remote_publisher', room, id,
      display: `publisher ${publisher.number}`, iface: '127.0.0.1', streams });
    await administer(this.from, this.plugin, { request: 'publish_remotely', room, publisher_id: publisher.id,
      remote_id: 'there', host: '127.0.0.1', port: added.port, rtcp_port: added.rtcp_port });
  }

  async watch(numbers) {
    const viewer = await Viewer.at(this.to, this.plugin);
    this.viewers.push(viewer);
    const streams = await Promise.all(numbers.map(async (number) => ({ feed: await this.member.feed(number) })));
    await viewer.subscribe(room, streams);
    await Promise.all(numbers.map((number) => viewer.sees(number)));
    return viewer;
  }

  memoryKiB() { return rssKiB(this.to.pid); }
  cpuSeconds() { return this.servers.reduce((sum, server) => sum + server.cpuSeconds, 0); }
  async received() { return (await Promise.all(this.viewers.map((each) => each.packets()))).reduce((a, b) => a + b, 0); }
  on() { this.publishers.forEach(({ camera }) => camera.on()); }
  off() { this.publishers.forEach(({ camera }) => camera.off()); }

  async end() {
    const people = [...this.viewers, ...this.publishers, this.member];
    await Promise.all(people.map((each) => each?.leave().catch(() => {})));
    if (this.servers) await stop(this.servers);
  }
}
