import { mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Statement } from '../../model/statement.ts'
import type { Registry } from '../../registry/registry.ts'
import { describeOutcome } from './describe-outcome.ts'
import type { Formats } from './formats.ts'
import { type FileOutcome, takeFile } from './take-file.ts'

export interface FolderWatch {
  /** Looks now; resolves when every file that was whole is taken or refused. */
  look(): Promise<void>
  close(): Promise<void>
}

/** Where files go that were taken, and those that nobody can read. */
const TAKEN = 'taken'
const REFUSED = 'refused'

/**
 * Takes the distributors' files that are laid into a folder. A file that has not changed since the last look is read;
 * it is then moved to `taken` or `refused`, with a report beside it. What cannot be moved or kept is tried again.
 */
export async function watchFolder(options: {
  folder: string
  /** How often to look, ms. */
  every: number
  formats: Formats
  registry: Registry
  /** Keeps what is stated; rejects where that cannot be. */
  onStatements(statements: Statement[]): Promise<unknown>
  log: Logger
}): Promise<FolderWatch> {
  const { folder, every, formats, registry, onStatements, log } = options
  await mkdir(folder, { recursive: true })
  const seen = new Map<string, string>()
  let looking: Promise<void> | undefined
  let closed = false

  async function lookAt(name: string) {
    const file = join(folder, name)
    const { size, mtimeMs } = await stat(file)
    const form = `${size} ${mtimeMs}`
    const isWhole = seen.get(name) === form
    seen.set(name, form)
    if (!isWhole) return
    let outcome: FileOutcome | undefined
    let report: string
    let unkept: unknown
    try {
      outcome = await takeFile(file, { formats, registry }, statements =>
        onStatements(statements).then(
          () => {},
          error => {
            unkept = error
            throw error
          },
        ),
      )
      report = describeOutcome(outcome, registry.territory.timeZone).join('\n')
    } catch (error) {
      if (unkept) throw error
      report = (error as Error).message
    }
    const to = outcome && outcome.formats.size > 0 ? TAKEN : REFUSED
    await mkdir(join(folder, to), { recursive: true })
    await writeFile(join(folder, to, `${name}.txt`), `${report}\n`)
    await rename(file, join(folder, to, name))
    seen.delete(name)
    // Delivery points are for the report, not for the log; the names of files often hold one.
    const { meters, unknown, faultCount } = outcome ?? { meters: [], unknown: new Map(), faultCount: 0 }
    const counts = {
      file: hidden(name),
      meters: [...meters].length,
      unknown: unknown.size,
      faults: faultCount,
    }
    if (to === REFUSED || counts.unknown + counts.faults > 0)
      log.warn(counts, `a distributor's file was ${to}; what is wrong stands beside it`)
    else log.info(counts, "a distributor's file was taken")
  }

  async function lookRound() {
    const entries = await readdir(folder, { withFileTypes: true })
    const names = entries
      .filter(entry => entry.isFile() && !entry.name.startsWith('.'))
      .map(({ name }) => name)
    for (const name of names.sort()) {
      if (closed) return
      await lookAt(name).catch(error =>
        log.error(
          { file: hidden(name), err: hiddenIn(error) },
          'a file could not be taken; it will be tried again',
        ),
      )
    }
  }

  const look = () => {
    looking ??= lookRound()
      .catch(error => log.error({ folder, err: error }, "the distributors' folder cannot be read"))
      .finally(() => {
        looking = undefined
      })
    return looking
  }
  const timer = setInterval(look, every)
  void look()
  return {
    look,
    async close() {
      closed = true
      clearInterval(timer)
      await looking
    },
  }
}

/** Without what may be the number of a delivery point. */
function hidden(text: string): string {
  return text.replace(/\d{6,}/g, '…')
}

function hiddenIn(error: unknown): string {
  return hidden(error instanceof Error ? error.message : String(error))
}
