import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { peerProgram } from './cache.ts'
import { freePort, runPeer, untilReady } from './process.ts'

export interface NginxPeer {
  url: string
  close(): Promise<void>
}

/** An nginx that serves the files of a folder, as the Debian package is set up for that: sendfile, one worker a core. */
export async function startNginx(root: string): Promise<NginxPeer> {
  const folder = await mkdtemp(join(tmpdir(), 'affluent-nginx-'))
  const port = await freePort()
  const config = join(folder, 'nginx.conf')
  await mkdir(join(folder, 'temp'))
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    name => `${name}_temp_path ${join(folder, 'temp', name)};`,
  )
  await writeFile(
    config,
    `daemon off; ${process.getuid?.() === 0 ? 'user root; ' : ''}worker_processes auto; pid ${join(folder, 'nginx.pid')}; error_log stderr warn;
events { worker_connections 768; }
http {
  sendfile on; tcp_nopush on; access_log off; types { text/csv csv; } ${temporary.join(' ')}
  server { listen 127.0.0.1:${port}; root ${root}; }
}
`,
  )
  const peer = runPeer(peerProgram('nginx'), ['-c', config, '-p', folder])
  const url = `http://127.0.0.1:${port}`
  await untilReady(peer, async () => ((await fetch(url)).status < 500 ? true : undefined))
  return {
    url,
    async close() {
      await peer.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
