// SPDX-License-Identifier: LGPL-2.1-or-later
// Whether a server is back where it was.
import { until } from './wait.mjs';
import { descriptorNames, threadNames } from './proc.mjs';

/// What a server holds once that does not change any more: sockets and threads go a moment after a call.
export async function holdings(server) {
  let last, times = 0;
  return until(`what ${server.name} holds stays the same`, async () => {
    const now = await held(server);
    times = last && keys.every((key) => now[key] === last[key]) ? times + 1 : 0;
    last = now;
    return times >= 10 && now;
  }, { every: 30 });
}

// GLib keeps two threads that have nothing to do, GStreamer's last ones for example, for what comes next.
const spare = { threads: 2 };
const keys = ['fds', 'threads', 'sessions', 'lanes', 'calls', 'users', 'handles'];

async function held(server) {
  const status = await server.status();
  return {
    fds: server.fds,
    threads: server.threads,
    sessions: (await server.sessions()).length,
    ...(status && { lanes: status.lanes, calls: status.calls, users: status.users, handles: status.sessions }),
    named: { ...descriptorNames(server.pid), ...threadNames(server.pid) },
  };
}

const more = (now, then) => keys.filter((key) => now[key] > then[key] + (spare[key] ?? 0));

/// What there is more of, by name.
function surplus(now, then) {
  const names = Object.entries(now.named).filter(([name, count]) => count > (then.named[name] ?? 0));
  return names.map(([name, count]) => `${count - (then.named[name] ?? 0)} more of ${name}`).join(', ');
}

/// Waits until nothing is held that was not before.
export async function backTo(then, server, { within } = {}) {
  let now;
  try {
    await until(`${server.name} is back where it was`, async () => {
      now = await held(server);
      return more(now, then).length === 0;
    }, { within, every: 50 });
  } catch (error) {
    const counts = ({ named, ...rest }) => JSON.stringify(rest);
    error.message += `: ${counts(then)} before, ${counts(now)} now: ${surplus(now, then)}`;
    throw error;
  }
}
