import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Problem, RegistryError } from './problem.ts'
import { registrySchema } from './schema.ts'
import { displayName, formatPath, isMapping, type Path, parseYaml, problemAt, type Source } from './source.ts'

/** The lists of a registry, which may be spread over the files of a folder. */
export const LISTS = [
  'sites',
  'gateways',
  'meters',
  'tariffs',
  'rules',
  'channels',
  'people',
  'teams',
  'rotas',
  'routes',
  'outOfService',
  'circuits',
  'forecasts',
] as const
export type ListName = (typeof LISTS)[number]

const isList = (key: unknown): key is ListName => LISTS.includes(key as ListName)

/**
 * Reads a file, or the YAML files of a folder in the order of their names. Throws a RegistryError when there
 * is none.
 */
export async function readFiles(
  path: string,
  parse = parseYaml,
): Promise<{ sources: Source[]; problems: Problem[] }> {
  const files = await listFiles(path)
  const parsed = await Promise.all(files.map(file => readYaml(file, parse)))
  return {
    sources: parsed.map(({ source }) => source),
    problems: parsed.flatMap(({ problems }) => problems),
  }
}

/** Reads one file. Throws a RegistryError when it cannot be read. */
export async function readYaml(
  file: string,
  parse = parseYaml,
): Promise<{ source: Source; problems: Problem[] }> {
  const text = await readFile(file, 'utf8').catch(error => unreadable(file, error))
  return parse(text, displayName(file))
}

/** The files of a registry. Throws a RegistryError when there is none. */
export async function listFiles(path: string): Promise<string[]> {
  const found = await stat(path).catch(error => unreadable(path, error))
  if (!found.isDirectory()) return [path]
  const names = (await readdir(path)).filter(name => /\.ya?ml$/.test(name)).sort()
  if (names.length === 0) throw failure(path, 'there is no *.yaml file in this folder')
  return names.map(name => join(path, name))
}

function unreadable(path: string, { code }: { code?: string }): never {
  throw failure(path, code === 'ENOENT' ? 'there is no such file or folder' : `cannot be read (${code})`)
}

function failure(path: string, message: string): RegistryError {
  return new RegistryError([{ file: displayName(path), path: '', message }])
}

/** One registry out of several files: lists one after the other, the territory from the one that has it. */
export function mergeSources(
  sources: readonly Source[],
  root: string,
): { source: Source; problems: Problem[] } {
  const problems: Problem[] = []
  const lists = new Map<ListName, { items: unknown[]; origins: { source: Source; index: number }[] }>()
  let territory: Source | undefined

  for (const source of sources) {
    if (source.value === undefined) continue
    if (!isMapping(source.value)) {
      problems.push(
        problemAt(source, [], `expected a mapping of ${Object.keys(registrySchema.shape).join(', ')}`),
      )
      continue
    }
    for (const [key, value] of Object.entries(source.value)) {
      if (key === 'territory') {
        if (territory) problems.push(problemAt(source, [key], 'is in another file already; keep one of them'))
        territory ??= source
      } else if (!isList(key)) {
        problems.push(problemAt(source, [key], 'unknown key'))
      } else if (!Array.isArray(value)) {
        problems.push(problemAt(source, [key], 'expected a list'))
      } else {
        const list = lists.get(key) ?? { items: [], origins: [] }
        lists.set(key, list)
        list.items.push(...value)
        list.origins.push(...value.map((_, index) => ({ source, index })))
      }
    }
  }

  const locate = (path: Path) => {
    const [head, index, ...rest] = path
    const origin = isList(head) ? lists.get(head)?.origins[index as number] : undefined
    if (origin) return origin.source.locate([head!, origin.index, ...rest])
    if (head === 'territory' && territory) return territory.locate(path)
    return { file: displayName(root), path: formatPath(path) }
  }
  const value: Record<string, unknown> = {}
  if (territory) value.territory = (territory.value as { territory: unknown }).territory
  for (const [name, { items }] of lists) value[name] = items
  return { source: { value, locate }, problems }
}
