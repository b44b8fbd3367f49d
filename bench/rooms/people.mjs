// SPDX-License-Identifier: LGPL-2.1-or-later
// Who publishes in a room and who watches, through VideoRoom's API: the same for Janus's own and for ours.
import { load } from '../../tests/e2e/where.mjs';
import { Session } from '../../tests/e2e/client.mjs';
import { until, soon } from '../../tests/e2e/wait.mjs';
import { Camera, numberOf } from './picture.mjs';

const { RTCPeerConnection, nonstandard } = load('@roamhq/wrtc');

export async function gathered(pc) {
  await until('all candidates are gathered', () => pc.iceGatheringState === 'complete', { every: 2 });
  return { type: pc.localDescription.type, sdp: pc.localDescription.sdp };
}

export async function ask(handle, body, options) {
  const { plugindata: { data }, jsep } = await handle.request(body, options);
  if (data.error_code !== undefined) throw new Error(`${body.request}: ${data.error_code} ${data.error}`);
  return { ...data, jsep };
}

/// A request that Janus answers at once.
export async function administer(server, plugin, body) {
  const session = await Session.open(server.url);
  try {
    const handle = await session.attach(plugin);
    const transaction = handle.send({ janus: 'message', body });
    const answers = (each) => each.transaction === transaction && each.janus !== 'ack';
    const { plugindata: { data } } = await handle.inbox.take(`the answer to ${body.request}`, answers, 5000);
    if (data.error_code !== undefined) throw new Error(`${body.request}: ${data.error_code} ${data.error}`);
    return data;
  } finally {
    await session.close();
  }
}

/// A description after which the other side sends a packet of sound every so many milliseconds.
function withPacketsEvery(milliseconds, { type, sdp }) {
  const line = `a=ptime:${milliseconds}\r\n`;
  return { type, sdp: sdp.replace(/^m=audio [^]*?(?=^m=|(?![^]))/gm, (section) => section + line) };
}

export class Publisher {
  /// `number` is its colour, `encodings` what each layer of its picture has (none: one); `camera` a Camera, which stays
  /// when the publisher goes, or what one is made of; `soundEvery` milliseconds for each packet (none: as it likes).
  static async at(server, plugin, room, number, { camera, encodings, soundEvery } = {}) {
    const self = new this();
    self.keepsCamera = camera instanceof Camera;
    Object.assign(self, { server, number, camera: self.keepsCamera ? camera : new Camera(number, camera) });
    self.session = await Session.open(server.url);
    self.handle = await self.session.attach(plugin);
    const display = `publisher ${number}`;
    const joined = await ask(self.handle, { request: 'join', ptype: 'publisher', room, display }, { within: 10000 });
    self.id = joined.id;
    const pc = self.pc = new RTCPeerConnection({ iceServers: [] });
    const [audio, video] = self.camera.tracks;
    pc.addTransceiver(audio, { direction: 'sendonly' });
    pc.addTransceiver(video, { direction: 'sendonly', sendEncodings: encodings ?? [{ maxBitrate: 800_000 }] });
    await pc.setLocalDescription(await pc.createOffer());
    const answer = await ask(self.handle, { request: 'publish' }, { jsep: await gathered(pc) });
    self.streams = answer.streams;
    await pc.setRemoteDescription(soundEvery ? withPacketsEvery(soundEvery, answer.jsep) : answer.jsep);
    await self.handle.core('webrtcup');
    self.camera.on();
    return self;
  }

  endMedia() {
    if (!this.keepsCamera) this.camera.end();
    this.pc.close();
  }

  async leave() {
    this.endMedia();
    await this.session.close();
  }

  /// Without a word: its server is gone.
  drop() {
    this.endMedia();
    this.session.drop();
  }
}

/// Who is in a room and is told who publishes there.
export class Member {
  feeds = new Map(); // by the number of who publishes
  static async at(server, plugin, room, display = 'member') {
    const self = new this();
    Object.assign(self, { server, plugin, room });
    self.session = await Session.open(server.url);
    self.handle = await self.session.attach(plugin);
    const put = self.handle.inbox.put.bind(self.handle.inbox);
    self.handle.inbox.put = (message) => {
      self.note(message.plugindata?.data);
      put(message);
    };
    self.note(await ask(self.handle, { request: 'join', ptype: 'publisher', room, display }, { within: 10000 }));
    return self;
  }

  note(data) {
    for (const { id, display } of data?.publishers ?? []) {
      const number = display?.match(/^publisher (\d+)$/)?.[1];
      if (number !== undefined) this.feeds.set(Number(number), id);
    }
  }

  async feed(number) {
    return until(`publisher ${number} is told of`, () => this.feeds.get(number), { every: 5 });
  }

  leave() { return this.session.close(); }
}

/// One subscription, of one PeerConnection.
export class Viewer {
  wrong = 0;
  heard = []; // who waits for a picture
  lines = []; // what each m-line of the subscription is

  static async at(server, plugin) {
    const self = new this();
    Object.assign(self, { server, plugin });
    self.session = await Session.open(server.url);
    self.handle = await self.session.attach(plugin);
    return self;
  }

  /// `streams`: [{ feed, mid? }]. Returns once the answer is on its way.
  async subscribe(room, streams) {
    this.began = performance.now();
    const pc = this.pc = new RTCPeerConnection({ iceServers: [] });
    this.sinks = [];
    this.last = {};
    pc.ontrack = ({ track, transceiver }) => {
      if (track.kind !== 'video') return;
      const sink = new nonstandard.RTCVideoSink(track);
      this.sinks.push(sink);
      sink.onframe = ({ frame }) => this.picture(transceiver.mid, frame);
    };
    const attached = await ask(this.handle, { request: 'join', ptype: 'subscriber', room, streams });
    this.lines = attached.streams;
    await pc.setRemoteDescription(attached.jsep);
    await pc.setLocalDescription(await pc.createAnswer());
    await ask(this.handle, { request: 'start' }, { jsep: await gathered(pc) });
  }

  picture(mid, frame) {
    const number = numberOf(frame);
    this.last[mid] = number;
    this.onpicture?.(number, mid, frame);
    for (const waiter of this.heard.filter((each) => each.number === number)) waiter.resolve(performance.now());
    this.heard = this.heard.filter((each) => each.number !== number);
  }

  /// When the next picture of this publisher is here.
  sees(number, within = 10000) {
    return soon(`a picture of publisher ${number}`,
      new Promise((resolve) => { this.heard.push({ number, resolve }); }), within);
  }

  request(body) { return ask(this.handle, body); }

  /// Packets that have come, and what is decoded of them, by m-line.
  async received() {
    const entries = [...(await this.pc.getStats()).values()].filter(({ type }) => type === 'inbound-rtp');
    return entries.map(({ kind, mid, packetsReceived, packetsLost, framesDecoded = 0 }) =>
      ({ kind, mid, packets: packetsReceived, lost: packetsLost, frames: framesDecoded }));
  }

  async packets() { return (await this.received()).reduce((sum, each) => sum + each.packets, 0); }

  async leave() {
    this.sinks?.forEach((sink) => sink.stop());
    this.pc?.close();
    await this.session.close();
  }
}
