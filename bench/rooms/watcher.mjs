// SPDX-License-Identifier: LGPL-2.1-or-later
// Somebody in a room who watches everybody in one PeerConnection, as a page does: keeps a roster by what it is told, and
// subscribes to who comes. Nothing is shown: when packets come is noted on their way (tap.mjs).
import { load } from '../../tests/e2e/where.mjs';
import { Session } from '../../tests/e2e/client.mjs';
import { administer, ask, gathered } from './people.mjs';

const { RTCPeerConnection } = load('@roamhq/wrtc');

/// Who come at the same moment are subscribed to together.
const togetherMs = 40;
const media = ['0', '1']; // of each publisher: sound and picture

export class Watcher {
  roster = new Map(); // the number of who publishes, by id
  taken = new Set(); // the ids that are subscribed to
  lines = []; // what each m-line of the subscription is, and its SSRC
  mistakes = [];
  negotiation = Promise.resolve();

  /// `substream`: of the pictures; `at`: the address of both the server's candidate and ours.
  static async at(server, plugin, room, { tap, display, substream, addresses }) {
    const self = new this();
    Object.assign(self, { server, plugin, room, display, substream, addresses });
    self.path = await tap.open();
    self.session = await Session.open(server.url);
    self.member = await self.session.attach(plugin);
    self.subscriber = await self.session.attach(plugin);
    self.listen(self.member, (data) => self.note(data));
    self.listen(self.subscriber, (data, jsep) => {
      if (jsep) self.negotiation = self.negotiation.then(() => self.answer(data, jsep)).catch((error) => self.mistakes.push(error));
    });
    await ask(self.member, { request: 'join', ptype: 'publisher', room, display }, { within: 10000 });
    return self;
  }

  listen(handle, hear) {
    const put = handle.inbox.put.bind(handle.inbox);
    handle.inbox.put = (message) => {
      if (message.plugindata?.data) hear(message.plugindata.data, message.jsep);
      put(message);
      handle.inbox.kept = handle.inbox.kept.filter(({ plugindata }) => plugindata?.data?.draining !== undefined);
    };
  }

  note(data) {
    for (const { id, display } of data.publishers ?? []) this.roster.set(id, Number(display.match(/^publisher (\d+)$/)[1]));
    for (const id of [data.unpublished, data.leaving, data.kicked]) {
      this.roster.delete(id);
      this.taken.delete(id);
    }
    this.onroster?.();
    this.timer ??= setTimeout(() => this.subscribe(), togetherMs);
  }

  /// Whether these publish, each once, and nobody else.
  knows(numbers) {
    const told = [...this.roster.values()].sort((a, b) => a - b);
    return told.length === numbers.length && told.every((number, index) => number === numbers[index]);
  }

  async subscribe() {
    const streams = [...this.roster.keys()].filter((id) => !this.taken.has(id))
      .flatMap((feed) => media.map((mid) => ({ feed, mid, substream: this.substream })));
    if (streams.length === 0 || this.gone) return this.timer = undefined;
    for (const { feed } of streams) this.taken.add(feed);
    const request = this.pc ? { request: 'update', subscribe: streams }
      : { request: 'join', ptype: 'subscriber', room: this.room, streams };
    this.pc ??= new RTCPeerConnection({ iceServers: [] });
    try {
      await ask(this.subscriber, request, { within: 10000 });
    } catch (error) {
      if (request.request === 'join') this.pc = undefined;
      if (!this.gone) this.mistakes.push(error);
    }
    this.timer = undefined;
    return this.subscribe(); // to who came meanwhile
  }

  async answer({ streams }, jsep) {
    if (this.gone) return;
    const pc = this.pc;
    const ssrcs = jsep.sdp.split(/^m=/m).slice(1).map((section) => section.match(/^a=ssrc:(\d+)/m)?.[1]);
    await pc.setRemoteDescription(await this.path.through(jsep, 'server', this.addresses.server));
    await pc.setLocalDescription(await pc.createAnswer());
    const answer = await this.path.through(await gathered(pc), 'browser', this.addresses.browser);
    await ask(this.subscriber, { request: 'start' }, { jsep: answer });
    this.lines = streams.map((line, index) => ({ ...line, key: this.path.key(ssrcs[index]) }));
  }

  /// What of whom is subscribed to now: by the number of who publishes.
  get active() {
    return this.lines.filter(({ active, feed_id: id }) => active && this.roster.has(id))
      .map(({ type, feed_id: id, key }) => ({ type, number: this.roster.get(id), key, at: this }));
  }

  /// Everybody in the room, as the server lists them.
  async listed() {
    const { participants } = await administer(this.server, this.plugin, { request: 'listparticipants', room: this.room });
    return participants.map(({ display }) => display);
  }

  /// Where the room is found.
  async found() {
    const { servers } = await ask(this.member, { request: 'lookup', room: this.room });
    return servers.map(({ clients }) => clients);
  }

  async leave() {
    this.gone = true;
    clearTimeout(this.timer);
    this.pc?.close();
    if (this.session.lost || this.server.gone) this.session.drop();
    else await this.session.close();
    await this.path.close();
  }
}
