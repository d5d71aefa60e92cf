import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { DAY_MS } from '../../model/time.ts'
import { startInfluxdb } from '../../test/peers/influxdb.ts'
import { startNginx } from '../../test/peers/nginx.ts'
import type { BenchmarkOptions } from '../benchmarks.ts'
import { type Benchmark, formatNumber, median, type Round } from '../figures.ts'
import { publishPaced } from '../load/paced.ts'
import { makeLoads, SERIES } from '../load/readings.ts'
import { startProcess } from '../processes.ts'
import type { HubMessage, HubReady, HubSettings } from './hub-process.ts'
import { idOf } from './territory.ts'
import { type Asked, load } from './wrk.ts'

const TRIAL = { size: { buildings: 65, meters: 250, years: 1 }, seconds: 5 }
const FULL = { size: { buildings: 650, meters: 2500, years: 10 }, seconds: 20 }
const BUILDING = 'batiment-0007'
const FROM = '2026-01-01'
const BATCH = 5000
/** What a city of that size may send, and more. */
const READINGS_PER_SECOND = 5000
const READINGS_PER_MESSAGE = 50
const VARIED = 5000
const POLL_MS = 10

/**
 * The open data of a large city: how long a publication takes and how much memory, and how fast its monthly file, its
 * changes and the days of one building are answered to 500 clients that stay connected. `ratio files`: requests a
 * second over those of nginx for the same bytes; `ratio query`: over those of InfluxDB for the same rows, where all ask
 * the same; `ratio query-varied`: where nobody asks twice for the same building and days. `ratio ingest-publishing`,
 * `ratio ingest-serving`: readings a second that are stored while days are published, and while the file is asked for,
 * over those that are stored otherwise.
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
      const { child, ready, subject } = await startProcess<HubReady>(program, settings, profileFolder)
      stack.adopt(subject, each => each.close())
      const { url, brokerUrl, fullSeconds, dailySeconds, megabytes, rows } = ready
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

      const file = { server: url, paths: ['/open-data/fluides.csv'] }
      const varied = Array.from(
        { length: VARIED },
        (_, n): Question => ({
          building: idOf((n * 7919) % size.buildings),
          from: new Date(Date.parse(FROM) + ((n * 104_729) % 300) * DAY_MS).toISOString().slice(0, 10),
        }),
      )
      const same = [{ building: BUILDING, from: FROM }]
      const ask = (questions: readonly Question[]) => ({ server: url, paths: questions.map(ourQuery) })
      const askInflux = (questions: readonly Question[]) => ({
        server: influxdb.url,
        paths: questions.map(question => influxQuery(influxdb.bucket, question)),
        headers: [`Authorization: Token ${influxdb.token}`],
      })
      const sides: [string, Asked][] = [
        ['files-ours', file],
        ['files-nginx', { server: nginx.url, paths: ['/fluides.csv'] }],
        ['query-ours', ask(same)],
        ['query-influxdb', askInflux(same)],
        ['query-varied-ours', ask(varied)],
        ['query-varied-influxdb', askInflux(varied)],
        ['changes-ours', { server: url, paths: ['/open-data/changes?dataset=fluides&limit=100'] }],
      ]
      const figures: Round = {
        ...{ 'publish-full-seconds': fullSeconds, 'publish-daily-seconds': dailySeconds },
        'publish-megabytes': megabytes,
      }
      for (const [name, asked] of sides) {
        const { requestsPerSecond, megabytesPerSecond, p99Ms } = await load(asked, seconds, folder)
        print(
          `${name}: ${formatNumber(requestsPerSecond)} requests/s, ${formatNumber(megabytesPerSecond)} MB/s, p99 ${formatNumber(p99Ms)} ms`,
        )
        figures[`${name}-requests-per-second`] = requestsPerSecond
        figures[`${name}-p99-ms`] = p99Ms
      }
      const rate = (name: string) => figures[`${name}-requests-per-second`]!

      const ingest = openIngest(child, Number(new URL(brokerUrl).port), seconds)
      const alone = [await ingest.run()]
      await ingest.tell('publish')
      const publishing = await ingest.run()
      await ingest.tell('stop')
      alone.push(await ingest.run())
      const [serving] = await Promise.all([ingest.run(), load(file, seconds, folder)])
      alone.push(await ingest.run())
      Object.assign(figures, {
        'ingest-readings-per-second': median(alone),
        'ingest-publishing-readings-per-second': publishing,
        'ingest-serving-readings-per-second': serving,
      })
      print(
        `stored ${alone.map(formatNumber).join(', ')} readings/s; ${formatNumber(publishing)} while publishing, ${formatNumber(serving)} while serving`,
      )
      return {
        figures,
        ratios: {
          files: rate('files-ours') / rate('files-nginx'),
          query: rate('query-ours') / rate('query-influxdb'),
          'query-varied': rate('query-varied-ours') / rate('query-varied-influxdb'),
          'ingest-publishing': publishing / median(alone),
          'ingest-serving': serving / median(alone),
        },
      }
    },
  }
}

/** The days of a building from one on. */
interface Question {
  building: string
  from: string
}

