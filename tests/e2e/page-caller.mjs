// SPDX-License-Identifier: LGPL-2.1-or-later
// A caller whose media is Chromium's: it has every codec, simulcast and data channels. What is said to Janus is
// said from here; the page has the RTCPeerConnection and nothing else.
import http from 'node:http';
import { once } from 'node:events';
import { Caller } from './caller.mjs';
import { launch } from './chromium.mjs';
import { until } from './wait.mjs';

/// Runs in the page.
function library() {
  const state = { channels: {}, heard: [] };
  window.caller = {
    state,
    /// `options`: video (constraints, or false), encodings, codec ("video/H264"), audioCodec, data (a label).
    async connect({ video = { width: 320, height: 240, frameRate: 15 }, encodings, codec, audioCodec, data } = {}) {
      const pc = state.pc = new RTCPeerConnection({ iceServers: [] });
      state.stream = await navigator.mediaDevices.getUserMedia({ audio: true, video });
      const only = (transceiver, kind, mimeType) => {
        if (!mimeType) return;
        const all = RTCRtpReceiver.getCapabilities(kind).codecs;
        const wanted = all.filter((each) => each.mimeType.toLowerCase() === mimeType.toLowerCase());
        if (wanted.length === 0) throw new Error(`this browser has no ${mimeType}`);
        const helpers = all.filter((each) => /\/(rtx|red|ulpfec|opus)$/i.test(each.mimeType) && !wanted.includes(each));
        transceiver.setCodecPreferences([...wanted, ...helpers]);
      };
      state.prefer = () => {
        for (const transceiver of pc.getTransceivers()) {
          const kind = transceiver.receiver.track.kind;
          only(transceiver, kind, kind === 'video' ? codec : audioCodec);
        }
      };
      state.add = () => {
        for (const track of state.stream.getTracks()) {
          if (pc.getSenders().some((sender) => sender.track === track)) continue;
          if (track.kind === 'video' && encodings)
            pc.addTransceiver(track, { direction: 'sendrecv', streams: [state.stream], sendEncodings: encodings });
          else pc.addTrack(track, state.stream);
        }
      };
      pc.ondatachannel = ({ channel }) => caller.watch(channel);
      pc.ontrack = ({ track, streams }) => {
        if (track.kind !== 'video') return;
        const element = document.createElement('video');
        Object.assign(element, { autoplay: true, muted: true, srcObject: streams[0] ?? new MediaStream([track]) });
        document.body.append(element);
      };
      if (data) caller.watch(pc.createDataChannel(data));
    },
    watch(channel) {
      channel.binaryType = 'arraybuffer';
      state.channels[channel.label] = channel;
      channel.onmessage = ({ data }) => state.heard.push([channel.label, data]);
    },
    async gathered() {
      while (state.pc.iceGatheringState !== 'complete') await new Promise((done) => setTimeout(done, 5));
      const { type, sdp } = state.pc.localDescription;
      return { type, sdp };
    },
    async offer(options) {
      state.add();
      state.prefer();
      await state.pc.setLocalDescription(await state.pc.createOffer(options));
      return caller.gathered();
    },
    async answer(offer) {
      await state.pc.setRemoteDescription(offer);
      state.add();
      state.prefer();
      await state.pc.setLocalDescription(await state.pc.createAnswer());
      return caller.gathered();
    },
    async stats() {
      const all = [];
      (await state.pc.getStats()).forEach((entry) => all.push(entry));
      return all;
    },
    close() {
      state.stream?.getTracks().forEach((track) => track.stop());
      state.pc?.close();
      document.querySelectorAll('video').forEach((element) => element.remove());
      Object.assign(state, { pc: undefined, channels: {}, heard: [] });
    },
  };
}

/// One browser for a file; `page()` is a page of it from where a camera may be used.
export class Pages {
  static async open(name) {
    const pages = new Pages();
    pages.site = http.createServer((_, reply) => reply.setHeader('content-type', 'text/html').end('<!doctype html>'));
    pages.site.listen(0, '127.0.0.1');
    await once(pages.site, 'listening');
    pages.browser = await launch(name);
    return pages;
  }

  /// `has`: a function that runs in it first.
  async page(has = library) {
    const page = await this.browser.newPage();
    page.on('pageerror', (error) => console.error(`a page: ${error}`));
    await page.goto(`http://127.0.0.1:${this.site.address().port}/`);
    await page.evaluate(has);
    return page;
  }

  async close() {
    await this.browser?.close();
    this.site?.close();
  }
}

export class PageCaller extends Caller {
  /// `options` are those of `connect` above.
  static async at(server, plugin, pages, options = {}) {
    const caller = await super.at(server, plugin);
    caller.page = await pages.page();
    caller.frames = 0;
    caller.options = options;
    return caller;
  }

  evaluate(...how) { return this.page.evaluate(...how); }

  async prepare() {
    await this.evaluate((options) => caller.connect(options), this.options);
    return this.evaluate((options) => caller.offer(options), this.offerOptions);
  }

  async call(username, { within } = {}) {
    return this.request({ request: 'call', username }, { jsep: await this.prepare(), within });
  }

  async accept() {
    await this.evaluate((options) => caller.connect(options), this.options);
    const jsep = await this.evaluate((offer) => caller.answer(offer), this.offer);
    return this.request({ request: 'accept' }, { jsep });
  }

  async setRemote(jsep) {
    const { type, sdp } = jsep;
    await this.evaluate((description) => caller.state.pc.setRemoteDescription(description), { type, sdp });
  }

  async accepted(options) {
    const event = await this.handle.event('accepted', options);
    await this.setRemote(event.jsep);
    return event.plugindata.data.result.username;
  }

  async connected({ within } = {}) {
    await until(`${this.name} is connected`, () => this.evaluate(
      () => caller.state.pc.connectionState === 'connected'), { within });
  }

  async stats(type, kind) {
    const all = await this.evaluate(() => caller.stats());
    return all.filter((each) => each.type === type && (!kind || each.kind === kind));
  }

  /// The name of the codec of what comes in: "video/H264".
  async codec(kind) {
    const [entry] = await this.stats('inbound-rtp', kind);
    const codecs = await this.stats('codec');
    return codecs.find((each) => each.id === entry?.codecId)?.mimeType;
  }

  async received() {
    const counts = { audio: 0, video: 0 };
    for (const entry of await this.stats('inbound-rtp')) {
      counts[entry.kind] += entry.packetsReceived;
      if (entry.kind === 'video') this.frames = entry.framesDecoded ?? 0;
    }
    return counts;
  }

  endMedia() {
    this.frames = 0;
    this.ended = this.evaluate(() => caller.close()).catch(() => {});
  }

  async leave() {
    await this.ended;
    await super.leave();
    await this.ended;
    await this.page.close();
  }
}
