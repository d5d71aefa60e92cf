import { type Command, InvalidArgumentError, Option } from 'commander'
import { printable } from '../model/printable.ts'
import { QUARANTINE_KINDS, type QuarantineKind } from '../model/quarantine.ts'
import { UNITS, type Unit } from '../model/units.ts'
import type { QuarantineListing } from '../operations/quarantine.ts'
import type { QuarantineFilter } from '../store/quarantine.ts'
import { type CommonFlags, parseCount, parseTime, withCommonFlags } from './flags.ts'
import { operate } from './operate.ts'

/** Of what is shown of an item, characters. */
const LONGEST = 200

type FilterFlags = Pick<QuarantineFilter, 'id' | 'kind' | 'sender' | 'reason' | 'since'>

export function addQuarantine(program: Command): void {
  const quarantine = program
    .command('quarantine')
    .description('what could not be stored: look into it, and try it again')

  withFilterFlags(withCommonFlags(quarantine.command('list')))
    .description('show what is in the quarantine and why, counted by kind, sender and reason')
    .option('--limit <n>', 'how many items to show, the newest first', parseCount, 20)
    .option('--json', 'everything as JSON')
    .action(async (flags: CommonFlags & FilterFlags & { limit: number; json?: boolean }) => {
      const listing = await operate(flags, 'listQuarantine', { ...filterOf(flags), limit: flags.limit })
      console.log(flags.json ? JSON.stringify(listing, null, 2) : describe(listing))
    })

  withFilterFlags(withCommonFlags(quarantine.command('replay')))
    .description(
      'take items through ingest once more, after what kept them out was mended; all, or those chosen',
    )
    .addOption(
      new Option(
        '--unit <code>',
        'what was set aside under another unit is in this one all the same',
      ).choices(UNITS),
    )
    .action(async (flags: CommonFlags & FilterFlags & { unit?: Unit }) => {
      const args = { ...filterOf(flags), unit: flags.unit }
      const { released, failed } = await operate(flags, 'replayQuarantine', args)
      console.log(released === 1 ? '1 item is stored now.' : `${released} items are stored now.`)
      for (const { reason, items, id } of failed)
        console.log(`${items} kept, such as #${id}: ${printable(reason, LONGEST)}`)
      if (failed.length > 0) process.exitCode = 1
    })
}

function withFilterFlags(command: Command): Command {
  return command
    .option('--id <n>', 'this item', parseCount)
    .option('--kind <kind>', QUARANTINE_KINDS.join(', '), parseKind)
    .option('--sender <name>', 'of this sender')
    .option('--reason <text>', 'whose reason holds this text')
    .option('--since <time>', 'that came since then: 2026-11-22T08:00:00Z, or a date (UTC)', parseTime)
}

function filterOf({ id, kind, sender, reason, since }: FilterFlags): QuarantineFilter {
  return { id, kind, sender, reason, since }
}

function describe({ groups, totals, items }: QuarantineListing): string {
  if (groups.length === 0) return 'Nothing of this kind is in the quarantine.'
  const forgotten = totals.reduce((sum, total) => sum + total.forgotten, 0)
  return [
    ...groups.map(
      ({ kind, sender, reason, items, from, to }) =>
        `${items} × ${kind} of ${printable(sender)}, ${moment(from)} to ${moment(to)}: ${printable(reason, LONGEST)}`,
    ),
    ...(forgotten > 0 ? [`${forgotten} more were forgotten, for want of room or for their age.`] : []),
    '',
    ...items.map(({ id, time, kind, sender, reason, payload, released, failure, times }) =>
      [
        `#${id} ${moment(time)} ${kind} of ${printable(sender)}: ${printable(reason, LONGEST)}`,
        times > 1 ? ` (came ${times} times)` : '',
        released === undefined ? '' : `\n    replayed ${moment(released)}`,
        failure === undefined ? '' : `\n    replay failed: ${printable(failure, LONGEST)}`,
        `\n    ${printable(typeof payload === 'string' ? payload : JSON.stringify(payload), LONGEST)}`,
      ].join(''),
    ),
  ].join('\n')
}

function moment(time: number): string {
  return new Date(time).toISOString()
}

function parseKind(text: string): QuarantineKind {
  const kind = QUARANTINE_KINDS.find(known => known === text)
  if (!kind) throw new InvalidArgumentError(`There is ${QUARANTINE_KINDS.join(', ')}.`)
  return kind
}
