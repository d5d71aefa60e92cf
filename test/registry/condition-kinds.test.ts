import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { conditionSchema } from '../../registry/conditions/conditions.ts'

const DOCUMENT = join(import.meta.dirname, '../../docs/rules.md')
/** From its header to the first line that is not of it. */
const TABLE = /^\| Kind, parameter.*(?:\n\|.*)*/m

interface Shape {
  description?: string
  default?: unknown
  properties?: Record<string, Shape>
  required?: string[]
  items?: Shape
  enum?: unknown[]
  type?: string
}

/** A row for each kind, and one for each of its parameters, those of lists among them. */
function tableOfKinds(): string {
  const { oneOf } = z.toJSONSchema(conditionSchema, { io: 'input', reused: 'inline' }) as { oneOf: Shape[] }
  const rows = oneOf.flatMap(kind => {
    const { type, ...parameters } = kind.properties!
    const name = (type as { const: string }).const
    return [[`**\`${name}\`**`, '', kind.description!], ...rowsOf({ ...kind, properties: parameters }, '')]
  })
  const lines = [['Kind, parameter', 'Default', 'What it says'], ['---', '---', '---'], ...rows]
  return lines.map(cells => `| ${cells.join(' | ').replaceAll('<', '\\<')} |`).join('\n')
}

function rowsOf({ properties = {}, required = [] }: Shape, within: string): string[][] {
  return Object.entries(properties).flatMap(([name, shape]) => {
    const path = `${within}${name}`
    const fallback =
      shape.default === undefined
        ? required.includes(name)
          ? 'needed'
          : ''
        : `\`${typeof shape.default === 'string' ? shape.default : JSON.stringify(shape.default)}\``
    return [[`\`${path}\``, fallback, shape.description ?? ''], ...rowsOf(shape.items ?? {}, `${path}[].`)]
  })
}

test('the table of all kinds of conditions in docs/rules.md says what their schemas say', async () => {
  expect((await readFile(DOCUMENT, 'utf8')).match(TABLE)?.[0]).toBe(tableOfKinds())
})

test('every parameter of a condition says what it is', () => {
  const undescribed = tableOfKinds()
    .split('\n')
    .filter(line => line.endsWith('|  |'))
  expect(undescribed).toEqual([])
})
