// SPDX-License-Identifier: LGPL-2.1-or-later
// A process of its own for what the rest of a benchmark must not hold up: it is asked by name, and answers.
import os from 'node:os';
import { fork } from 'node:child_process';
import { once } from 'node:events';

/// In the process: `does` is what may be asked.
export function serve(does) {
  process.on('message', async ({ id, what, options }) => {
    try {
      process.send({ id, answer: await does[what](options ?? {}) });
    } catch (error) {
      process.send({ id, failed: error.message });
    }
  });
  process.on('disconnect', () => process.exit(0));
}

export class Helper {
  asked = new Map();
  count = 0;

  /// `niceness` is added to ours, which takes no privilege.
  constructor(file, { niceness = 0 } = {}) {
    this.child = fork(new URL(file, import.meta.url));
    if (niceness > 0) os.setPriority(this.child.pid, Math.min(19, os.getPriority() + niceness)); // before it has threads
    this.child.on('message', ({ id, answer, failed }) => {
      const { resolve, reject } = this.asked.get(id);
      this.asked.delete(id);
      failed === undefined ? resolve(answer) : reject(new Error(failed));
    });
  }

  ask(what, options) {
    const id = ++this.count;
    return new Promise((resolve, reject) => {
      this.asked.set(id, { resolve, reject });
      this.child.send({ id, what, options });
    });
  }

  async stop() {
    const gone = once(this.child, 'exit');
    this.child.disconnect();
    await gone;
  }
}
