// SPDX-License-Identifier: LGPL-2.1-or-later
// Somebody in a room whose media is Chromium's: pictures in layers, every codec, Opus with redundancy. What is said to
// Janus is said from here; the page has the RTCPeerConnections and nothing else.
import { Attendee } from './attendee.mjs';
import { until } from './wait.mjs';

/// Runs in the page.
function library() {
  const gathered = async (pc) => {
    while (pc.iceGatheringState !== 'complete') await new Promise((done) => setTimeout(done, 5));
    const { type, sdp } = pc.localDescription;
    return { type, sdp };
  };
  const only = (transceiver, kind, mimeType) => {
    const all = RTCRtpSender.getCapabilities(kind).codecs;
    const is = (name) => (each) => each.mimeType.toLowerCase() === name;
    const wanted = all.filter(is(mimeType));
    if (wanted.length === 0) throw new Error(`this browser has no ${mimeType}`);
    transceiver.setCodecPreferences([...wanted, ...all.filter(is('audio/opus')), ...all.filter(is('video/rtx'))]);
  };
  window.room = {
    types: {}, // how many frames of sound have come, by payload type
    /// A picture that moves, and a tone; `codec` and `audioCodec` as "video/vp9".
    async publish({ width = 640, height = 360, frameRate = 15, codec, scalabilityMode, maxBitrate, audioCodec }) {
      const pc = room.pc = new RTCPeerConnection();
      const canvas = Object.assign(document.createElement('canvas'), { width, height });
      const paint = canvas.getContext('2d');
      let at = 0;
      room.timer = setInterval(() => {
        paint.fillStyle = '#246';
        paint.fillRect(0, 0, width, height);
        paint.fillStyle = '#fc8';
        paint.fillRect((at += 7) % width, at % height, width / 5, height / 5);
      }, 1000 / frameRate);
      const sound = new AudioContext();
      const out = sound.createMediaStreamDestination(), tone = sound.createOscillator();
      tone.connect(out);
      tone.start();
      room.sound = sound;
      const direction = 'sendonly';
      const audio = pc.addTransceiver(out.stream.getAudioTracks()[0], { direction });
      if (audioCodec) only(audio, 'audio', audioCodec);
      const video = pc.addTransceiver(canvas.captureStream().getVideoTracks()[0],
        { direction, sendEncodings: [{ scalabilityMode, maxBitrate }] });
      only(video, 'video', codec);
      await pc.setLocalDescription(await pc.createOffer());
      return gathered(pc);
    },
    async watch(offer) {
      const pc = room.subscription ??= new RTCPeerConnection();
      pc.ontrack = ({ track, receiver }) => {
        if (track.kind === 'audio') room.count(receiver);
        const element = document.createElement(track.kind);
        Object.assign(element, { autoplay: true, muted: true, srcObject: new MediaStream([track]) });
        document.body.append(element);
      };
      await pc.setRemoteDescription(offer);
      await pc.setLocalDescription(await pc.createAnswer());
      return gathered(pc);
    },
    /// Notes the payload types of what comes, which statistics do not tell of sound with redundancy.
    count(receiver) {
      const code = `onrtctransform = ({ transformer: { readable, writable } }) => readable.pipeThrough(new TransformStream({
        transform(frame, controller) {
          postMessage(frame.getMetadata().payloadType);
          controller.enqueue(frame);
        } })).pipeTo(writable)`;
      const worker = new Worker(URL.createObjectURL(new Blob([code])));
      worker.onmessage = ({ data }) => { room.types[data] = (room.types[data] ?? 0) + 1; };
      receiver.transform = new RTCRtpScriptTransform(worker, {});
    },
    /// What comes in of a kind.
    async received(kind) {
      let found;
      (await room.subscription.getStats()).forEach((entry) => {
        if (entry.type === 'inbound-rtp' && entry.kind === kind) found = entry;
      });
      return found;
    },
  };
}

export class PageAttendee extends Attendee {
  static async at(server, plugin, pages) {
    const attendee = await super.at(server, plugin);
    attendee.page = await pages.page(library);
    return attendee;
  }

  async publish({ svc, ...options }) {
    const offer = await this.page.evaluate((how) => room.publish(how), options);
    const answer = await this.request({ request: 'publish' }, { jsep: { ...offer, svc } });
    const { type, sdp } = answer.jsep;
    await this.page.evaluate((description) => room.pc.setRemoteDescription(description), { type, sdp });
    await this.handle.core('webrtcup');
    return answer;
  }

  async watch(streams, more = {}) {
    this.subscriber = await this.session.attach(this.plugin);
    const event = await this.subscriber.request({ request: 'join', ptype: 'subscriber', room: this.room, streams, ...more });
    await this.answer({ ...event.plugindata.data, jsep: event.jsep });
  }

  async answer(event) {
    this.watching = event.streams ?? this.watching;
    const { type, sdp } = event.jsep;
    this.offered = sdp;
    const jsep = await this.page.evaluate((offer) => room.watch(offer), { type, sdp });
    await this.subscriber.request({ request: 'start' }, { jsep });
  }

  received(kind) { return this.page.evaluate((which) => room.received(which), kind); }

  /// Waits until a picture of this width is seen, and some more of it.
  async seesWidth(width, within = 20000) {
    let seen;
    await until(`${this.name} sees a picture of ${width}`, async () => {
      seen = await this.received('video');
      return seen?.frameWidth === width;
    }, { within, every: 50 });
    const { framesDecoded } = seen;
    await until(`${this.name} sees more of it`, async () => {
      const now = await this.received('video');
      return now.frameWidth === width && now.framesDecoded >= framesDecoded + 5;
    }, { within, every: 50 });
  }

  async leave() {
    await this.page.close();
    await super.leave();
  }
}
