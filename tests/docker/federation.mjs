// SPDX-License-Identifier: LGPL-2.1-or-later
// A bootstrap node and servers that know nothing but its address.
import { until } from '../e2e/wait.mjs';
import { Network, docker } from './engine.mjs';
import { Node, Server } from './container.mjs';

const environment = { VIADUCT_FEDERATION: 'test', JANUS_GENERAL_ADMIN_SECRET: 'test', JANUS_HTTP_ADMIN_ADMIN_IP: '',
  JANUS_GENERAL_DEBUG_LEVEL: '5' }; // the plugin's notes are in the logs that are kept
const port = 7773;

export class Federation {
  servers = [];

  /// Options: size; six: they speak IPv6 to each other and nothing else; options(index) and environment(index): more
  /// of `docker run` and for the container.
  static async start(options = {}) {
    const federation = new Federation();
    Object.assign(federation, { size: 5, six: false, options: () => [], environment: () => ({}) }, options);
    federation.network = new Network('test');
    await federation.network.create();
    federation.bootstrap = new Node('bootstrap');
    await federation.bootstrap.run('viaduct-node', { network: federation.network, host: 10,
      environment: { ...environment, ...federation.addresses(10) } });
    await federation.bootstrap.answers();
    await Promise.all(Array.from({ length: federation.size }, () => federation.add()));
    await federation.joined();
    return federation;
  }

  addresses(host) {
    if (!this.six) return {};
    const own = `[${this.network.address6(host)}]:${port}`;
    return { VIADUCT_LISTEN: own, VIADUCT_SIGNALLING: own };
  }

  at(container) { return this.six ? `[${container.host6}]:${port}` : `${container.host4}:${port}`; }

  /// One more, which begins with the given containers.
  async add({ from = [this.bootstrap], image = 'viaduct-server' } = {}) {
    const index = this.servers.length;
    const server = new Server(`server-${'abcdefgh'[index]}`);
    this.servers.push(server);
    await server.run(image, { network: this.network, host: 11 + index, options: this.options(index),
      environment: { ...environment, ...this.addresses(11 + index), ...this.environment(index),
        VIADUCT_BOOTSTRAP: from.map((each) => this.at(each)).join(',') } });
    await server.answers();
    return server;
  }

  async remove(server) {
    await docker('rm', '--force', '--volumes', server.name);
    this.servers = this.servers.filter((each) => each !== server);
  }

  get alive() { return this.servers.filter((server) => !server.gone); }
  get containers() { return [this.bootstrap, ...this.servers]; }

  /// Every server that runs knows all the others.
  async joined({ servers = this.alive, within = 15000 } = {}) {
    await until('the servers know each other', async () => {
      const known = await Promise.all(servers.map((server) => server.status()));
      return known.every((status) => status.contacts >= servers.length - 1);
    }, { within, every: 50 });
  }
}
