import { readdir } from 'node:fs/promises'
import { readDeviceFiles, SHIPPED_DEVICES } from '../../../registry/device-files.ts'
import type { DeviceFile } from '../../../registry/schema.ts'

/** The device files that come with the hub. */
export async function shippedDevices(): Promise<{ model: string; file: DeviceFile }[]> {
  const names = await readdir(SHIPPED_DEVICES, { recursive: true })
  const models = names.filter(name => name.endsWith('.yaml')).map(name => name.slice(0, -'.yaml'.length))
  const { deviceFiles, problems } = await readDeviceFiles(models.sort(), [SHIPPED_DEVICES])
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('\n'))
  return [...deviceFiles].map(([model, { value }]) => ({ model, file: value }))
}
