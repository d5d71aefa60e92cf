import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApiToken } from '../../api/auth/tokens.ts'
import type { Alert, AlertEventType } from '../../model/alert.ts'
import type { Clock } from '../../model/clock.ts'
import { loadRegistry } from '../../registry/load.ts'
import { frostAlert, readJson, startHub } from './hub.ts'

/** Two stations and two circuits beside the tests' territory; one of them had another level until 22 November. */
const CIRCUITS = `
sites:
  - { id: col, name: Col, kind: road-station, position: { lat: 45.5, lon: 4.5 }, commune: "42218", openData: true }
  - { id: pont, name: Pont, kind: road-station, position: { lat: 45.5, lon: 4.6 }, commune: "42218" }
circuits:
  - id: circuit-du-col
    name: { fr: Circuit du <col>, en: Circuit of the <pass> }
    seasons:
      - { from: 2026-03-01, to: 2026-11-22, serviceLevel: S3, hours: [{}] }
      - from: 2026-11-22
        to: 2027-04-01
        serviceLevel: S2
        hours: [{ hours: ['05:00-20:00'] }]
        returnTime: 4h
        reference: C1
        minimum: C3
    sections:
      - { id: montee, road: D 907, fromPk: 24+0, toPk: 31+850, label: Montée }
      - { id: vallee, road: D 907, fromPk: 12+0, toPk: 24+0 }
    stations: [col]
    openData: true
  - id: circuit-du-pont
    name: Pont
    seasons: [{ from: 2026-11-01, to: 2027-03-01, serviceLevel: S4, hours: [{}] }]
    sections: [{ id: pont, road: D 41, fromPk: 1+0, toPk: 2+0 }]
    stations: [pont, col]
`

/** A hub with circuits, whose clock the test holds. */
export async function startWinterHub(start: string) {
  const folder = await mkdtemp(join(tmpdir(), 'affluent-winter-'))
  await copyFile(join(import.meta.dirname, 'territory.yaml'), join(folder, 'territory.yaml'))
  await writeFile(join(folder, 'winter.yaml'), CIRCUITS)
  const registry = await loadRegistry(folder)
  await rm(folder, { recursive: true })
  let now = Date.parse(start)
  const clock: Clock = { now: () => now, elapsed: () => now }
  const hub = await startHub({ registry, clock })
  // The token of the hub is made by another clock.
  const accountOf = (actor: string) => ({
    authorization: `Bearer ${createApiToken({ records: hub.records, clock, actor }).token}`,
    'content-type': 'application/json',
  })
  const account = accountOf('patrouilleur-1')
  let number = 0
  return {
    ...hub,
    registry,
    account,
    accountOf,
    at(time: string) {
      now = Date.parse(time)
    },
    send: (entry: object, headers: Record<string, string> = account) =>
      hub.post('/v1/winter-service/entries', headers, JSON.stringify(entry)),
    night: async (date: string, query = '') =>
      readJson(await hub.get(`/v1/winter-service/nights/${date}${query}`, account)),
    page: (date: string, query = '', headers: Record<string, string> = {}) =>
      hub.get(`/winter-service/nights/${date}${query}`, { ...account, ...headers }),
    /** What the rules have told of the road at a station. */
    tell(type: AlertEventType, site: string, time: string, more: Partial<Alert> = {}) {
      number += 1
      const firedAt = Date.parse(time)
      const message = { fr: 'Verglas', en: 'Ice' }
      const state = type === 'resolved' ? 'resolved' : 'firing'
      const place = { point: `${site}/meteo/surface-temperature`, site, phenomenon: 'ice' }
      const alert = frostAlert(state, { id: `gel-${site}`, ...place, message, firedAt, ...more })
      hub.keep({ type, time: firedAt, actor: 'rules', alert }, number)
    },
  }
}

export type WinterHub = Awaited<ReturnType<typeof startWinterHub>>

/** A UUID that a test can tell. */
export const uuid = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`

export const condition = (id: number, time: string, more: object = {}) => ({
  ...{ id: uuid(id), kind: 'condition', time, circuit: 'circuit-du-col', section: 'montee' },
  ...{ condition: 'C2', phenomenon: 'ice', ...more },
})
export const decision = (id: number, time: string, more: object = {}) => ({
  ...{ id: uuid(id), kind: 'decision', time, circuit: 'circuit-du-col', decision: 'treat' },
  ...{ reason: 'Verglas attendu', ...more },
})
export const treatment = (id: number, time: string, end: string, more: object = {}) => ({
  ...{ id: uuid(id), kind: 'treatment', time, end, circuit: 'circuit-du-col', product: 'wetted-salt' },
  ...{ dosage: 15, ...more },
})
export const correction = (id: number, time: string, corrects: number, replacement?: object) => {
  const { id: _, ...fact } = (replacement ?? {}) as { id?: string }
  return {
    ...{ id: uuid(id), kind: 'correction', time, corrects: uuid(corrects), reason: 'Faute de frappe' },
    ...(replacement && { replacement: fact }),
  }
}
