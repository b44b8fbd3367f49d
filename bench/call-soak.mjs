// SPDX-License-Identifier: LGPL-2.1-or-later
// What: calls over a path that loses 1 % and takes 20 ms each way: what is lost in the end, what is delayed
// Needs: libsrtp2-dev
// Builds: trunk-calls
import { atMost, lines, options, report, round, table } from './figures.mjs';

const { calls, seconds } = options({ calls: 20, seconds: 600 },
  'usage: scripts/bench call-soak [--calls 20] [--seconds 600]\n\n' +
  'The packets of that many calls, 250 a second each way, through one trunk; beside them those of one as bare datagrams.');

const [run] = await lines('trunk-calls', ['soak', calls, seconds]);
const residual = round(100 * (1 - run.received / run.sent), 4);
console.log(`${calls} calls for ${seconds} s, 1 % lost each way, 40 ms of round trip`);
console.log(table([['', ''],
  ['packets one way', run.sent], ['missed', run.missed], ['asked for', run.asked], ['sent again', run.sent_again],
  ['not there in the end, %', residual],
  ['delay beyond the path, not lost, p50 ms', round(run.p50, 2)], ['p99 ms', round(run.p99, 2)],
  ['the same of bare datagrams on that path, p50 ms', round(run.bare_p50, 2)], ['p99 ms', round(run.bare_p99, 2)],
  ['delay beyond the path, repaired, p50 ms', round(run.repair_p50, 1)], ['p99 ms', round(run.repair_p99, 1)],
  ['processor, both ends, network and callers, % of a core', round(100 * run.cpu / seconds, 1)]]));
console.log();
report('call-soak', { ...run, residual_percent: residual }, [
  atMost('trunks that broke down', run.ups - 1 + run.failures, 0),
  atMost('not there in the end, %', residual, 0.05),
  atMost('delay beyond the path of what was not lost, p99 in ms', round(run.p99, 2), 2),
]);
