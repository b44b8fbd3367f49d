// SPDX-License-Identifier: LGPL-2.1-or-later
// Waiting, always for a condition and never longer than a deadline.
import { setTimeout as pause } from 'node:timers/promises';

/// What has to happen, on a machine that does other things too. What has to happen quickly names its own limit.
const patience = 20000;

/// Asks `condition` until it answers something true, which is the result. A condition that throws is
/// not met yet; what it threw last is the cause of the failure.
export async function until(what, condition, { within = patience, every = 10 } = {}) {
  const deadline = performance.now() + within;
  for (;;) {
    let cause;
    try {
      const answer = await condition();
      if (answer) return answer;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > deadline) throw new Error(`${what}: not within ${within} ms`, { cause });
    await pause(every);
  }
}

/// The promise's result, or a failure that says what was being waited for.
export async function soon(what, promise, within = patience) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${within} ms`)), within);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
