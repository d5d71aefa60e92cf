import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '../bus/folders.ts'
import { readJsonFile, replaceJsonFile } from '../bus/json-file.ts'

/** What the rows of a part were when they were last computed. */
export interface ComputedPart {
  name: string
  /** What they were made of, see `PartOfRows`. */
  basis: string
  /** SHA-256 of the rows, lower-case hex; undefined where there were none. */
  hash: string | undefined
  /** See `subject` of a dataset. */
  subjects: readonly string[]
  notes: unknown
}

/** Remembers of what parts were made, so that those need not be computed anew that are made of the same still. */
export interface ComputedParts {
  find(dataset: string, name: string, basis: string): ComputedPart | undefined
  keep(dataset: string, part: ComputedPart): void
  /** Forgets all parts of a dataset but these. */
  retain(dataset: string, names: ReadonlySet<string>): void
  forget(): void
  /** Whether all versions were last judged by that, see {@link judgedBy}. */
  wereJudged(basis: string): boolean
  setJudged(basis: string): void
}

export const COMPUTED = 'computed'

/**
 * @param folder of the publication
 * @param by what computes them: of what another one has computed nothing is known
 */
export function openComputedParts(folder: string, by: string): ComputedParts {
  const own = join(folder, COMPUTED)
  const judged = join(own, 'judged.json')
  const fileOf = (dataset: string, name: string) => join(own, `${dataset}.${name}.json`)
  function read<T extends { basis: string }>(file: string, basis: string): T | undefined {
    try {
      const kept = readJsonFile(file) as (T & { by: string }) | undefined
      return kept?.by === by && kept.basis === basis ? kept : undefined
    } catch {
      // What is damaged is computed anew.
      return undefined
    }
  }
  return {
    find: (dataset, name, basis) => read<ComputedPart>(fileOf(dataset, name), basis),
    keep(dataset, part) {
      makeFolder(own)
      replaceJsonFile(fileOf(dataset, part.name), { by, ...part })
    },
    retain(dataset, names) {
      makeFolder(own)
      for (const file of readdirSync(own))
        if (file.startsWith(`${dataset}.`) && !names.has(file.slice(dataset.length + 1, -'.json'.length)))
          rmSync(join(own, file))
    },
    forget: () => rmSync(own, { recursive: true, force: true }),
    wereJudged: basis => read(judged, basis) !== undefined,
    setJudged(basis) {
      makeFolder(own)
      replaceJsonFile(judged, { by, basis })
    },
  }
}

/** Folders whose code, beside that of Node.js, makes rows of figures. */
const CODE = ['energy', 'model', 'publication', 'registry']

/** What stands for the code that computes rows: where any of it changes, so may the rows. */
export function codeVersion(): string {
  const root = new URL('..', import.meta.url)
  const files = CODE.flatMap(folder =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
      .filter(file => file.endsWith('.ts'))
      .map(file => `${folder}/${file.replaceAll('\\', '/')}`),
  )
  const hash = createHash('sha256').update(
    JSON.stringify([process.versions.node, process.versions.tz, process.versions.icu]),
  )
  for (const file of files.sort()) hash.update(file).update(readFileSync(new URL(file, root)))
  return hash.digest('hex')
}
