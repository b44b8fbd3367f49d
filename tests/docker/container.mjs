// SPDX-License-Identifier: LGPL-2.1-or-later
// Containers of the federation, and what can happen to one: it is what the scenarios say that is done.
import fs from 'node:fs';
import path from 'node:path';
import { Janus } from '../e2e/janus.mjs';
import { viaduct } from '../e2e/federation.mjs';
import { runs } from '../e2e/where.mjs';
import { until } from '../e2e/wait.mjs';
import { docker, inNetworkOf } from './engine.mjs';

const interfaceOf = 'eth+'; // the first is eth0, and eth1 when it has been away

/// How a container is run and hurt. Mixed into both kinds below.
const Contained = (Base) => class extends Base {
  async run(image, { network, host, environment = {}, options = [], command = [] }) {
    Object.assign(this, { network, host });
    const variables = Object.entries(environment).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
    await docker('run', '--detach', '--name', this.name, '--network', network.name, '--ip', this.host4,
      '--ip6', this.host6, ...variables, ...options, image, ...command);
    await this.refresh();
  }

  get host4() { return this.network.address(this.host); }
  get host6() { return this.network.address6(this.host); }

  async inspect(what) { return docker('inspect', '--format', what, this.name); }
  async refresh() { this.process = Number(await this.inspect('{{.State.Pid}}')); }

  // What happens to it. `kill` is what the machine's end looks like: nothing is said.
  async kill() { await docker('kill', '--signal', 'KILL', this.name); this.gone = true; }
  async stop() {
    const began = performance.now();
    await docker('stop', '--time', '10', this.name);
    this.gone = true;
    this.stoppedWithin = performance.now() - began;
    return Number(await this.inspect('{{.State.ExitCode}}'));
  }
  async startAgain() {
    await docker('start', this.name);
    this.gone = false;
    await this.refresh();
  }
  pause() { return docker('pause', this.name); }
  unpause() { return docker('unpause', this.name); }
  disconnect() { return docker('network', 'disconnect', this.network.name, this.name); }
  async connect(host = this.host) {
    this.host = host;
    await docker('network', 'connect', '--ip', this.host4, '--ip6', this.host6, this.network.name, this.name);
  }

  iptables(...rule) {
    return Promise.all(['iptables', 'ip6tables'].map((program, index) => inNetworkOf(this.process, program, '-w',
      ...rule.map((part) => (typeof part === 'function' ? part(index) : part)))));
  }
  /// Nothing of the other's arrives here any more; the other way is open.
  deafTo(other) { return this.iptables('-A', 'INPUT', '-s', (six) => (six ? other.host6 : other.host4), '-j', 'DROP'); }
  /// A share of what other containers send is lost; we, who are the gateway, are heard.
  loses(share) {
    return this.iptables('-A', 'INPUT', '-i', interfaceOf, '!', '-s',
      (six) => (six ? this.network.address6(1) : this.network.address(1)),
      '-m', 'statistic', '--mode', 'random', '--probability', String(share), '-j', 'DROP');
  }
  heal() { return this.iptables('-F', 'INPUT'); }

  /// What the kernel counts for the whole container.
  async memoryMiB() {
    const text = await docker('stats', '--no-stream', '--format', '{{.MemUsage}}', this.name);
    const [, number, unit] = text.match(/^([\d.]+)([KMG])iB/);
    return Number(number) * { K: 1 / 1024, M: 1, G: 1024 }[unit];
  }

  async saveLog() {
    const file = path.join(runs, `${this.name}.log`);
    fs.mkdirSync(runs, { recursive: true });
    const { execFileSync } = await import('node:child_process');
    fs.writeFileSync(file, execFileSync('sh', ['-c', `docker logs ${this.name} 2>&1`], { maxBuffer: 256 << 20 }));
    return file;
  }
  async saidInLog(pattern) {
    return fs.readFileSync(await this.saveLog(), 'utf8').split('\n').filter((line) => pattern.test(line));
  }
};

/// A node of the DHT without Janus.
export class Node extends Contained(class { constructor(name) { this.name = name; } }) {
  async answers() {
    await until(`${this.name} answers`, () => docker('exec', this.name, '/usr/lib/viaduct/healthy', 'node'),
      { within: 15000, every: 100 });
  }
}

/// Janus with the plugin; whoever calls from it takes it for one of tests/e2e.
export class Server extends Contained(Janus) {
  constructor(name) {
    super({ name, ports: { http: 8088, ws: 8188, admin: 7088 }, pluginConfigs: { [viaduct]: {} } });
  }

  get bind() { return this.host4; }
  set bind(_) {}
  get pid() { return this.process; }

  async answers({ within = 15000 } = {}) {
    await until(`${this.name} answers`, async () => (await this.status()).node, { within, every: 50 });
    this.id = (await this.status()).node;
  }
}
