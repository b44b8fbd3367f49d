// SPDX-License-Identifier: LGPL-2.1-or-later
// When RTP comes to those who watch (tap-process.mjs), for who asks.
import { divert } from '../../tests/e2e/narrow.mjs';
import { Helper } from './helper.mjs';

export class Tap extends Helper {
  /// Everything goes by way of this address.
  constructor(address) {
    super('tap-process.mjs');
    this.address = address;
  }

  async open() { return new TappedPath(this, await this.ask('open', { address: this.address })); }

  /// From here on the longest times without RTP are counted.
  begin() { return this.ask('begin'); }
  /// Of each stream, by path and SSRC: packets in all, and the longest time without one since `begin`.
  async read() { return new Map(await this.ask('read')); }
}

class TappedPath {
  constructor(tap, { number, server, browser }) { Object.assign(this, { tap, number, ports: { server, browser } }); }

  key(ssrc) { return `${this.number}/${ssrc}`; }

  /// A description of `side` in which the candidate at `at` leads into this path.
  async through(description, side, at) {
    const other = side === 'server' ? 'browser' : 'server';
    const { diverted, from } = divert(description, at, { host: this.tap.address, port: this.ports[other] });
    if (from) await this.tap.ask('lead', { number: this.number, side, to: from });
    return diverted;
  }

  close() { return this.tap.ask('close', { number: this.number }); }
}
