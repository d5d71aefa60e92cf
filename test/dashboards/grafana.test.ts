import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { buildDashboards } from '../../dashboards/grafana/dashboards.ts'
import { DATASOURCE } from '../../dashboards/grafana/influxql.ts'
import { loadRegistry } from '../../registry/load.ts'
import { ask } from '../e2e/ask.ts'
import { ROOT } from '../e2e/command-line.ts'
import { startDemonstration } from '../e2e/demonstration.ts'
import { startTestClock } from '../e2e/test-clock.ts'
import { until } from '../e2e/until.ts'
import { findPeer } from '../peers/cache.ts'
import { type InfluxdbPeer, startInfluxdb } from '../peers/influxdb.ts'

const FOLDER = join(ROOT, 'dashboards', 'grafana')
const read = (...names: string[]) => readFile(join(FOLDER, ...names), 'utf8')

interface Dashboard {
  title: string
  uid: string
  time: { from: string; to: string }
  panels: { title: string; timeFrom?: string; datasource: object; targets: Target[] }[]
}
interface Target {
  refId: string
  alias: string
  datasource: object
  query: string
}

async function generated(): Promise<Dashboard[]> {
  const files = await readdir(join(FOLDER, 'generated'))
  return Promise.all(files.map(async file => JSON.parse(await read('generated', file))))
}

describe('the dashboards', () => {
  it('are those of the demonstration: generate them anew with `affluent dashboards` when this fails', async () => {
    const built = buildDashboards(await loadRegistry(join(ROOT, 'demo'), { environment: {} }))
    const files = await readdir(join(FOLDER, 'generated'))
    expect(files.sort()).toEqual(built.map(({ uid }) => `${uid}.json`).sort())
    for (const dashboard of built)
      expect(JSON.parse(await read('generated', `${dashboard.uid}.json`))).toEqual(
        JSON.parse(JSON.stringify(dashboard)),
      )
  })

  it('count nothing twice, and no export or reactive energy', async () => {
    const registry = await loadRegistry(join(ROOT, 'demo'), { environment: {} })
    const main = [...registry.meters.values()].find(({ fluid }) => fluid === 'electricite')!
    const beside = {
      part: { ...main, id: 'part', within: [{ meter: main.id }] },
      solar: { ...main, id: 'solar', direction: 'export' as const },
      varh: { ...main, id: 'varh', reactive: { of: main.id, limit: 0.4 } },
      later: { ...main, id: 'later', within: [{ meter: main.id, from: '2030-01-01' }] },
    }
    const meters = new Map([...registry.meters, ...Object.entries(beside)]) as typeof registry.meters
    const asked = JSON.stringify(buildDashboards({ ...registry, meters }))
    const isAsked = (id: string) => asked.includes(`'${id}'`)
    expect([main.id, ...Object.keys(beside)].filter(isAsked)).toEqual([main.id, 'later'])
  })

  it('ask the datasource that is provisioned, and have what Grafana asks of names', async () => {
    const { datasources } = parse(await read('provisioning', 'datasources', 'affluent.yaml'))
    const { providers } = parse(await read('provisioning', 'dashboards', 'affluent.yaml'))
    expect(datasources).toHaveLength(1)
    expect(datasources[0]).toMatchObject({ ...DATASOURCE, jsonData: { version: 'InfluxQL' } })
    expect(providers[0]).toMatchObject({ type: 'file', allowUiUpdates: false })
    for (const { uid, panels } of await generated()) {
      expect(uid).toMatch(/^[a-z0-9-]{1,40}$/)
      for (const { datasource, targets } of panels) {
        for (const used of [datasource, ...targets.map(target => target.datasource)])
          expect(used).toEqual(DATASOURCE)
        expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length)
      }
    }
  })
})

