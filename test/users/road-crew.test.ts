import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../e2e/ask.ts'
import { READY, type Running, startAffluent } from '../e2e/command-line.ts'
import { until } from '../e2e/until.ts'
import { findPeer } from '../peers/cache.ts'
import { launchChromium } from '../peers/chromium.ts'
import { type PymodbusPeer, startPymodbus } from '../peers/python.ts'
import { startReceiver } from '../rules/webhook-receiver.ts'

/**
 * A road crew on duty looks at a phone, at night. The station at the pass is a Modbus device that is not ours;
 * their own telephone system takes the webhook.
 */

const ON_DELAY_MS = 2000
const SITE = 'station-du-col'
const FROST = 'Risque de gel sur la chaussée'
const SILENCE = 'Station météo muette'

const territory = (port: number) => `
territory:
  id: essai
  name: { fr: Essai, en: Trial }
  timeZone: Europe/Paris
  language: fr
  publisher: { name: Essai, url: "https://example.org", email: essai@example.org }
sites:
  - { id: ${SITE}, name: Station du col, kind: road-station, road: D 12 PR 4, commune: "96204", position: { lat: 48.3, lon: 3 } }
gateways:
  - id: gw
    name: Routes
    connections:
      - id: station
        driver: modbus
        host: 127.0.0.1
        port: ${port}
        timeout: 1s
        devices:
          - id: meteo
            site: ${SITE}
            points: { chaussee: { quantity: surface-temperature, unit: Cel, interval: 500ms, modbus: { table: input, address: 1, type: int16, scale: 0.1 } } }
rules:
  - id: gel
    name: { fr: ${FROST}, en: Road surface may freeze }
    select: { quantity: surface-temperature }
    condition: { type: threshold, below: 0, hysteresis: 0.5 }
    onDelay: ${ON_DELAY_MS}ms
    offDelay: 1s
    severity: critical
    channels: [astreinte]
  - id: muette
    name: { fr: ${SILENCE}, en: Road station is silent }
    select: { quantity: surface-temperature }
    condition: { type: absence, after: 8s }
    severity: critical
    channels: [astreinte]
channels:
  - { id: astreinte, type: webhook, url: "\${ASTREINTE_WEBHOOK}" }
`

/** A temperature as the station holds it. */
const tenths = (celsius: number) => (celsius * 10) & 0xffff