function ourQuery({ building, from }: Question): string {
  return `/open-data/fluides-jour/rows?id_batiment__exact=${building}&debut__greater=${from}&columns=fluide,debut,consommation`
}

function influxQuery(bucket: string, { building, from }: Question): string {
  const statement = `SELECT "consommation" FROM "jour" WHERE "id_batiment" = '${building}' AND time >= '${from}T00:00:00Z' GROUP BY "fluide"`
  return `/query?db=${bucket}&q=${encodeURIComponent(statement)}`
}

/** Readings that come at a steady rate, and how many are stored of them in a second. */
function openIngest(hub: ChildProcess, port: number, seconds: number) {
  const runs = 5
  const wanted = READINGS_PER_SECOND * seconds
  const { measured } = makeLoads({
    ...{ format: 'columns', readings: Math.ceil((wanted * runs) / SERIES) * SERIES },
    readingsPerMessage: READINGS_PER_MESSAGE,
  })
  const [first] = measured.streams
  // In the order of each stream, one stream after the other.
  const packets = first!.packets.flatMap((_, n) => measured.streams.map(stream => stream.packets[n]!))
  let sent = 0
  const tell = async (message: HubMessage) => {
    hub.send(message)
    const [stored] = (await once(hub, 'message')) as [number]
    return stored
  }
  return {
    tell,
    async run() {
      const own = packets.splice(0, wanted / READINGS_PER_MESSAGE)
      sent += own.length * READINGS_PER_MESSAGE
      const before = performance.now()
      await publishPaced(port, own, READINGS_PER_SECOND / READINGS_PER_MESSAGE)
      while ((await tell('stored')) < sent) await setTimeout(POLL_MS)
      return (own.length * READINGS_PER_MESSAGE * 1000) / (performance.now() - before)
    },
  }
}

/** Gives InfluxDB the rows of the days, with the building and the fluid as tags, as it is meant to be used. */
async function copyDays(
  url: string,
  { url: peer, org, bucket, token }: Awaited<ReturnType<typeof startInfluxdb>>,
) {
  const days = await fetch(`${url}/open-data/fluides-jour.csv`)
  let lines: string[] = []
  const write = async () => {
    const answer = await fetch(`${peer}/api/v2/write?org=${org}&bucket=${bucket}&precision=ms`, {
      method: 'POST',
      headers: { authorization: `Token ${token}` },
      body: lines.join('\n'),
    })
    if (!answer.ok) throw new Error(await answer.text())
    lines = []
  }
  for await (const row of createInterface(Readable.fromWeb(days.body!))) {
    const [building, , , , fluid, start, , amount] = row.split(',')
    if (amount === '' || building === 'id_batiment') continue
    lines.push(`jour,id_batiment=${building},fluide=${fluid} consommation=${amount} ${Date.parse(start!)}`)
    if (lines.length === BATCH) await write()
  }
  await write()
}
