import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { createConnection } from '../../store/influxdb/connection.ts'
import { findPeer, peerProgram } from '../peers/cache.ts'
import { type InfluxdbPeer, startInfluxdb } from '../peers/influxdb.ts'
import { ask } from './ask.ts'
import { READY, ROOT, runAffluent, startAffluent } from './command-line.ts'
import { makeSmallTerritory } from './small-territory.ts'
import { until } from './until.ts'

const stopping: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stopping.splice(0).reverse()) await stop()
})

async function start(options?: Parameters<typeof startInfluxdb>[0]): Promise<InfluxdbPeer> {
  const influxdb = await startInfluxdb(options)
  stopping.push(() => influxdb.close())
  return influxdb
}

const setup = ({ url }: { url: string }, env: Record<string, string>, ...flags: string[]) =>
  runAffluent(['influx', 'setup', '--url', url, ...flags], { env: { ...NOBODY, ...env } })

/** Whatever the environment of the tests says. */
const NOBODY = { INFLUX_TOKEN: '', INFLUX_USERNAME: '', INFLUX_PASSWORD: '' }
const FIRST_USER = { INFLUX_USERNAME: 'mairie', INFLUX_PASSWORD: 'a-long-password' }

function tokenOf(out: string): string {
  return /^The token, which is not shown again: (\S+)$/m.exec(out)![1]!
}

describe.runIf(findPeer('influxdb'))('affluent influx setup', () => {
  it('sets up a new InfluxDB, whose token suffices for the hub and for nothing else', async () => {
    const influxdb = await start({ isNew: true })
    const made = await setup(influxdb, FIRST_USER)
    expect([made.code, made.err]).toEqual([0, ''])
    expect(made.out).not.toContain(FIRST_USER.INFLUX_PASSWORD)
    expect(made.out.split('\n').filter(line => /^(made|kept) /.test(line))).toEqual([
      'made  the first user',
      'made  organisation affluent',
      'made  bucket affluent, which keeps its data for ever',
      'made  a token that may read and write the bucket and nothing else',
      'kept  InfluxQL reaches the bucket under its name',
    ])
    const token = tokenOf(made.out)

    const again = await setup(influxdb, FIRST_USER)
    expect([again.code, again.err]).toEqual([0, ''])
    expect(again.out).toMatch(/^Nothing was changed\.$/m)
    expect(again.out).not.toMatch(/^made/m)

    const place = await makeSmallTerritory()
    stopping.push(place.remove)
    // As it was printed.
    const lines = made.out.slice(made.out.indexOf('store:'))
    await writeFile(
      place.at('hub.yaml'),
      `territory: territory.yaml\nsimulators: { historyMonths: 0 }\n${lines}`,
    )
    const env = { INFLUXDB_TOKEN: token }
    const hub = await startAffluent(['start', ...place.startFlags], READY, { env })
    stopping.push(() => hub.stop('SIGTERM'))
    const consumption = await until(
      () => ask(`${hub.match[1]}/v1/consumption?site=college&by=hour`),
      ({ meters }) => meters[0].periods.some((period: { readings: number }) => period.readings > 0),
    )
    expect(consumption.meters).toHaveLength(1)
    expect((await fetch(`${hub.match[1]}/health/ready`)).status).toBe(200)
    expect(hub.err()).not.toContain(token)

    const asHub = (method: string, path: string, body?: string) =>
      fetch(influxdb.url + path, { method, body, headers: { authorization: `Token ${token}` } })
    // It may erase from its bucket, as the copy of the consumption does.
    const connection = createConnection({ url: influxdb.url, org: 'affluent', bucket: 'affluent', token })
    await connection.write(['consumption,meter=none amount=1 1'])
    await connection.erase('consumption', { meter: 'none' }, { start: 0, end: 2 })
    const kept = `SELECT "amount" FROM "consumption" WHERE "meter" = 'none'`
    expect(await connection.query([kept])).toEqual([[]])
    connection.close()
    expect((await asHub('POST', '/api/v2/write?org=affluent&bucket=_monitoring', 'x v=1')).ok).toBe(false)
    expect((await asHub('POST', '/api/v2/buckets', JSON.stringify({ name: 'mine' }))).ok).toBe(false)
    expect((await asHub('POST', '/api/v2/authorizations', '{}')).ok).toBe(false)
    const listed = await Promise.all(
      ['buckets', 'authorizations', 'users', 'orgs'].map(async kind => {
        const answer = await asHub('GET', `/api/v2/${kind}`)
        const content = (await answer.json()) as Record<string, { name?: string }[] | undefined>
        return (content[kind] ?? []).map(({ name }) => name)
      }),
    )
    expect(listed[0]).toEqual(['affluent'])
    expect(listed.slice(1).flat()).toEqual([])
    const { buckets } = (await (await asHub('GET', '/api/v2/buckets')).json()) as { buckets: object[] }
    expect(buckets[0]).toMatchObject({
      retentionRules: [{ everySeconds: 0, shardGroupDurationSeconds: 90 * 86_400 }],
    })
  })

  it.runIf(findPeer('python'))('asks at a terminal for the token, and does not show it', async () => {
    const influxdb = await start()
    const main = `${ROOT}main.ts`
    const command = [process.execPath, main, 'influx', 'setup', '--url', influxdb.url, '--org', influxdb.org]
    const terminal = fileURLToPath(new URL('../peers/python/terminal.py', import.meta.url))
    const atTerminal = (token: string) =>
      promisify(execFile)(peerProgram('python'), [terminal, 'not shown', token, ...command], {
        env: { ...process.env, ...NOBODY },
      })
    const { stdout: shown } = await atTerminal(influxdb.token)
    expect(shown).toContain('Token of an administrator of InfluxDB (it is not shown): ')
    expect(shown).toMatch(/^made {2}a token that may read and write the bucket/m)
    expect(shown).not.toContain(influxdb.token)

    const wrong = await atTerminal('a-wrong-secret').catch(error => error)
    expect(wrong.code).toBe(2)
    expect(wrong.stdout).toMatch(/answers 401/)
    expect(wrong.stdout).not.toContain('a-wrong-secret')
  })

  it('refuses a retention that would lose readings, and says what it needs', async () => {
    const nowhere = { url: 'http://127.0.0.1:1' }
    const [expiring, nobody] = await Promise.all([
      setup(nowhere, { INFLUX_TOKEN: 'x' }, '--retention-days', '3650'),
      setup(nowhere, {}),
    ])
    expect([expiring.code, expiring.err]).toEqual([
      2,
      expect.stringMatching(/deletes older readings.*--let-readings-expire/),
    ])
    expect([nobody.code, nobody.err]).toEqual([
      2,
      expect.stringMatching(/^set INFLUX_TOKEN, or INFLUX_USERNAME/),
    ])
  })
})
