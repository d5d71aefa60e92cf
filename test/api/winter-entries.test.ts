import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { listDataFiles } from '../../archive/data-files.ts'
import { readJson } from './hub.ts'
import {
  condition,
  correction,
  decision,
  startWinterHub,
  treatment,
  uuid,
  type WinterHub,
} from './winter-hub.ts'

describe('what is wrong is named', () => {
  const time = '2026-11-22T02:00:00Z'
  let hub: WinterHub
  beforeAll(async () => {
    hub = await startWinterHub('2026-11-22T04:00:00Z')
    hub.tell('fired', 'pont', '2026-11-22T01:00:00Z')
    await hub.send(condition(8, time))
  })
  afterAll(() => hub.close())

  it.each([
    ['kind', { ...condition(1, time), kind: 'rumour' }],
    ['id', { ...condition(1, time), id: 'one' }],
    ['time', condition(1, 'last night')],
    ['time', condition(1, '0026-11-22T02:00:00Z')],
    ['time', condition(1, '2026-11-22T04:06:00Z')],
    ['circuit', condition(1, time, { circuit: 'nowhere' })],
    ['section', condition(1, time, { section: 'pont' })],
    ['condition', condition(1, time, { condition: 'C5' })],
    ['phenomenon', condition(1, time, { phenomenon: 'sunshine' })],
    ['surprise', condition(1, time, { surprise: 1 })],
    ['decision', decision(1, time, { decision: 'perhaps' })],
    ['reason', decision(1, time, { reason: '  ' })],
    ['alert', decision(1, time, { alert: 'gel-nowhere' })],
    ['alert', decision(1, time, { alert: 'gel-pont' })],
    ['end', treatment(1, time, time)],
    ['end', treatment(1, time, '2026-11-22T04:06:00Z')],
    ['product', treatment(1, time, '2026-11-22T03:00:00Z', { product: 'sugar' })],
    ['dosage', treatment(1, time, '2026-11-22T03:00:00Z', { dosage: 0 })],
    ['dosage', treatment(1, time, '2026-11-22T03:00:00Z', { dosage: undefined })],
    ['dosage', treatment(1, time, '2026-11-22T03:00:00Z', { product: 'none' })],
    ['sections', treatment(1, time, '2026-11-22T03:00:00Z', { sections: [] })],
    ['sections/1', treatment(1, time, '2026-11-22T03:00:00Z', { sections: ['vallee', 'pont'] })],
    ['corrects', correction(1, time, 9)],
    ['time', correction(1, '2026-11-22T04:06:00Z', 8)],
    ['replacement/section', correction(1, time, 8, condition(1, time, { section: 'pont' }))],
    ['replacement/condition', correction(1, time, 8, condition(1, time, { condition: 'C5' }))],
    ['replacement/time', correction(1, time, 8, condition(1, '2026-11-22T04:06:00Z'))],
  ])('%s', async (name, entry) => {
    const answer = await hub.send(entry)
    expect(answer.status).toBe(400)
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect((await readJson(answer)).errors).toMatchObject([{ in: 'body', name }])
    expect(hub.records.alertChain().length).toBe(2)
  })
})

