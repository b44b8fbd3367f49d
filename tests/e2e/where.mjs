// SPDX-License-Identifier: LGPL-2.1-or-later
// Where things are. Everything that a run writes is below the build folder.
import path from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const build = path.resolve(process.env.VIADUCT_BUILD ?? path.join(root, 'build'));
export const runs = path.join(build, 'run');

/// Janus skips loopback interfaces when it looks for addresses, so scripts/netns makes one that it takes.
export const address = process.env.VIADUCT_ADDRESS ?? '127.77.0.1';
export const networkInterface = process.env.VIADUCT_INTERFACE ?? 'v0';

export const chromiumPath = process.env.VIADUCT_CHROMIUM ?? '/usr/bin/chromium';
export const debianDemos = '/usr/share/janus/demos';

/// npm's packages live in the build folder, where an `import` would not look for them.
export const packages = path.join(build, 'node', 'node_modules');
export const load = createRequire(path.join(build, 'node', 'package.json'));
