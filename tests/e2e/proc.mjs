// SPDX-License-Identifier: LGPL-2.1-or-later
// What Linux says about a process: descriptors, threads, memory, processor time.
import fs from 'node:fs';

const ticksPerSecond = 100; // USER_HZ: 100 on every architecture that Debian runs on

export const descriptors = (pid) => fs.readdirSync(`/proc/${pid}/fd`).length;
export const threads = (pid) => fs.readdirSync(`/proc/${pid}/task`).length;

const kibibytes = (text, field) => Number(text.match(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm'))[1]);

export const rssKiB = (pid) => kibibytes(fs.readFileSync(`/proc/${pid}/status`, 'utf8'), 'VmRSS');
/// Shared pages divided by those who share them: what the process really adds to the machine.
export const pssKiB = (pid) => kibibytes(fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Pss');

export function cpuSeconds(pid) {
  const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The command's name stands in brackets and may hold blanks: count from the last bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/// What each descriptor is, for the message when some are left over.
export function descriptorNames(pid) {
  const names = {};
  for (const fd of fs.readdirSync(`/proc/${pid}/fd`)) {
    let name;
    try {
      name = fs.readlinkSync(`/proc/${pid}/fd/${fd}`).replace(/:\[\d+\]/, '');
    } catch {
      continue; // closed between the listing and now
    }
    names[name] = (names[name] ?? 0) + 1;
  }
  return names;
}

export function threadNames(pid) {
  const names = {};
  for (const tid of fs.readdirSync(`/proc/${pid}/task`)) {
    let name;
    try {
      name = fs.readFileSync(`/proc/${pid}/task/${tid}/comm`, 'utf8').trim();
    } catch {
      continue; // ended between the listing and now
    }
    names[name] = (names[name] ?? 0) + 1;
  }
  return names;
}
