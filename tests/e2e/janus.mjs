// SPDX-License-Identifier: LGPL-2.1-or-later
// One Janus process: started with a configuration of its own, watched, stopped.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { json } from 'node:stream/consumers';
import { address, build, networkInterface, runs } from './where.mjs';
import { writeConfig } from './janus-config.mjs';
import { until, soon } from './wait.mjs';
import * as proc from './proc.mjs';

const adminSecret = 'test'; // reached from the run's own namespace only
const running = new Set();

// Whatever ends this process, no Janus outlives it; one that is told to stop gets the time for it.
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));
let leaving;
async function leave() {
  if (leaving) return;
  leaving = true;
  const gone = [...running].map((child) => once(child, 'exit'));
  running.forEach((child) => child.kill('SIGTERM'));
  await soon('all Janus servers stop', Promise.all(gone), 4000).catch(() => {});
  process.exit(130);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, leave);

export class Janus {
  /// `options`: name, ports { http, ws, admin }, plugins (paths), pluginConfigs, enter (a command that runs it elsewhere).
  constructor(options) {
    Object.assign(this, { bind: '127.0.0.1', address, networkInterface, adminSecret, enter: [],
      plugins: [], pluginConfigs: {}, folder: path.join(runs, options.name) }, options);
    this.log = path.join(this.folder, 'log');
  }

  /// Returns once Janus answers, with the milliseconds that it took.
  async start() {
    writeConfig(this);
    return this.restart();
  }

  /// Starts again with the folder as it is: the identity and what was saved are kept.
  async restart({ within } = {}) {
    const began = performance.now();
    const out = fs.openSync(this.log, 'a');
    const [program, ...words] = [...this.enter, 'janus', '-F', this.folder, '-C', path.join(this.folder, 'janus.jcfg')];
    this.child = spawn(program, words, {
      stdio: ['ignore', out, out],
      // A plugin with a sanitizer in it needs that sanitizer's runtime before everything else.
      env: { GST_REGISTRY: path.join(build, 'gst-registry.bin'), ...process.env,
        ...(process.env.VIADUCT_JANUS_PRELOAD && { LD_PRELOAD: process.env.VIADUCT_JANUS_PRELOAD }), ...this.environment },
    });
    fs.closeSync(out);
    running.add(this.child);
    const child = this.child;
    this.exited = once(child, 'exit').then(([code, signal]) => {
      running.delete(child);
      this.gone = true;
      return signal ?? code;
    });
    this.gone = false;
    await until(`${this.name} answers`, async () => {
      if (this.gone) return true;
      return (await fetch(`http://${this.bind}:${this.ports.http}/janus/info`)).ok;
    }, { within, every: 2 });
    if (this.gone) throw new Error(`${this.name} did not start; its log ends:\n${this.logTail()}`);
    return performance.now() - began;
  }

  get pid() { return this.child.pid; }
  get url() { return `ws://${this.bind}:${this.ports.ws}`; }
  get httpUrl() { return `http://${this.bind}:${this.ports.http}/janus`; }

  /// SIGTERM, as an operator would; what it exited with. Not exiting is a failure.
  async stop({ within } = {}) {
    if (!this.child || this.gone) return this.exited;
    this.child.kill('SIGTERM');
    try {
      return await soon(`${this.name} exits after SIGTERM`, this.exited, within);
    } catch (error) {
      this.child.kill('SIGKILL');
      throw error;
    }
  }

  /// A crash, as the others see it.
  async kill() {
    this.child.kill('SIGKILL');
    return this.exited;
  }

  /// A connection of its own for each question: one that is kept would be among the descriptors we count.
  async admin(janus, more = {}) {
    const body = JSON.stringify({ janus, transaction: 'admin', admin_secret: this.adminSecret, ...more });
    const request = http.request({ host: this.bind, port: this.ports.admin, path: '/admin', method: 'POST',
      agent: false, headers: { 'content-length': Buffer.byteLength(body) } });
    request.end(body);
    const [reply] = await once(request, 'response');
    const answer = await json(reply);
    if (answer.janus !== 'success') throw new Error(`${janus}: ${JSON.stringify(answer)}`);
    return answer;
  }

  async sessions() { return (await this.admin('list_sessions')).sessions; }

  /// What our plugin tells about itself: contacts, users, calls, lanes, trunks. Nothing from others.
  async status() {
    const plugin = 'janus.plugin.viaduct';
    if (!(plugin in this.pluginConfigs)) return undefined;
    return (await this.admin('message_plugin', { plugin, request: { request: 'status' } })).response;
  }

  get fds() { return proc.descriptors(this.pid); }
  get threads() { return proc.threads(this.pid); }
  get cpuSeconds() { return proc.cpuSeconds(this.pid); }
  /// What the log says when Janus went on without the plugin.
  refusedPlugin() {
    const lines = this.logText().split('\n').filter((line) => /\[(ERR|FATAL)\].*viaduct/.test(line));
    return lines.join('\n');
  }
  logText() { return fs.existsSync(this.log) ? fs.readFileSync(this.log, 'utf8') : ''; }
  logTail(lines = 30) { return this.logText().split('\n').slice(-lines).join('\n'); }
}
