// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether a server is back where it was.
import { until } from './wait.mjs';
import { descriptorNames, threadNames } from './proc.mjs';

/// What a server holds now.
export async function holdings(server) {
  const status = await server.status();
  return {
    fds: server.fds,
    threads: server.threads,
    sessions: (await server.sessions()).length,
    ...(status && { lanes: status.lanes, calls: status.calls, users: status.users, handles: status.sessions }),
  };
}

const more = (now, then) => Object.keys(then).filter((key) => now[key] > then[key]);

/// Waits until nothing is held that was not before.
export async function backTo(then, server, { within = 10000 } = {}) {
  let now;
  try {
    await until(`${server.name} is back where it was`, async () => {
      now = await holdings(server);
      return more(now, then).length === 0;
    }, { within, every: 50 });
  } catch (error) {
    error.message += `: ${JSON.stringify(then)} before, ${JSON.stringify(now)} now; ` +
      `descriptors ${JSON.stringify(descriptorNames(server.pid))}, ` +
      `threads ${JSON.stringify(threadNames(server.pid))}`;
    throw error;
  }
  return now;
}
