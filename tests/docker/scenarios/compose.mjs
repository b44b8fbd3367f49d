// SPDX-License-Identifier: LGPL-2.1-or-later
import { demo, down, healthy } from '../demo.mjs';

export const title = 'docker/compose.yaml shows a federation: over IPv4, over IPv6, and from behind a router';

export default async function (world) {
  await demo(world);
  await healthy(world);
  await down();
}
