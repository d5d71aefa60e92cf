import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type SetupOptions, setUpInfluxdb } from '../../store/influxdb/setup.ts'
import { findPeer } from '../peers/cache.ts'
import { type InfluxdbPeer, startInfluxdb } from '../peers/influxdb.ts'

const MONTH_S = 30 * 86_400

describe.runIf(findPeer('influxdb'))('the set-up of an InfluxDB that is in use', () => {
  let influxdb: InfluxdbPeer
  beforeAll(async () => {
    influxdb = await startInfluxdb()
  })
  afterAll(() => influxdb.close())

  const setUp = (options: Partial<SetupOptions>) => {
    const { url, token } = influxdb
    const credentials = { token }
    return setUpInfluxdb({
      url,
      org: 'affluent',
      bucket: 'affluent',
      credentials,
      retentionDays: 0,
      newToken: false,
      ...options,
    })
  }
  const only = async (kind: string, query: string) => {
    const found = (await influxdb.administer('GET', `/api/v2/${kind}?${query}`)) as Record<
      string,
      { id: string }[]
    >
    return found[kind]![0]!
  }

  test('adds what is missing, and a second time nothing', async () => {
    const options = { org: 'département', bucket: 'télérelève' }
    const first = await setUp(options)
    expect(first.made).toEqual([
      'organisation département',
      'bucket télérelève, which keeps its data for ever',
      'a token that may read and write the bucket and nothing else',
    ])
    // So that a chart of ten years opens some 40 shards, not 520.
    const { id: orgID } = await only('orgs', new URLSearchParams({ org: options.org }).toString())
    const named = new URLSearchParams({ orgID, name: options.bucket }).toString()
    const shards = { shardGroupDurationSeconds: 3 * MONTH_S }
    expect(await only('buckets', named)).toMatchObject({ retentionRules: [{ everySeconds: 0, ...shards }] })
    const second = await setUp(options)
    expect([second.made, second.differences, second.token]).toEqual([[], [], undefined])
    const renewed = await setUp({ ...options, newToken: true })
    expect(renewed.made).toEqual(['a token that may read and write the bucket and nothing else'])
    expect(renewed.token).not.toBe(first.token)
  })

  test('names another retention and a token that does more, and leaves them', async () => {
    await influxdb.createBucket('short', MONTH_S)
    const { id: orgID } = await only('orgs', 'org=affluent')
    const description = 'Affluent: read and write bucket short'
    const permissions = [{ action: 'read', resource: { type: 'buckets', orgID } }]
    await influxdb.administer('POST', '/api/v2/authorizations', { orgID, description, permissions })
    const { made, differences } = await setUp({ bucket: 'short' })
    expect(differences).toEqual([
      'bucket short, which keeps its data for 30 days, not for ever',
      'a token of the hub, which is inactive or of another bucket, or may do more',
    ])
    expect(made).toEqual(['a token that may read and write the bucket and nothing else'])
    expect(await only('buckets', 'name=short')).toMatchObject({ retentionRules: [{ everySeconds: MONTH_S }] })
  })

  test('makes a bucket that lets readings expire when it is told to', async () => {
    const { made } = await setUp({ bucket: 'expiring', retentionDays: 3650 })
    expect(made[0]).toBe('bucket expiring, which keeps its data for 3650 days')
    expect((await setUp({ bucket: 'expiring', retentionDays: 3650 })).made).toEqual([])
  })

  test('refuses a bucket whose name leads InfluxQL to another one', async () => {
    const { id: orgID } = await only('orgs', 'org=affluent')
    const { id: bucketID } = await only('buckets', 'name=affluent')
    const mapping = { orgID, bucketID, retention_policy: 'x', default: true }
    await influxdb.administer('POST', '/api/v2/dbrps', { ...mapping, database: 'mapped' })
    await expect(setUp({ bucket: 'mapped' })).rejects.toThrow(/database mapped is not this bucket/)
  })

  test('an all-access token makes no organisation, and says who does; a wrong password is not told', async () => {
    const { id: orgID } = await only('orgs', 'org=affluent')
    const { id: userID } = (await influxdb.administer('GET', '/api/v2/me')) as { id: string }
    // As the interface of InfluxDB makes one.
    const resources = [
      ...['buckets', 'authorizations', 'dbrp'].map(type => ({ type, orgID })),
      { type: 'orgs', id: orgID },
      { type: 'users', id: userID },
    ]
    const permissions = resources.flatMap(resource => ['read', 'write'].map(action => ({ action, resource })))
    const body = { orgID, permissions }
    const { token } = (await influxdb.administer('POST', '/api/v2/authorizations', body)) as { token: string }
    expect((await setUp({ credentials: { token }, bucket: 'water' })).made).toHaveLength(2)
    const refused = await setUp({ credentials: { token }, org: 'elsewhere' }).catch(error => error)
    expect(refused.message).toMatch(/only the former makes organisations/)
    expect(JSON.stringify([refused.message, refused.stack, refused.cause])).not.toContain(token)

    const credentials = { username: 'test', password: 'not-that-one' }
    const unknown = await setUp({ credentials }).catch(error => error)
    expect(unknown.message).toMatch(/answers 401 to POST \/api\/v2\/signin/)
    expect(JSON.stringify([unknown.message, unknown.stack, unknown.cause])).not.toContain('not-that-one')
    expect(
      (await setUp({ credentials: { username: 'test', password: 'test-password' } })).differences,
    ).toEqual([])
  })

  test('a new one needs its first user', async () => {
    const fresh = await startInfluxdb({ isNew: true })
    await expect(setUp({ url: fresh.url })).rejects.toThrow(/is new: set INFLUX_USERNAME/)
    await fresh.close()
  })
})
