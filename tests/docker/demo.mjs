// SPDX-License-Identifier: LGPL-2.1-or-later
// docker/compose.yaml as anybody starts it, and the calls that it is to show.
import path from 'node:path';
import { root } from '../e2e/where.mjs';
import { until } from '../e2e/wait.mjs';
import { compose, docker } from './engine.mjs';
import { call, found, person } from './people.mjs';

export const file = path.join(root, 'docker', 'compose.yaml');
const ours = ['--file', file, '--project-name', 'demo'];

/// Once calls go over IPv4, over IPv6, to behind the router and from there.
export async function demo({ did, saw }) {
  const began = performance.now();
  const since = () => `${((performance.now() - began) / 1000).toFixed(1)} s`;
  await compose(...ours, 'up', '--detach');
  did(`started it: ${since()}`);
  const page = await until('the page is there', async () => (await fetch('http://localhost:8090/')).text(), { within: 10000 });
  if (!page.includes('Viaduct')) throw new Error('that is not the page');
  const list = await (await fetch('http://localhost:8090/servers.json')).json();
  saw(`the page, with ${list.length} servers: ${since()}`);

  const servers = await Promise.all(list.map(async ({ title: named, url }) => {
    const container = (await docker('ps', '--quiet', '--filter', `name=demo.${named.toLowerCase().replace(' ', '-')}.1`));
    const id = await until(`${named} answers`, async () => (await docker('exec', container, 'viaduct', 'ping',
      '127.0.0.1:7773', '--federation', 'demo', '--count', '1')).match(/^[0-9a-f]{40}/)[0], { within: 20000, every: 200 });
    return { url, id };
  }));
  const names = ['ann', 'ben', 'cleo', 'dora', 'emil'];
  const people = await Promise.all(servers.map((server, index) =>
    until(`${names[index]} is registered`, () => person(names[index], server), { within: 20000, every: 500 })));
  saw(`everybody found from everywhere after ${await found(people, { within: 20000 })} ms: ${since()}`);

  const [ann, ben, cleo, dora, emil] = people;
  saw(`a call over IPv4 has sound after ${await call(ann, ben)} ms, over IPv6 after ${await call(cleo, dora)} ms`);
  saw(`to behind the router after ${await call(ann, emil)} ms, from there after ${await call(emil, ben)} ms: ${since()}`);
}

export async function healthy({ saw }) {
  const began = performance.now();
  const count = await until('all are healthy', async () => {
    const states = (await docker('ps', '--format', '{{.Status}}')).split('\n').filter((each) => each.includes('health'));
    return states.every((each) => each.includes('(healthy)')) && states.length;
  }, { within: 30000, every: 500 });
  saw(`${count} containers healthy after ${((performance.now() - began) / 1000).toFixed(1)} s more`);
}

export const down = () => compose(...ours, 'down', '--volumes', '--timeout', '5');
