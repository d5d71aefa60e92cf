import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Plugin, type Rolldown } from 'vite'

const PAGE = 'crew.html'
const PUBLIC_FILES = ['affluent.svg', 'crew-192.png', 'crew-512.png', 'crew.webmanifest']

/** Builds the service worker of the crew page, which knows by name every file that the page needs. */
export function crewWorker(root: string): Plugin {
  return {
    name: 'crew-worker',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      async handler(_, bundle) {
        const page = bundle[PAGE]
        if (page?.type !== 'asset') throw new Error(`${PAGE} was not built`)
        const built = filesOf(bundle, entryOf(bundle))
        const hash = createHash('sha256').update(built.join()).update(page.source)
        for (const name of PUBLIC_FILES) hash.update(readFileSync(join(root, 'public', name)))
        const shell = {
          version: hash.digest('hex').slice(0, 16),
          files: [PAGE, ...built, ...PUBLIC_FILES].map(file => `/${file}`),
        }
        this.emitFile({ type: 'asset', fileName: 'crew-worker.js', source: await buildWorker(root, shell) })
      },
    },
  }
}

function entryOf(bundle: Rolldown.OutputBundle): Rolldown.OutputChunk {
  const entry = Object.values(bundle).find(
    file => file.type === 'chunk' && file.facadeModuleId?.endsWith(PAGE),
  )
  return entry as Rolldown.OutputChunk
}

/** A chunk, what it imports, and their styles. */
function filesOf(bundle: Rolldown.OutputBundle, chunk: Rolldown.OutputChunk): string[] {
  const imported = chunk.imports.flatMap(name => filesOf(bundle, bundle[name] as Rolldown.OutputChunk))
  return [...new Set([chunk.fileName, ...(chunk.viteMetadata?.importedCss ?? []), ...imported])]
}

async function buildWorker(root: string, shell: object): Promise<string> {
  const result = await build({
    configFile: false,
    root,
    logLevel: 'warn',
    publicDir: false,
    define: { SHELL: JSON.stringify(shell) },
    build: {
      write: false,
      lib: { entry: join(root, 'src/crew/worker/worker.ts'), formats: ['iife'], name: 'crewWorker' },
    },
  })
  const [{ output }] = result as Rolldown.RolldownOutput[]
  return output[0].code
}
