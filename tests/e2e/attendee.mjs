// SPDX-License-Identifier: LGPL-2.1-or-later
// Somebody in a room at one server: VideoRoom's API with libwebrtc behind it. One handle publishes, another
// watches, as clients do.
import { load } from './where.mjs';
import { Session } from './client.mjs';
import { Refused } from './caller.mjs';
import { tracks } from './synthetic-media.mjs';
import { until } from './wait.mjs';

const { RTCPeerConnection, nonstandard } = load('@roamhq/wrtc');

async function gathered(pc) {
  await until('all candidates are gathered', () => pc.iceGatheringState === 'complete', { every: 5 });
  const { type, sdp } = pc.localDescription;
  return { type, sdp };
}

/// A handle with VideoRoom's events.
async function ask(handle, body, options) {
  const event = await handle.request(body, options);
  const data = event.plugindata.data;
  if (data.error_code !== undefined) throw new Refused(data);
  return { ...data, jsep: event.jsep };
}

/// The next event, asked for or not, for which `where` is true.
async function told(handle, what, where, within = 5000) {
  const event = await handle.inbox.take(what, ({ plugindata }) => plugindata?.data && where(plugindata.data), within);
  return { ...event.plugindata.data, jsep: event.jsep };
}

export class Attendee {
  watching = []; // what each m-line of the subscription is

  static async at(server, plugin) {
    const attendee = new this();
    attendee.server = server;
    attendee.plugin = plugin;
    attendee.session = await Session.open(server.url);
    attendee.handle = await attendee.session.attach(plugin);
    return attendee;
  }

  request(body, options) { return ask(this.handle, body, options); }
  event(what, where, within) { return told(this.handle, what, where, within); }

  /// A synchronous request: its answer comes in Janus's own.
  async administer(body) {
    const transaction = this.handle.send({ janus: 'message', body });
    const answers = (each) => each.transaction === transaction && each.janus !== 'ack';
    const answer = await this.handle.inbox.take(`the answer to ${body.request}`, answers, 5000);
    const data = answer.plugindata.data;
    if (data.error_code !== undefined) throw new Refused(data);
    return data;
  }

  async join(room, display, more = {}) {
    this.room = room;
    const joined = await this.request({ request: 'join', ptype: 'publisher', room, display, ...more },
      { within: 10000 });
    Object.assign(this, { id: joined.id, privateId: joined.private_id, name: display });
    return joined;
  }

  /// Publishes a tone and a moving picture; returns when media flows.
  async publish({ data = false, request = 'publish', prepared, ...more } = {}) {
    const pc = this.pc = new RTCPeerConnection({ iceServers: [] });
    this.media = tracks();
    this.media.tracks.forEach((track) => pc.addTransceiver(track, { direction: 'sendonly' }));
    if (data) this.channel = pc.createDataChannel('chat');
    prepared?.(pc);
    await pc.setLocalDescription(await pc.createOffer());
    const answer = await this.request({ request, ...more }, { jsep: await gathered(pc) });
    await pc.setRemoteDescription(answer.jsep);
    await this.handle.core('webrtcup');
    return answer;
  }

  /// Waits until somebody else's feed is announced: an entry of `publishers`.
  async publisher(where, within = 10000) {
    const found = await this.event('a publisher', (data) => data.publishers?.some(where), within);
    return found.publishers.find(where);
  }

  /// Watches streams: [{ feed, mid? }, …]; `path`: a NarrowPath between the server and the browser.
  async watch(streams, more = {}, path = undefined) {
    this.path = path;
    this.subscriber = await this.session.attach(this.plugin);
    const pc = this.subscription = new RTCPeerConnection({ iceServers: [] });
    this.frames = {};
    this.widths = {};
    this.messages = [];
    pc.ontrack = ({ track, transceiver }) => {
      if (track.kind !== 'video') return;
      const sink = new nonstandard.RTCVideoSink(track);
      (this.sinks ??= []).push(sink);
      this.frames[transceiver.mid] = 0;
      sink.onframe = ({ frame }) => {
        this.frames[transceiver.mid]++;
        this.widths[transceiver.mid] = frame.width;
        this.brightness = frame.data[0];
      };
    };
    pc.ondatachannel = ({ channel }) => {
      channel.onmessage = ({ data }) => this.messages.push({ label: channel.label, data });
    };
    const attached = await ask(this.subscriber, { request: 'join', ptype: 'subscriber', room: this.room, streams,
      private_id: this.privateId, ...more });
    await this.answer(attached);
    await until(`${this.name} watches`, () => pc.connectionState === 'connected');
    return attached;
  }

  /// Answers an offer that came with an event.
  async answer(event) {
    if (event.streams) this.watching = event.streams;
    const pc = this.subscription;
    await pc.setRemoteDescription(this.path ? this.path.through(event.jsep, 'server') : event.jsep);
    // As janus.js does: Janus says that there is room for data once a channel of the browser's is open.
    if (event.jsep.sdp.includes('m=application')) this.own ??= pc.createDataChannel('JanusDataChannel');
    await pc.setLocalDescription(await pc.createAnswer());
    const answer = await gathered(pc);
    const jsep = this.path ? this.path.through(answer, 'browser') : answer;
    return ask(this.subscriber, { request: 'start' }, { jsep });
  }

  /// A request about the subscription; answers the offer that may come with it.
  async change(body) {
    const answer = await ask(this.subscriber, body);
    if (answer.jsep) await this.answer(answer);
    return answer;
  }

  /// The next event about the subscription.
  watched(what, where, within) { return told(this.subscriber, what, where, within); }

  /// Packets that each m-line of the subscription has got, and what is decoded of it.
  async received() {
    const lines = {};
    for (const entry of (await this.subscription.getStats()).values())
      if (entry.type === 'inbound-rtp') lines[entry.mid ?? entry.kind] = entry;
    return lines;
  }

  /// Waits until all active m-lines get so many more packets, and pictures so many more frames.
  async sees({ packets = 15, frames = 5, within = 10000 } = {}) {
    const total = async (kind) => Object.values(await this.received()).filter((each) => each.kind === kind)
      .reduce((sum, each) => sum + each.packetsReceived, 0);
    const active = this.watching.filter((each) => each.active);
    const videos = active.filter((each) => each.type === 'video').map((each) => each.mid);
    const before = { audio: await total('audio'), frames: { ...this.frames } };
    await until(`${this.name} sees and hears`, async () => {
      const pictures = videos.every((mid) => this.frames[mid] - (before.frames[mid] ?? 0) >= frames);
      const sound = !active.some((each) => each.type === 'audio') || await total('audio') - before.audio >= packets;
      return pictures && sound;
    }, { within, every: 30 });
  }

  endMedia() {
    this.sinks?.forEach((sink) => sink.stop());
    this.media?.done();
    this.pc?.close();
    this.subscription?.close();
    this.sinks = this.media = this.pc = this.subscription = undefined;
  }

  async leave() {
    this.endMedia();
    if (this.session.lost || this.server.gone) this.session.drop();
    else await this.session.close();
  }
}

/// Attendees at the given servers, by name, in one room; they leave afterwards.
export async function withAttendees(people, plugin, room, body, options = () => ({})) {
  const attendees = [];
  try {
    for (const [name, server] of Object.entries(people)) {
      const attendee = await Attendee.at(server, plugin);
      attendees.push(attendee);
      if (room !== undefined) await attendee.join(room, name, options(name));
    }
    await body(...attendees);
  } finally {
    await Promise.all(attendees.map((attendee) => attendee.leave()));
  }
}
