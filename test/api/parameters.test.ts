import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Hub, readJson, startHub } from './hub.ts'

let hub: Hub
beforeAll(async () => {
  hub = await startHub()
})
afterAll(() => hub.close())

async function problem(path: string, init?: RequestInit) {
  const response = await fetch(hub.url + path, init)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const document = await readJson(response)
  expect(document).toMatchObject({ type: 'about:blank', status: response.status })
  return document
}

describe('parameters are strict', () => {
  it('an unknown parameter is refused with those there are', async () => {
    const refused = await problem('/v1/alerts?stat=active')
    expect(refused.status).toBe(400)
    expect(refused.errors).toEqual([
      {
        in: 'query',
        name: 'stat',
        detail: 'is not a parameter here',
        allowed: ['state', 'site', 'limit'],
      },
    ])
  })

  it('a parameter is refused where none is taken', async () => {
    expect((await problem('/v1/territory?lang=fr')).detail).toBe(
      'lang: is not a parameter; none is taken here',
    )
    expect((await problem('/open-data/fluides.csv?annee=2025')).status).toBe(400)
    expect((await problem('/metrics?x=1')).status).toBe(400)
  })

  it('a wrong value is refused with the right ones', async () => {
    const refused = await problem('/v1/points/college/elec/index/aggregates?by=week')
    expect(refused.errors).toMatchObject([{ in: 'query', name: 'by', allowed: ['minute', 'hour', 'day'] }])
  })

  it('a parameter given twice is refused', async () => {
    expect((await problem('/v1/points?site=college&site=gymnase')).errors[0].name).toBe('site')
  })

  it('every wrong parameter is named at once', async () => {
    const refused = await problem('/v1/alerts?limit=0&state=open&colour=red')
    expect(refused.errors.map((error: { name: string }) => error.name).sort()).toEqual([
      'colour',
      'limit',
      'state',
    ])
  })

  it.each([
    ['from=yesterday', 'from'],
    ['from=2026-11-22T10:00:00', 'from'],
    ['from=2026-02-30', 'from'],
    ['from=2026-11-22T10:00:00Z&to=2026-11-22T09:00:00Z', 'from'],
    ['from=2020-01-01', 'from'],
    ['limit=10001', 'limit'],
    ['limit=1.5', 'limit'],
  ])('readings?%s is refused', async (query, name) => {
    const refused = await problem(`/v1/points/college/elec/index/readings?${query}`)
    expect(refused.errors).toMatchObject([{ in: 'query', name }])
  })

  it('a site that is not in the registry is refused in a query and not found in a path', async () => {
    expect((await problem('/v1/points?site=mairie')).detail).toContain('there is no site mairie')
    expect(await problem('/v1/sites/mairie')).toMatchObject({ status: 404 })
    expect(await problem('/v1/points/college/elec/volts')).toMatchObject({ status: 404 })
    expect(await problem('/v1/points/College/elec/index')).toMatchObject({
      status: 400,
      errors: [{ in: 'path', name: 'site' }],
    })
  })
})

describe('addresses and methods', () => {
  it('nothing is at an unknown address', async () => {
    expect(await problem('/v1/sensors')).toMatchObject({ status: 404 })
    expect(await problem('/v1/sensors', { headers: { accept: 'text/html' } })).toMatchObject({ status: 404 })
  })

  it('an address that is none is refused', async () => {
    expect(await problem('/v1/%zz')).toMatchObject({ status: 400 })
  })

  it('another method is refused with those there are', async () => {
    const response = await fetch(`${hub.url}/v1/sites`, { method: 'DELETE' })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET, HEAD')
    expect(await problem('/v1/alerts/x/acknowledge')).toMatchObject({ status: 405 })
  })

  it('HEAD answers as GET does, without a body', async () => {
    for (const path of ['/v1/sites', '/open-data/manifest.json', '/open-data/catalog.jsonld']) {
      const response = await fetch(hub.url + path, { method: 'HEAD' })
      expect(response.status, path).toBe(200)
      expect(await response.text(), path).toBe('')
    }
  })
})

it('what is our fault shows nothing of its insides', async () => {
  const broken = await startHub({
    publication: {
      ...hub.served.publication,
      datasetOf: () => {
        throw new Error('secret path /srv/hub')
      },
    },
  })
  const response = await broken.get('/open-data/fluides.csv')
  expect(response.status).toBe(500)
  expect(await response.text()).not.toContain('secret')
  await broken.close()
})
