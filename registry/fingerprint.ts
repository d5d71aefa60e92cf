import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { listFiles } from './files.ts'
import { deviceFolders } from './load.ts'

/** What tells the files of a registry from what they were, without reading them; device files of its own included. */
export async function fingerprintOf(path: string): Promise<string> {
  const files = await listFiles(path).catch(() => [])
  const prints = [...files, ...(await ownDeviceFiles(path))].map(async file => {
    const found = await stat(file).catch(() => undefined)
    return `${file} ${found?.ino} ${found?.size} ${found?.mtimeMs}`
  })
  return (await Promise.all(prints)).join('\n')
}

async function ownDeviceFiles(path: string): Promise<string[]> {
  try {
    const [folder] = deviceFolders(path)
    const names = await readdir(folder!, { recursive: true })
    return names.sort().map(name => join(folder!, name))
  } catch {
    return []
  }
}
