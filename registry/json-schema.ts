import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { deviceFileSchema, registrySchema } from './schema.ts'
import { settingsSchema } from './settings-schema.ts'

/** What editors check and complete, by the name of the file. */
export function jsonSchemas(): Record<string, object> {
  return {
    // One file of a folder need not have the territory.
    'territory.schema.json': describe(registrySchema.partial(), 'A registry of Affluent, or one file of it'),
    'device.schema.json': describe(deviceFileSchema, 'A device file of Affluent'),
    'hub.schema.json': describe(settingsSchema, 'The settings of a hub of Affluent'),
  }
}

export async function writeJsonSchemas(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const [name, schema] of Object.entries(jsonSchemas()))
    await writeFile(join(folder, name), `${JSON.stringify(schema, null, 2)}\n`)
}

function describe(schema: z.ZodType, title: string): object {
  // Draft 7 is what the YAML language server knows in full.
  return { title, ...z.toJSONSchema(schema, { io: 'input', target: 'draft-7', reused: 'ref' }) }
}
