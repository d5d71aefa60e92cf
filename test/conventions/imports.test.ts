import { describe, expect, it } from 'vitest'
import { importsOf, projectFiles } from './tree.ts'

const FOUNDATION = ['registry', 'bus', 'store', 'energy']
const COMPOSITION = ['start.ts', 'main.ts', 'stores.ts', 'roles', 'commands', 'operations']

/** What of a driver's folder belongs to another folder, as docs/new-driver.md says. */
const OF_ANOTHER = [
  { file: /^gateway\/drivers\/(?:drivers|[^/]+\/declaration)\.ts$/, folder: 'registry' },
  { file: /^gateway\/drivers\/[^/]+\/simulator\.ts$/, folder: 'simulators' },
]

function folderOf(file: string): string {
  return OF_ANOTHER.find(other => other.file.test(file))?.folder ?? file.split('/')[0]!
}

/** Why a file may not import another, or undefined where it may. */
function whyForbidden(from: string, to: string): string | undefined {
  const [source, target] = [folderOf(from), folderOf(to)]
  if (COMPOSITION.includes(source) || source === target) return undefined
  if (source === 'model') return 'model imports nothing of ours'
  if (target === 'model') return undefined
  if (FOUNDATION.includes(source)) return `${source} imports only model`
  if (FOUNDATION.includes(target)) return undefined
  return 'only the composition imports a folder of the same rank'
}

describe('the import rule', () => {
  const files = projectFiles(/^(?!test\/|bench\/|scripts\/|bin\/|dashboards\/console\/).*\.ts$/).filter(
    file => !file.endsWith('.config.ts'),
  )

  it('holds in every file', () => {
    expect(files.length).toBeGreaterThan(20)
    const broken = files.flatMap(file =>
      importsOf(file).flatMap(target => {
        const why = whyForbidden(file, target)
        return why ? [`${file} imports ${target}: ${why}`] : []
      }),
    )
    expect(broken).toEqual([])
  })

  it('no rule knows what the winter service records: a treatment ends no alert, only the road does', () => {
    const rules = files.filter(file => file.startsWith('rules/'))
    expect(rules.length).toBeGreaterThan(20)
    const known = rules.filter(file => importsOf(file).some(target => /winter/.test(target)))
    expect(known).toEqual([])
  })

  it('sees what it forbids', () => {
    expect(whyForbidden('model/reading.ts', 'bus/codec.ts')).toBeDefined()
    expect(whyForbidden('store/readings.ts', 'registry/registry.ts')).toBeDefined()
    expect(whyForbidden('energy/degree-days.ts', 'store/readings.ts')).toBeDefined()
    expect(whyForbidden('gateway/gateway.ts', 'ingest/ingest.ts')).toBeDefined()
    expect(whyForbidden('gateway/gateway.ts', 'bus/outbox.ts')).toBeUndefined()
    expect(whyForbidden('registry/schema.ts', 'gateway/drivers/drivers.ts')).toBeUndefined()
    expect(whyForbidden('registry/schema.ts', 'gateway/drivers/http/http.ts')).toBeDefined()
    expect(whyForbidden('gateway/drivers/http/declaration.ts', 'gateway/drivers/http/http.ts')).toBeDefined()
    expect(whyForbidden('gateway/drivers/http/simulator.ts', 'gateway/drivers/http/http.ts')).toBeDefined()
    expect(whyForbidden('start.ts', 'api/api.ts')).toBeUndefined()
  })
})
