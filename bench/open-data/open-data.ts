import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startInfluxdb } from '../../test/peers/influxdb.ts'
import { startNginx } from '../../test/peers/nginx.ts'
import type { BenchmarkOptions } from '../benchmarks.ts'
import { type Benchmark, formatNumber, type Round } from '../figures.ts'
import { startProcess } from '../processes.ts'
import type { HubReady, HubSettings } from './hub-process.ts'
import { type Load, load } from './wrk.ts'

const TRIAL = { size: { buildings: 65, meters: 250, years: 1 }, seconds: 5 }
const FULL = { size: { buildings: 650, meters: 2500, years: 10 }, seconds: 20 }
const BUILDING = 'batiment-0007'
const FROM = '2026-01-01'
const BATCH = 5000

/**
 * The open data of a large city: how long a publication takes and how much memory, and how fast its monthly file, its
 * changes and the days of one building are answered to 500 clients that stay connected. `ratio files`: requests a
 * second over those of nginx for the same bytes; `ratio query`: over those of InfluxDB for the same rows.
 */
export function compareOpenData({ profileFolder, full = false }: BenchmarkOptions): Benchmark {
  const { size, seconds } = full ? FULL : TRIAL
  return {
    peers: ['influxdb', 'nginx', 'wrk'],
    async round(print) {
      await using stack = new AsyncDisposableStack()
      const folder = stack.adopt(await mkdtemp(join(tmpdir(), 'affluent-bench-')), path =>
        rm(path, { recursive: true, force: true }),
      )
      const settings: HubSettings = { folder, size }
      const program = new URL('./hub-process.ts', import.meta.url)
      const { ready, subject } = await startProcess<HubReady>(program, settings, profileFolder)
      stack.adopt(subject, each => each.close())
      const { url, fullSeconds, dailySeconds, megabytes, rows } = ready
      print(
        `published ${formatNumber(rows)} days in ${formatNumber(fullSeconds)} s, one more day in ${formatNumber(dailySeconds)} s; peak ${formatNumber(megabytes)} MB`,
      )

      const csv = await (await fetch(`${url}/open-data/fluides.csv`)).text()
      const root = join(folder, 'www')
      await mkdir(root)
      await writeFile(join(root, 'fluides.csv'), csv)
      const nginx = stack.adopt(await startNginx(root), each => each.close())
      const influxdb = stack.adopt(await startInfluxdb(), each => each.close())
      await copyDays(url, influxdb)

      const query = `/open-data/fluides-jour/rows?id_batiment__exact=${BUILDING}&debut__greater=${FROM}&columns=fluide,debut,consommation`
      const influxQuery = `/query?db=${influxdb.bucket}&q=${encodeURIComponent(`SELECT "consommation" FROM "jour" WHERE "id_batiment" = '${BUILDING}' AND time >= '${FROM}T00:00:00Z' GROUP BY "fluide"`)}`
      const authorization = `Authorization: Token ${influxdb.token}`
      const sides: [string, () => Promise<Load>][] = [
        ['files-ours', () => load(`${url}/open-data/fluides.csv`, seconds)],
        ['files-nginx', () => load(`${nginx.url}/fluides.csv`, seconds)],
        ['query-ours', () => load(url + query, seconds)],
        ['query-influxdb', () => load(influxdb.url + influxQuery, seconds, [authorization])],
        ['changes-ours', () => load(`${url}/open-data/changes?dataset=fluides&limit=100`, seconds)],
      ]
      const figures: Round = {
        ...{ 'publish-full-seconds': fullSeconds, 'publish-daily-seconds': dailySeconds },
        'publish-megabytes': megabytes,
      }
      for (const [name, run] of sides) {
        const { requestsPerSecond, megabytesPerSecond, p99Ms } = await run()
        print(
          `${name}: ${formatNumber(requestsPerSecond)} requests/s, ${formatNumber(megabytesPerSecond)} MB/s, p99 ${formatNumber(p99Ms)} ms`,
        )
        figures[`${name}-requests-per-second`] = requestsPerSecond
        figures[`${name}-p99-ms`] = p99Ms
      }
      const rate = (name: string) => figures[`${name}-requests-per-second`]!
      return {
        figures,
        ratios: {
          files: rate('files-ours') / rate('files-nginx'),
          query: rate('query-ours') / rate('query-influxdb'),
        },
      }
    },
  }
}

/** Gives InfluxDB the rows of the days, with the building and the fluid as tags, as it is meant to be used. */
async function copyDays(
  url: string,
  { url: peer, org, bucket, token }: Awaited<ReturnType<typeof startInfluxdb>>,
) {
  const csv = await (await fetch(`${url}/open-data/fluides-jour.csv`)).text()
  const lines = csv
    .split('\r\n')
    .slice(1, -1)
    .map(row => row.split(','))
    .filter(cells => cells[7] !== '')
    .map(
      ([building, , , , fluid, start, , amount]) =>
        `jour,id_batiment=${building},fluide=${fluid} consommation=${amount} ${Date.parse(start!)}`,
    )
  for (let first = 0; first < lines.length; first += BATCH) {
    const answer = await fetch(`${peer}/api/v2/write?org=${org}&bucket=${bucket}&precision=ms`, {
      method: 'POST',
      headers: { authorization: `Token ${token}` },
      body: lines.slice(first, first + BATCH).join('\n'),
    })
    if (!answer.ok) throw new Error(await answer.text())
  }
}
