// SPDX-License-Identifier: LGPL-2.1-or-later
// What happens to a federation in containers. `before`: the calls begin in it; the others begin 2 s after the calls.
// `ends`: calls with the victim are not to survive. `after`: when the calls are over.

const each = (federation, action) => Promise.all(federation.containers.map(action));
const heal = (federation) => each(federation, (container) => container.heal());

export const faults = [
  { name: 'none', begin() {} },
  { name: '5 % loss', before: true, after: heal, begin: (federation) => each(federation, (one) => one.loses(0.05)) },
  { name: 'one-way block, 5 s', seconds: 5, end: heal,
    async begin(federation, victim) {
      const others = federation.servers.filter((server) => server !== victim);
      await victim.deafTo(others[0]);
    } },
  { name: 'partition 3-2, 5 s', seconds: 5, end: heal,
    async begin({ servers, bootstrap }) {
      const [three, two] = [[...servers.slice(0, 3), bootstrap], servers.slice(3)];
      await Promise.all(three.flatMap((one) => two.flatMap((other) => [one.deafTo(other), other.deafTo(one)])));
    } },
  { name: 'server paused, 5 s', seconds: 5, begin: (_, victim) => victim.pause(), end: (_, victim) => victim.unpause() },
  { name: 'server stopped', ends: true, begin: (_, victim) => victim.stop(),
    async end(_, victim) { await victim.startAgain(); await victim.answers(); } },
  { name: 'server killed', ends: true, begin: (_, victim) => victim.kill(),
    async end(_, victim) { await victim.startAgain(); await victim.answers(); } },
];
