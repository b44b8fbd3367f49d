// SPDX-License-Identifier: LGPL-2.1-or-later
// Serves a folder of static files, to this machine alone.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';

const types = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8',
  '.json': 'application/json', '.svg': 'image/svg+xml', '.png': 'image/png', '.ico': 'image/x-icon',
};

/// `made` maps a path to content that is no file: { '/servers.json': '[…]' }. Returns the listening server.
export function serve(folder, { port = 0, bind = '127.0.0.1', made = {} } = {}) {
  const root = path.resolve(folder);
  const server = http.createServer((request, response) => {
    const answer = (status, type, body) => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store',
        'x-content-type-options': 'nosniff' });
      response.end(request.method === 'HEAD' ? undefined : body);
    };
    let name;
    try {
      name = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    } catch {
      return answer(400, 'text/plain', 'This is no address.\n');
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(405, 'text/plain', 'Only GET.\n');
    if (name.endsWith('/')) name += 'index.html';
    const type = types[path.extname(name)] ?? 'application/octet-stream';
    if (name in made) return answer(200, type, made[name]);
    const file = path.join(root, name);
    if (!file.startsWith(root + path.sep)) return answer(404, 'text/plain', 'Not here.\n');
    fs.readFile(file, (error, content) => error ? answer(404, 'text/plain', 'Not here.\n') : answer(200, type, content));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, bind, () => resolve(server));
  });
}
