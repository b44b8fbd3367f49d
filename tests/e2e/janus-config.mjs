// SPDX-License-Identifier: LGPL-2.1-or-later
// The private configuration folder of one Janus: only the wanted plugins, only the given ports.
import fs from 'node:fs';
import path from 'node:path';

/// A value as libconfig writes it.
function literal(value) {
  if (typeof value === 'boolean' || typeof value === 'number') return String(value);
  return JSON.stringify(String(value));
}

export function jcfg(categories) {
  const lines = [];
  for (const [category, entries] of Object.entries(categories)) {
    lines.push(`${category}: {`);
    for (const [key, value] of Object.entries(entries)) {
      if (value !== undefined) lines.push(`\t${key} = ${literal(value)}`);
    }
    lines.push('}');
  }
  return lines.join('\n') + '\n';
}

function linkAll(folder, files) {
  fs.mkdirSync(folder, { recursive: true });
  for (const file of files) fs.symlinkSync(file, path.join(folder, path.basename(file)));
}

/// Writes the folder; `server` is { folder, name, ports, bind, address, networkInterface, plugins,
/// pluginConfigs, adminSecret, eventsTo (where Debian's sample event handler posts), core (more keys of Janus's own) }.
export function writeConfig(server) {
  const { folder, ports, bind, plugins, pluginConfigs } = server;
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  const write = (name, categories) => fs.writeFileSync(path.join(folder, name), jcfg(categories));

  linkAll(path.join(folder, 'plugins'), plugins);
  linkAll(path.join(folder, 'transports'), ['http', 'websockets'].map(
    (name) => path.join(janusModules, 'transports', `libjanus_${name}.so`)));

  if (server.eventsTo) {
    linkAll(path.join(folder, 'events'), [path.join(janusModules, 'events', 'libjanus_sampleevh.so')]);
    write('janus.eventhandler.sampleevh.jcfg', {
      general: { enabled: true, events: 'plugins', grouping: false, json: 'compact', backend: server.eventsTo },
    });
  }
  write('janus.jcfg', {
    general: {
      configs_folder: folder,
      plugins_folder: path.join(folder, 'plugins'),
      transports_folder: path.join(folder, 'transports'),
      events_folder: path.join(folder, server.eventsTo ? 'events' : 'none'),
      loggers_folder: path.join(folder, 'none'),
      server_name: server.name,
      interface: server.address,
      debug_level: 4,
      debug_timestamps: true,
      debug_colors: false,
      admin_secret: server.adminSecret,
      ...server.core,
    },
    ...(server.eventsTo && { events: { broadcast: true } }),
    media: { ipv6: false },
    nat: { ice_enforce_list: server.networkInterface, ignore_mdns: true, nice_debug: false },
  });
  write('janus.transport.http.jcfg', {
    general: { json: 'compact', http: true, port: ports.http, ip: bind, https: false },
    admin: { admin_http: true, admin_port: ports.admin, admin_ip: bind, admin_https: false },
  });
  write('janus.transport.websockets.jcfg', {
    general: { json: 'compact', ws: true, ws_port: ports.ws, ws_ip: bind, wss: false },
    admin: { admin_ws: false },
  });
  for (const [plugin, categories] of Object.entries(pluginConfigs)) write(`${plugin}.jcfg`, categories);
}

/// The folder where the distribution put Janus's own modules.
export const janusModules = process.env.VIADUCT_JANUS_MODULES ?? findModules();

function findModules() {
  const candidates = fs.readdirSync('/usr/lib').map((name) => `/usr/lib/${name}/janus`);
  candidates.push('/usr/lib/janus', '/usr/local/lib/janus');
  return candidates.find((folder) => fs.existsSync(path.join(folder, 'transports'))) ?? '/usr/lib/janus';
}
