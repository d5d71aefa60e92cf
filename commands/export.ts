import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import type { ExportFormat } from '../archive/export-tables.ts'
import { type CommonFlags, parseTime, withCommonFlags } from './flags.ts'
import { operate } from './operate.ts'

interface ExportFlags extends CommonFlags {
  out: string
  format: ExportFormat
  from?: number
  to?: number
  points?: string
}

export function addExport(program: Command): void {
  withCommonFlags(program.command('export'))
    .description('write all readings into Parquet or CSV files, by month; the hub may run')
    .requiredOption('--out <folder>', 'where to write them; must be empty')
    .addOption(new Option('--format <name>').choices(['parquet', 'csv']).default('parquet'))
    .option('--from <time>', 'source time, such as 2026-01-01 (UTC) or 2026-01-01T00:00+01:00', parseTime)
    .option('--to <time>', 'the first time that is not exported any more', parseTime)
    .option('--points <glob>', 'only these, such as "college-*/**"')
    .action(async ({ out, format, from, to, points, ...flags }: ExportFlags) => {
      const args = { out: resolve(out), format, from, to, points }
      const done = await operate(flags, 'export', args)
      const readings = done.files.reduce((sum, file) => sum + file.readings, 0)
      console.log(
        `${readings} readings of ${done.points} points in ${done.files.length} files in ${out}; ` +
          `the ledger counts ${done.received} received in that time`,
      )
    })
}
