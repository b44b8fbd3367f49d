// SPDX-License-Identifier: LGPL-2.1-or-later
// Nodes of the DHT without Janus: the `viaduct` command as a user runs it.
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { build, runs } from './where.mjs';
import { soon } from './wait.mjs';

export const tool = process.env.VIADUCT_TOOL ?? path.join(build, 'plain', 'tools', 'viaduct');

const run = promisify(execFile);

/// What the command prints as JSON. "Not found" is an answer, too.
export async function ask(command, ...args) {
  try {
    return JSON.parse((await run(tool, [command, ...args, '--json'], { timeout: 20000 })).stdout);
  } catch (error) {
    if (error.code === 1 && error.stdout) return JSON.parse(error.stdout);
    throw new Error(`viaduct ${command} ${args.join(' ')}: ${error.stderr || error.message}`);
  }
}

const bootstraps = (addresses) => addresses.flatMap((address) => ['--bootstrap', address]);

export class Node {
  /// Runs until `stop`. `name` is of its key file, which is kept for the next one of that name.
  static async start(name, listen, bootstrap = [], { signalling = '127.0.0.1:0', options = [], tool: program = tool } = {}) {
    fs.mkdirSync(path.join(runs, path.dirname(name)), { recursive: true });
    const key = path.join(runs, `${name}.key`);
    fs.rmSync(`${key}.contacts`, { force: true });
    const node = new Node();
    node.process = spawn(program, ['node', '--identity', key, '--listen', listen, '--signalling', signalling,
      ...bootstraps(bootstrap), ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
    const said = readline.createInterface({ input: node.process.stdout });
    const ready = (async () => {
      for await (const line of said) {
        node.id ??= line.match(/^node ([0-9a-f]{40}) /)?.[1];
        node.address ??= line.match(/bootstrap from (\S+)/)?.[1];
        if (node.address) return;
      }
      throw new Error(`the node ${name} ended at once`);
    })();
    await soon(`the node ${name}`, ready, 15000);
    return node;
  }

  /// The command, asking this node first.
  ask(command, ...args) {
    return ask(command, ...args, '--bootstrap', this.reachable ?? this.address);
  }

  async stop() {
    if (this.process.exitCode !== null) return;
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill();
    await ended;
  }
}
