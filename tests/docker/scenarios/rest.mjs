// SPDX-License-Identifier: LGPL-2.1-or-later
import { setTimeout as pause } from 'node:timers/promises';
import { docker } from '../engine.mjs';
import * as proc from '../../e2e/proc.mjs';

export const title = 'what an image and a server at rest take: 700 MB, 40 MiB, 0.5 % of a core at the most';

const seconds = 20;

export default async function ({ federation, did, saw }) {
  const bytes = Number(await docker('image', 'inspect', '--format', '{{.Size}}', 'viaduct-server'));
  saw(`the image of a server has ${(bytes / 1e6).toFixed(0)} MB`);
  const all = await federation();
  await pause(5000); // the joining is over
  const before = all.servers.map((server) => server.cpuSeconds);
  await pause(seconds * 1000); // this is the measurement
  const cpu = all.servers.map((server, index) => 100 * (server.cpuSeconds - before[index]) / seconds);
  const rss = all.servers.map((server) => proc.rssKiB(server.pid) / 1024);
  const cgroup = await Promise.all(all.servers.map((server) => server.memoryMiB()));
  did(`watched five servers for ${seconds} s`);
  const most = (values, digits) => Math.max(...values).toFixed(digits);
  saw(`at most ${most(cpu, 2)} % of a core; ${most(rss, 1)} MiB resident, ${most(cgroup, 1)} MiB counted for the container`);
  if (bytes > 700e6 || Math.max(...cpu) > 0.5 || Math.max(...rss, ...cgroup) > 40) throw new Error('that is too much');
}
