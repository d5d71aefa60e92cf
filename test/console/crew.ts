import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { expect } from 'vitest'
import { SESSION_COOKIE } from '../../api/auth/authenticate.ts'
import { createSession, type Holder } from '../../api/auth/tokens.ts'
import { topics } from '../../bus/topics.ts'
import { type Alert, type AlertCommand, changesOf } from '../../model/alert.ts'
import { forecastBoard } from '../../model/forecast.ts'
import { loadRegistry } from '../../registry/load.ts'
import type { Registry } from '../../registry/registry.ts'
import { type Hub, MINUTE, NOW, startHub } from '../api/hub.ts'
import { complaintsOf, publishAlert } from './console.ts'

const TERRITORY = `
territory:
  id: essai
  name: { fr: Essai, en: Trial }
  timeZone: Europe/Paris
  publisher: { name: Essai, url: "https://essai.example/", email: essai@essai.example }
sites:
  - { id: col, name: Col, kind: road-station, road: D 907 PR 31+850, commune: "42218", position: { lat: 45.5, lon: 4.5 } }
  - { id: pont, name: Pont, kind: road-station, road: D 41 PR 22+700, commune: "42218", position: { lat: 45.6, lon: 4.5 } }
  - { id: college, name: Collège, kind: building, commune: "42218", position: { lat: 45.5, lon: 4.5 } }
gateways:
  - id: gw
    name: Routes
    connections:
      - id: tcp
        driver: modbus
        host: 127.0.0.1
        port: 0
        devices:
          - { id: meteo, site: col, points: { chaussee: { quantity: surface-temperature, unit: Cel, interval: 10min, modbus: { table: input, address: 1, type: int16, scale: 0.1 } } } }
          - { id: meteo, site: pont, unit: 2, points: { chaussee: { quantity: surface-temperature, unit: Cel, interval: 10min, modbus: { table: input, address: 1, type: int16, scale: 0.1 } } } }
          - { id: air, site: college, unit: 3, points: { temperature: { quantity: indoor-temperature, unit: Cel, interval: 10min, modbus: { table: input, address: 1, type: int16, scale: 0.1 } } } }
circuits:
  - id: circuit-du-pont
    name: { fr: Circuit du pont, en: Circuit of the bridge }
    seasons: [{ from: 2026-11-01, to: 2027-04-01, serviceLevel: S2, hours: [{}] }]
    sections: [{ id: pont, road: D 41, fromPk: 20+0, toPk: 24+0 }]
    stations: [pont]
  - id: circuit-du-col
    name: { fr: Circuit du col, en: Circuit of the pass }
    seasons: [{ from: 2026-11-01, to: 2027-04-01, serviceLevel: S1, hours: [{}] }]
    sections:
      - { id: vallee, road: D 907, fromPk: 12+300, toPk: 24+0 }
      - { id: montee, road: D 907, fromPk: 24+0, toPk: 31+850, label: Montée }
    stations: [col]
channels:
  - { id: journal, type: log }
  - { id: telephones, type: push }
forecasts:
  - id: meteo
    name: { fr: Météo simulée, en: Simulated weather }
    url: http://127.0.0.1:9/
    sites: [col, pont]
    staleAfter: 2h
people:
  - { id: patrouille-1, channels: [journal] }
  - { id: nadia, channels: [journal] }
  - { id: marie, channels: [telephones] }
rules:
  - id: etat
    name: { fr: État de la chaussée, en: Road surface }
    select: { quantity: surface-temperature }
    condition: { type: threshold, below: 0, hysteresis: 1 }
    severity: critical
    advice: { fr: Patrouiller, en: Patrol }
`

export async function crewRegistry(): Promise<Registry> {
  const folder = await mkdtemp(join(tmpdir(), 'affluent-crew-'))
  await writeFile(join(folder, 'territory.yaml'), TERRITORY)
  const registry = await loadRegistry(join(folder, 'territory.yaml'))
  await rm(folder, { recursive: true })
  return registry
}

export function roadAlert(id: string, more: Partial<Alert> = {}): Alert {
  const site = more.site ?? 'col'
  return {
    ...{ id, rule: 'etat', point: `${site}/meteo/chaussee`, site, severity: 'warning', state: 'firing' },
    ...{
      since: NOW - 9 * MINUTE,
      firedAt: NOW - 8 * MINUTE,
      value: -1,
      lastValue: -1.2,
      phenomenon: 'watch',
    },
    message: { fr: `Surveiller ${id}`, en: `Watch ${id}` },
    ...more,
  }
}

export type CrewHub = Awaited<ReturnType<typeof startCrewHub>>

