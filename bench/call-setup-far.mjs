// SPDX-License-Identifier: LGPL-2.1-or-later
// What: how long a call takes to set up between servers that are 50 ms apart, among 64 nodes of the DHT
//
// Two network namespaces with a slow path between them (tests/net/badnet). In each runs this same program as an
// end: a server, half of the nodes, and a client, which obeys one line after the other.
import path from 'node:path';
import readline from 'node:readline';
import { spawn } from 'node:child_process';
import { build } from '../tests/e2e/where.mjs';
import { describe, stop, viaduct } from '../tests/e2e/federation.mjs';
import { Caller } from '../tests/e2e/caller.mjs';
import { over } from '../tests/e2e/call.mjs';
import { Node } from '../tests/e2e/nodes.mjs';
import { until } from '../tests/e2e/wait.mjs';
import { atMost, options, report, summary, table } from './figures.mjs';

const addresses = ['10.77.0.1', '10.77.0.2'];
const port = 7000, bootstrap = `${addresses[0]}:${port}`;

/// One end: what the parent may ask it.
async function end(side, nodes) {
  const address = addresses[side];
  const federation = ['--federation', 'test'];
  const own = [];
  let server, client;
  const at = {};
  const does = {
    async nodes() {
      for (let number = 0; number < nodes; number++)
        own.push(await Node.start(`bench/far-${side}-${number}`, `${address}:${port + number}`,
          side === 0 && number === 0 ? [] : [bootstrap],
          { signalling: `${address}:0`, options: federation }));
    },
    async server() {
      [server] = describe({ size: 1, prefix: `bench/far-${side}`, base: 9000, federationAddress: address, address,
        networkInterface: 'wan0', general: { bootstrap, trunk_idle: 0 } });
      await server.start();
      await until('it knows others', async () => (await server.status()).contacts >= 8, { within: 60000 });
      client = await Caller.at(server, viaduct);
      await client.register(side === 0 ? 'caller' : 'callee');
    },
    async cold() { await until('no trunk is left', async () => !(await server.status()).trunks.length); },
    async prepare() { await client.prepare(); },
    async call() {
      const began = performance.now();
      await client.call('callee', { within: 20000 });
      at.calling = performance.now() - began;
      await client.accepted({ within: 20000 });
      at.accepted = client.acceptedAt - began;
      at.first_rtp = await client.firstPacket() - began;
      return { ...at };
    },
    async answer() {
      await client.ringing({ within: 20000 });
      await client.accept();
    },
    async hangup() { await client.hangup(); },
    async over() { await over(client); },
    async stop() {
      await client?.leave().catch(() => {});
      await stop(server ? [server] : []);
      await Promise.all(own.map((node) => node.stop()));
    },
  };
  for await (const line of readline.createInterface({ input: process.stdin })) {
    try {
      process.stdout.write(`${JSON.stringify({ done: await does[line]() ?? {} })}\n`);
    } catch (error) {
      process.stdout.write(`${JSON.stringify({ failed: error.message })}\n`);
    }
    if (line === 'stop') process.exit(0);
  }
}

/// The parent's side of an end.
class End {
  constructor(side, namespace, nodes) {
    this.child = spawn('nsenter', ['-t', namespace, '-n', process.execPath, process.argv[1], 'end', side, nodes], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, VIADUCT_ADDRESS: addresses[side], VIADUCT_INTERFACE: 'wan0' } });
    this.lines = readline.createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  async ask(what) {
    this.child.stdin.write(`${what}\n`);
    for (;;) {
      const { value, done } = await this.lines.next();
      if (done) throw new Error('an end has ended');
      if (!value.startsWith('{')) continue;
      const reply = JSON.parse(value);
      if (reply.failed) throw new Error(`${what}: ${reply.failed}`);
      return reply.done;
    }
  }
}

async function main() {
  const { calls, nodes } = options({ calls: 100, nodes: 64 },
    'usage: scripts/bench call-setup-far [--calls 100] [--nodes 64]\n\nCold calls, and nodes of the DHT beside the two servers.');
  const net = spawn(path.join(build, 'plain', 'tests', 'net', 'badnet'), { stdio: ['pipe', 'pipe', 'inherit'] });
  const first = await readline.createInterface({ input: net.stdout })[Symbol.asyncIterator]().next();
  const { a, b } = JSON.parse(first.value);
  const half = Math.floor((nodes - 2) / 2);
  const ends = [new End(0, a, half), new End(1, b, nodes - 2 - half)];
  const [caller, callee] = ends;
  const both = (what) => Promise.all(ends.map((each) => each.ask(what)));
  const samples = { calling: [], accepted: [], first_rtp: [] };
  const failures = [];
  try {
    net.stdin.write('both delay=25\n');
    await caller.ask('nodes');
    await callee.ask('nodes');
    await both('server');
    for (let number = -2; number < calls; number++) {
      try {
        await both('cold');
        await caller.ask('prepare');
        const [took] = await Promise.all([caller.ask('call'), callee.ask('answer')]);
        await caller.ask('hangup');
        await both('over');
        if (number >= 0) for (const [what, value] of Object.entries(took)) samples[what].push(value);
      } catch (error) {
        failures.push(error.message);
        console.error(`${number}: ${error.message}`);
        await both('over').catch(() => {});
      }
    }
  } finally {
    await Promise.allSettled(ends.map((each) => each.ask('stop')));
    net.stdin.end();
  }
  const figures = Object.fromEntries(Object.entries(samples).map(([what, values]) => [what, summary(values)]));
  console.log(`${calls} cold calls (no trunk) among ${nodes} nodes, 50 ms of round trip between the servers; milliseconds from \`call\``);
  console.log(table([['', 'p50', 'p95', 'p99'],
    ...[['calling (SRD)', 'calling'], ['accepted', 'accepted'], ['first RTP (connection time)', 'first_rtp']].map(
      ([name, key]) => [name, figures[key].p50, figures[key].p95, figures[key].p99])]));
  console.log();
  report('call-setup-far', { ...figures, calls: samples.first_rtp.length, failures: failures.length }, [
    atMost('failures', failures.length, 0),
    atMost('cold: first RTP, p50 in ms', figures.first_rtp.p50, 500),
    atMost('cold: first RTP, p95 in ms', figures.first_rtp.p95, 1000),
  ]);
  process.exit(0);
}

if (process.argv[2] === 'end') await end(Number(process.argv[3]), Number(process.argv[4]));
else await main();
