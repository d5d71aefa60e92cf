import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { jsonSchemas } from '../../registry/json-schema.ts'

const FOLDER = join(import.meta.dirname, '../../registry/schemas')

test('the JSON Schemas for editors are those of the zod schemas', async () => {
  const schemas = jsonSchemas()
  expect((await readdir(FOLDER)).sort()).toEqual(Object.keys(schemas).sort())
  for (const [name, schema] of Object.entries(schemas)) {
    const committed = JSON.parse(await readFile(join(FOLDER, name), 'utf8'))
    expect(
      committed,
      `${name}: call writeJsonSchemas('registry/schemas') of registry/json-schema.ts, then npm run format`,
    ).toEqual(JSON.parse(JSON.stringify(schema)))
  }
})