/** A hub with the roads of a crew, and rules that answer commands as ours do. */
export async function startCrewHub(consoleFolder: string) {
  const answerLinks = {
    find: (token: string) =>
      token === 'to-marie' ? { alert: 'verglas', change: 0, actor: 'marie', person: 'marie' } : undefined,
  }
  const registry = await crewRegistry()
  const board = forecastBoard(source => registry.forecasts.get(source)?.staleAfter)
  const hub = await startHub({
    ...{ consoleFolder, answerLinks, registry, commandTimeoutMs: 1500 },
    forecasts: { board, states: new Map() },
  })
  const accepted: AlertCommand[] = []
  const told: Promise<void>[] = []
  const given = new Set<string>()
  const rules = { silent: false, heard: new Set<string>() }
  const tell = async (type: 'fired' | 'worsened' | 'acknowledged' | 'resolved', alert: Alert, time = NOW) => {
    const arrived = Promise.withResolvers<void>()
    const off = hub.served.alerts.onStored(event => {
      if (event.alert.id === alert.id && event.type === type) arrived.resolve()
    })
    const actor = type === 'acknowledged' ? alert.acknowledgedBy! : 'rules'
    await publishAlert(hub, { type, time, actor, alert })
    await arrived.promise
    off()
  }
  await hub.peer.subscribe(topics.alertCommands, (_, payload) => {
    const command: AlertCommand = JSON.parse(payload.toString())
    // A command is given again until it is answered, perhaps when its test is over.
    if (!given.has(command.id)) rules.heard.add(command.alert)
    given.add(command.id)
    const isOf = ({ alert, change }: AlertCommand) => alert === command.alert && change === command.change
    if (rules.silent || accepted.some(isOf)) return
    const alert = hub.records.alert(command.alert)
    if (alert?.state !== 'firing' || (command.change ?? changesOf(alert)) !== changesOf(alert)) return
    accepted.push(command)
    const { time, actor, actedAt } = command
    const done = { acknowledgedAt: time, acknowledgedBy: actor, actedAt }
    told.push(tell('acknowledged', { ...alert, ...done, state: 'acknowledged' }))
  })
  /** A test begins without the alerts, the sessions and the commands of the one before. */
  const forget = async () => {
    await Promise.all(told.splice(0))
    accepted.length = 0
    rules.silent = false
    rules.heard.clear()
    using records = new DatabaseSync(join(hub.folder, 'records.sqlite'))
    records.exec('DELETE FROM alert_event; DELETE FROM alert; DELETE FROM token')
  }
  return { ...hub, board, accepted, rules, tell, forget }
}

/** One of the people of the territory. */
export const PATROL: Holder = { actor: 'patrouille-1', role: 'crew' }

export interface Phone {
  page: Page
  /** What the console of the browser said, and every request that left for another host. */
  complaints: string[]
  cut(): Promise<void>
  restore(): Promise<void>
  close(): Promise<void>
}

/** Opens the crew page as an installed one: its service worker holds it. */
export async function openPhone(
  browser: Browser,
  hub: Hub,
  { session = PATROL, ...options }: BrowserContextOptions & { session?: Holder | null } = {},
): Promise<Phone> {
  const context = await browser.newContext({
    ...{ locale: 'fr-FR', baseURL: hub.url, timezoneId: 'Europe/Paris' },
    ...{ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
    ...options,
  })
  if (session) {
    const { token } = createSession(hub, session)
    await context.addCookies([{ name: SESSION_COOKIE, value: token, url: hub.url, sameSite: 'Strict' }])
  }
  const page = await context.newPage()
  page.setDefaultTimeout(50_000)
  const complaints = complaintsOf(page, hub)
  await page.goto('/crew')
  await page.getByText('À jour').waitFor()
  if (options.serviceWorkers !== 'block')
    await expect
      .poll(() => page.evaluate('navigator.serviceWorker.controller !== null'), { timeout: 40_000 })
      .toBe(true)
  // What the worker has seen pass it keeps.
  await page.reload()
  await page.getByText('À jour').waitFor()
  return {
    page,
    complaints,
    cut: async () => {
      await context.setOffline(true)
      // The page hears of it before its worker's network is cut: it asks once more.
      await page.evaluate(`dispatchEvent(new Event('offline'))`)
      await page.getByText('Pas de liaison').waitFor()
    },
    restore: async () => {
      await context.setOffline(false)
      await page.evaluate(`dispatchEvent(new Event('online'))`)
      await page.getByText('À jour').waitFor()
    },
    close: () => context.close(),
  }
}

/** What another person's session would have done. */
export const takenBy = (alert: Alert, actor: string): Alert => ({
  ...alert,
  ...{ state: 'acknowledged', acknowledgedAt: NOW, acknowledgedBy: actor },
})
