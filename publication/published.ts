import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder, syncFolder } from '../bus/folders.ts'
import { readJsonFile, replaceJsonFile } from '../bus/json-file.ts'
import { readCsv } from './csv-reader.ts'
import { CSV } from './formats.ts'
import type { Frozen } from './freeze.ts'
import { HashedFile, keepText, OBJECTS, objectPath, type StoredObject, WORK_FOLDER } from './objects.ts'
import { type Change, changeCells, type Makeup, toChange, type Version, type Withdrawal } from './version.ts'
import type { PublishedFigures } from './withdrawal.ts'

/** A version that is told, or was. */
export interface PublishedVersion {
  version: Version
  /** The bytes of {@link Version}: the leaf of the log. */
  text: string
  withdrawn?: Withdrawal
}

export interface Checked {
  /** ms UTC */
  time: number
  /** SHA-256 of the registry that it was made with. */
  registry: string
}

/** Which versions of a dataset are others than before: a new one, and those that were withdrawn. */
export interface ChangedVersions {
  dataset: string
  version?: Pick<Version, 'version'>
  withdrawn: readonly number[]
}

/** What a folder holds of the versions of datasets: `<dataset>/<number>/`, and their bytes under `objects/`. */
export interface Published {
  /** All versions of a dataset, the newest last. */
  versions(dataset: string): readonly PublishedVersion[]
  /** The newest that is not withdrawn. */
  latest(dataset: string): PublishedVersion | undefined
  makeup(version: Version): Makeup
  /** Where the bytes of a file are, in their order. */
  objects(version: Version, file: string): { path: string; bytes: number }[]
  /** The {@link Change}s that a version brought. */
  changesFile(version: Version): string
  /** When the rows of a dataset were last found to be those of its newest version, or became one. */
  checked(dataset: string): Checked | undefined
  /** Tells a version from then on. */
  add(frozen: Frozen): void
  setChecked(dataset: string, checked: Checked): void
  /** Ends the telling of a version for good. */
  withdraw(version: Version, withdrawal: Withdrawal): void
  /** Replaces what a version has changed, one by one: cursors count them. */
  rewriteChanges(
    version: Version,
    rewrite: (changes: AsyncIterable<Change>) => AsyncIterable<Change>,
  ): Promise<void>
  /** What could be computed from a version is told by these; undefined where they were not kept. */
  figures(version: Version): PublishedFigures | undefined
  setFigures(version: Version, figures: PublishedFigures): void
  /** Removes bytes that no version needs that is told. */
  sweep(): void
  /**
   * Reads again what something else has published.
   * @param outcomes what that was: of all other versions it stays as it is known; absent where that is not known
   */
  reload(outcomes?: readonly ChangedVersions[]): void
}

const VERSION = 'version.json'
const MAKEUP = 'makeup.json'
const CHANGES = 'changes.csv'
const WITHDRAWN = 'withdrawn.json'
const CHECKED = 'checked.json'

