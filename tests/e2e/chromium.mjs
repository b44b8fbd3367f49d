// SPDX-License-Identifier: LGPL-2.1-or-later
// Debian's Chromium with a camera and a microphone that do not exist.
import fs from 'node:fs';
import path from 'node:path';
import { chromiumPath, load, runs } from './where.mjs';

const { chromium } = load('playwright-core');

export async function launch(name) {
  const profile = path.join(runs, `chromium-${name}`);
  fs.rmSync(profile, { recursive: true, force: true });
  return chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath,
    headless: true,
    permissions: ['camera', 'microphone'],
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream', '--autoplay-policy=no-user-gesture-required'],
  });
}

/// Waits until the video under `selector` plays: it has a picture and its clock goes on.
export async function plays(page, selector, { within = 20000 } = {}) {
  const handle = await page.waitForFunction((query) => {
    const video = document.querySelector(query);
    if (!video || video.videoWidth === 0) return false;
    // The time at which it was first seen, kept between two looks.
    const seen = (window.__seen ??= new Map());
    if (!seen.has(query)) seen.set(query, video.currentTime);
    return video.currentTime > seen.get(query) + 0.3 && { width: video.videoWidth, time: video.currentTime };
  }, selector, { timeout: within, polling: 50 });
  return handle.jsonValue();
}
