import { type Command, Option } from 'commander'
import { complaintsOf, describeOutcome } from '../ingest/distributor/describe-outcome.ts'
import type { DistributorFormat } from '../ingest/distributor/format-schema.ts'
import { type Formats, loadFormats } from '../ingest/distributor/formats.ts'
import type { FileReading } from '../ingest/distributor/read-file.ts'
import { type FileOutcome, takeFile } from '../ingest/distributor/take-file.ts'
import { loadHub } from '../registry/hub.ts'
import { type CommonFlags, settingsOptions, withCommonFlags } from './flags.ts'
import { addKept, KEPT_AT_ONCE, nothingKept } from './keep.ts'
import { operate } from './operate.ts'

export type DistributorFlags = CommonFlags & FileReading

const EXIT_FOUND = 2

export function addDistributor(program: Command): void {
  const distributor = program
    .command('distributor')
    .description('files of Enedis, GRDF and others: which are read, and what is in one')
  distributor
    .command('formats')
    .description('list the formats that are read, with their conventions')
    .action(async () => console.log(describeFormats(await loadFormats())))
  withDistributorFlags(withCommonFlags(distributor.command('check')))
    .description('read files as affluent import would, and tell what is in them; nothing is kept')
    .argument('<file...>')
    .action(async (files: string[], flags: DistributorFlags) => {
      const formats = await loadFormats()
      const { registry } = await loadHub(settingsOptions(flags))
      for (const file of files) {
        const outcome = await takeFile(file, { formats, registry, ...flags }, () => {})
        tell(file, outcome, registry.territory.timeZone)
      }
    })
}

export function withDistributorFlags(command: Command): Command {
  return command
    .option('--delivery-point <number>', "of a distributor's file that does not say it")
    .addOption(
      new Option(
        '--stamp <end>',
        "what the stamps of a distributor's file mark, where it does not show",
      ).choices(['start', 'end']),
    )
}

/** Reads a file and has the hub keep what it says of the meters of the registry. */
export async function importDistributor(
  file: string,
  flags: DistributorFlags,
  formats: Formats,
): Promise<void> {
  const { registry } = await loadHub(settingsOptions(flags))
  const kept = nothingKept()
  const outcome = await takeFile(
    file,
    { formats, registry, ...flags, portion: KEPT_AT_ONCE },
    async statements => {
      addKept(kept, await operate(flags, 'state', { statements }))
    },
  )
  tell(file, outcome, registry.territory.timeZone)
  const { added, repeated, replaced } = kept
  console.log(`  ${added} new statements, ${replaced} of them in place of others, ${repeated} known already`)
}

function tell(file: string, outcome: FileOutcome, timeZone: string): void {
  const complaints = complaintsOf(outcome)
  const lines = describeOutcome(outcome, timeZone)
  const [first, ...rest] = lines.slice(0, lines.length - complaints.length)
  console.log(`${file}: ${first}`)
  for (const line of rest) console.log(`  ${line}`)
  for (const line of complaints) console.error(`  ${line}`)
  if (complaints.length > 0) process.exitCode = EXIT_FOUND
}

function describeFormats(formats: Formats): string {
  return [...formats]
    .map(([name, { title, fluid, kind, time, timeZone, estimated, source, checked }]) => {
      const stamp = 'stamp' in time ? time.stamp : 'start and end'
      const estimates = estimated ? describeEstimates(estimated) : 'not told apart'
      const what = kind === 'power' ? 'mean power' : kind
      return `${name}\n  ${title}\n  ${fluid}, ${what}; stamps: ${stamp}, ${timeZone}; estimates: ${estimates}\n  after ${source} (${checked})`
    })
    .join('\n')
}

function describeEstimates(estimated: NonNullable<DistributorFormat['estimated']>): string {
  const { field } = estimated
  return 'values' in estimated
    ? `${field} ${estimated.values.join(', ')}`
    : `${field} other than ${estimated.measured.filter(Boolean).join(', ')}`
}
