// SPDX-License-Identifier: LGPL-2.1-or-later
// Somebody who watches a stream by its URI at one server: the Streaming plugin's requests with libwebrtc behind them.
import { load } from './where.mjs';
import { Session } from './client.mjs';
import { Refused } from './caller.mjs';
import { until } from './wait.mjs';

const { RTCPeerConnection, nonstandard } = load('@roamhq/wrtc');

async function gathered(pc) {
  await until('all candidates are gathered', () => pc.iceGatheringState === 'complete', { every: 5 });
  const { type, sdp } = pc.localDescription;
  return { type, sdp };
}

export class Viewer {
  frames = 0;

  static async at(server, plugin) {
    const viewer = new Viewer();
    viewer.session = await Session.open(server.url);
    viewer.handle = await viewer.session.attach(plugin);
    return viewer;
  }

  /// The answer to a request: its `result`, with the JSEP that may come with it.
  async request(body, options) {
    const event = await this.handle.request(body, options);
    const data = event.plugindata.data;
    if (data.error_code !== undefined) throw new Refused(data);
    return { ...data.result, jsep: event.jsep };
  }

  /// The next event of this status that nobody has asked for.
  async status(status, within = 10000) {
    const event = await this.handle.inbox.take(`the status ${status}`,
      ({ plugindata, transaction }) => !transaction && plugindata?.data?.result?.status === status, within);
    return { ...event.plugindata.data.result, jsep: event.jsep };
  }

  /// `path`: a NarrowPath between the server and the browser.
  async watch(uri, path = undefined) {
    this.path = path;
    const preparing = await this.request({ request: 'watch', uri }, { within: 10000 });
    this.connection();
    await this.answer(preparing.jsep);
    await this.status('started');
    return preparing;
  }

  connection() {
    this.pc = new RTCPeerConnection({ iceServers: [] });
    this.sinks = [];
    this.pc.ontrack = ({ track }) => {
      if (track.kind !== 'video') return;
      const sink = new nonstandard.RTCVideoSink(track);
      this.sinks.push(sink);
      sink.onframe = () => { this.frames++; };
    };
  }

  /// `change` may do something to the answer.
  async answer(jsep, change = (answer) => answer) {
    await this.pc.setRemoteDescription(this.path ? this.path.through(jsep, 'server') : jsep);
    await this.pc.setLocalDescription(await this.pc.createAnswer());
    const answer = change(await gathered(this.pc));
    return this.request({ request: 'start' }, { jsep: this.path ? this.path.through(answer, 'browser') : answer });
  }

  async packets(kind) {
    let packets = 0;
    for (const entry of (await this.pc.getStats()).values())
      if (entry.type === 'inbound-rtp' && entry.kind === kind) packets += entry.packetsReceived;
    return packets;
  }

  /// Waits for some more pictures.
  async sees(within = 10000) {
    const before = this.frames;
    await until('more pictures', () => this.frames >= before + 5, { within });
  }

  async hears(within = 10000) {
    const before = await this.packets('audio');
    await until('more sound', async () => await this.packets('audio') >= before + 15, { within, every: 30 });
  }

  async leave() {
    this.sinks?.forEach((sink) => sink.stop());
    this.pc?.close();
    await this.session.close();
  }
}

/// Viewers at the given servers; they leave afterwards.
export async function withViewers(servers, plugin, body) {
  const viewers = [];
  try {
    for (const server of servers) viewers.push(await Viewer.at(server, plugin));
    await body(...viewers);
  } finally {
    await Promise.all(viewers.map((viewer) => viewer.leave()));
  }
}