describe.runIf(findPeer('influxdb'))('every panel, on an InfluxDB that the demonstration filled', () => {
  const clock = startTestClock('2026-02-02T09:00:00Z')
  // Three days of history, as a start leaves it that was interrupted: a whole month takes minutes to roll up.
  const HISTORY = { seed: 1, from: Date.parse('2026-01-29T23:00:00Z') }
  let data: string
  let influxdb: InfluxdbPeer
  let hub: Awaited<ReturnType<typeof startDemonstration>>
  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'affluent-grafana-'))
    influxdb = await startInfluxdb()
    const { url, org, bucket, token } = influxdb
    const store = { kind: 'influxdb' as const, url, org, bucket, token }
    await writeFile(join(data, 'history.json'), JSON.stringify({ ...HISTORY, to: clock.now(), done: false }))
    hub = await startDemonstration({ data, store, simulators: { historyMonths: 1 } }, clock)
    await until(rollupsToDo, hours => hours <= hub.registry.points.size * 2, 400_000)
  }, 450_000)
  afterAll(async () => {
    await hub.close()
    await influxdb.close()
    await rm(data, { recursive: true })
  })

  async function rollupsToDo(): Promise<number> {
    const [series] = await query(['SELECT count("dirty") FROM "rollup_hour" WHERE "dirty" = true'])
    return series?.[0]?.values[0]?.[1] ?? 0
  }

  /** The series of each statement, asked for as the provisioned datasource does. */
  async function query(statements: string[]): Promise<({ values: number[][] }[] | undefined)[]> {
    const environment: Record<string, string> = {
      INFLUXDB_URL: influxdb.url,
      INFLUXDB_BUCKET: influxdb.bucket,
      INFLUXDB_TOKEN: influxdb.token,
    }
    const provisioned = await read('provisioning', 'datasources', 'affluent.yaml')
    const [source] = parse(provisioned.replace(/\$(\w+)/g, (_, name) => environment[name]!)).datasources
    const answer = await fetch(`${source.url}/query?db=${source.jsonData.dbName}&epoch=ms`, {
      method: source.jsonData.httpMode,
      headers: { [source.jsonData.httpHeaderName1]: source.secureJsonData.httpHeaderValue1 },
      body: new URLSearchParams({ q: statements.join(';') }),
    })
    const { results, error } = (await answer.json()) as {
      results?: { error?: string; series?: { values: number[][] }[] }[]
      error?: string
    }
    if (!results) throw new Error(error)
    return results.map(result => {
      if (result.error) throw new Error(result.error)
      return result.series
    })
  }

  /** A query as Grafana sends it for a panel of a thousand points. */
  function withMacros(target: Target, span: string): string {
    const to = clock.now()
    const ms = Number.parseInt(span, 10) * { h: 3_600_000, d: 86_400_000, y: 365 * 86_400_000 }[span.at(-1)!]!
    const sent = target.query
      .replaceAll('$timeFilter', `time >= ${to - ms}ms and time <= ${to}ms`)
      .replaceAll('$__interval', `${Math.ceil(ms / 1000 / 60_000)}m`)
    expect(sent).not.toContain('$')
    return sent
  }

  it('has rows', async () => {
    const dashboards = await generated()
    expect(dashboards).toHaveLength(hub.registry.sites.size + 1)
    const empty: string[] = []
    for (const { title, time, panels } of dashboards) {
      expect(panels, title).not.toEqual([])
      expect(time.to).toBe('now')
      for (const panel of panels) {
        const span = panel.timeFrom ?? time.from.replace('now-', '')
        const answers = await query(panel.targets.map(target => withMacros(target, span)))
        for (const [i, series] of answers.entries()) {
          const rows = series?.flatMap(({ values }) => values.filter(([, value]) => Number.isFinite(value)))
          if (!rows?.length) empty.push(`${title}: ${panel.title}: ${panel.targets[i]!.alias}`)
        }
      }
    }
    expect(empty).toEqual([])
  })

  it('shows the consumption that the API gives', async () => {
    const college = (await generated()).find(({ uid }) => uid === 'affluent-college-jean-moulin')!
    const panel = college.panels.find(({ title }) => title.endsWith('Électricité'))!
    const [series] = await query([withMacros(panel.targets[0]!, panel.timeFrom!)])
    const shown = new Map(series![0]!.values.map(([time, amount]) => [time!, amount!]))
    const { meters } = await ask(
      `${hub.url}/v1/consumption?site=college-jean-moulin&fluid=electricite&by=day&from=2026-01-30&to=2026-02-02`,
    )
    for (let day = 0; day < 3; day++) {
      const start = Date.parse(meters[0].periods[day].start)
      const amount = meters.reduce(
        (sum: number, meter: { periods: { amount: number }[] }) => sum + meter.periods[day]!.amount,
        0,
      )
      expect(amount).toBeGreaterThan(0)
      expect(shown.get(start)).toBeCloseTo(amount, 6)
    }
  })
})
