import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { hurried } from '../gateway/commission/hurried.ts'
import { judge } from '../gateway/commission/judge.ts'
import { createObserver } from '../gateway/commission/observe.ts'
import { formatReportCsv, formatSummary, remarksOf, verdictOf } from '../gateway/commission/report.ts'
import { formatReportHtml } from '../gateway/commission/report-html.ts'
import type { Language } from '../gateway/commission/words.ts'
import { parseShown, type Shown } from '../gateway/display.ts'
import { readDevices } from '../gateway/read-devices.ts'
import { loadHub } from '../registry/hub.ts'
import type { Point } from '../registry/registry.ts'
import { type CommonFlags, settingsOptions, timeOption, withCommonFlags } from './flags.ts'
import { refuseExisting, writeNewFile } from './new-file.ts'
import { clock, stopOnSignal } from './process.ts'
import { showProgress } from './progress.ts'

interface CommissionFlags extends CommonFlags {
  for: number
  every: number
  shows: Map<string, Shown>
  out: string
  language?: Language
}

const EXIT_FAILED = 2
const TICK_MS = 1000
/** How many points an error names. */
const NAMED = 10

export function addCommission(program: Command): void {
  withCommonFlags(program.command('commission'))
    .description(
      'read the devices of a gateway without a broker, check every point, and write a report to sign',
    )
    .argument('<gateway>', 'its id in the registry')
    .addOption(timeOption('--for <time>', 'how long to observe; Ctrl-C ends it before', '10min'))
    .addOption(timeOption('--every <time>', 'how often to read at least', '10s'))
    .addOption(
      new Option('--shows <point=number>', 'what the display of a point shows meanwhile; may be repeated')
        .argParser(parseShows)
        .default(new Map(), 'nothing'),
    )
    .option('--out <folder>', 'where to write the report: <gateway>.html and <gateway>.csv', '.')
    .addOption(new Option('--language <code>', "default: the territory's").choices(['fr', 'en']))
    .action((gateway, flags) => commission(gateway, flags, program.version()!))
}

async function commission(id: string, flags: CommissionFlags, version: string): Promise<void> {
  const { settings, registry } = await loadHub({
    ...settingsOptions(flags),
    secretsOf: gateway => gateway === id,
  })
  const { territory, hash } = registry
  const language = flags.language ?? territory.language
  const gateway = registry.gateways.get(id)
  if (!gateway) throw new Error(`there is no gateway ${id} in the registry`)
  const points = [...registry.points.values()].filter(point => point.gateway === id)
  if (points.length === 0) throw new Error(`${id} has no points: there is nothing to commission`)
  for (const shown of flags.shows.keys()) refuseUnshown(id, points, shown)
  const [html, csv] = ['html', 'csv'].map(ending => join(flags.out, `${id}.${ending}`)) as [string, string]
  for (const file of [html, csv]) refuseExisting(file)
  await mkdir(flags.out, { recursive: true })

  const observer = createObserver(points)
  const bar = showProgress(process.stderr)
  const stopping = stopOnSignal()
  const from = clock.now()
  const running = readDevices({
    registry: hurried(registry, flags.every),
    gateway: id,
    data: settings.data,
    clock,
    onReading: observer.read,
    onStatus: ({ state, error }, connection) =>
      bar.print(`${connection}: ${state}${error ? `: ${error}` : ''}`),
  })
  const end = clock.elapsed() + flags.for
  for (let left = flags.for; left > 0 && !stopping.aborted; left = end - clock.elapsed()) {
    bar.step(`Observing ${points.length} points`, 1 - left / flags.for)
    await wait(Math.min(TICK_MS, left), undefined, { signal: stopping }).catch(() => {})
  }
  await running.close()
  bar.end()

  const reports = judge(observer.observations, flags.shows)
  for (const report of reports.filter(report => ['fail', 'warn'].includes(verdictOf(report))))
    for (const remark of remarksOf(report, language)) console.log(`${report.point.id}: ${remark}`)
  console.log(formatSummary(reports, language))
  const occasion = { territory: territory.name[language], gateway: gateway.name, from, to: clock.now() }
  const { timeZone } = territory
  await writeNewFile(html, formatReportHtml(reports, { ...occasion, timeZone, hash, version }, language))
  await writeNewFile(csv, formatReportCsv(reports, language))
  if (reports.some(report => verdictOf(report) === 'fail')) process.exitCode = EXIT_FAILED
}

/** @throws Error for what no display is compared with: the installer would take its silence for a check that passed. */
function refuseUnshown(gateway: string, points: readonly Point[], id: string): void {
  const point = points.find(point => point.id === id)
  if (point && point.quantity.value !== 'number')
    throw new Error(`--shows compares numbers, and ${id} is a ${point.quantity.value}`)
  if (point) return
  const device = id.slice(0, id.lastIndexOf('/') + 1)
  const near = points.filter(point => point.id.startsWith(device))
  const known = near.length > 0 ? near : points
  const named = known.slice(0, NAMED).map(point => point.id)
  const more = known.length > NAMED ? ', …' : ''
  throw new Error(`${gateway} has no point ${id}; there are ${named.join(', ')}${more}`)
}

function parseShows(text: string, before: ReadonlyMap<string, Shown>): Map<string, Shown> {
  const [, point, number] = /^([^=]+)=(.+)$/.exec(text) ?? []
  try {
    return new Map([...before, [point!, parseShown(number ?? '')]])
  } catch {
    throw new InvalidArgumentError('Write it like ecole/compteur/index=12345.6.')
  }
}