describe('entries', () => {
  let hub: WinterHub
  beforeEach(async () => {
    hub = await startWinterHub('2026-11-22T04:00:00Z')
  })
  afterEach(() => hub.close())

  const list = async (query: string) =>
    (await readJson(await hub.get(`/v1/winter-service/entries?${query}`, hub.account))).entries

  it('what happened on the roads is neither read nor written without an account', async () => {
    const json = { 'content-type': 'application/json' }
    expect((await hub.send(condition(1, '2026-11-22T02:00:00Z'), json)).status).toBe(401)
    expect((await hub.get('/v1/winter-service/entries')).status).toBe(401)
    expect(hub.records.alertChain().length).toBe(0)
  })

  it('an entry is kept with its author, its own time and that of the hub, and where it is sealed', async () => {
    const answer = await hub.send(condition(1, '2026-11-22T03:12:00.123+01:00', { remark: ' Plaques ' }))
    expect(answer.status).toBe(201)
    const { hash, length } = hub.records.alertChain()
    expect(await readJson(answer)).toEqual({
      ...{ kind: 'condition', circuit: 'circuit-du-col', section: 'montee', condition: 'C2' },
      ...{ phenomenon: 'ice', remark: 'Plaques', time: '2026-11-22T02:12:00.123Z' },
      ...{ id: uuid(1), author: 'patrouilleur-1', received: '2026-11-22T04:00:00.000Z', correctedBy: null },
      seal: { position: length, hash },
    })
  })

  it('a repeat with the same id changes nothing, and another entry under it is refused', async () => {
    const entry = decision(1, '2026-11-22T02:00:00Z')
    const first = await readJson(await hub.send(entry))
    hub.at('2026-11-22T05:00:00Z')
    const again = await hub.send({ ...entry, id: entry.id.toUpperCase() })
    expect([again.status, await readJson(again)]).toEqual([200, first])
    for (const [changed, account] of [
      [{ reason: 'Autre' }, hub.account],
      [{}, hub.accountOf('patrouilleur-2')],
    ] as const) {
      const answer = await hub.send({ ...entry, ...changed }, account)
      expect(answer.status).toBe(409)
      expect((await readJson(answer)).detail).toContain(`id: another entry has the id ${uuid(1)}`)
    }
    expect(hub.records.alertChain().length).toBe(1)
  })

  it('a repeat is one, too, when the registry has lost the circuit', async () => {
    const { time: text, ...entry } = condition(1, '2026-11-22T02:00:00Z', { circuit: 'ancien' })
    const author = 'patrouilleur-1'
    hub.records.sealWinterEntry({
      ...entry,
      kind: 'condition',
      time: Date.parse(text),
      author,
      received: 0,
    } as never)
    expect((await hub.send({ ...entry, time: text })).status).toBe(200)
    expect((await hub.send({ ...entry, id: uuid(2), time: text })).status).toBe(400)
  })

  it('a correction is one more entry, and of each entry there is one', async () => {
    await hub.send(condition(1, '2026-11-22T02:00:00Z'))
    const better = condition(0, '2026-11-22T02:00:00Z', {
      condition: 'C3',
      circuit: 'circuit-du-pont',
      section: 'pont',
    })
    expect((await hub.send(correction(2, '2026-11-22T03:00:00Z', 1, better))).status).toBe(201)
    const second = await hub.send(correction(3, '2026-11-22T03:00:00Z', 1))
    expect(second.status).toBe(409)
    expect((await readJson(second)).detail).toContain(`was corrected by ${uuid(2)} before`)
    await hub.send(correction(4, '2026-11-22T03:30:00Z', 2))
    const entries = [
      { id: uuid(1), condition: 'C2', correctedBy: uuid(2) },
      { id: uuid(2), corrects: uuid(1), replacement: { condition: 'C3' }, correctedBy: uuid(4) },
      { id: uuid(4), corrects: uuid(2), replacement: null, correctedBy: null },
    ]
    for (const circuit of ['circuit-du-col', 'circuit-du-pont'])
      expect(await list(`circuit=${circuit}`)).toMatchObject(entries)
    expect(await list('from=2026-11-20&to=2026-11-21')).toEqual([])
    expect(hub.records.alertChain().length).toBe(3)
  })

  it('a treatment is of sections or of the whole circuit, and ploughing spreads nothing', async () => {
    const end = '2026-11-22T03:00:00Z'
    await hub.send(treatment(1, '2026-11-22T01:00:00Z', end, { sections: ['vallee'] }))
    await hub.send(treatment(2, '2026-11-22T02:00:00Z', end, { product: 'none', dosage: undefined }))
    expect(await list('circuit=circuit-du-col')).toMatchObject([
      { product: 'wetted-salt', dosage: 15, sections: ['vallee'], end: '2026-11-22T03:00:00.000Z' },
      { product: 'none', dosage: null, sections: null },
    ])
    expect(await list('circuit=circuit-du-pont')).toEqual([])
  })
})

