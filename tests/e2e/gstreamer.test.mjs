// SPDX-License-Identifier: LGPL-2.1-or-later
// The lines of docs/gstreamer.md, run as they stand there, with only a node of the DHT between publisher and player.
import assert from 'node:assert';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { execFileSync, spawn } from 'node:child_process';
import { Node, tool } from './nodes.mjs';
import { build, root, runs } from './where.mjs';
import { until } from './wait.mjs';

const folder = path.join(runs, 'gstreamer');
const page = fs.readFileSync(path.join(root, 'docs', 'gstreamer.md'), 'utf8');
const blocks = (language) => [...page.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'gm'))]
  .map((block) => block[1]);
const launches = blocks('sh').map((block) => block.trim().split('\n'))
  .filter((lines) => lines[0].startsWith('gst-launch-1.0'));

let node;
let env;
const running = new Set();

/// Runs a line of the page; what it says is kept.
function run(line) {
  const child = spawn('bash', ['-c', `exec ${line}`], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const process = { child, said: '', line };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => { process.said += text; });
  process.ended = new Promise((resolve) => child.once('exit', resolve));
  running.add(process);
  return process;
}

async function end(process, signal = 'SIGINT') {
  if (process.child.exitCode === null && process.child.signalCode === null) process.child.kill(signal);
  await process.ended;
  running.delete(process);
}

/// Waits until it has said this; fails with all it has said otherwise.
const says = (process, pattern, within = 20000) =>
  until(`${process.line}\nto say ${pattern}`, () => {
    assert.doesNotMatch(process.said, /^ERROR/m, process.said.slice(-3000));
    return process.said.match(pattern);
  }, { within });

/// How often a sink of this kind was told what decoded media looks like.
const decoded = (kind) => new RegExp(`auto${kind}sink[0-9]+(/[^\n]*)?\\.GstGhostPad:sink: caps = ${kind}/x-raw`);

before(async () => {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(path.join(folder, 'bin'), { recursive: true });
  // The lines stay as they are; what is added lets the test see.
  fs.writeFileSync(path.join(folder, 'bin', 'gst-launch-1.0'),
    '#!/bin/sh\nexec /usr/bin/gst-launch-1.0 -f -m -v "$@"\n', { mode: 0o755 });
  node = await Node.start('gstreamer/node', '127.0.0.1:0');
  env = {
    ...process.env,
    PATH: `${path.join(folder, 'bin')}:${path.dirname(tool)}:${process.env.PATH}`,
    GST_PLUGIN_PATH: path.join(build, 'plain', 'gst', 'elements'),
    GST_REGISTRY: path.join(folder, 'registry.bin'),
    // Where there is no screen and no loudspeaker, what looks for one may crash.
    GST_PLUGIN_FEATURE_RANK: 'fakevideosink:MAX,fakeaudiosink:MAX',
    NODE: node.address,
    ID: execFileSync(tool, ['id', path.join(folder, 'cam.key')], { encoding: 'utf8' }).trim(),
  };
});

after(async () => {
  for (const process of running) await end(process, 'SIGKILL');
  await node?.stop();
});

for (const lines of launches.filter((pair) => pair.length === 1)) {
  test(`it runs: ${lines[0].slice(0, 60)}…`, async () => {
    const process = run(lines[0]);
    assert.equal(await process.ended, 0, process.said.slice(-2000));
    running.delete(process);
  });
}

const pairs = launches.filter((pair) => pair.length === 2);
test('the page has a dozen lines', () => {
  assert.ok(pairs.length * 2 >= 12);
});

for (const [publish, play] of pairs) {
  test(`what is published is played: ${play.slice(0, 70)}…`, async () => {
    const publisher = run(publish);
    await says(publisher, /viaduct-published/);
    const player = run(play);
    for (const kind of ['video', 'audio']) {
      if (play.includes(`auto${kind}sink`)) await says(player, decoded(kind));
    }
    await end(player);
    await end(publisher);
  });
}

const [publish, play] = pairs[0];

test('gst-play-1.0 plays the URI', async () => {
  const publisher = run(publish);
  await says(publisher, /viaduct-published/);
  for (const option of ['', '--use-playbin3']) {
    const player = run(`gst-play-1.0 --no-interactive --videosink=fakevideosink ${option} "viaduct://$ID/cam?bootstrap=$NODE"`);
    await says(player, /0:00:0[1-9]\.\d/);
    await end(player);
  }
  await end(publisher);
});

test('a publisher that is killed and started again is played on within 3 s', async () => {
  let publisher = run(publish);
  await says(publisher, /viaduct-published/);
  const player = run(`${play.replace('autovideosink', 'identity silent=false ! fakesink')}`);
  const pictures = () => (player.said.match(/\(identity0:sink\)/g) ?? []).length;
  await until('pictures', () => pictures() > 10, { within: 20000 });
  await end(publisher, 'SIGKILL');
  const dead = pictures();
  publisher = run(publish);
  const began = performance.now();
  await until('pictures of the new one', () => pictures() > dead + 5, { within: 3000 });
  console.log(`played on after ${Math.round(performance.now() - began)} ms`);
  await end(player);
  await end(publisher);
});

test('a viewer that is killed is freed within 3 s', async () => {
  const publisher = run(`env GST_DEBUG=viaduct:5 ${publish}`);
  await says(publisher, /viaduct-published/);
  const player = run(play);
  await says(player, decoded('video'));
  await end(player, 'SIGKILL');
  const began = performance.now();
  await says(publisher, /viewer .* has left/, 3000);
  console.log(`freed after ${Math.round(performance.now() - began)} ms`);
  await end(publisher);
});

test('the Python example plays what the first line publishes', async () => {
  fs.writeFileSync(path.join(folder, 'play.py'), blocks('python')[0]);
  const publisher = run(publish);
  await says(publisher, /viaduct-published/);
  const player = run(`/usr/bin/python3 play.py viaduct://$ID/cam $NODE`);
  assert.equal(await player.ended, 0, player.said);
  assert.match(player.said, /played 30 pictures/);
  running.delete(player);
  await end(publisher);
});

test('the C++ example publishes', async () => {
  fs.writeFileSync(path.join(folder, 'publish.cpp'), blocks('cpp')[0]);
  execFileSync('bash', ['-c', 'g++ -std=c++20 publish.cpp -o publish $(pkg-config --cflags --libs gstreamer-1.0)'],
    { cwd: folder });
  const publisher = run('./publish $NODE');
  await says(publisher, new RegExp(`viaduct://${env.ID}/cam`));
  await end(publisher, 'SIGKILL');
});

test('gst-inspect-1.0 tells of every property', () => {
  for (const element of ['viaductsink', 'viaductsrc']) {
    const text = execFileSync('gst-inspect-1.0', [element], { encoding: 'utf8', env });
    for (const property of ['bootstrap', 'federation', 'identity-file', 'listen-address', 'stats', 'uri']) {
      assert.match(text, new RegExp(`^  ${property}\\s`, 'm'));
    }
  }
});
