import { existsSync } from 'node:fs'
import { join } from 'node:path'
import staticFiles from '@fastify/static'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Server } from '../server.ts'

const ABSENT = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Affluent</title></head>
<body>
<main>
<h1>Affluent</h1>
<p>The hub runs, but its console is not built: run <code>npm start</code>, or <code>npx vite build dashboards/console</code>.</p>
<p><a href="/docs">API reference</a> · <a href="/open-data/catalog.jsonld">Open data</a> · <a href="/health/ready">Health</a></p>
</main>
</body>
</html>
`

/** Serves the built files of the console under `/`. Names under /assets/ carry a hash and never change. */
export function addConsole(server: Server, folder: string): void {
  server.register(staticFiles, {
    root: folder,
    suppressWarning: true,
    cacheControl: false,
    setHeaders: (reply, path) => {
      const hashed = path.startsWith(join(folder, 'assets'))
      reply.header('Cache-Control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
}

const CREW = /^\/crew\/?(?:\?|$)/

/** The console has addresses of its own inside; a browser that asks for one gets the page that knows them. */
export function sendConsole(request: FastifyRequest, reply: FastifyReply, folder: string): FastifyReply {
  const page = CREW.test(request.url) ? 'crew.html' : 'index.html'
  if (existsSync(join(folder, page))) return reply.code(200).sendFile(page)
  return reply
    .code(200)
    .type('text/html; charset=utf-8')
    .send(request.method === 'HEAD' ? '' : ABSENT)
}
