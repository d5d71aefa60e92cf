import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { holderOf } from '../api/auth/people.ts'
import { createApiToken, isUsable, revokeAccess } from '../api/auth/tokens.ts'
import { loadHub, NO_SECRETS } from '../registry/hub.ts'
import type { Settings } from '../registry/settings.ts'
import { openRecordStore } from '../store/records/record-store.ts'
import type { RecordStore } from '../store/records.ts'
import { type CommonFlags, parseCount, settingsOptions, withCommonFlags } from './flags.ts'
import { operate } from './operate.ts'
import { clock } from './process.ts'

const PERSON = '--person <id>'
const READER = '--reader <name>'

const loaded = (flags: CommonFlags) => loadHub({ ...settingsOptions(flags), ...NO_SECRETS })

/** SQLite lets a token be written beside a running hub. */
function withRecords<T>({ data }: Pick<Settings, 'data'>, work: (records: RecordStore) => T): T {
  const records = openRecordStore({ file: join(data, 'records.sqlite') })
  try {
    return work(records)
  } finally {
    records.close()
  }
}

interface TokenFlags extends CommonFlags {
  actor?: string
  person?: string
  reader?: string
  expiresInDays?: number
}

const readerOption = () =>
  new Option(READER, 'who reads only, where reading needs an account; the audit shows it by this name')

export function addToken(program: Command): void {
  withCommonFlags(program.command('token'))
    .description('make an API token, for a script or for a person of the registry; it is shown once')
    .option('--actor <name>', 'a script that may do everything; the audit shows it by this name')
    .addOption(
      new Option(PERSON, 'a person of the registry, who may only do what a crew does').conflicts('actor'),
    )
    .addOption(readerOption().conflicts(['actor', 'person']))
    .option('--expires-in-days <n>', 'default: valid until revoked', parseCount)
    .action(async (flags: TokenFlags) => {
      const { settings, registry } = await loaded(flags)
      const holder = holderOf(registry, flags)
      if (!holder) throw new Error('say whose it is, by --actor, --person or --reader')
      const { expiresInDays } = flags
      const { token } = withRecords(settings, records =>
        createApiToken({ records, clock, ...holder, expiresInDays }),
      )
      console.log(token)
    })
}

export function addLoginLink(program: Command): void {
  withCommonFlags(program.command('login-link'))
    .description('make a one-time link that opens a session; the links before it for the same end')
    .option(PERSON, 'a person of the registry; default: the administrator')
    .addOption(readerOption().conflicts('person'))
    .action(async (flags: CommonFlags & { person?: string; reader?: string }) => {
      const { person, reader } = flags
      console.log(await operate(flags, 'makeLoginLink', { person, reader }))
    })
}

export function addAccess(program: Command): void {
  const access = program.command('access').description('who can write: links, sessions and tokens')

  withCommonFlags(access.command('list'))
    .description('show every link, session and token that is valid now')
    .action(async (flags: CommonFlags) =>
      withRecords((await loaded(flags)).settings, records => {
        const now = clock.now()
        for (const token of records.tokens().filter(each => isUsable(each, now))) {
          const { actor, role, scope, createdAt, expiresAt } = token
          const until = expiresAt === undefined ? 'until revoked' : `until ${iso(expiresAt)}`
          console.log([actor, role, scope, `since ${iso(createdAt)}`, until].join('\t'))
        }
      }),
    )

  withCommonFlags(access.command('revoke'))
    .description('end every link, session and token in a name, at once')
    .argument('<name>', 'a person of the registry, or the actor of a token')
    .action(async (name: string, flags: CommonFlags) =>
      withRecords((await loaded(flags)).settings, records => {
        const ended = revokeAccess({ records, clock }, name)
        if (ended === 0) throw new Error(`nobody has access as ${name}: affluent access list shows who has`)
        console.log(ended === 1 ? '1 has ended.' : `${ended} have ended.`)
      }),
    )
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
