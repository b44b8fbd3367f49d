// SPDX-License-Identifier: LGPL-2.1-or-later
// One call's media: what we send, what we get.

/// The camera and the microphone, or what a browser can make up without them.
export async function ownMedia(synthetic) {
  if (synthetic) return madeUp();
  return navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, height: 480 } });
}

function madeUp() {
  const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 480 });
  const brush = canvas.getContext('2d');
  let turn = 0;
  const paint = () => {
    turn++;
    const sky = brush.createLinearGradient(0, 0, 640, 480);
    sky.addColorStop(0, `hsl(${turn % 360} 60% 45%)`);
    sky.addColorStop(1, `hsl(${(turn + 90) % 360} 60% 25%)`);
    brush.fillStyle = sky;
    brush.fillRect(0, 0, 640, 480);
    brush.fillStyle = '#fff';
    brush.font = '600 64px system-ui, sans-serif';
    brush.textAlign = 'center';
    brush.fillText(new Date().toLocaleTimeString(), 320, 260);
  };
  const timer = setInterval(paint, 1000 / 15);
  const stream = canvas.captureStream(15);
  const [picture] = stream.getVideoTracks();
  const stop = picture.stop.bind(picture);
  picture.stop = () => {
    clearInterval(timer);
    stop();
  };
  // A soft tone: silence would look like a broken microphone.
  const audio = new AudioContext();
  const tone = new OscillatorNode(audio, { frequency: 220 });
  const sink = audio.createMediaStreamDestination();
  tone.connect(new GainNode(audio, { gain: 0.05 })).connect(sink);
  tone.start();
  stream.addTrack(sink.stream.getAudioTracks()[0]);
  return stream;
}

export class Call {
  #early = [];
  #sent = false;

  constructor(janus, own, show) {
    this.janus = janus;
    this.own = own;
    this.pc = new RTCPeerConnection();
    for (const track of own.getTracks()) this.pc.addTrack(track, own);
    this.pc.ontrack = ({ streams }) => show(streams[0]);
    this.pc.onicecandidate = ({ candidate }) => {
      if (this.#sent) janus.trickle(candidate);
      else this.#early.push(candidate);
    };
  }

  /// Sends a request with our description, then the candidates found so far: Janus wants them in this order.
  async #say(body) {
    const { type, sdp } = this.pc.localDescription;
    const answer = this.janus.request(body, { type, sdp });
    this.#sent = true;
    this.#early.splice(0).forEach((candidate) => this.janus.trickle(candidate));
    return answer;
  }

  async offer(username) {
    await this.pc.setLocalDescription();
    return this.#say({ request: 'call', username });
  }

  /// Offers to bring a direct call over the servers.
  async bridge() {
    await this.pc.setLocalDescription();
    return this.#say({ request: 'bridge' });
  }

  async answer(jsep, body = { request: 'accept' }) {
    await this.pc.setRemoteDescription(jsep);
    await this.pc.setLocalDescription();
    return this.#say(body);
  }

  async accepted(jsep) { await this.pc.setRemoteDescription(jsep); }

  end() {
    this.pc.close();
    for (const track of this.own.getTracks()) track.stop();
  }
}
