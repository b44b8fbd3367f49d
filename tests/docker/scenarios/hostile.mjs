// SPDX-License-Identifier: LGPL-2.1-or-later
import path from 'node:path';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Node } from '../container.mjs';
import { call, found, oneAtEach } from '../people.mjs';
import { median } from '../../../bench/figures.mjs';

export const title = 'a hostile container besieges every port; calls take at most twice their time, memory is bounded';

const siege = path.join(path.dirname(fileURLToPath(import.meta.url)), '../siege.mjs');

export default async function ({ federation, did, saw }) {
  const all = await federation();
  const people = await oneAtEach(all.servers);
  await found(people);
  const calls = async (number) => {
    const took = [];
    for (let one = 0; one < number; one++) took.push(await call(people[one % 5], people[(one + 1 + one % 3) % 5]));
    return took;
  };
  await calls(10); // makes the trunks
  const before = await calls(15);
  const memory = () => Promise.all(all.servers.map((server) => server.memoryMiB()));
  const then = await memory();
  saw(`first sound of 15 calls after ${median(before)} ms (median), at most ${Math.max(...before)} ms`);

  const hostile = new Node('hostile');
  await hostile.run('viaduct-node', { network: all.network, host: 66 });
  const attacker = spawn('nsenter', ['-t', String(hostile.process), '-n', 'nice', 'node', siege,
    ...all.servers.map((server) => server.host4)], { stdio: ['ignore', 'inherit', 'inherit'] });
  did('a container floods them with noise, forgeries, half-open and slow connections, and frames without end');
  try {
    const during = await calls(15);
    saw(`first sound of 15 calls after ${median(during)} ms (median), at most ${Math.max(...during)} ms`);
    saw(`everybody found from everywhere after ${await found(people)} ms`);
    const now = await memory();
    const grown = Math.max(...now.map((each, index) => each - then[index]));
    saw(`memory of a server grew by ${grown.toFixed(1)} MiB at the most`);
    if (attacker.exitCode !== null) throw new Error('the siege ended early');
    if (median(during) > 2 * median(before)) throw new Error('calls took more than twice their usual time');
    if (grown > 64) throw new Error('memory is not bounded');
  } finally {
    attacker.kill();
  }
}
