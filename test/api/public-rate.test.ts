import { expect, it } from 'vitest'
import { startHub } from './hub.ts'

it('an address that asks too often is told when to go on, and nobody else is', async () => {
  const hub = await startHub({ requestsPerMinute: 3, proxies: ['127.0.0.1'] })
  const ask = (path: string, address: string) => hub.get(path, { 'x-forwarded-for': address })
  for (let n = 0; n < 3; n++) expect((await ask('/open-data/manifest.json', '192.0.2.1')).status).toBe(200)
  const refused = await ask('/open-data/catalog.jsonld', '192.0.2.1')
  expect(refused.status).toBe(429)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(refused.headers.get('content-type')).toContain('application/problem+json')
  expect(await refused.json()).toMatchObject({
    status: 429,
    detail: expect.stringMatching(/^More than 3 requests in a minute from one address; go on in \d+ s\./),
  })
  expect((await ask('/open-data/manifest.json', '192.0.2.2')).status).toBe(200)
  for (const path of ['/api/explore/v2.1/catalog/datasets', '/sta/v1.1', '/datex2/sites.xml?x=1'])
    expect((await ask(path, '192.0.2.1')).status, path).toBe(429)
  expect((await ask('/v1/sites', '192.0.2.1')).status).toBe(200)
  const { paths } = await hub.json('/openapi.json')
  expect(paths['/open-data/manifest.json'].get.responses).toHaveProperty('429')
  expect(paths['/v1/sites'].get.responses).not.toHaveProperty('429')
  await hub.close()
})

it('who is behind nothing that is trusted is known by the connection', async () => {
  const hub = await startHub({ requestsPerMinute: 2 })
  const ask = (address: string) => hub.get('/open-data/manifest.json', { 'x-forwarded-for': address })
  expect((await ask('192.0.2.1')).status).toBe(200)
  expect((await ask('192.0.2.2')).status).toBe(200)
  expect((await ask('192.0.2.3')).status).toBe(429)
  await hub.close()
})
