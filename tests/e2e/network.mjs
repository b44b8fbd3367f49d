// SPDX-License-Identifier: LGPL-2.1-or-later
// Network namespaces around this one, which routes between them: the server in one can be cut off from those in the
// others, while its own clients, who are here, stay with it.
import fs from 'node:fs';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { networkInterface } from './where.mjs';

const subnet = '10.78.0.';
/// Where the clients are.
export const hub = `${subnet}1`;
const before = 100; // these rules come before those that lead anywhere, and after those that lead here

const batch = (commands, enter = []) => {
  const [program, ...words] = [...enter, 'ip', '-batch', '-'];
  execFileSync(program, words, { input: `${commands.join('\n')}\n`, stdio: ['pipe', 'ignore', 'inherit'] });
};

export class Network {
  spaces = [];

  static async open(size) {
    const network = new this();
    fs.writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
    batch([`address add ${hub}/32 dev ${networkInterface}`]);
    for (let index = 0; index < size; index++) await network.add();
    return network;
  }

  async add() {
    const index = this.spaces.length;
    // Alive as long as this process: then its input ends.
    const holder = spawn('unshare', ['--net', 'sh', '-c', 'echo; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    const space = { holder, address: `${subnet}${index + 2}`, link: `w${index}`,
      enter: ['nsenter', '-t', String(holder.pid), '-n'] };
    this.spaces.push(space);
    batch([
      `link add ${space.link} type veth peer name ${networkInterface} netns ${holder.pid}`,
      `link set ${space.link} addrgenmode none`,
      `link set ${space.link} up`,
      `route add ${space.address}/32 dev ${space.link} src ${hub}`,
    ]);
    batch([
      'link set lo up',
      `link set ${networkInterface} addrgenmode none`,
      `address add ${space.address}/32 dev ${networkInterface}`,
      `link set ${networkInterface} up`,
      `route add default via ${hub} dev ${networkInterface} onlink`,
    ], space.enter);
  }

  /// What a server there needs (federation.mjs: `each`).
  options(index) {
    const { address, enter } = this.spaces[index];
    return { address, bind: address, enter };
  }

  /// From one moment to the next nothing gets from this one to the others, nor from them to it, and nobody is told.
  cut(index) { batch(this.rules(index, 'add')); }
  heal(index) { batch(this.rules(index, 'del')); }

  rules(index, verb) {
    const { address, link } = this.spaces[index];
    const others = this.spaces.filter((each) => each.link !== link);
    const priority = before + index;
    return [`rule ${verb} pref ${priority} iif ${link} blackhole`,
      ...others.map((each) => `rule ${verb} pref ${priority} to ${address} iif ${each.link} blackhole`)];
  }

  async close() {
    await Promise.all(this.spaces.map(async ({ holder }) => {
      const gone = once(holder, 'exit');
      holder.stdin.end();
      await gone;
    }));
    batch([`address del ${hub}/32 dev ${networkInterface}`]);
  }
}
