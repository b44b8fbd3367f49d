// SPDX-License-Identifier: LGPL-2.1-or-later
// Some servers on one address with different ports. The second is everybody's bootstrap, so that the
// first and the third know each other only through the DHT.
import fs from 'node:fs';
import path from 'node:path';
import { address, build } from './where.mjs';
import { janusModules } from './janus-config.mjs';
import { Janus } from './janus.mjs';
import { until } from './wait.mjs';

export const viaduct = 'janus.plugin.viaduct';
export const stock = 'janus.plugin.videocall';
export const stockRooms = 'janus.plugin.videoroom';
const stockModules = { [stock]: 'libjanus_videocall.so', [stockRooms]: 'libjanus_videoroom.so' };

/// The plugin under test, as the build left it.
export const viaductModule = process.env.VIADUCT_PLUGIN ?? findModule();

function findModule() {
  const folder = path.join(build, 'plain', 'plugin');
  const names = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  const name = names.find((each) => /^(lib)?janus_viaduct\.so$/.test(each));
  return name && path.join(folder, name);
}

export const haveViaduct = Boolean(viaductModule);

const ports = (index, base) => ({
  http: base + 10 * index, ws: base + 10 * index + 1, admin: base + 10 * index + 2,
  dht: base + 10 * index + 3, signalling: base + 10 * index + 4,
});

const sections = (rooms) => Object.fromEntries(Object.entries(rooms).map(([room, keys]) => [`room-${room}`, keys]));

/// Options: size, plugin, names, base (the first port), general (more keys for the plugin's own
/// configuration), rooms (sections, by their names), federationAddress (for the DHT, signalling and trunks), and whatever
/// Janus takes; of that `each(index)` is what differs from server to server.
export function describe({ size = 3, plugin = viaduct, base = 9100, general = {}, rooms = {}, prefix = '',
  federationAddress, each = () => ({}), ...rest } = {}) {
  const letters = 'abcdefghij';
  const bootstrap = size > 1 ? 1 : 0;
  const addressOf = (index) => federationAddress ?? each(index).address ?? rest.address ?? address;
  return Array.from({ length: size }, (_, index) => {
    const mine = ports(index, base);
    const name = prefix + letters[index];
    const options = { name, ports: mine, ...rest, ...each(index) };
    if (plugin in stockModules) {
      options.plugins = [path.join(janusModules, 'plugins', stockModules[plugin])];
      options.pluginConfigs = { [plugin]: sections(rooms) };
    } else if (plugin) {
      const at = addressOf(index);
      options.plugins = [viaductModule];
      options.pluginConfigs = { [viaduct]: { general: {
        identity_file: path.join(build, 'run', name, 'identity.pem'),
        federation: 'test',
        listen: `${at}:${mine.dht}`,
        signalling: `${at}:${mine.signalling}`,
        bootstrap: index === bootstrap ? undefined : `${addressOf(bootstrap)}:${ports(bootstrap, base).dht}`,
        trunk_addresses: at,
        ...(typeof general === 'function' ? general(index) : general),
      }, ...sections(rooms) } };
    }
    return new Janus(options);
  });
}

/// Starts them, the bootstrap first: nobody should have to wait for a second try.
export async function start(options) {
  const servers = describe(options);
  fs.mkdirSync(path.join(build, 'run'), { recursive: true });
  const order = servers.length > 1 ? [servers[1], servers[0], ...servers.slice(2)] : servers;
  try {
    for (const server of order) await server.start();
    await joined(servers);
  } catch (error) {
    await stop(servers);
    throw error;
  }
  return servers;
}

/// Waits until each of our servers knows all the others.
export async function joined(servers) {
  const all = [...new Set(servers)];
  for (const server of all) {
    const refused = server.refusedPlugin();
    if (refused) throw new Error(`${server.name} runs without its plugin:\n${refused}`);
  }
  await until('the servers know each other', async () => {
    const each = await Promise.all(all.map((server) => server.status()));
    return each.every((status) => !status || status.contacts >= all.length - 1);
  });
}

export async function stop(servers) {
  const results = await Promise.allSettled([...new Set(servers)].map((server) => server.stop()));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}
