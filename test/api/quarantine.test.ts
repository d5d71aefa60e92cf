import { afterAll, beforeAll, expect, it } from 'vitest'
import type { QuarantineItem } from '../../store/quarantine.ts'
import { type Hub, MINUTE, NOW, readJson, startHub } from './hub.ts'

let hub: Hub
beforeAll(async () => {
  hub = await startHub()
})
afterAll(() => hub.close())

const item = (n: number, more: Partial<QuarantineItem> = {}): QuarantineItem => ({
  kind: 'rejected',
  reason: 'value is missing',
  time: NOW - n * MINUTE,
  sender: 'nord',
  stream: 'measures',
  run: 'r',
  first: n,
  last: n,
  counted: 1,
  payload: { value: n },
  ...more,
})

const ask = (query: string) =>
  hub.get(`/v1/quarantine${query}`, { authorization: `Bearer ${hub.token}` }).then(readJson)

it('is only for an account, by token or session, and is kept by no cache', async () => {
  const stranger = await hub.get('/v1/quarantine')
  expect(stranger.status).toBe(401)
  expect((await readJson(stranger)).detail).toMatch(/^This is not for everybody and needs an account/)
  const known = await hub.get('/v1/quarantine', { authorization: `Bearer ${hub.token}` })
  expect(known.status).toBe(200)
  expect(known.headers.get('cache-control')).toBe('no-store')
  expect(await known.json()).toEqual({ groups: [], items: [], next: null })
})

it('lists items with their reasons, page by page, and counts them', async () => {
  const message = { kind: 'malformed', reason: 'not JSON', topic: 'a/b', payload: '{' } as const
  await hub.quarantine.append([item(1), item(2), item(3, message)])
  const { groups, items, next } = await ask('?limit=2')
  expect(groups).toEqual([
    {
      kind: 'rejected',
      sender: 'nord',
      reason: 'value is missing',
      items: 2,
      from: '2026-11-22T10:58:00.000Z',
      to: '2026-11-22T10:59:00.000Z',
    },
    expect.objectContaining({ kind: 'malformed', items: 1 }),
  ])
  expect(items).toMatchObject([
    { kind: 'malformed', topic: 'a/b', payload: '{', times: 1, released: null, failure: null },
    { first: 2, topic: null, payload: { value: 2 }, truncated: false },
  ])
  const rest = await ask(`?limit=2&before=${next}`)
  expect(rest).toMatchObject({ items: [{ first: 1 }], next: null })
})

it('selects by kind, sender, reason, time and whether it was replayed', async () => {
  const [one] = hub.quarantine.list({ kind: 'rejected' }, { limit: 1 })
  hub.quarantine.release([one!.id], NOW)
  const firsts = async (query: string) =>
    (await ask(query)).items.map(({ first }: { first: number }) => first)
  expect(await firsts('?kind=malformed')).toEqual([3])
  expect(await firsts('?sender=sud')).toEqual([])
  expect(await firsts('?reason=JSON')).toEqual([3])
  expect(await firsts('?since=2026-11-22T10:58:00Z')).toEqual([2, 1])
  expect(await firsts('?released=true')).toEqual([2])
  expect(await firsts('?released=false')).toEqual([3, 1])
  expect((await hub.get('/v1/quarantine?kind=odd', { authorization: `Bearer ${hub.token}` })).status).toBe(
    400,
  )
})

it('is told by kind in the metrics', async () => {
  const text = await (await hub.get('/metrics')).text()
  expect(text).toContain('affluent_quarantine_items_total{kind="rejected"} 2\n')
  expect(text).toContain('affluent_quarantine_released_total{kind="rejected"} 1\n')
  expect(text).toContain('affluent_quarantine_forgotten_total{kind="gap"} 0\n')
  expect(text).toMatch(/affluent_quarantine_bytes\{kind="malformed"\} \d{3}\n/)
})
