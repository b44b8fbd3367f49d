// SPDX-License-Identifier: LGPL-2.1-or-later
// Three sizes of one picture, from Chromium, and a callee who chooses among them.
import { until } from './wait.mjs';

const width = 1280, height = 720;
/// The bitrates are such that Chromium sends all three from the beginning.
export const layers = {
  video: { width, height, frameRate: 10 },
  encodings: [{ rid: 'h', maxBitrate: 700_000 },
    { rid: 'm', scaleResolutionDownBy: 2, maxBitrate: 200_000 },
    { rid: 'l', scaleResolutionDownBy: 4, maxBitrate: 70_000 }].map((each) => ({ ...each, scalabilityMode: 'L1T3' })),
};
const widths = [width / 4, width / 2, width];

/// Waits for the event that says so.
export async function told(caller, key, value, within = 15000) {
  try {
    await caller.handle.event('simulcast', { within,
      where: (result) => result[key] === value && result.videocodec === 'vp8' });
  } catch (error) {
    throw new Error(`${caller.name} is not told ${key} ${value}`, { cause: error });
  }
}

export async function sees(caller, substream, within) {
  await until(`${caller.name} sees a picture of ${widths[substream]}`,
    () => caller.width === widths[substream], { within, every: 5 });
}

/// Milliseconds from asking for a substream until its picture is seen.
export async function choose(caller, substream) {
  caller.handle.inbox.kept = [];
  const began = performance.now();
  await caller.request({ request: 'set', substream });
  await Promise.all([told(caller, 'substream', substream), sees(caller, substream, 15000)]);
  return performance.now() - began;
}
