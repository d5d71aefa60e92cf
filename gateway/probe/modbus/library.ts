import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type DeviceFiles, readDeviceFiles, SHIPPED_DEVICES } from '../../../registry/device-files.ts'
import type { Problem } from '../../../registry/problem.ts'

/** Every device file of these folders and of those that come with the hub. A file that is wrong is left out and told. */
export async function readLibrary(
  folders: readonly string[] = [],
): Promise<{ deviceFiles: DeviceFiles; problems: Problem[] }> {
  const all = [...folders, SHIPPED_DEVICES].filter(existsSync)
  const models = new Set<string>()
  for (const folder of all) {
    for (const maker of await readdir(folder, { withFileTypes: true })) {
      if (!maker.isDirectory()) continue
      for (const file of await readdir(join(folder, maker.name))) {
        if (file.endsWith('.yaml')) models.add(`${maker.name}/${file.slice(0, -'.yaml'.length)}`)
      }
    }
  }
  return readDeviceFiles([...models].sort(), all)
}
