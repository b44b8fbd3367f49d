// SPDX-License-Identifier: LGPL-2.1-or-later
// What: from nothing built to a federation that carries calls, with docker compose
// Engine: empty
//
// In two parts, since images are built with a network that leads to Debian's mirror, and run without. What both take
// is what `docker compose up` takes.
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { composeProgram, docker } from '../tests/docker/engine.mjs';
import { demo, file } from '../tests/docker/demo.mjs';
import { atMost, options, report, round, table } from './figures.mjs';

const kept = path.join(process.env.VIADUCT_BUILD, 'compose.json');
const seconds = (since) => (performance.now() - since) / 1000;

/// What a line of the Dockerfile is for, as far as it takes long.
const purposes = [[/^RUN .*packages/, "Debian's packages"], [/meson/, 'compiling'], [/assemble/, 'what the images hold']];

/// Images that the engine has; the one that all begin with stays.
async function forget() {
  const base = await docker('image', 'inspect', '--format', '{{.Id}}', 'debian:bookworm-slim');
  for (;;) {
    const others = [...new Set((await docker('images', '--all', '--quiet', '--no-trunc')).split('\n'))]
      .filter((id) => id && id !== base);
    if (!others.length) return;
    await docker('rmi', '--force', others[0]).catch(() => {}); // those below others go with them
  }
}

async function build() {
  await forget();
  // The engine has no network of its own here.
  const builds = ['server-a', 'bootstrap', 'router', 'web'];
  const override = path.join(process.env.VIADUCT_BUILD, 'compose.override.yaml');
  fs.writeFileSync(override, `version: "3.8"\nservices:\n${builds.map((name) =>
    `  ${name}: { build: { network: host } }\n`).join('')}`);
  const [program, ...first] = await composeProgram();
  const began = performance.now();
  const child = spawn(program, [...first, '--file', file, '--file', override, 'build', ...builds],
    { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  const took = {};
  let step, since = began;
  for await (const line of readline.createInterface({ input: child.stdout })) {
    console.error(line);
    const next = line.match(/^Step \d+\/\d+ : (.*)/)?.[1];
    if (next === undefined) continue;
    const purpose = purposes.find(([pattern]) => step && pattern.test(step))?.[1];
    if (purpose) took[purpose] = (took[purpose] ?? 0) + seconds(since);
    [step, since] = [next, performance.now()];
  }
  const all = seconds(began);
  const [code] = await closed;
  if (code !== 0) throw new Error('docker compose build failed');
  fs.writeFileSync(kept, JSON.stringify({ took, all }));
}

async function measure() {
  const { took, all } = JSON.parse(fs.readFileSync(kept, 'utf8'));
  const began = performance.now();
  await demo({ did: (text) => console.error(text), saw: (text) => console.error(text) });
  const up = seconds(began);
  const rest = all - Object.values(took).reduce((sum, each) => sum + each, 0);
  const rows = [['', 's'], ...Object.entries({ ...took, 'layers of images': rest,
    'until calls go over IPv4, IPv6 and to behind a router': up }).map(([what, each]) => [what, round(each)])];
  console.log('From nothing built: the image debian:bookworm-slim and nothing else\n');
  console.log(table([...rows, ['in all', round(all + up)]]));
  report('compose', { build_s: round(all), up_s: round(up), ...Object.fromEntries(rows.slice(1)) }, [
    atMost('s from nothing built to a working federation', round(all + up), 300),
  ]);
}

options({}, 'usage: scripts/bench compose\n\nBuilds as the Dockerfile does, in minutes, with packages from Debian\'s mirror.');
if (process.env.VIADUCT_PART === 'build') await build();
else await measure();
process.exit(0);
