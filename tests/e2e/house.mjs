// SPDX-License-Identifier: LGPL-2.1-or-later
// What every test file starts with: servers that stop when the file ends, and whose logs are shown when
// something failed.
import { after, before } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { start, stop, stock, viaduct } from './federation.mjs';
import { Caller } from './caller.mjs';

/// With VIADUCT_E2E_STOCK=1 the same tests run against Janus's own VideoCall on one server: it shows
/// whether a failure is the plugin's or the test's.
export const againstStock = process.env.VIADUCT_E2E_STOCK === '1';
export const plugin = againstStock ? stock : viaduct;

const failed = new Set();
const nameTaken = 476;
const lingersAtMost = 3000; // ms

/// Servers for a whole file; the array is filled before the first test. `prepare` and `finish` are for
/// what else the file needs: Node does not say in which order it runs several hooks.
export function house(name, { prepare, finish, ...options } = {}) {
  const servers = [];
  before(async () => {
    const began = await start({ prefix: `${name}/`, plugin, ...options, ...(againstStock && { size: 1 }) });
    while (againstStock && began.length < 3) began.push(began[0]);
    servers.push(...began);
    await prepare?.();
  });
  after(async () => {
    await finish?.();
    await stop(servers);
    // What libwebrtc has not let go of must not keep the file from ending.
    setTimeout(() => process.exit(), lingersAtMost).unref();
    if (failed.size === 0) return;
    for (const server of new Set(servers)) {
      console.error(`--- the log of ${server.name} (${server.log}) ends:\n${server.logTail(40)}`);
    }
  });
  return servers;
}

/// Janus says that a session is destroyed before it tells the plugin: for a moment the test before has the name.
async function enter(caller, name) {
  for (let tries = 0; ; tries++) {
    try {
      return await caller.register(name);
    } catch (error) {
      if (error.code !== nameTaken || tries === 20) throw error;
      await pause(50);
    }
  }
}

/// Runs `body` with callers at the given servers, registered under the given names, who leave afterwards. A name
/// may have a function that makes its caller instead of a server.
export async function withCallers(people, body) {
  const callers = [];
  try {
    for (const [name, where] of Object.entries(people)) {
      const caller = typeof where === 'function' ? await where() : await Caller.at(where, plugin);
      callers.push(caller);
      caller.name = name;
      if (!name.startsWith('_')) await enter(caller, name);
    }
    await body(...callers);
  } catch (error) {
    failed.add(error);
    throw error;
  } finally {
    await Promise.all(callers.map((caller) => caller.leave()));
  }
}
