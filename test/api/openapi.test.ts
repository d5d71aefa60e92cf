import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { toColumns } from '../../model/reading.ts'
import { alertEvent, frostAlert, type Hub, NOW, reading, readJson, startHub } from './hub.ts'

type Schema = Record<string, unknown>
interface Operation {
  summary?: string
  tags?: string[]
  parameters?: { name: string; in: string; required?: boolean; schema: Schema }[]
  security?: object[]
  responses: Record<string, { description: string; content?: Record<string, { schema: Schema }> }>
}
interface Document {
  openapi: string
  tags: { name: string }[]
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

let hub: Hub
let document: Document
beforeAll(async () => {
  hub = await startHub()
  document = await hub.json('/openapi.json')
})
afterAll(() => hub.close())

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )

describe('the description', () => {
  it('is OpenAPI 3.1, and every reference in it leads somewhere', () => {
    expect(document.openapi).toMatch(/^3\.1\./)
    const text = JSON.stringify(document)
    const named = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(match => match[1]!)
    expect(new Set(named)).toEqual(new Set(Object.keys(document.components.schemas)))
    // Only 3.0 has it; a 3.1 document that uses it means nothing by it.
    expect(text).not.toContain('"nullable"')
  })

  it('is as Redocly recommends', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'affluent-redocly-'))
    const file = join(folder, 'openapi.json')
    await writeFile(file, JSON.stringify(document))
    const redocly = join(import.meta.dirname, '../../node_modules/@redocly/cli/bin/cli.js')
    const args = [
      redocly,
      'lint',
      file,
      '--format=json',
      `--config=${join(import.meta.dirname, 'redocly.yaml')}`,
    ]
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
    const { stdout } = await promisify(execFile)(process.execPath, args, { env }).catch(error => error)
    expect(JSON.parse(stdout).problems).toEqual([])
    await rm(folder, { recursive: true })
  })

  it('tells of every operation what it is, under a tag that is described', () => {
    const tags = new Set(document.tags.map(tag => tag.name))
    expect(operations().length).toBeGreaterThan(20)
    for (const { path, method, operation } of operations()) {
      expect(operation.summary, `${method} ${path}`).toBeTruthy()
      expect(
        operation.tags!.every(tag => tags.has(tag)),
        `${method} ${path}`,
      ).toBe(true)
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(match => match[1])
      const described = operation.parameters?.filter(parameter => parameter.in === 'path') ?? []
      expect(
        described.map(parameter => parameter.name),
        path,
      ).toEqual(named)
    }
  })

  it('names the factors of every answer whose figures rest on them, and their version', () => {
    const resting = operations().flatMap(({ path, operation }) => {
      const schema = operation.responses['200']?.content?.['application/json']?.schema
      return schema && /"(?:finalEnergy|primaryEnergy|kgCO2e|perSquareMetre)"/.test(JSON.stringify(schema))
        ? [{ path, schema }]
        : []
    })
    expect(resting.length).toBeGreaterThanOrEqual(4)
    for (const { path, schema } of resting) {
      expect(schema.required, path).toContain('factors')
      const { factors } = schema.properties as { factors: Schema }
      expect(factors.required, path).toEqual(['name', 'version', 'primaryEnergy', 'transportFuels'])
    }
  })

  it('says of every write that it needs an account, or a link that carries one', () => {
    const writes = operations().filter(({ method }) => method !== 'get')
    expect(writes.length).toBeGreaterThanOrEqual(3)
    for (const { path, operation } of writes) {
      expect(operation.responses, path).toHaveProperty('401')
      if (!['/login', '/k/{token}'].includes(path) && !/^\/v1\/(push|answers)\//.test(path))
        expect(operation.security, path).toEqual([{ token: [] }, { session: [] }])
    }
  })
})

describe('the answers', () => {
  beforeAll(async () => {
    await hub.store(
      reading('college/elec/power', NOW - 10_000, 12.5),
      reading('college/elec/index', NOW - 10_000, 100),
    )
    const start = Date.parse('2026-11-21T23:00:00Z')
    const figure = { start, end: start + 86_400_000, amount: 1, coveredMs: 1, readings: 1 }
    await hub.figures.replace('college-elec', 'day', start, start + 86_400_000, [figure])
    hub.keep(alertEvent('fired', frostAlert()))
    const position = { sender: 'nord', stream: 'measures', run: 'r', upTo: 1, ranges: [] } as const
    const entry = { sender: 'nord', stream: 'measures', hour: start, outcome: 'prompt', count: 1 } as const
    await hub.readings.write(toColumns([]), [{ ...position, ranges: [] }], [entry])
  })

  it.each([
    ['/v1/territory'],
    ['/v1/sites'],
    ['/v1/sites/gymnase', '/v1/sites/{site}'],
    ['/v1/points'],
    ['/v1/points/college/elec/index', '/v1/points/{site}/{device}/{point}'],
    ['/v1/points/latest'],
    ['/v1/points/college/elec/power/readings', '/v1/points/{site}/{device}/{point}/readings'],
    ['/v1/points/college/elec/power/aggregates?by=hour', '/v1/points/{site}/{device}/{point}/aggregates'],
    ['/v1/consumption?site=college&by=day', '/v1/consumption'],
    ['/v1/energy?site=college', '/v1/energy'],
    ['/v1/cost?site=college&by=month', '/v1/cost'],
    ['/v1/energy/zones', '/v1/energy/zones'],
    ['/v1/energy/comparison?site=college&reference=2020', '/v1/energy/comparison'],
    ['/v1/energy/tertiary?year=2025', '/v1/energy/tertiary'],
    ['/v1/energy/public-body?year=2025', '/v1/energy/public-body'],
    ['/v1/meters/college-elec/trace', '/v1/meters/{meter}/trace'],
    ['/v1/sites/college/consumption?by=day', '/v1/sites/{site}/consumption'],
    ['/v1/alerts'],
    ['/v1/alerts/gel-1', '/v1/alerts/{id}'],
    ['/v1/gateways'],
    ['/v1/completeness?by=day', '/v1/completeness'],
    ['/v1/session'],
    ['/health/live'],
    ['/health/ready'],
    ['/v1/alerts?state=open', '/v1/alerts'],
    ['/v1/sites/mairie', '/v1/sites/{site}'],
  ])('%s is as described', async (address, path = address) => {
    const response = await hub.get(address)
    const type = response.headers.get('content-type')!.split(';')[0]!
    const schema = document.paths[path]!.get!.responses[response.status]!.content![type]!.schema
    const definitions = JSON.stringify({ ...schema, $defs: document.components.schemas })
    const check = z.fromJSONSchema(JSON.parse(definitions.replaceAll('#/components/schemas/', '#/$defs/')))
    const answer = await readJson(response)
    expect(check.safeParse(answer).error).toBeUndefined()
    // An answer with a key too many is refused: the check is not asleep.
    expect(check.safeParse({ ...answer, surprise: 1 }).success).toBe(false)
  })
})

it('the reference page loads nothing from elsewhere', async () => {
  const page = await hub.get('/docs')
  expect(page.status).toBe(200)
  const html = await page.text()
  const sources = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(match => match[1]!)
  expect(sources.length).toBeGreaterThan(4)
  for (const source of sources) {
    const url = new URL(source, `${hub.url}/docs`)
    expect(url.origin, source).toBe(hub.url)
    expect((await fetch(url)).status, source).toBe(200)
  }
  expect(page.headers.get('content-security-policy')).toContain("default-src 'self'")
})
