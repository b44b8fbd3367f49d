// SPDX-License-Identifier: LGPL-2.1-or-later
// Runs scenarios, each with a federation of its own: node main.mjs [--times N] [NAME…], inside with-engine --run.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { docker } from './engine.mjs';
import { Federation } from './federation.mjs';
import { allGone } from './people.mjs';

const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), 'scenarios');
const results = process.env.VIADUCT_RESULTS;

const begun = performance.now();
const tell = (mark, text) => console.log(`${((performance.now() - begun) / 1000).toFixed(1).padStart(7)} s  ${mark} ${text}`);

async function clearUp() {
  const containers = (await docker('ps', '--all', '--quiet')).split('\n').filter(Boolean);
  if (containers.length) await docker('rm', '--force', '--volumes', ...containers);
  await docker('network', 'prune', '--force');
}

async function logs(name) {
  const kept = path.join(process.env.VIADUCT_BUILD, 'docker', 'logs', name);
  fs.rmSync(kept, { recursive: true, force: true });
  fs.mkdirSync(kept, { recursive: true });
  for (const container of (await docker('ps', '--all', '--format', '{{.Names}}')).split('\n').filter(Boolean)) {
    const { execFileSync } = await import('node:child_process');
    fs.writeFileSync(path.join(kept, `${container}.log`),
      execFileSync('sh', ['-c', `docker logs --timestamps ${container} 2>&1`], { maxBuffer: 256 << 20 }));
  }
  return kept;
}

/// What a scenario is given.
const world = {
  did: (text) => tell('did', text),
  saw: (text) => tell('saw', text),
  async federation(options = {}) {
    const federation = await Federation.start(options);
    tell('did', `started a bootstrap node and ${federation.size} servers${federation.six ? ', which speak IPv6' : ''}`);
    return federation;
  },
  clearUp: async () => { allGone(); await clearUp(); },
};

async function run(name) {
  const { default: scenario, title } = await import(path.join(folder, `${name}.mjs`));
  console.log(`\n-- ${name}: ${title}`);
  const began = performance.now();
  let failure;
  try {
    await scenario(world);
  } catch (error) {
    failure = error;
    tell('FAILED', error.stack + (error.cause ? `\n  because ${error.cause.message}` : ''));
    tell('kept', `the containers' logs in ${await logs(name)}`);
  }
  allGone();
  await clearUp();
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  console.log(`-- ${name} ${failure ? 'FAILED' : 'passed'} after ${seconds} s`);
  if (results) fs.appendFileSync(results, `${failure ? 'failed' : 'passed'} docker ${name}: ${title}\n`);
  return !failure;
}

const names = process.argv.slice(2);
const option = names.indexOf('--times');
const times = option < 0 ? 1 : Number(names.splice(option, 2)[1]);
let failed = 0;
for (let time = 1; time <= times; time++) {
  if (times > 1) console.log(`\n== time ${time} of ${times}`);
  for (const name of names) if (!(await run(name))) failed++;
}
process.exit(failed === 0 ? 0 : 1);
