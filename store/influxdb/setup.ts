import { DAY_MS } from '../../model/time.ts'
import { type Administration, administer, type Credentials } from './administration.ts'
import { createConnection, databaseOf } from './connection.ts'

export interface SetupOptions {
  url: string
  org: string
  bucket: string
  credentials: Credentials
  /** 0: for ever. */
  retentionDays: number
  /** Make a token although there is one. */
  newToken: boolean
}

export interface SetupOutcome {
  made: string[]
  /** What was there, as it should be. */
  kept: string[]
  /** What was there, otherwise; it was left as it is. */
  differences: string[]
  /** The one that was made; InfluxDB shows it to administrators only. */
  token?: string
}

interface Named {
  id: string
  name: string
}
interface Bucket extends Named {
  retentionRules: { everySeconds: number }[]
}
interface Mapping {
  retention_policy: string
  default: boolean
  bucketID: string
}
interface Authorization {
  description: string
  status: string
  permissions: { resource: { id?: string } }[]
}

const DAY_S = DAY_MS / 1000
/** InfluxDB's own is a week, so that a chart of ten years opens 520 shards, and history is written into as many. */
const SHARD_DAYS = 90

/**
 * Makes what the hub needs of an InfluxDB 2 and is not there: organisation, bucket, a token that may
 * read and write the bucket and nothing else. Changes nothing that is there.
 * @throws Error that says what to do.
 */
export async function setUpInfluxdb(options: SetupOptions): Promise<SetupOutcome> {
  const { url, org, bucket, credentials, retentionDays } = options
  const outcome: SetupOutcome = { made: [], kept: [], differences: [] }
  const first = { org, bucket, retentionSeconds: retentionDays * DAY_S }
  const influxdb = await administer(url, credentials, first)
  const note = (isNew: boolean, what: string) => (isNew ? outcome.made : outcome.kept).push(what)
  if (influxdb.isNew) outcome.made.push('the first user')

  const organisation = await findByName<Named>(influxdb, 'orgs', { org })
  const { id: orgID } = organisation ?? ((await influxdb.post('/api/v2/orgs', { name: org })) as Named)
  note(influxdb.isNew || !organisation, `organisation ${org}`)

  const retentionRules = [
    retentionDays
      ? { type: 'expire', everySeconds: retentionDays * DAY_S }
      : { type: 'expire', everySeconds: 0, shardGroupDurationSeconds: SHARD_DAYS * DAY_S },
  ]
  const there = await findByName<Bucket>(influxdb, 'buckets', { orgID, name: bucket })
  const { id: bucketID } =
    there ?? ((await influxdb.post('/api/v2/buckets', { orgID, name: bucket, retentionRules })) as Bucket)
  // The first set-up makes it without its shards' length.
  if (influxdb.isNew) await influxdb.patch(`/api/v2/buckets/${bucketID}`, { retentionRules })
  const keeps = there ? (there.retentionRules[0]?.everySeconds ?? 0) : retentionDays * DAY_S
  const what = `bucket ${bucket}, which keeps its data ${inWords(keeps)}`
  if (keeps === retentionDays * DAY_S) note(influxdb.isNew || !there, what)
  else outcome.differences.push(`${what}, not ${inWords(retentionDays * DAY_S)}`)

  await checkInfluxql(influxdb, orgID, bucketID, bucket)
  outcome.kept.push('InfluxQL reaches the bucket under its name')
  await makeToken(options, influxdb, { orgID, bucketID }, outcome)
  return outcome
}

async function findByName<T extends Named>(
  influxdb: Administration,
  kind: 'orgs' | 'buckets',
  query: Record<string, string>,
): Promise<T | undefined> {
  try {
    const found = (await influxdb.get(`/api/v2/${kind}`, query)) as Record<string, T[]>
    return found[kind]![0]
  } catch (error) {
    if (/answers 404/.test((error as Error).message)) return undefined
    throw error
  }
}

/** InfluxDB 2 maps a bucket's name to it by itself, unless somebody mapped the name to another one. */
async function checkInfluxql(
  influxdb: Administration,
  orgID: string,
  bucketID: string,
  bucket: string,
): Promise<void> {
  const { db, rp } = databaseOf(bucket)
  const { content } = (await influxdb.get('/api/v2/dbrps', { orgID, db })) as { content: Mapping[] }
  const mapping = content.find(found => (rp ? found.retention_policy === rp : found.default))
  if (mapping?.bucketID === bucketID) return
  const name = rp ? `database ${db}, retention policy ${rp},` : `database ${db}`
  throw new Error(
    `InfluxQL's ${name} is not this bucket (see influx v1 dbrp list): choose another bucket name`,
  )
}

async function makeToken(
  { url, org, bucket, newToken }: SetupOptions,
  influxdb: Administration,
  { orgID, bucketID }: { orgID: string; bucketID: string },
  outcome: SetupOutcome,
): Promise<void> {
  const description = `Affluent: read and write bucket ${bucket}`
  const found = (await influxdb.get('/api/v2/authorizations', { orgID })) as {
    authorizations: Authorization[]
  }
  const isFit = ({ status, permissions }: Authorization) =>
    status === 'active' && permissions.every(({ resource }) => resource.id === bucketID)
  const earlier = found.authorizations.filter(each => each.description === description)
  if (!earlier.every(isFit))
    outcome.differences.push('a token of the hub, which is inactive or of another bucket, or may do more')
  if (earlier.some(isFit) && !newToken) {
    outcome.kept.push('a token of the hub, which was shown when it was made')
    return
  }
  const permissions = ['read', 'write'].map(action => {
    return { action, resource: { type: 'buckets', id: bucketID, orgID } }
  })
  const { token } = (await influxdb.post('/api/v2/authorizations', {
    orgID,
    description,
    permissions,
  })) as { token: string }
  outcome.token = token
  outcome.made.push('a token that may read and write the bucket and nothing else')
  const connection = createConnection({ url, org, bucket, token })
  await connection.query(['SHOW MEASUREMENTS'])
  connection.close()
}

function inWords(seconds: number): string {
  return seconds === 0 ? 'for ever' : `for ${Math.round((seconds / DAY_S) * 10) / 10} days`
}