describe.runIf(findPeer('python') && findPeer('chromium'))('a road crew', () => {
  let folder: string
  let station: PymodbusPeer
  let telephone: Awaited<ReturnType<typeof startReceiver>>
  let hub: Running
  let url: string
  let loginLink: string
  let browser: Browser
  let phone: Page

  const surfaceIs = (celsius: number) => station.set(1, 'input', 1, [tenths(celsius)])
  const startStation = (celsius: number, port?: number) =>
    startPymodbus({ 1: { input: { 1: [tenths(celsius)] } } }, port)
  const called = (event: string, rule: string) =>
    telephone.received.filter(({ body }) => body.event === event && body.alert.id.startsWith(`${rule}-`))
  const alertOf = async (rule: string) =>
    (await ask(`${url}/v1/alerts`)).alerts.find((alert: { rule: string }) => alert.rule === rule)
  const card = (rule: string) => phone.getByRole('article').filter({ hasText: rule })

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'affluent-crew-'))
    station = await startStation(3.4)
    telephone = await startReceiver()
    await writeFile(join(folder, 'territory.yaml'), territory(station.port))
    hub = await startAffluent(
      [
        'start',
        ...['--territory', join(folder, 'territory.yaml'), '--data', join(folder, 'data')],
        ...['--roles', 'gateway,broker,ingest,fluids,rules,api', '--http-port', '0', '--mqtt-port', '0'],
      ],
      READY,
      { env: { ASTREINTE_WEBHOOK: telephone.url } },
    )
    url = /ready: (\S+)/.exec(hub.out())![1]!
    loginLink = /http\S+\/login\?token=\S+/.exec(hub.out())![0]
    browser = await launchChromium()
    const context = await browser.newContext({
      locale: 'fr-FR',
      viewport: { width: 390, height: 844 },
      isMobile: true,
      hasTouch: true,
    })
    phone = await context.newPage()
    // Below the limit of a test, so that what is waited for is named.
    phone.setDefaultTimeout(50_000)
  })
  afterAll(async () => {
    await browser.close()
    await hub.stop('SIGTERM')
    await Promise.all([station.close(), telephone.close()])
    await rm(folder, { recursive: true })
  })

  it('sees on the phone that all is well', async () => {
    await phone.goto(`${url}/sites/${SITE}`)
    await phone.getByRole('heading', { level: 1, name: 'Station du col' }).waitFor()
    await phone.getByText('3,4 °C').first().waitFor()
    await phone.getByRole('link', { name: /Alertes/ }).tap()
    await phone.getByText('Aucune alerte active.').waitFor()
    expect(await phone.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
  })

  it('is alerted when the road has been below zero for the delay of the rule, and called once', async () => {
    await surfaceIs(-1.2)
    await card(FROST).waitFor()
    expect(await card(FROST).innerText()).toContain('\u22121,2\u00a0°C')
    const { severity, since, firedAt } = await alertOf('gel')
    expect(severity).toBe('critical')
    expect(Date.parse(firedAt) - Date.parse(since)).toBeGreaterThanOrEqual(ON_DELAY_MS)
    const [call] = await until(
      () => called('fired', 'gel'),
      calls => calls.length > 0,
    )
    expect(call!.body).toMatchObject({ site: { name: 'Station du col' }, alert: { value: -1.2 } })
  })

  it('takes it in charge, with a session that the one-time link opens', async () => {
    const button = card(FROST).getByRole('button', { name: /Prendre en charge/ })
    await button.tap()
    await card(FROST)
      .getByText(/ouvrez d’abord une session/)
      .waitFor()
    expect((await alertOf('gel')).state).toBe('firing')

    await phone.goto(loginLink)
    await phone.getByRole('button', { name: 'Ouvrir la session' }).tap()
    await phone.getByRole('button', { name: 'Fermer la session' }).waitFor()
    await phone
      .getByRole('link', { name: /Alertes/ })
      .first()
      .tap()
    await button.tap()
    await card(FROST)
      .getByText(/par administrator/)
      .waitFor()
    expect(await alertOf('gel')).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'administrator' })

    await phone.goto(loginLink)
    await phone
      .getByRole('alert')
      .getByText(/n’est pas valable/)
      .waitFor()
    await phone.goto(`${url}/alerts`)
  })

  it('loses sight of the station: the value is unknown, the alert stays, and the silence is one itself', async () => {
    await station.close()
    await card(SILENCE).waitFor()
    expect(await alertOf('gel')).toMatchObject({ state: 'acknowledged', resolvedAt: null })
    expect(await alertOf('muette')).toMatchObject({ severity: 'critical', value: null })
    await until(
      () => called('fired', 'muette'),
      calls => calls.length > 0,
    )

    await card(SILENCE).getByRole('link', { name: 'Station du col' }).tap()
    const value = phone.getByRole('region', { name: 'Valeurs maintenant' })
    await value.getByText('inconnu', { exact: true }).waitFor()
    expect(await value.innerText()).not.toContain('1,2')
  })

  it('sees everything end when the station is back and the road is warm', async () => {
    station = await startStation(2.5, station.port)
    await phone.getByText('2,5 °C').first().waitFor()
    await phone
      .getByRole('link', { name: /Alertes/ })
      .first()
      .tap()
    await phone.getByText('Aucune alerte active.').waitFor()
    for (const rule of ['gel', 'muette']) {
      expect(await alertOf(rule)).toMatchObject({ state: 'resolved' })
      await until(
        () => called('resolved', rule),
        calls => calls.length > 0,
      )
      expect(called('fired', rule)).toHaveLength(1)
      expect(called('resolved', rule)).toHaveLength(1)
    }
    expect(called('acknowledged', 'gel')).toHaveLength(1)
    expect(hub.out() + hub.err()).not.toContain(telephone.url)
  })
})
