// SPDX-License-Identifier: LGPL-2.1-or-later
// Three federated servers on this machine, one call over them, then a page for people.
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { start, stop } from '../tests/e2e/federation.mjs';
import { Caller } from '../tests/e2e/caller.mjs';
import { over } from '../tests/e2e/call.mjs';
import { serve } from './serve.mjs';

const port = Number(process.env.VIADUCT_DEMO_PORT ?? 8090);
const check = process.argv.includes('--check');
const web = path.dirname(fileURLToPath(import.meta.url));

/// Janus takes no loopback interface for its media.
function ownNetwork() {
  for (const [name, addresses] of Object.entries(os.networkInterfaces())) {
    const found = addresses.find(({ family, internal }) => family === 'IPv4' && !internal);
    if (found) return { networkInterface: name, address: found.address };
  }
  console.error('demo: this machine has no network interface with an IPv4 address besides loopback, and Janus\n' +
    'demo: needs one for its media. In a namespace that has one: scripts/netns scripts/demo');
  process.exit(1);
}

async function syntheticCall(from, to) {
  const [alice, carol] = await Promise.all([from, to].map((server) => Caller.at(server, 'janus.plugin.viaduct')));
  const names = ['demoalice', 'democarol'];
  await Promise.all([alice.register(names[0]), carol.register(names[1])]);
  await alice.prepare();
  const began = performance.now();
  const took = (what) => console.log(`  ${what} after ${(performance.now() - began).toFixed(0)} ms`);
  const answered = carol.ringing().then(() => {
    took('rings at server C');
    return carol.accept();
  });
  await Promise.all([alice.call(names[1]), answered]);
  await alice.accepted();
  took('accepted');
  await alice.firstPacket();
  took('first packet');
  await Promise.all([alice.hears({ packets: 10, frames: 5 }), carol.hears({ packets: 10, frames: 5 })]);
  took('sound and five pictures decoded at both ends');
  await alice.hangup();
  await Promise.all([over(alice), over(carol)]);
  await Promise.all([alice.leave(), carol.leave()]);
}

const network = ownNetwork();
console.log(`Starting three servers; their media goes over ${network.networkInterface} (${network.address}).`);
// Between themselves they stay on this machine: the demo opens nothing to the network but Janus's media.
const servers = await start({ ...network, base: port + 10, prefix: 'demo/', federationAddress: '127.0.0.1' });
try {
  console.log('A and C know nothing but B\'s address. Somebody at A calls somebody at C:');
  await syntheticCall(servers[0], servers[2]);
} catch (error) {
  console.error(`demo: the call failed: ${error.message}`);
  for (const server of servers) console.error(`--- ${server.log}\n${server.logTail(15)}`);
  await stop(servers).catch(() => {});
  process.exit(1);
}

if (check) {
  await stop(servers);
  process.exit(0);
}

const list = servers.map((server, index) => ({ title: `Server ${'ABC'[index]}`, url: server.url }));
const made = { '/servers.json': JSON.stringify(list) };
const site = await serve(web, { port, made }).catch((error) => {
  console.error(`demo: port ${port} of 127.0.0.1: ${error.message}; another one with --port`);
  process.exit(1);
});
const home = `http://127.0.0.1:${site.address().port}/`;
console.log(`
Open these two in a browser on this machine, register both, and call one from the other:
  ${home}?server=a&name=alice
  ${home}?server=c&name=carol
No camera? Add &synthetic. Ctrl-C stops everything.`);
let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.prependListener(signal, () => { stopping = true; });
for (const server of servers) {
  server.exited.then((how) => {
    if (!stopping) console.error(`demo: ${server.name} ended (${how}); its log is ${server.log}`);
  });
}
