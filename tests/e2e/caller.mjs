// SPDX-License-Identifier: LGPL-2.1-or-later
// Somebody at one server who can call and be called: VideoCall's API with libwebrtc behind it.
import { load } from './where.mjs';
import { Session } from './client.mjs';
import { tracks } from './synthetic-media.mjs';
import { until } from './wait.mjs';

const { RTCPeerConnection, nonstandard } = load('@roamhq/wrtc');

// libwebrtc's threads do not survive Node's orderly end: leave without it once everything is done.
process.on('beforeExit', () => process.exit());

/// The API said no: `code` as VideoCall has it, `reason` one word.
export class Refused extends Error {
  constructor(data) {
    super(data.error ?? data.result?.reason);
    this.code = data.error_code;
    this.reason = data.reason ?? data.result?.reason;
    this.data = data;
  }
}

export class Caller {
  static async at(server, plugin) {
    const caller = new this();
    caller.server = server;
    caller.session = await Session.open(server.url);
    caller.handle = await caller.session.attach(plugin);
    return caller;
  }

  async request(body, options) {
    const event = await this.handle.request(body, options);
    if (event.plugindata.data.error_code !== undefined) throw new Refused(event.plugindata.data);
    return { ...event.plugindata.data.result, jsep: event.jsep };
  }

  async register(username, options = {}) {
    this.name = username;
    return this.request({ request: 'register', username, ...options });
  }

  connection() {
    const pc = this.pc = new RTCPeerConnection({ iceServers: [] });
    this.media = tracks();
    this.media.tracks.forEach((track) => pc.addTrack(track));
    this.prepared?.(pc);
    this.frames = 0;
    this.sinks = [];
    pc.ontrack = ({ track }) => {
      if (track.kind !== 'video') return;
      const sink = new nonstandard.RTCVideoSink(track);
      this.sinks.push(sink);
      sink.onframe = ({ frame }) => {
        this.frames++;
        this.width = frame.width;
      };
    };
    return pc;
  }

  /// The offer with all candidates in it, so that a call can be timed without the time to gather them.
  async prepare() {
    const pc = this.connection();
    await pc.setLocalDescription(await pc.createOffer());
    await until('all candidates are gathered', () => pc.iceGatheringState === 'complete', { every: 5 });
    return pc.localDescription;
  }

  /// Rings; returns what the API says to that.
  async call(username, { within } = {}) {
    const { type, sdp } = this.pc ? this.pc.localDescription : await this.prepare();
    return this.request({ request: 'call', username }, { jsep: { type, sdp }, within });
  }

  async ringing(options) {
    const event = await this.handle.event('incomingcall', options);
    this.offer = event.jsep;
    return event.plugindata.data.result.username;
  }

  /// Answers at once and sends the candidates after it, as browsers do.
  async accept() {
    const pc = this.connection();
    const candidates = [];
    let send = (candidate) => candidates.push(candidate);
    pc.onicecandidate = ({ candidate }) => send(candidate);
    await pc.setRemoteDescription(this.offer);
    await pc.setLocalDescription(await pc.createAnswer());
    const { type, sdp } = pc.localDescription;
    const answered = this.request({ request: 'accept' }, { jsep: { type, sdp } });
    send = (candidate) => this.handle.trickle(candidate);
    candidates.forEach(send);
    return answered;
  }

  async accepted(options) {
    const event = await this.handle.event('accepted', options);
    this.acceptedAt = performance.now();
    await this.setRemote(event.jsep);
    return event.plugindata.data.result.username;
  }

  async setRemote(jsep) { await this.pc.setRemoteDescription(jsep); }

  /// Changes the call that is up: an offer, and the answer to it. The other side runs `updates` meanwhile.
  async renegotiate(options) {
    const pc = this.pc;
    await pc.setLocalDescription(await pc.createOffer(options));
    await until('all candidates are gathered', () => pc.iceGatheringState === 'complete', { every: 5 });
    const { type, sdp } = pc.localDescription;
    await this.request({ request: 'set', ...(options?.iceRestart && { restart: true }) }, { jsep: { type, sdp } });
    const event = await this.handle.event('update');
    await this.setRemote(event.jsep);
    return event.jsep;
  }

  /// Answers a renegotiation of the other side.
  async updates() {
    const event = await this.handle.event('update');
    const pc = this.pc;
    await pc.setRemoteDescription(event.jsep);
    await pc.setLocalDescription(await pc.createAnswer());
    await until('all candidates are gathered', () => pc.iceGatheringState === 'complete', { every: 5 });
    const { type, sdp } = pc.localDescription;
    await this.request({ request: 'set' }, { jsep: { type, sdp } });
    return event.jsep;
  }

  async connected({ within } = {}) {
    await until(`${this.name} is connected`, () => this.pc.connectionState === 'connected', { within });
  }

  /// Milliseconds (performance.now) when the first packet of any kind had come in. Statistics are cached
  /// for 50 ms; the list of sources is not.
  async firstPacket({ within } = {}) {
    const heard = () => this.pc.getReceivers().some((each) => each.getSynchronizationSources().length > 0);
    await until(`the first packet for ${this.name}`, heard, { within, every: 2 });
    return performance.now();
  }

  /// Packets received so far: { audio, video }.
  async received() {
    const counts = { audio: 0, video: 0 };
    for (const entry of (await this.pc.getStats()).values()) {
      if (entry.type === 'inbound-rtp') counts[entry.kind ?? entry.mediaType] += entry.packetsReceived;
    }
    return counts;
  }

  /// Waits for so many more packets of each kind and decoded pictures.
  async hears({ packets = 20, frames = 5, within } = {}) {
    const before = await this.received();
    const framesBefore = this.frames;
    await until(`${this.name} gets audio and video`, async () => {
      const now = await this.received();
      return now.audio - before.audio >= packets && now.video - before.video >= packets / 2
        && this.frames - framesBefore >= frames;
    }, { within, every: 30 });
  }

  async hangup(reason) { return this.request({ request: 'hangup', ...(reason && { reason }) }); }

  /// The event that the other side hung up, or that the call ended by itself; its reason. With a `reason`
  /// waits for that one: VideoCall may send a late second event about an earlier call.
  async hungUp({ reason, within } = {}) {
    const event = await this.handle.event('hangup', { within,
      where: (result) => reason === undefined || result.reason === reason });
    return event.plugindata.data.result.reason;
  }

  /// The browser's half of a call's end.
  endMedia() {
    this.sinks?.forEach((sink) => sink.stop());
    this.media?.done();
    this.pc?.close();
    this.pc = this.sinks = this.media = undefined;
  }

  async leave() {
    this.endMedia();
    if (this.session.lost || this.server.gone) this.session.drop();
    else await this.session.close();
  }
}

