// SPDX-License-Identifier: LGPL-2.1-or-later
// A tone and a moving picture, made once and sent by every caller of this process.
import { load } from './where.mjs';

const { nonstandard } = load('@roamhq/wrtc');

const width = 320, height = 240, framesPerSecond = 15;
const sampleRate = 48000, samplesPerBlock = sampleRate / 100; // libwebrtc takes audio in blocks of 10 ms

let video, audio, timers = [], users = 0;

function picture(number) {
  const data = new Uint8ClampedArray(width * height * 1.5).fill(128);
  for (let y = 0; y < height; y++) data.fill((y + 4 * number) % 256, y * width, (y + 1) * width);
  return { width, height, data };
}

function begin() {
  video = new nonstandard.RTCVideoSource();
  audio = new nonstandard.RTCAudioSource();
  const pictures = Array.from({ length: 64 }, (_, number) => picture(number));
  let frame = 0;
  timers.push(setInterval(() => video.onFrame(pictures[frame++ % 64]), 1000 / framesPerSecond));

  const tone = Int16Array.from({ length: samplesPerBlock },
    (_, n) => 8000 * Math.sin(2 * Math.PI * 400 * n / sampleRate)); // four whole periods: no click between blocks
  const block = { samples: tone, sampleRate, bitsPerSample: 16, channelCount: 1, numberOfFrames: samplesPerBlock };
  // A timer that is late must be made up for, or the stream has holes.
  const start = performance.now();
  let sent = 0;
  timers.push(setInterval(() => {
    for (const due = (performance.now() - start) / 10; sent < due; sent++) audio.onData(block);
  }, 10));
}

/// A picture of another size, for one who sends it. With `noise` it fills packets, as what cameras see does.
export class Camera {
  constructor({ width, height, noise = false }) {
    const source = new nonstandard.RTCVideoSource();
    this.track = source.createTrack();
    const pictures = Array.from({ length: 16 }, (_, number) => {
      const data = new Uint8ClampedArray(width * height * 1.5).fill(128);
      for (let at = 0; at < width * height; at++)
        data[at] = (Math.floor(at / width) + 16 * number) % 256 + (noise ? 20 * Math.random() : 0);
      return { width, height, data };
    });
    let frame = 0;
    this.timer = setInterval(() => source.onFrame(pictures[frame++ % 16]), 1000 / framesPerSecond);
  }

  stop() {
    clearInterval(this.timer);
    this.track.stop();
  }
}

/// Tracks for one caller; `done` when the caller goes.
export function tracks() {
  if (users++ === 0) begin();
  const made = [audio.createTrack(), video.createTrack()];
  return {
    tracks: made,
    done() {
      made.forEach((track) => track.stop());
      if (--users === 0) timers.splice(0).forEach(clearInterval);
    },
  };
}
