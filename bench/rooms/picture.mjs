// SPDX-License-Identifier: LGPL-2.1-or-later
// Pictures that tell whose they are, by a colour, and a tone; sent only while they are wanted.
import { load } from '../../tests/e2e/where.mjs';

const { nonstandard } = load('@roamhq/wrtc');

// So far apart that no encoder makes one of another.
const steps = [32, 80, 128, 176, 224];
export const coloursMax = steps.length ** 2;
const tolerance = 20;

const colour = (number) => [steps[number % steps.length], steps[Math.floor(number / steps.length) % steps.length]];

/// Whose picture a frame is; -1: nobody's.
export function numberOf({ data, width, height }) {
  const luma = width * height, chroma = Math.ceil(width / 2) * Math.ceil(height / 2);
  const middle = Math.floor(Math.ceil(height / 2) / 2) * Math.ceil(width / 2) + Math.floor(width / 4);
  const found = [data[luma + middle], data[luma + chroma + middle]].map((value) =>
    steps.findIndex((step) => Math.abs(step - value) <= tolerance));
  return found.includes(-1) ? -1 : found[1] * steps.length + found[0];
}

function picture(width, height, number, frame, noise) {
  const luma = width * height;
  const data = new Uint8ClampedArray(luma * 1.5);
  // Noise, which fills packets as what cameras see does.
  for (let at = 0; at < luma; at++) data[at] = 64 + (Math.floor(at / width) + 4 * frame) % 128 + noise * Math.random();
  const [u, v] = colour(number);
  data.fill(u, luma, luma * 1.25);
  data.fill(v, luma * 1.25);
  return { width, height, data };
}

/// What one publisher sends.
export class Camera {
  constructor(number, { width = 320, height = 240, rate = 15, noise = 10 } = {}) {
    Object.assign(this, { number, rate });
    this.video = new nonstandard.RTCVideoSource();
    this.audio = new nonstandard.RTCAudioSource();
    this.tracks = [this.audio.createTrack(), this.video.createTrack()];
    this.pictures = Array.from({ length: 16 }, (_, frame) => picture(width, height, number, 4 * frame, noise));
    this.frame = number; // so that not all have the same at the same moment
    const sampleRate = 48000, samples = new Int16Array(sampleRate / 100)
      .map((_, n) => 8000 * Math.sin(2 * Math.PI * 400 * n / sampleRate));
    this.block = { samples, sampleRate, bitsPerSample: 16, channelCount: 1, numberOfFrames: samples.length };
  }

  on() {
    if (this.timers) return;
    // A timer that is late is made up for.
    const began = performance.now();
    let blocks = 0;
    this.timers = [
      setInterval(() => this.video.onFrame(this.pictures[this.frame++ % this.pictures.length]), 1000 / this.rate),
      setInterval(() => {
        for (const due = (performance.now() - began) / 10; blocks < due; blocks++) this.audio.onData(this.block);
      }, 20),
    ];
  }

  off() {
    this.timers?.forEach(clearInterval);
    this.timers = undefined;
  }

  end() {
    this.off();
    this.tracks.forEach((track) => track.stop());
  }
}
