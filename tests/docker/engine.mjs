// SPDX-License-Identifier: LGPL-2.1-or-later
// The container engine, by its command line.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

async function command(program, args) {
  try {
    return (await run(program, args, { timeout: 60000, maxBuffer: 64 << 20 })).stdout.trim();
  } catch (error) {
    throw new Error(`${program} ${args.join(' ')}: ${(error.stderr || error.message).trim()}`);
  }
}

export const docker = (...args) => command('docker', args);

/// As a plug-in of the engine's command, or the program of its own that Debian 12 has.
export const composeProgram = () => docker('compose', 'version').then(() => ['docker', 'compose'], () => ['docker-compose']);

export async function compose(...args) {
  const [program, ...first] = await composeProgram();
  return command(program, [...first, ...args]);
}

/// Runs a program of this machine in the network of a container, which has none of its own to change it with.
export const inNetworkOf = (pid, ...args) => command('nsenter', ['-t', String(pid), '-n', ...args]);

/// A network that leads nowhere but to its containers and to us. `number` makes its addresses.
export class Network {
  constructor(name, number = 1) {
    Object.assign(this, { name, number });
  }

  async create() {
    await docker('network', 'create', '--internal', '--ipv6', '--subnet', this.address(0) + '/24',
      '--gateway', this.address(1), '--subnet', this.address6(0) + '/64', this.name);
  }

  address(host) { return `10.77.${this.number}.${host}`; }
  address6(host) { return `fd77:${this.number}::${host === 0 ? '' : host.toString(16)}`; }
  remove() { return docker('network', 'rm', this.name); }
}
