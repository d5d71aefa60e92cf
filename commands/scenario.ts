import { type Command, InvalidArgumentError } from 'commander'
import type { ToldScenario } from '../operations/scenarios.ts'
import { SCENARIO_NAMES } from '../registry/scenario-schema.ts'
import { type CommonFlags, withCommonFlags } from './flags.ts'
import { operate } from './operate.ts'

interface StartFlags extends CommonFlags {
  on: string
  for: string
  set: Record<string, number | string>
}

export function addScenario(program: Command): void {
  const scenario = program
    .command('scenario')
    .description('have simulated devices leak, freeze, drift, fall silent, …: what may happen in the field')

  withCommonFlags(scenario.command('list', { isDefault: true }))
    .description('list the scenarios that running simulators play, have played or will play')
    .action(async (flags: CommonFlags) => {
      const told = await operate(flags, 'listScenarios', {})
      console.log(
        told.length > 0 ? told.map(describe).join('\n') : `None. There are: ${SCENARIO_NAMES.join(', ')}`,
      )
    })

  withCommonFlags(scenario.command('start'))
    .description('play one from now on')
    .argument('<name>', `one of ${SCENARIO_NAMES.join(', ')}`)
    .requiredOption('--on <place>', 'a point, a device as <site>/<device>, a site, a connection or a gateway')
    .option('--for <duration>', 'how long, in the time of the simulators', '10min')
    .option('--set <name=value>', 'a parameter, such as flow=0.4; may be given again', takeParameter, {})
    .action(async (name: string, { on, for: length, set, ...flags }: StartFlags) => {
      console.log(
        describe(await operate(flags, 'startScenario', { ...set, scenario: name, on, for: length })),
      )
    })

  withCommonFlags(scenario.command('end'))
    .description('end one that was started by hand')
    .argument('<id>', 'as `affluent scenario list` tells it')
    .action(async (id: string, flags: CommonFlags) => {
      await operate(flags, 'endScenario', { id })
      console.log(`${id} has ended`)
    })

  withCommonFlags(scenario.command('power-cut'))
    .description('end the process of a gateway as a power cut would: nothing is closed, nothing is said')
    .action(async (flags: CommonFlags) => {
      const { pid } = await operate(flags, 'preparePowerCut', {})
      if (pid === process.pid) throw new Error('no gateway runs on this data folder')
      process.kill(pid, 'SIGKILL')
      console.log(`The gateway was process ${pid}: start it again`)
    })
}

function takeParameter(
  text: string,
  before: Record<string, number | string>,
): Record<string, number | string> {
  const [, name, value] = /^([A-Za-z]+)=(.+)$/.exec(text) ?? []
  if (name === undefined || value === undefined) throw new InvalidArgumentError('Write it like flow=0.4.')
  return { ...before, [name]: Number.isNaN(Number(value)) ? value : Number(value) }
}

function describe({
  id,
  until,
  scenario: { scenario, on, at, for: length, every, ...parameters },
}: ToldScenario): string {
  const time = (ms: number) => new Date(ms).toISOString()
  const more = Object.entries(parameters).map(([name, value]) => ` ${name}=${value}`)
  const again = every ? `, every ${every}` : ''
  const ended = until === null ? '' : `; ended ${time(until)}`
  return `${id}: ${scenario} on ${on}${more.join('')}, ${time(at)} to ${time(at + length)}${again}${ended}`
}
