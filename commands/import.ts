import { userInfo } from 'node:os'
import { resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { loadFormats } from '../ingest/distributor/formats.ts'
import { isDistributorFile } from '../ingest/distributor/rows.ts'
import { HISTORY_COLUMNS, type HistoryColumn } from '../ingest/history/columns.ts'
import { formatOf, HISTORY_FORMATS, type HistoryFormat } from '../ingest/history/history.ts'
import { holdsPurchases, readPurchases } from '../ingest/purchase-rows.ts'
import { holdsStatements, readStatements } from '../ingest/statements/statement-rows.ts'
import { localDate } from '../model/calendar.ts'
import { loadHub } from '../registry/hub.ts'
import { type DistributorFlags, importDistributor, withDistributorFlags } from './distributor.ts'
import { settingsOptions, withCommonFlags } from './flags.ts'
import { type Kept, keepAll } from './keep.ts'
import { operate } from './operate.ts'
import { clock } from './process.ts'

interface ImportFlags extends DistributorFlags {
  format?: HistoryFormat
  timeZone?: string
  columns?: Partial<Record<HistoryColumn, string>>
  point?: string
  unknownPoints: boolean
  author: string
}

export function addImport(program: Command): void {
  withDistributorFlags(withCommonFlags(program.command('import')))
    .description(
      'import readings of the past from CSV or Parquet, or a CSV of hand readings, invoices and corrections, or of energy that was bought (fuel of vehicles, street lighting); the hub may run, and an interrupted import go on',
    )
    .argument(
      '<file...>',
      'files with the columns point, time, value and perhaps quality; or meter, origin, and at with index or from, to with amount; or site, energy, from, to, amount',
    )
    .addOption(new Option('--format <name>', 'default: by the ending of the file').choices(HISTORY_FORMATS))
    .option('--time-zone <zone>', 'of times without an offset, such as Europe/Paris', parseTimeZone)
    .option('--columns <list>', 'what the file calls them: time=horodate,value=valeur', parseColumns)
    .option('--point <id>', 'the point of every row, for a file without such a column')
    .option('--unknown-points', 'also import points that are not in the registry', false)
    .option('--author <name>', 'of statements whose row does not say who makes them', userInfo().username)
    .action(importFiles)
}

async function importFiles(files: string[], flags: ImportFlags): Promise<void> {
  const { timeZone, columns: names = {}, point, unknownPoints } = flags
  const formats = await loadFormats()
  for (const named of files) {
    const file = resolve(named)
    const format = flags.format ?? formatOf(file)
    if (format !== 'parquet' && (await isDistributorFile(file, formats))) {
      await importDistributor(file, flags, formats)
      continue
    }
    if (!format)
      throw new Error(
        `${file} is no distributor's file that is read (affluent distributor formats), and ends neither in .csv nor in .parquet: say which it is with --format`,
      )
    if (format === 'csv' && (await holdsPurchases(file))) {
      await importPurchases(file, flags)
      continue
    }
    if (format === 'csv' && (await holdsStatements(file))) {
      await importStatements(file, flags)
      continue
    }
    const done = await operate(flags, 'import', { file, format, names, point, timeZone, unknownPoints })
    const { readings, written, repeated, quarantined, unreadable, faults } = done
    console.log(
      `${file}: ${readings} rows, ${written} new readings, ${repeated} known already, ${quarantined} quarantined`,
    )
    for (const fault of faults) console.error(`  ${fault}`)
    if (unreadable > faults.length) console.error(`  and ${unreadable - faults.length} more`)
    if (unreadable > 0) console.error('The rows that could not be read are kept in the quarantine.')
  }
}

async function importStatements(file: string, flags: ImportFlags): Promise<void> {
  const { registry } = await loadHub(settingsOptions(flags))
  const reading = { registry, author: flags.author, now: clock.now() }
  const { statements, faults } = await readStatements(file, reading)
  const kept = await keepAll(statements, portion => operate(flags, 'state', { statements: portion }))
  tellKept(file, 'statements', kept, faults)
}

async function importPurchases(file: string, flags: ImportFlags): Promise<void> {
  const { registry } = await loadHub(settingsOptions(flags))
  const today = localDate(clock.now(), registry.territory.timeZone)
  const { purchases, faults } = await readPurchases(file, { registry, author: flags.author, today })
  const kept = await keepAll(purchases, portion => operate(flags, 'purchase', { purchases: portion }))
  tellKept(file, 'purchases', kept, faults)
}

function tellKept(file: string, what: string, kept: Kept, faults: readonly string[]): void {
  const { added, repeated, replaced } = kept
  console.log(
    `${file}: ${added} new ${what}, ${replaced} of them in place of others, ${repeated} known already, ${faults.length} not understood`,
  )
  for (const fault of faults) console.error(`  ${fault}`)
  if (faults.length > 0) process.exitCode = 2
}

function parseTimeZone(name: string): string {
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
  } catch {
    throw new InvalidArgumentError('Write a name like Europe/Paris.')
  }
}

function parseColumns(list: string): Partial<Record<HistoryColumn, string>> {
  return Object.fromEntries(
    list.split(',').map(pair => {
      const [column, ...name] = pair.split('=')
      if (!HISTORY_COLUMNS.includes(column as HistoryColumn) || name.length === 0)
        throw new InvalidArgumentError(
          `Write pairs of ${HISTORY_COLUMNS.join(', ')} and the name in the file.`,
        )
      return [column, name.join('=')]
    }),
  )
}
