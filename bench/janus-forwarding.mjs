// SPDX-License-Identifier: LGPL-2.1-or-later
// A Janus that gets plain RTP and passes it on as plain RTP: half of what two servers do that share a room by
// VideoRoom's remote publishers, the same half at each.
import path from 'node:path';
import { janusModules } from '../tests/e2e/janus-config.mjs';
import { Janus } from '../tests/e2e/janus.mjs';
import { Session } from '../tests/e2e/client.mjs';
import { until } from '../tests/e2e/wait.mjs';
import { lines } from './figures.mjs';

const plugin = 'janus.plugin.videoroom';
const passedOnTo = 17900; // where this benchmark's own program listens
const room = 1;

export class Forwarding {
  static async start() {
    const forwarding = new Forwarding();
    forwarding.janus = new Janus({ name: 'bench/forwarding', ports: { http: 9480, ws: 9481, admin: 9482 },
      plugins: [path.join(janusModules, 'plugins', 'libjanus_videoroom.so')], pluginConfigs: { [plugin]: {} } });
    await forwarding.janus.start();
    forwarding.session = await Session.open(forwarding.janus.url);
    forwarding.handle = await forwarding.session.attach(plugin);
    return forwarding;
  }

  async ask(body) {
    const transaction = this.handle.send({ janus: 'message', body });
    const { plugindata: { data } } = await this.handle.inbox.take(`an answer to ${body.request}`,
      (each) => each.transaction === transaction);
    if (data.error) throw new Error(`${body.request}: ${data.error}`);
    return data;
  }

  /// What so many lanes cost Janus: { cpu, sent, received, p50, p99, threads }.
  async measure(lanes, seconds) {
    const before = this.janus.threads;
    await this.ask({ request: 'create', room, publishers: lanes });
    const ports = [];
    for (let id = 1; id <= lanes; id++) {
      const { port } = await this.ask({ request: 'add_remote_publisher', room, id, iface: '127.0.0.1',
        streams: [{ type: 'video', mid: '0', mindex: 0, codec: 'vp8' }] });
      ports.push(port);
    }
    await until('all remote publishers are there', async () =>
      (await this.ask({ request: 'listparticipants', room })).participants.length === lanes);
    for (let id = 1; id <= lanes; id++) {
      await this.ask({ request: 'rtp_forward', room, publisher_id: id, host: '127.0.0.1',
        streams: [{ mid: '0', port: passedOnTo }] });
    }
    const cpu = this.janus.cpuSeconds;
    const threads = this.janus.threads - before;
    const [run] = await lines('trunk-calls', ['plain', seconds, passedOnTo, ...ports]);
    const cost = { ...run, who: 'janus', cpu: this.janus.cpuSeconds - cpu, threads };
    await this.ask({ request: 'destroy', room });
    return cost;
  }

  async stop() {
    await this.session.close().catch(() => {});
    await this.janus.stop();
  }
}