export function openPublished(folder: string): Published {
  makeFolder(folder)
  const known = new Map<string, PublishedVersion[]>()
  /** Of the version that was last asked for: mostly the newest. */
  const makeups = new Map<string, { version: Version; makeup: Makeup }>()
  const pathOf = (dataset: string, ...names: (string | number)[]) =>
    join(folder, dataset, ...names.map(String))

  const published: Published = {
    versions: dataset => known.getOrInsertComputed(dataset, () => readVersions(join(folder, dataset))),
    latest: dataset => published.versions(dataset).findLast(({ withdrawn }) => !withdrawn),
    makeup(version) {
      const { dataset, version: number } = version
      const last = makeups.get(dataset)
      if (last?.version === version) return last.makeup
      const makeup = readJsonFile(pathOf(dataset, number, MAKEUP)) as Makeup
      makeups.set(dataset, { version, makeup })
      return makeup
    },
    objects(version, file) {
      const objects = published.makeup(version).objects[file] ?? []
      return objects.map(({ sha256, bytes }) => ({ path: objectPath(folder, sha256), bytes }))
    },
    changesFile: ({ dataset, version }) => pathOf(dataset, version, CHANGES),
    checked: dataset => readJsonFile(pathOf(dataset, CHECKED)) as Checked | undefined,
    add({ version, makeup, changesFile }) {
      const fresh = join(folder, WORK_FOLDER, 'version')
      makeFolder(fresh)
      replaceJsonFile(join(fresh, VERSION), version)
      replaceJsonFile(join(fresh, MAKEUP), makeup)
      renameSync(changesFile, join(fresh, CHANGES))
      syncFolder(fresh)
      makeFolder(pathOf(version.dataset))
      renameSync(fresh, pathOf(version.dataset, version.version))
      syncFolder(pathOf(version.dataset))
      known.delete(version.dataset)
    },
    setChecked(dataset, checked) {
      makeFolder(pathOf(dataset))
      replaceJsonFile(pathOf(dataset, CHECKED), checked)
    },
    withdraw({ dataset, version }, withdrawal) {
      replaceJsonFile(pathOf(dataset, version, WITHDRAWN), withdrawal)
      known.delete(dataset)
    },
    async rewriteChanges(version, rewrite) {
      const file = published.changesFile(version)
      const rewritten = new HashedFile(`${file}.new`)
      for await (const change of rewrite(changesIn(file)))
        rewritten.write(CSV.record(changeCells(change), []))
      rewritten.end()
      renameSync(`${file}.new`, file)
    },
    figures(version) {
      const { figures } = published.makeup(version)
      return figures && JSON.parse(readFileSync(objectPath(folder, figures.sha256), 'utf8'))
    },
    setFigures(version, told) {
      const makeup = published.makeup(version)
      const figures = keepText(folder, 'figures', JSON.stringify(told))
      if (figures.sha256 === makeup.figures?.sha256) return
      replaceJsonFile(pathOf(version.dataset, version.version, MAKEUP), { ...makeup, figures })
      makeups.delete(version.dataset)
    },
    sweep() {
      const needed = new Set<string>()
      for (const dataset of foldersIn(folder).filter(name => name !== OBJECTS && name !== WORK_FOLDER))
        for (const { version, withdrawn } of published.versions(dataset))
          for (const { sha256 } of neededOf(published.makeup(version), withdrawn !== undefined))
            needed.add(sha256)
      for (const above of foldersIn(join(folder, OBJECTS)))
        for (const sha256 of readdirSync(join(folder, OBJECTS, above)))
          if (!needed.has(sha256)) rmSync(objectPath(folder, sha256))
    },
    reload(outcomes) {
      if (!outcomes) {
        known.clear()
        makeups.clear()
      }
      for (const { dataset, version, withdrawn } of outcomes ?? []) {
        const before = known.get(dataset)
        if (!before || (!version && withdrawn.length === 0)) continue
        const read = (number: number) => readVersion(pathOf(dataset, number))
        const all = new Map(before.map(each => [each.version.version, each]))
        for (const number of [...withdrawn, ...(version ? [version.version] : [])])
          all.set(number, read(number))
        known.set(dataset, [...all.values()])
        makeups.delete(dataset)
      }
    },
  }
  return published
}

/** Also those that only later versions need, whose parts they are. The changes of a withdrawn one still tell figures. */
function neededOf({ objects, parts, figures }: Makeup, isWithdrawn: boolean): StoredObject[] {
  const kept = figures ? [figures] : []
  if (isWithdrawn) return kept
  return [...kept, ...Object.values(objects).flat(), ...parts.flatMap(part => Object.values(part.objects))]
}

async function* changesIn(file: string): AsyncGenerator<Change> {
  for await (const cells of readCsv(file)) yield toChange(cells)
}

function readVersions(folder: string): PublishedVersion[] {
  return foldersIn(folder)
    .sort((a, b) => Number(a) - Number(b))
    .map(name => readVersion(join(folder, name)))
}

function readVersion(folder: string): PublishedVersion {
  const text = readFileSync(join(folder, VERSION), 'utf8')
  const withdrawn = readJsonFile(join(folder, WITHDRAWN)) as Withdrawal | undefined
  return { version: JSON.parse(text) as Version, text, ...(withdrawn && { withdrawn }) }
}

export function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => name)
}
