// SPDX-License-Identifier: LGPL-2.1-or-later
// What: how soon a caller is told that the server of the callee was killed in the middle of a call
import { joined, start, stop, viaduct } from '../tests/e2e/federation.mjs';
import { Caller } from '../tests/e2e/caller.mjs';
import { connect, over } from '../tests/e2e/call.mjs';
import { atLeast, atMost, options, report, round, summary, table } from './figures.mjs';

const { kills } = options({ kills: 100 },
  'usage: scripts/bench server-death [--kills 100]\n\nHow often the server of a callee gets SIGKILL.');

const told = [];
const reasons = {};
const failures = [];
const servers = await start({ prefix: 'bench/death-', base: 9300 });
try {
  const [here, , there] = servers;
  for (let number = 0; number < kills; number++) {
    let caller, callee;
    try {
      caller = await Caller.at(here, viaduct);
      callee = await Caller.at(there, viaduct);
      await caller.register(`caller${number}`);
      await callee.register(`callee${number}`);
      await connect(caller, callee);
      const began = performance.now();
      const ended = caller.hungUp({ within: 20000 });
      await there.kill();
      const reason = await ended;
      told.push(performance.now() - began);
      reasons[reason] = (reasons[reason] ?? 0) + 1;
      await over(caller);
    } catch (error) {
      failures.push(error.message);
      console.error(`${number}: ${error.message}`);
    } finally {
      await Promise.all([caller, callee].map((each) => each?.leave().catch(() => {})));
      if (there.gone) await there.restart();
      await joined(servers);
    }
  }
} finally {
  await stop(servers);
}

const ms = summary(told);
console.log(`${kills} calls between two servers, the callee's killed with SIGKILL; milliseconds until the caller is told`);
console.log(table([['', 'p50', 'p95', 'p99', 'most'],
  ['told after', ms.p50, ms.p95, ms.p99, round(Math.max(0, ...told))]]));
console.log(`Reasons: ${Object.entries(reasons).map(([reason, count]) => `${reason} ${count}`).join(', ')}\n`);
report('server-death', { ...ms, most: round(Math.max(0, ...told)), reasons, failures }, [
  atLeast('callers that are told', told.length, kills),
  atMost('told after ms, most', round(Math.max(0, ...told)), 3000),
]);
process.exit(0);
