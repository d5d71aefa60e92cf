import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { Command } from 'commander'
import { stringify } from 'yaml'
import { lookUpVariable } from '../registry/variables.ts'
import type { Credentials } from '../store/influxdb/administration.ts'
import { type SetupOutcome, setUpInfluxdb } from '../store/influxdb/setup.ts'
import { parseCount } from './flags.ts'

interface SetupFlags {
  url: string
  org: string
  bucket: string
  retentionDays: number
  letReadingsExpire?: boolean
  newToken?: boolean
}

const EXIT_DIFFERS = 2
const TOKEN_VARIABLE = 'INFLUXDB_TOKEN'

export function addInflux(program: Command): void {
  program
    .command('influx')
    .description('the InfluxDB of a territory')
    .command('setup')
    .description('make what the hub needs of an InfluxDB 2 and is not there; changes nothing that is there')
    .option('--url <address>', 'where it is', 'http://127.0.0.1:8086')
    .option('--org <name>', 'the organisation', 'affluent')
    .option('--bucket <name>', 'the bucket', 'affluent')
    .option('--retention-days <n>', 'how long a new bucket keeps its data; 0: for ever', parseCount, 0)
    .option('--let-readings-expire', 'with --retention-days: older readings may be deleted')
    .option('--new-token', 'make a token although there is one')
    .addHelpText(
      'after',
      `
Who may do this is told by the environment: INFLUX_TOKEN (an operator token, or one with all access), or
INFLUX_USERNAME and INFLUX_PASSWORD, which also become the first user of a new InfluxDB. A name with _FILE behind it
names a file instead. Without either you are asked for the token.`,
    )
    .action(setup)
}

async function setup(flags: SetupFlags): Promise<void> {
  const { url, org, bucket, retentionDays, letReadingsExpire, newToken = false } = flags
  if (retentionDays > 0 && !letReadingsExpire) {
    throw new Error(
      `--retention-days ${retentionDays} deletes older readings, also those that published figures rest on: ` +
        'say --let-readings-expire beside it if they are to go',
    )
  }
  const credentials = readCredentials() ?? { token: await askForToken() }
  const outcome = await setUpInfluxdb({ url, org, bucket, credentials, retentionDays, newToken })
  console.log(report(flags, outcome))
  for (const difference of outcome.differences) console.error(`left as it is: ${difference}`)
  if (outcome.differences.length > 0) process.exitCode = EXIT_DIFFERS
}

function readCredentials(): Credentials | undefined {
  const token = readVariable('INFLUX_TOKEN')
  if (token) return { token }
  const [username, password] = [readVariable('INFLUX_USERNAME'), readVariable('INFLUX_PASSWORD')]
  return username && password ? { username, password } : undefined
}

function readVariable(name: string): string | undefined {
  const found = lookUpVariable(name, process.env)
  if ('value' in found) return found.value
  if (process.env[`${name}_FILE`] !== undefined) throw new Error(found.problem)
  return undefined
}

async function askForToken(): Promise<string> {
  if (!process.stdin.isTTY)
    throw new Error('set INFLUX_TOKEN, or INFLUX_USERNAME and INFLUX_PASSWORD, in the environment')
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  // Before the prompt: it ends the terminal's own echo.
  const line = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  process.stderr.write('Token of an administrator of InfluxDB (it is not shown): ')
  const token = await line.question('')
  line.close()
  process.stderr.write('\n')
  return token.trim()
}

function report({ url, org, bucket }: SetupFlags, { made, kept, token }: SetupOutcome): string {
  const lines = [...made.map(what => `made  ${what}`), ...kept.map(what => `kept  ${what}`)]
  if (made.length === 0) lines.push('Nothing was changed.')
  if (token)
    lines.push(
      '',
      `The token, which is not shown again: ${token}`,
      `Put it into the hub's environment as ${TOKEN_VARIABLE}.`,
    )
  const store = { kind: 'influxdb', url, org, bucket, token: `$\{${TOKEN_VARIABLE}}` }
  return [...lines, '', 'For hub.yaml:', '', stringify({ store }).trimEnd()].join('\n')
}
