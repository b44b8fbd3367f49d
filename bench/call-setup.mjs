// SPDX-License-Identifier: LGPL-2.1-or-later
// What: how long a call takes to ring, to be accepted and to bring its first packet; beside Janus's VideoCall
//
// The same client calls in four ways in turn, so that whatever disturbs the machine disturbs all of them.
// The offer is ready before `call`; the answer goes out at once and its candidates follow, as in browsers.
import { start, stop, stock, viaduct, haveViaduct } from '../tests/e2e/federation.mjs';
import { Caller } from '../tests/e2e/caller.mjs';
import { over } from '../tests/e2e/call.mjs';
import { until } from '../tests/e2e/wait.mjs';
import { atMost, options, report, round, summary, table } from './figures.mjs';

const { calls, warmup } = options({ calls: 100, warmup: 3 },
  'usage: scripts/bench call-setup [--calls 100] [--warmup 3]\n\nCalls of each kind, and calls before they count.');
const slow = 500; // beyond it a client waited for DTLS's timer of a second: another population

class Way {
  samples = { request_delay: [], ringing: [], accepted: [], first_rtp: [], disconnect_delay: [] };
  attempts = 0;
  cpu = 0;
  failures = [];
  constructor(name, servers, from, to, plugin, cold = false) {
    Object.assign(this, { name, from, to, plugin, cold, servers: [...new Set([servers[from], servers[to]])] });
    this.ends = [servers[from], servers[to]];
  }

  async enter() {
    const names = ['caller', 'callee'].map((each) => each + this.name.replace(/[^a-z]/gi, ''));
    [this.caller, this.callee] = await Promise.all(this.ends.map((end) => Caller.at(end, this.plugin)));
    await this.caller.register(names[0]);
    await this.callee.register(names[1]);
  }

  async leave() { await Promise.all([this.caller, this.callee].map((each) => each?.leave().catch(() => {}))); }

  cpuSeconds() { return this.servers.reduce((sum, server) => sum + server.cpuSeconds, 0); }

  async once(counts) {
    if (this.cold) {
      await until('no trunk is left', async () =>
        (await Promise.all(this.servers.map((server) => server.status()))).every(({ trunks }) => !trunks.length));
    }
    const { caller, callee } = this;
    const cpu = this.cpuSeconds();
    await caller.prepare();
    const began = performance.now();
    const at = {};
    const ringing = callee.ringing().then(() => {
      at.ringing = performance.now() - began;
      return callee.accept();
    });
    const said = caller.call(callee.name).then(() => { at.request_delay = performance.now() - began; });
    await Promise.all([said, ringing]);
    await caller.accepted();
    at.accepted = caller.acceptedAt - began;
    at.first_rtp = await caller.firstPacket() - began;
    const hanging = performance.now();
    await caller.hangup();
    at.disconnect_delay = performance.now() - hanging;
    await Promise.all([over(caller), over(callee)]);
    this.first ??= { ringing_ms: round(at.ringing), accepted_ms: round(at.accepted), first_rtp_ms: round(at.first_rtp) };
    if (!counts) return;
    this.cpu += this.cpuSeconds() - cpu;
    for (const [what, value] of Object.entries(at)) this.samples[what].push(value);
  }

  async measure(counts) {
    if (counts) this.attempts++;
    try {
      await this.once(counts);
    } catch (error) {
      if (counts) this.failures.push(error.message);
      console.error(`${this.name}: ${error.message}`);
      // Whatever state the two are in, the next call starts afresh.
      await this.leave();
      await this.enter();
    }
  }

  figures() {
    const share = this.samples.first_rtp.filter((value) => value > slow).length / this.samples.first_rtp.length;
    return {
      calls: this.samples.first_rtp.length, failures: this.failures.length,
      ringing_ms: summary(this.samples.ringing), accepted_ms: summary(this.samples.accepted),
      first_rtp_ms: summary(this.samples.first_rtp), over_500_ms_percent: round(100 * share),
      request_delay_ms: summary(this.samples.request_delay), disconnect_delay_ms: summary(this.samples.disconnect_delay),
      established_percent: round(100 * this.samples.first_rtp.length / this.attempts, 2),
      ineffective_percent: round(100 * this.failures.length / this.attempts, 2),
      first_100: summary(this.samples.first_rtp.slice(0, 100)),
      janus_cpu_ms_per_call: round(1000 * this.cpu / this.samples.first_rtp.length),
      first_call: this.first, // since the servers started: not among the samples
    };
  }
}

