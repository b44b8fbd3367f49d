// SPDX-License-Identifier: LGPL-2.1-or-later
// Pipelines as people run them: gst-launch-1.0 with our elements.
import assert from 'node:assert';
import fs from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { build, runs } from './where.mjs';
import { until } from './wait.mjs';

export class Launch {
  static running = new Set();

  /// `name` is the folder that it runs in; `line` what is behind gst-launch-1.0.
  static start(name, line, { env = {} } = {}) {
    const launch = new Launch();
    const folder = path.join(runs, name);
    fs.mkdirSync(folder, { recursive: true });
    Object.assign(launch, { line, said: '' });
    launch.child = spawn('bash', ['-c', `exec gst-launch-1.0 -m ${line}`], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, GST_PLUGIN_PATH: path.join(build, 'plain', 'gst', 'elements'),
        GST_REGISTRY: path.join(folder, 'registry.bin'), ...env } });
    for (const stream of [launch.child.stdout, launch.child.stderr])
      stream.on('data', (text) => { launch.said += text; });
    launch.ended = new Promise((resolve) => { launch.child.once('exit', resolve); });
    Launch.running.add(launch);
    return launch;
  }

  /// Waits until it has said this; fails with all it has said otherwise.
  says(pattern, within = 20000) {
    return until(`${this.line}\nto say ${pattern}`, () => {
      assert.doesNotMatch(this.said, /^ERROR/m, this.said.slice(-3000));
      return this.said.match(pattern);
    }, { within });
  }

  /// How often it has.
  count(pattern) { return (this.said.match(pattern) ?? []).length; }

  async end(signal = 'SIGINT') {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    await this.ended;
    Launch.running.delete(this);
  }

  static async endAll() {
    await Promise.all([...Launch.running].map((one) => one.end('SIGKILL')));
  }
}
