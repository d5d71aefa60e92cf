import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readYaml } from './files.ts'
import type { Problem } from './problem.ts'
import { type DeviceFile, deviceFileSchema } from './schema.ts'
import { checkShape } from './shape.ts'
import { parseYaml, type Source } from './source.ts'

/** The device files that come with the hub, as `<maker>/<model>.yaml`. */
export const SHIPPED_DEVICES = fileURLToPath(new URL('../gateway/devices', import.meta.url))

/** Device files by model. */
export type DeviceFiles = ReadonlyMap<string, { value: DeviceFile; source: Source }>

export interface ReadDeviceFiles {
  deviceFiles: DeviceFiles
  /** Models without a file. */
  missing: ReadonlySet<string>
  problems: Problem[]
}

/** Reads the file of each model from the first folder that has it. A model without one is left out. */
export async function readDeviceFiles(
  models: Iterable<string>,
  folders: readonly string[],
  parse = parseYaml,
): Promise<ReadDeviceFiles> {
  const deviceFiles = new Map<string, { value: DeviceFile; source: Source }>()
  const missing = new Set<string>()
  const problems: Problem[] = []
  for (const model of new Set(models)) {
    const file = folders.map(folder => join(folder, `${model}.yaml`)).find(existsSync)
    if (!file) {
      missing.add(model)
      continue
    }
    const parsed = await readYaml(file, parse)
    problems.push(...parsed.problems)
    if (parsed.source.value === undefined) continue
    const checked = checkShape(deviceFileSchema, parsed.source)
    problems.push(...checked.problems)
    if (checked.value) deviceFiles.set(model, { value: checked.value, source: parsed.source })
  }
  return { deviceFiles, missing, problems }
}