describe('who goes to an alert', () => {
  let hub: WinterHub
  beforeEach(async () => {
    hub = await startWinterHub('2026-11-22T04:00:00Z')
    hub.tell('fired', 'col', '2026-11-22T01:00:00Z')
  })
  afterEach(() => hub.close())

  const respond = (id: number, kind: string, time: string, account = hub.account, alert = 'gel-col') =>
    hub.post(`/v1/alerts/${alert}/responses`, account, JSON.stringify({ id: uuid(id), kind, time }))
  const listed = async () => (await hub.json('/v1/alerts?state=active')).alerts[0].onTheWay

  it('is shown to all who see it, each until they turn back, and sealed once', async () => {
    const other = hub.accountOf('patrouilleur-2')
    expect((await respond(1, 'on-my-way', '2026-11-22T03:30:00Z', other)).status).toBe(201)
    expect((await respond(2, 'on-my-way', '2026-11-22T03:00:00Z')).status).toBe(201)
    hub.at('2026-11-22T04:30:00Z')
    expect((await respond(2, 'on-my-way', '2026-11-22T03:00:00Z')).status).toBe(200)
    expect((await respond(2, 'on-my-way', '2026-11-22T03:00:01Z')).status).toBe(409)
    expect(await listed()).toEqual([
      { by: 'patrouilleur-1', since: '2026-11-22T03:00:00.000Z' },
      { by: 'patrouilleur-2', since: '2026-11-22T03:30:00.000Z' },
    ])
    await respond(3, 'turned-back', '2026-11-22T03:10:00Z')
    // It was said before they turned back, and came later.
    await respond(4, 'on-my-way', '2026-11-22T03:05:00Z')
    expect((await listed()).map(({ by }: { by: string }) => by)).toEqual(['patrouilleur-2'])
    expect((await hub.json('/v1/alerts/gel-col')).responses).toMatchObject([
      { kind: 'on-my-way', time: '2026-11-22T03:00:00.000Z', received: '2026-11-22T04:00:00.000Z' },
      { kind: 'on-my-way', time: '2026-11-22T03:05:00.000Z' },
      { kind: 'turned-back', by: 'patrouilleur-1' },
      { kind: 'on-my-way', by: 'patrouilleur-2' },
    ])
    expect(hub.records.alertChain().length).toBe(5)
    // Nothing of it counts as what the rules have said.
    expect(hub.records.alertEvents('gel-col')).toHaveLength(1)
  })

  it('is kept of an alert that is over, and refused of none, in the future, and of strangers', async () => {
    hub.tell('resolved', 'col', '2026-11-22T03:30:00Z', { firedAt: Date.parse('2026-11-22T01:00:00Z') })
    const late = await respond(1, 'on-my-way', '2026-11-22T03:29:00Z')
    expect([late.status, (await readJson(late)).state]).toEqual([201, 'resolved'])
    expect((await respond(2, 'on-my-way', '2026-11-22T03:29:00Z', hub.account, 'nothing')).status).toBe(404)
    expect((await respond(2, 'on-my-way', '2026-11-22T04:06:00Z')).status).toBe(400)
    expect((await respond(2, 'asleep', '2026-11-22T03:06:00Z')).status).toBe(400)
    const json = { authorization: '', 'content-type': 'application/json' }
    expect((await respond(2, 'on-my-way', '2026-11-22T03:06:00Z', json)).status).toBe(401)
  })

  it('stands in the log of the night, in the circuits of the station', async () => {
    await respond(1, 'on-my-way', '2026-11-22T03:00:00Z')
    await hub.send(treatment(2, '2026-11-22T03:20:00Z', '2026-11-22T03:50:00Z', { alert: 'gel-col' }))
    const { circuits } = await hub.night('2026-11-21')
    for (const { rows } of circuits)
      expect(rows[1]).toMatchObject({
        ...{ time: '2026-11-22T03:00:00.000Z', alert: null, entry: null },
        response: { kind: 'on-my-way', by: 'patrouilleur-1', alert: 'gel-col', seal: { position: 2 } },
      })
    const html = await (await hub.page('2026-11-21', '?language=fr&circuit=circuit-du-col')).text()
    expect(html).toContain('<strong>En route</strong><br><small>gel-col · par patrouilleur-1 · reçu')
    expect(html).toContain('tout le circuit · alerte gel-col')
  })
})

it('anybody may know the circuits, which sections they have and which stations tell of them', async () => {
  const hub = await startWinterHub('2026-11-22T04:00:00Z')
  const { circuits } = await hub.json('/v1/winter-service/circuits')
  expect(circuits[1]).toEqual({
    ...{ id: 'circuit-du-pont', name: { fr: 'Pont', en: 'Pont' }, stations: ['pont', 'col'] },
    sections: [{ id: 'pont', road: 'D 41', fromPk: '1+0', toPk: '2+0', label: null }],
  })
  await hub.close()
})