const all = [];
const ways = {};
async function add(key, name, servers, from, to, plugin, cold) {
  ways[key] = new Way(name, servers, from, to, plugin, cold);
  await ways[key].enter();
}

try {
  const alone = await start({ size: 1, plugin: stock, prefix: 'bench/stock-', base: 9000 });
  all.push(...alone);
  await add('videocall', 'VideoCall, one server', alone, 0, 0, stock);
  if (haveViaduct) {
    const warm = await start({ prefix: 'bench/warm-', base: 9100, general: { trunk_idle: 600 } });
    all.push(...warm);
    const cold = await start({ prefix: 'bench/cold-', base: 9200, general: { trunk_idle: 0 } });
    all.push(...cold);
    await add('local', 'Viaduct, one server', warm, 0, 0, viaduct);
    await add('cold', 'Viaduct, two servers, cold', cold, 0, 2, viaduct, true);
    await add('warm', 'Viaduct, two servers, warm', warm, 0, 2, viaduct);
  } else {
    console.error('The plugin is not built: only VideoCall is measured.');
  }
  for (let number = -warmup; number < calls; number++) {
    for (const way of Object.values(ways)) await way.measure(number >= 0);
  }
} finally {
  await Promise.all(Object.values(ways).map((way) => way.leave()));
  await stop(all);
}

const figures = Object.fromEntries(Object.entries(ways).map(([key, way]) => [key, way.figures()]));
const cells = (each) => [each.p50, each.p95, each.p99].map((value) => value.toFixed(1));
console.log(`${calls} calls each, in turn; milliseconds from sending \`call\``);
console.log(table([
  ['way', 'ringing p50', 'p95', 'p99', 'accepted p50', 'p95', 'p99', 'first RTP p50', 'p95', 'p99',
    '> 500 ms', 'CPU ms/call', 'failed'],
  ...Object.entries(figures).map(([key, each]) => [ways[key].name, ...cells(each.ringing_ms),
    ...cells(each.accepted_ms), ...cells(each.first_rtp_ms), `${each.over_500_ms_percent} %`,
    each.janus_cpu_ms_per_call, each.failures]),
]));
console.log(`\nIn RFC 6076's words: SRD the delay of a session request (\`call\` to \`calling\`), SDD of a disconnect, SER the
share of sessions that are established, ISA of attempts that are not; in the paper's: connection time (to the first RTP)
over the first 100 calls and over all, failure rate`);
console.log(table([
  ['way', 'SRD p50 ms', 'p95', 'p99', 'SDD p50 ms', 'p95', 'p99', 'SER %', 'ISA %', 'connection time, 100 calls',
    `${calls} calls`, 'failure rate %'],
  ...Object.entries(figures).map(([key, each]) => [ways[key].name, ...cells(each.request_delay_ms),
    ...cells(each.disconnect_delay_ms), each.established_percent, each.ineffective_percent, each.first_100.p50.toFixed(1),
    each.first_rtp_ms.p50.toFixed(1), each.ineffective_percent]),
]));
console.log('\nThe very first call after the start of the servers (not counted above)');
console.log(table([['way', 'ringing', 'accepted', 'first RTP'],
  ...Object.entries(figures).filter(([, { first_call: first }]) => first).map(([key, { first_call: first }]) =>
    [ways[key].name, first.ringing_ms, first.accepted_ms, first.first_rtp_ms])]));

const aims = [];
if (figures.warm) {
  const times = (way, share) => round(figures[way].first_rtp_ms[share] / figures.videocall.first_rtp_ms[share], 2);
  const added = (way, what) => round(figures[way][what].p50 - figures.videocall[what].p50);
  aims.push(
    atMost('failures in all', Object.values(figures).reduce((sum, each) => sum + each.failures, 0), 0),
    atMost('warm: times VideoCall to first RTP, p50', times('warm', 'p50'), 1.15),
    atMost('warm: times VideoCall to first RTP, p99', times('warm', 'p99'), 1.3),
    atMost('cold: times VideoCall to first RTP, p50', times('cold', 'p50'), 1.5),
    atMost('one server: ms to ringing added to VideoCall, p50', added('local', 'ringing_ms'), 1),
    atMost('warm: ms to ringing added to VideoCall, p50', added('warm', 'ringing_ms'), 5),
    atMost('warm: ms to accepted added to VideoCall, p50', added('warm', 'accepted_ms'), 10),
    atMost('warm: ms to first RTP added to VideoCall, p50', added('warm', 'first_rtp_ms'), 10),
    atMost('cold: ms to first RTP added to VideoCall, p50', added('cold', 'first_rtp_ms'), 50));
}
report('call-setup', figures, aims);
process.exit(0);
