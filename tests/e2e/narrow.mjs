// SPDX-License-Identifier: LGPL-2.1-or-later
// A path between a server and a browser whose width may change: packets to the browser pass through a bottleneck
// with a queue, as they would before a slow line.
import dgram from 'node:dgram';
import { once } from 'node:events';
import { address } from './where.mjs';

const queueMs = 300; // who would wait longer vanishes
const everyMs = 5;

async function socket(receive) {
  const made = dgram.createSocket('udp4', receive).bind(0, address);
  await once(made, 'listening');
  return made;
}

export class NarrowPath {
  bitsPerSecond = Infinity;
  queue = [];
  waiting = 0; // octets in the queue
  credit = 0; // octets that may go

  static async open() {
    const path = new this();
    path.toServer = await socket((packet) => path.enter(packet)); // what the server sends to
    path.toBrowser = await socket((packet) => {
      if (path.server) path.toServer.send(packet, path.server.port, path.server.host);
    });
    path.timer = setInterval(() => path.leave(), everyMs);
    return path;
  }

  enter(packet) {
    if (this.bitsPerSecond === Infinity) return this.pass(packet);
    if (this.waiting + packet.length > this.bitsPerSecond / 8 * queueMs / 1000) return;
    this.queue.push(packet);
    this.waiting += packet.length;
  }

  leave() {
    const step = this.bitsPerSecond / 8 * everyMs / 1000;
    this.credit = Math.min(this.credit + step, Math.max(step, 1500));
    while (this.queue.length && this.queue[0].length <= this.credit) {
      const packet = this.queue.shift();
      this.waiting -= packet.length;
      this.credit -= packet.length;
      this.pass(packet);
    }
  }

  pass(packet) {
    if (this.browser) this.toBrowser.send(packet, this.browser.port, this.browser.host);
  }

  /// A description in which the candidate leads into this path instead of to whom it names.
  through(description, side) {
    const { port } = (side === 'server' ? this.toBrowser : this.toServer).address();
    let found = false;
    const lines = description.sdp.split('\r\n').filter((line) => {
      if (!line.startsWith('a=candidate:')) return true;
      const [, , protocol, , host, , , type] = line.split(' ');
      const taken = !found && protocol.toLowerCase() === 'udp' && type === 'host' && host === address;
      found ||= taken;
      return taken;
    }).map((line) => {
      if (!line.startsWith('a=candidate:')) return line;
      const words = line.split(' ');
      this[side] = { host: words[4], port: Number(words[5]) };
      words[4] = address;
      words[5] = String(port);
      return words.join(' ');
    });
    return { ...description, sdp: lines.join('\r\n') };
  }

  close() {
    clearInterval(this.timer);
    this.toServer.close();
    this.toBrowser.close();
  }
}