describe('a photo of a treatment', () => {
  let hub: WinterHub
  beforeEach(async () => {
    hub = await startWinterHub('2026-11-22T04:00:00Z')
  })
  afterEach(() => hub.close())

  const segment = (marker: number, content: string) =>
    Buffer.concat([Buffer.from([0xff, marker, 0, content.length + 2]), Buffer.from(content)])
  const jpeg = (...segments: Buffer[]) =>
    Buffer.concat([Buffer.from([0xff, 0xd8]), ...segments, segment(0xda, 'scan'), Buffer.from([0xff, 0xd9])])
  const PHOTO = jpeg(segment(0xe0, 'JFIF\0'), segment(0xdb, 'table'))
  const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
  const put = (bytes: Buffer, hash = hashOf(bytes), headers: Record<string, string> = hub.account) =>
    fetch(`${hub.url}/v1/winter-service/photos/${hash}`, {
      method: 'PUT',
      headers: { ...headers, 'content-type': 'image/jpeg' },
      body: new Uint8Array(bytes),
    })
  const get = (hash: string, headers = hub.account) => hub.get(`/v1/winter-service/photos/${hash}`, headers)
  const treated = (id: number, photos: string[]) =>
    hub.send(treatment(id, '2026-11-22T03:00:00Z', '2026-11-22T03:30:00Z', { photos }))

  it('is kept by its hash, which the entry seals, and stands in the log of the night', async () => {
    const hash = hashOf(PHOTO)
    expect((await readJson(await treated(1, [hash]))).errors).toMatchObject([{ name: 'photos/0' }])
    expect([(await put(PHOTO)).status, (await put(PHOTO)).status]).toEqual([204, 204])
    expect((await treated(1, [hash])).status).toBe(201)
    expect(hub.records.winterRecord(uuid(1))![0]!.event).toMatchObject({ photos: [hash] })
    const answer = await get(hash)
    expect(answer.headers.get('content-type')).toBe('image/jpeg')
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(PHOTO)
    const html = await (await hub.page('2026-11-21', '?language=fr')).text()
    expect(html).toContain(`<img src="/v1/winter-service/photos/${hash}" alt="Photo du traitement"`)
    // It lies where a backup takes it from.
    expect(listDataFiles(hub.folder).others).toContain(`photos/${hash.slice(0, 2)}/${hash}.jpg`)
  })

  it('is shown to nobody without an account, and not when it is no longer what it was', async () => {
    const hash = hashOf(PHOTO)
    await put(PHOTO)
    expect((await hub.get(`/v1/winter-service/photos/${hash}`)).status).toBe(401)
    expect((await put(PHOTO, hash, { authorization: '' })).status).toBe(401)
    await writeFile(join(hub.folder, 'photos', hash.slice(0, 2), `${hash}.jpg`), jpeg())
    expect((await get(hash)).status).toBe(404)
    await put(PHOTO)
    expect((await get(hash)).status).toBe(200)
  })

  it('is refused where it is no JPEG, holds a position, is too large, or is another one', async () => {
    const exif = jpeg(segment(0xe0, 'JFIF\0'), segment(0xe1, 'Exif\0\0'))
    for (const [bytes, status] of [
      [Buffer.from('<svg onload="alert(1)"/>'), 400],
      [Buffer.from([0xff, 0xd8, 0xff]), 400],
      [exif, 400],
      [Buffer.alloc(2 * 1024 * 1024 + 1), 413],
    ] as const) {
      expect((await put(bytes)).status).toBe(status)
      expect((await get(hashOf(bytes))).status).toBe(404)
    }
    expect((await put(PHOTO, hashOf(exif))).status).toBe(400)
    expect((await put(PHOTO, '../../records')).status).toBe(404)
  })
})

it('the last twelve hours of a station are what its alerts have told of, by rule and point', async () => {
  const hub = await startWinterHub('2026-11-22T04:00:00Z')
  const firedAt = Date.parse('2026-11-21T12:00:00Z')
  hub.tell('fired', 'col', '2026-11-21T12:00:00Z', { phenomenon: 'watch' })
  hub.tell('worsened', 'col', '2026-11-22T01:00:00Z', {
    ...{ firedAt, severity: 'critical', change: { type: 'worsened', number: 1, time: 0 } },
  })
  hub.tell('resolved', 'col', '2026-11-22T02:00:00Z', { firedAt, severity: 'critical' })
  hub.tell('fired', 'pont', '2026-11-22T03:00:00Z')
  const point = 'col/meteo/surface-temperature'
  expect(await hub.json('/v1/sites/col/alert-history')).toEqual({
    ...{ from: '2026-11-21T16:00:00.000Z', to: '2026-11-22T04:00:00.000Z' },
    histories: [
      {
        ...{ rule: 'gel', point },
        bands: [
          ['2026-11-21T16:00', '2026-11-22T01:00', 'watch', 'warning'],
          ['2026-11-22T01:00', '2026-11-22T02:00', 'ice', 'critical'],
          ['2026-11-22T02:00', '2026-11-22T04:00', null, null],
        ].map(([from, to, phenomenon, severity]) => ({
          ...{ from: `${from}:00.000Z`, to: `${to}:00.000Z`, phenomenon, severity },
        })),
      },
    ],
  })
  expect((await hub.get('/v1/sites/nowhere/alert-history')).status).toBe(404)
  await hub.close()
})
