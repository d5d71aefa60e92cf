import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readYaml } from '../../registry/files.ts'
import { RegistryError } from '../../registry/problem.ts'
import { checkShape } from '../../registry/shape.ts'
import { type DistributorFormat, formatSchema } from './format-schema.ts'

const SHIPPED = fileURLToPath(new URL('formats', import.meta.url))

/** `<distributor>/<name>` */
export type Formats = ReadonlyMap<string, DistributorFormat>

/**
 * Every format that the hub knows, in the order of their names.
 * @throws RegistryError with everything that is wrong in any of them
 */
export async function loadFormats(folder = SHIPPED): Promise<Formats> {
  const files = (await readdir(folder, { recursive: true })).filter(name => name.endsWith('.yaml')).sort()
  const formats = new Map<string, DistributorFormat>()
  const problems = []
  for (const name of files) {
    const parsed = await readYaml(join(folder, name))
    const { value, problems: found } = checkShape(formatSchema, parsed.source)
    problems.push(...parsed.problems, ...found)
    if (value) formats.set(name.replace(/\.yaml$/, ''), value)
  }
  if (problems.length > 0) throw new RegistryError(problems)
  return formats
}
