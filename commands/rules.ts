import type { Command } from 'commander'
import { formatCsv } from '../model/csv.ts'
import type { Replay, ReplayedEvent } from '../operations/replay-rules.ts'
import { loadHub, NO_SECRETS } from '../registry/hub.ts'
import { readRuleCases } from '../registry/rule-cases.ts'
import { tryCase } from '../rules/try-case.ts'
import { type CommonFlags, parseTime, settingsOptions, withCommonFlags } from './flags.ts'
import { operate } from './operate.ts'
import { clock } from './process.ts'

interface ReplayFlags extends CommonFlags {
  from: number
  to?: number
  rule?: string
  site?: string
  csv?: boolean
}

export function addRules(program: Command): void {
  const rules = program
    .command('rules')
    .description('try the rules of the registry, before people hear of them')

  withCommonFlags(rules.command('test'))
    .description('let rules hear the readings of cases, and hold what they tell against what is expected')
    .argument('<file...>', 'YAML files of cases, see docs/rules.md')
    .action(testRules)

  withCommonFlags(rules.command('replay'))
    .description(
      'tell what the rules would have told of the stored readings of a time, beside what was told then',
    )
    .requiredOption('--from <time>', 'such as 2026-11-22 (UTC) or 2026-11-22T04:00+01:00', parseTime)
    .option('--to <time>', 'the first time that is not replayed any more; default: now', parseTime)
    .option('--rule <id>', 'only this rule')
    .option('--site <id>', 'only this site')
    .option('--csv', 'every event as CSV, with whether it would have been told, or was')
    .action(replay)
}

async function testRules(files: string[], flags: CommonFlags): Promise<void> {
  const { registry } = await loadHub({ ...settingsOptions(flags), ...NO_SECRETS })
  let [passed, failed] = [0, 0]
  for (const file of files) {
    for (const each of await readRuleCases(file, registry)) {
      const outcome = tryCase(each, registry)
      if (outcome.passed) passed += 1
      else {
        failed += 1
        const list = (lines: string[]) => (lines.length > 0 ? lines : ['nothing']).map(line => `    ${line}`)
        console.error(
          [
            `${each.place} ${each.name}`,
            '  expected',
            ...list(outcome.expected),
            '  told',
            ...list(outcome.told),
          ].join('\n'),
        )
      }
    }
  }
  console.log(`${passed} cases as expected, ${failed} not`)
  if (failed > 0) process.exitCode = 1
}

async function replay({ from, to = clock.now(), rule, site, csv, ...flags }: ReplayFlags): Promise<void> {
  const found = await operate(flags, 'replayRules', { from, to, rule, site })
  console.log(csv ? toCsv(found) : describe(found))
}

function toCsv({ would, did }: Replay): string {
  const row = (
    told: string,
    { time, rule, point, type, severity, phenomenon = '', value }: ReplayedEvent,
  ) => [...[told, new Date(time).toISOString(), rule, point, type, severity, phenomenon, String(value ?? '')]]
  const rows = [...would.map(event => row('would', event)), ...did.map(event => row('did', event))]
  return formatCsv([['told', 'time', 'rule', 'point', 'event', 'severity', 'phenomenon', 'value'], ...rows])
}

function describe({ would, did }: Replay): string {
  const firings = (events: ReplayedEvent[]) =>
    Map.groupBy(
      events.filter(({ type }) => type === 'fired'),
      keyOf,
    )
  const [then, now] = [firings(did), firings(would)]
  const keys = [...new Set([...now.keys(), ...then.keys()])].sort()
  return [
    ...would.map(
      ({ time, rule, point, type, severity, phenomenon, value }) =>
        `${new Date(time).toISOString()} ${rule} ${point} ${[type, phenomenon, severity].filter(Boolean).join(' ')} ${value ?? '–'}`,
    ),
    ...(would.length > 0 ? [''] : []),
    ...keys.map(
      key =>
        `${key}: would have fired ${now.get(key)?.length ?? 0} times, fired ${then.get(key)?.length ?? 0} times`,
    ),
    ...(keys.length === 0 ? ['Nothing would have fired, and nothing did.'] : []),
  ].join('\n')
}

function keyOf({ rule, point }: ReplayedEvent): string {
  return `${rule} ${point}`
}
