import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createLoginLink, createSession } from '../../api/auth/tokens.ts'
import { jpegFault } from '../../model/jpeg.ts'
import type { RoadState } from '../../model/road-state.ts'
import { HOUR_MS } from '../../model/time.ts'
import type { Correction, TreatmentFact, WinterFact } from '../../model/winter-service.ts'
import { MINUTE, NOW, PUSH_KEY, reading } from '../api/hub.ts'
import { uuid } from '../api/winter-hub.ts'
import { findPeer } from '../peers/cache.ts'
import { launchChromium } from '../peers/chromium.ts'
import { axeViolations } from './axe.ts'
import { startBrowser } from './console.ts'
import { type CrewHub, openPhone, type Phone, roadAlert, startCrewHub, takenBy } from './crew.ts'
import { openPushes, PUSH_KEYS, pushManager } from './push-manager.ts'

/** Compressed; a third of the console's. The build of a test is larger than that for use. */
const MOST_JAVASCRIPT = 43_000

describe.runIf(findPeer('chromium'))('the crew page', () => {
  let built: Awaited<ReturnType<typeof startBrowser>>
  /** With notifications, pushes and background sync. */
  let whole: Browser
  let hub: CrewHub
  let phones: Phone[] = []

  beforeAll(async () => {
    built = await startBrowser()
    whole = await launchChromium()
    hub = await startCrewHub(built.folder)
  })
  afterAll(async () => {
    await hub.close()
    await whole.close()
    await built.close()
  })
  afterEach(async () => {
    await Promise.all(phones.map(phone => phone.close()))
    phones = []
    await hub.forget()
  })

  const open = async (options: Parameters<typeof openPhone>[2] = {}, browser = built.browser) => {
    const phone = await openPhone(browser, hub, options)
    phones.push(phone)
    return phone
  }
  const titles = (page: Page) => page.getByRole('main').getByRole('heading', { level: 3 }).allInnerTexts()
  const choose = (page: Page, name: RegExp) => page.getByRole('main').getByRole('button', { name }).tap()
  const bar = (page: Page) => page.getByRole('region', { name: 'Action' })
  const take = async (page: Page, name: RegExp) => {
    await choose(page, name)
    await bar(page)
      .getByRole('button', { name: /Prendre en charge/ })
      .tap()
  }
  const ice = () => roadAlert('verglas', { severity: 'critical', phenomenon: 'ice' })
  const snow = () => roadAlert('neige', { site: 'pont', severity: 'critical', phenomenon: 'snow' })

  it('shows the alerts of roads, the gravest first, then the nearest to the phone', async () => {
    const until = NOW + HOUR_MS
    const shelving = { number: 1, time: NOW, by: 'nadia', until, reason: 'Capteur en travaux' }
    await hub.tell('fired', roadAlert('suivi', { shelving }))
    await hub.tell('fired', ice())
    await hub.tell('fired', snow())
    await hub.tell('fired', roadAlert('salle', { site: 'college', point: 'college/air/temperature' }))
    await hub.store(
      reading('col/meteo/chaussee', NOW - 3 * HOUR_MS, 2.4),
      reading('col/meteo/chaussee', NOW - HOUR_MS, -1.2),
    )
    const { page, complaints } = await open({
      permissions: [],
      geolocation: { latitude: 45.59, longitude: 4.5 },
    })
    await page.getByRole('heading', { name: 'Alertes sur les routes\u202f: 3' }).waitFor()
    await page.context().grantPermissions(['geolocation'])
    await page.getByRole('button', { name: 'Trier par distance' }).tap()
    await page.getByText('Les plus proches d’abord').waitFor()
    const shown = (await titles(page)).map(title => title.replace(/\s+/g, ' ').trim())
    expect(shown).toEqual([
      'Critique Neige Pont, D 41 PR 22+700',
      'Critique Verglas Col, D 907 PR 31+850',
      'Avertissement À surveiller Col, D 907 PR 31+850',
    ])
    await page.getByText('à 1,1\u00a0km').waitFor()
    await page
      .getByText('En attente jusqu’au 22 novembre 2026 à 13:00, par nadia · Capteur en travaux')
      .waitFor()
    await choose(page, /Verglas/)
    const card = page.getByRole('listitem').filter({ hasText: 'Verglas' })
    expect(await card.getByRole('link').getAttribute('href')).toContain('mlat=45.5&mlon=4.5')
    await card.getByText('À faire\u202f: Patrouiller').waitFor()
    await card.getByText('Température de chaussée\u202f: de \u22121,2\u00a0°C à 2,4\u00a0°C').waitFor()
    const rows = (await card.getByRole('row').allInnerTexts()).map(row => row.replace(/\s+/g, ' '))
    // It is twelve sharp: of the hour that runs nothing can be known.
    expect(rows).toHaveLength(1 + 11)
    expect(rows.slice(1, 4)).toEqual(['11:00 −1,2 °C … −1,2 °C', '10:00 inconnu', '09:00 2,4 °C … 2,4 °C'])
    expect(complaints).toEqual([])
  })

  it('works without network, and says how old what it shows is', async () => {
    await hub.tell('fired', ice(), NOW - HOUR_MS)
    await hub.store(reading('col/meteo/chaussee', NOW - HOUR_MS, -1.2))
    const { page, cut, restore } = await open()
    await page.getByText('Température de chaussée').first().waitFor({ state: 'attached' })
    await page.getByText('État signalé').waitFor({ state: 'attached' })
    await page.clock.install()
    await cut()
    await page.reload()
    await page.getByText('Pas de liaison').waitFor()
    expect(await page.getByText('À jour').count()).toBe(0)
    await choose(page, /Verglas/)
    await page.getByText('Température de chaussée\u202f: de').waitFor()
    const bands = page.getByRole('region', { name: 'État signalé' })
    expect(await bands.getByRole('listitem').allInnerTexts()).toEqual([
      expect.stringContaining('Verglas (Critique)'),
      expect.stringContaining('aucune alerte'),
    ])
    await page.clock.fastForward(12 * 60_000)
    await page.getByText('il y a 12 min)').waitFor()
    await hub.tell('resolved', { ...ice(), state: 'resolved', resolvedAt: NOW })
    await restore()
    await page.getByText('Aucune alerte active sur les routes.').waitFor()
  })

  it('says where ice is expected, by a model, and where nobody can tell, also without network', async () => {
    const at = (site: string) => `${site}/meteo/chaussee`
    hub.served.outlooks.read = async () => ({
      time: NOW,
      outlooks: [
        { point: at('col'), state: 'now', danger: 'ice', surface: -3 },
        { point: at('pont'), state: 'unknown' },
      ],
    })
    const frozen = await open()
    const already = frozen.page.getByRole('region', { name: 'Dans les trois heures' })
    await already.getByText('Déjà là\u202f: verglas').waitFor()
    await already.getByText('Inconnu, faute de mesures').waitFor()
    expect(await already.getByText('attendu').count()).toBe(0)
    hub.served.outlooks.read = async () => ({
      time: NOW,
      outlooks: [
        { point: at('col'), state: 'expected', danger: 'ice', at: NOW + 80 * MINUTE, surface: 1, lowest: 0 },
        { point: at('pont'), state: 'unknown' },
      ],
    })
    const { page, cut } = await open()
    const outlook = page.getByRole('region', { name: 'Dans les trois heures' })
    await outlook.getByText('Col, D 907 PR 31+850').waitFor()
    await page.clock.install({ time: NOW })
    await cut()
    await page.reload()
    await outlook.getByText('Modélisé\u202f: verglas à partir de 13:20 environ').waitFor()
    await outlook.getByText('Inconnu, faute de mesures\u202f: Pont, D 41 PR 22+700').waitFor()
    await outlook.getByText('Calculé à 12:00').getByText('surface modélisée, non mesurée').waitFor()
    const violations = await axeViolations(page, '.crew-outlook')
    expect(violations).toEqual([])
    await page.clock.fastForward(3 * HOUR_MS + MINUTE)
    await outlook.waitFor({ state: 'detached' })
  })

  it('tells a clear road from a silent station, now and before, and neither for long without network', async () => {
    const road = (site: string, ...spans: [minutes: number, state: RoadState][]) => ({
      ...{ rule: 'etat', point: `${site}/meteo/chaussee`, surface: site === 'col' ? 2.4 : undefined },
      spans: spans.map(([minutes, state], i) => ({
        ...{ start: NOW - minutes * MINUTE, end: NOW - (spans[i + 1]?.[0] ?? 0) * MINUTE, state },
      })),
    })
    hub.served.roadStates.read = async () => ({
      time: NOW,
      roads: [road('col', [720, 'ice'], [60, 'watch'], [40, 'clear']), road('pont', [720, 'unknown'])],
    })
    await hub.tell('fired', ice())
    const { page, cut, restore } = await open({ viewport: { width: 320, height: 700 } })
    const roads = page.getByRole('region', { name: 'État des routes' })
    await roads.getByText('Pont, D 41 PR 22+700').waitFor()
    const shown = async () =>
      (await roads.getByRole('listitem').locator('summary').allInnerTexts()).map(text =>
        text.split(/\s*\n\s*/),
      )
    expect(await shown()).toEqual([
      ['Pont, D 41 PR 22+700', '?', 'Inconnu', 'depuis plus de douze heures'],
      ['Col, D 907 PR 31+850', 'Sans danger mesuré', 'depuis 11:20 · chaussée 2,4\u00a0°C'],
    ])
    const markers = page.locator('.crew-map .marker')
    const look = () => markers.evaluateAll(all => all.map(each => each.getAttribute('class')))
    expect(await look()).toEqual(['marker marker-critical', 'marker marker-unknown'])
    await roads.getByText('Circuit du col, D 907 PR 12+300 – 24+0').waitFor()
    // Hatched, and a thin line behind what was worse.
    expect(await roads.locator('.crew-states').first().locator('path').count()).toBe(1)
    const heights = await roads
      .locator('.crew-states rect')
      .evaluateAll(all => all.map(each => each.getAttribute('height')))
    expect(heights).toEqual(['12', '12', '3'])
    await roads.getByText('Col, D 907 PR 31').tap()
    const words = roads.locator('details[open] ol li')
    expect((await words.allInnerTexts()).map(text => text.replace('\n', ' '))).toEqual([
      '11:20 – 12:00 Sans danger mesuré',
      '11:00 – 11:20 À surveiller',
      '00:00 – 11:00 Verglas',
    ])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    expect(await axeViolations(page, '[aria-labelledby=roads]')).toEqual([])
    await choose(page, /Verglas/)
    await page
      .getByRole('region', { name: 'État de la chaussée, douze dernières heures' })
      .getByText('11:20 – 12:00')
      .waitFor()
    await page.clock.install({ time: NOW })
    await cut()
    await page.reload()
    await roads.getByText('Sans danger mesuré').first().waitFor()
    await page.clock.fastForward(16 * MINUTE)
    await roads
      .getByText('Au 22 novembre 2026 à 12:00\u202f: sans danger mesuré. Depuis, rien n’est connu.')
      .waitFor()
    expect((await shown()).map(each => each.includes('Inconnu'))).toEqual([true, true])
    await hub.tell('resolved', { ...ice(), state: 'resolved', resolvedAt: NOW })
    await page.evaluate(`localStorage.setItem('affluent.theme', 'dark')`)
    await restore()
    await page.getByText('Aucune alerte active sur les routes.').waitFor()
    await expect.poll(look).toEqual(['marker marker-normal', 'marker marker-unknown'])
  })

  it('shows what is forecast for the next hours, by whom and how old, until it is stale', async () => {
    const values = (hour: number) => ({
      ...{ 'air-temperature': 2 - hour, 'precipitation-rate': hour === 1 ? 0.4 : 0 },
      ...(hour < 2 && { 'surface-temperature': 0.5 }),
    })
    hub.board.put([
      {
        ...{ source: 'meteo', site: 'col', issued: NOW - 90 * MINUTE },
        steps: [0, 1, 2, 3].map(hour => ({ time: NOW + hour * HOUR_MS, values: values(hour) })),
      },
    ])
    const { page, cut } = await open({ viewport: { width: 320, height: 700 } })
    const forecast = page.getByRole('region', { name: 'Prévision, six heures' })
    await forecast.getByText('Air').first().waitFor()
    await page.clock.install({ time: NOW })
    await cut()
    await page.reload()
    await forecast
      .getByText('Météo simulée\u202f: prévision émise le 22 novembre 2026 à 10:30 (il y a 1 h).')
      .waitFor()
    const road = forecast.getByRole('listitem').filter({ hasText: 'Col, D 907 PR 31+850' })
    await road.getByText('Air\u202f: de \u22121,0\u00a0°C à 2,0\u00a0°C.').tap()
    await road.getByText('Précipitations à partir de 13:00, jusqu’à 0,4\u00a0mm/h.').waitFor()
    const rows = (await road.getByRole('row').allInnerTexts()).map(row => row.replace(/\s+/g, ' '))
    expect(rows.map(row => row.trim())).toEqual([
      'Heure Air Chaussée Précipitations',
      ...['12:00 2,0 °C 0,5 °C aucune', '13:00 1,0 °C inconnu 0,4 mm/h', '14:00 0,0 °C inconnu aucune'],
      ...['15:00 −1,0 °C inconnu aucune', '16:00 inconnu inconnu inconnu', '17:00 inconnu inconnu inconnu'],
    ])
    await forecast.getByText('Prévision absente ou périmée\u202f: Pont, D 41 PR 22+700').waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    const violations = await axeViolations(page, '.crew-forecast')
    expect(violations).toEqual([])
    await page.getByRole('button', { name: 'English' }).tap()
    const inEnglish = page.getByRole('region', { name: 'Forecast, six hours' })
    await inEnglish.getByText('Simulated weather: forecast issued on 22 November 2026').waitFor()
    await page.clock.fastForward(31 * MINUTE)
    await inEnglish.getByText('Forecast missing or out of date: Col, D 907 PR 31+850 ; Pont').waitFor()
    expect(await road.count()).toBe(0)
  })

  it('is not taken for fresh when it has heard nothing for a minute, or when the clock was set back', async () => {
    const { page } = await open({ serviceWorkers: 'block' })
    await page.clock.install()
    await page.reload()
    await page.getByText('À jour').waitFor()
    await page.route('**/v1/alerts**', () => {})
    await page.clock.fastForward(59_000)
    await page.clock.runFor(10_000)
    await page.getByText('Pas de liaison').waitFor()
    await page.clock.setSystemTime(Date.parse('2020-01-01T00:00:00Z'))
    await page.clock.runFor(10_000)
    await page.getByText('L’âge de ce qui suit est inconnu').waitFor()
  })

  it('marks every answer that was kept', async () => {
    const { page, cut } = await open()
    const mark = (path: string) =>
      page.evaluate(
        `fetch(${JSON.stringify(path)}).then(answer => answer.headers.get('affluent-kept-since'), () => 'nothing')`,
      )
    const path = '/v1/alerts?state=active&limit=1000'
    expect(await mark(path)).toBeNull()
    await cut()
    expect(Number(await mark(path))).toBeGreaterThan(Date.now() - 600_000)
    expect(await mark('/v1/session')).toBe('nothing')
    expect(await mark('/v1/alerts?state=resolved')).toBe('nothing')
  })

  it('shows what was kept, marked, where the hub is there but cannot answer', async () => {
    const { page } = await open({ session: null })
    const { latest } = hub.readings
    hub.readings.latest = () => Promise.reject(new Error('away'))
    const mark = await page.evaluate(
      `fetch('/v1/sites').then(({ status, headers }) => [status, headers.get('affluent-kept-since')])`,
    )
    hub.readings.latest = latest
    expect(mark).toEqual([200, expect.stringMatching(/^\d+$/)])
  })

  it('keeps an action without coverage, across a reload, and sends it later with the time at which it was given', async () => {
    await hub.tell('fired', ice())
    const { page, cut, restore } = await open()
    await cut()
    await take(page, /Verglas/)
    await page.getByText(/En attente d’envoi depuis/).waitFor()
    await page.reload()
    await page.getByText(/En attente d’envoi depuis/).waitFor()
    expect(hub.accepted).toEqual([])
    await restore()
    await page.getByText('Prise en charge', { exact: false }).first().waitFor()
    await page
      .getByText('Déjà prise en charge par patrouille-1')
      .or(page.getByText('Touchez une alerte'))
      .waitFor()
    await page.locator('[aria-live=polite]').getByText('est envoyée').waitFor({ state: 'attached' })
    expect(hub.accepted).toMatchObject([{ alert: 'verglas', change: 0, actor: 'patrouille-1' }])
    expect(hub.accepted[0]!.actedAt).toBeLessThanOrEqual(NOW)
    expect(await page.getByText(/En attente d’envoi/).count()).toBe(0)
  })

  it('sends in the order in which a person acted', async () => {
    await hub.tell('fired', ice())
    await hub.tell('fired', snow())
    const { page, cut, restore } = await open()
    await cut()
    for (const name of [/Neige/, /Verglas/]) {
      await take(page, name)
      await bar(page).getByText('En attente d’envoi').waitFor()
    }
    await restore()
    await expect.poll(() => hub.accepted.map(({ alert }) => alert)).toEqual(['neige', 'verglas'])
    // A command is repeated until it is answered.
    await expect.poll(() => page.getByText(/En attente d’envoi/).count()).toBe(0)
  })

  it('sends while the page is closed, when the browser wakes its worker', async () => {
    await hub.tell('fired', ice())
    const { page } = await open({}, whole)
    // The page, which does not know its session, sends nothing: only the worker does.
    await page.route('**/v1/session', route => route.abort())
    await page.reload()
    await take(page, /Verglas/)
    await page.getByText(/En attente d’envoi depuis/).waitFor()
    await page.goto('about:blank')
    await expect
      .poll(() => hub.accepted, { timeout: 40_000 })
      .toMatchObject([{ alert: 'verglas', actor: 'patrouille-1' }])
  })

  it('sends nothing past an action that the rules do not answer', async () => {
    await hub.tell('fired', ice())
    await hub.tell('fired', snow())
    hub.rules.silent = true
    const { page, cut, restore } = await open()
    await cut()
    for (const name of [/Neige/, /Verglas/]) {
      await take(page, name)
      await bar(page).getByText('En attente d’envoi').waitFor()
    }
    const refused = page.waitForResponse(answer => answer.status() === 503)
    await restore()
    await refused
    await page.evaluate(`dispatchEvent(new Event('online'))`)
    await page.waitForResponse(answer => answer.status() === 503)
    expect([...hub.rules.heard]).toEqual(['neige'])
    hub.rules.silent = false
    await page.evaluate(`dispatchEvent(new Event('online'))`)
    await expect.poll(() => hub.accepted.map(({ alert }) => alert)).toEqual(['neige', 'verglas'])
  })

  it('ends a waiting action with a notice where the alert is over, taken by another, or has changed', async () => {
    const watch = roadAlert('suivi', { site: 'pont' })
    for (const alert of [ice(), snow(), watch]) await hub.tell('fired', alert)
    const { page, cut, restore } = await open()
    await cut()
    for (const name of [/Verglas/, /Neige/, /surveiller/]) {
      await take(page, name)
      await bar(page).getByText('En attente d’envoi').waitFor()
    }
    await hub.tell('resolved', { ...ice(), state: 'resolved', resolvedAt: NOW })
    await hub.tell('acknowledged', takenBy(snow(), 'nadia'))
    const change = { type: 'worsened', number: 1, time: NOW } as const
    await hub.tell('worsened', { ...watch, severity: 'critical', phenomenon: 'ice', change })
    await restore()
    await page.getByText('Verglas, Col, D 907 PR 31+850\u202f: l’alerte était déjà terminée.').waitFor()
    await page.getByText('Neige, Pont, D 41 PR 22+700\u202f: nadia l’avait déjà prise en charge.').waitFor()
    await page.getByText(/l’alerte a changé depuis\. Elle n’est pas prise en charge/).waitFor()
    expect(await page.locator('[aria-live=polite]').innerText()).not.toContain('envoyée')
    expect(hub.accepted).toEqual([])
    expect(hub.records.alert('suivi')!.state).toBe('firing')

    await page.reload()
    await page.getByText(/l’alerte a changé depuis/).waitFor()
    for (const left of [2, 1, 0]) {
      await page.getByRole('button', { name: 'J’ai vu' }).first().tap()
      await expect.poll(() => page.getByRole('button', { name: 'J’ai vu' }).count()).toBe(left)
    }
    await take(page, /Verglas/)
    await expect.poll(() => hub.accepted).toMatchObject([{ alert: 'suivi', change: 1 }])
  })

  it('asks nothing of who drives, until the vehicle stands or a passenger says so', async () => {
    await hub.tell('fired', ice())
    const at = (latitude: number) => ({ latitude, longitude: 4.5, accuracy: 5 })
    const { page } = await open({ permissions: ['geolocation'], geolocation: at(45.5) })
    await page.getByText('Les plus proches d’abord').waitFor()
    await choose(page, /Verglas/)
    const acknowledge = bar(page).getByRole('button', { name: /Prendre en charge/ })
    await acknowledge.waitFor()
    await page.context().setGeolocation(at(45.52))
    await bar(page).getByText('Le véhicule roule').waitFor()
    expect(await acknowledge.count()).toBe(0)
    await bar(page).getByRole('button', { name: 'Je suis passager' }).tap()
    await acknowledge.waitFor()
    await page.context().setGeolocation(at(45.520001))
    await bar(page).getByText('Utilisé par un passager').waitFor({ state: 'detached' })
    await page.context().setGeolocation(at(45.54))
    await bar(page).getByText('Le véhicule roule').waitFor()
    await page.context().setGeolocation(at(45.540001))
    await acknowledge.waitFor()
  })

  /** With an action that was given without coverage. */
  async function openWaiting() {
    await hub.tell('fired', ice())
    const { page, cut, restore } = await open()
    await cut()
    await take(page, /Verglas/)
    await bar(page).getByText('En attente d’envoi').waitFor()
    return { page, restore }
  }

  it('says what to do without a session, and acknowledges nothing', async () => {
    await hub.tell('fired', ice())
    const { page } = await open({ session: null })
    await take(page, /Verglas/)
    await bar(page).getByText('ouvrez d’abord une session').waitFor()
    expect(await page.getByText('En attente d’envoi').count()).toBe(0)
    expect(hub.accepted).toEqual([])
  })

  it('keeps an action whose session has ended', async () => {
    const { page, restore } = await openWaiting()
    const [cookie] = await page.context().cookies()
    await page.context().clearCookies()
    await restore()
    await bar(page).getByText('la session est fermée').waitFor()
    expect(hub.accepted).toEqual([])
    await page.context().addCookies([cookie!])
    await page.evaluate(`dispatchEvent(new Event('online'))`)
    await expect.poll(() => hub.accepted).toMatchObject([{ alert: 'verglas' }])
  })

  it('sends no action in the name of another person', async () => {
    const { page, restore } = await openWaiting()
    const [cookie] = await page.context().cookies()
    await page
      .context()
      .addCookies([{ ...cookie!, value: createSession(hub, { actor: 'nadia', role: 'crew' }).token }])
    await restore()
    await page.getByText('l’action d’une autre session n’a pas été envoyée').waitFor()
    expect(hub.accepted).toEqual([])
  })

  it('shows in whose name it acts, and lets another person take it over', async () => {
    const { page, cut, restore } = await open()
    const who = page.getByRole('region', { name: 'Session' })
    await who.getByText('Session de patrouille-1', { exact: true }).waitFor()
    await cut()
    await who.getByRole('button', { name: 'Changer de personne' }).tap()
    await who.getByText('seulement avec une liaison').waitFor()
    await restore()
    await who.getByRole('button', { name: 'Fermer la session de patrouille-1' }).tap()
    const field = who.getByLabel('Lien à usage unique')
    const enter = who.getByRole('button', { name: 'Ouvrir une session' }).last()
    await field.fill('https://elsewhere.example/login?token=affluent_wrong')
    await enter.tap()
    await who.getByText('Ce lien n’est pas valable').waitFor()
    await field.fill(createLoginLink({ ...hub, baseUrl: hub.url, holder: { actor: 'nadia', role: 'crew' } }))
    await enter.tap()
    await who.getByText('Session de nadia', { exact: true }).waitFor()
  })

  it('says who is on the way to an alert, which takes it over, until they turn back', async () => {
    await hub.tell('fired', ice())
    const { page, cut, restore } = await open()
    await choose(page, /Verglas/)
    await cut()
    await bar(page).getByRole('button', { name: 'En route' }).tap()
    await page.getByRole('heading', { name: 'En attente d’envoi\u202f: 2' }).waitFor()
    await restore()
    await page.getByText('patrouille-1 est en route depuis').waitFor()
    expect(hub.accepted).toMatchObject([{ alert: 'verglas', actor: 'patrouille-1' }])
    await bar(page).getByRole('button', { name: 'Je n’y vais plus' }).tap()
    await page.getByText('patrouille-1 est en route depuis').waitFor({ state: 'detached' })
    expect(hub.records.responses('verglas').map(({ kind }) => kind)).toEqual(['on-my-way', 'turned-back'])
  })

  it('notes a treatment, a condition and a decision without coverage, once, each with its own time', async () => {
    await hub.tell('fired', ice())
    const { page, cut, restore } = await open()
    await choose(page, /Verglas/)
    await cut()
    const main = page.getByRole('main')
    const save = () => main.getByRole('button', { name: 'Enregistrer' }).tap()
    await bar(page).getByRole('button', { name: 'Traité' }).tap()
    // The circuit and the section are those of the alert.
    await expect.poll(() => main.getByLabel('Circuit du col').isChecked()).toBe(true)
    expect(await main.getByLabel('Montée').isChecked()).toBe(true)
    await save()
    await main.getByText('Choisissez le produit').waitFor()
    await main.getByLabel('Bouillie de sel').check()
    for (const _ of [1, 2, 3]) await main.getByRole('button', { name: '5 g/m² de plus' }).tap()
    const wall = new Intl.DateTimeFormat('fr-FR', { timeStyle: 'short', timeZone: 'Europe/Paris' })
    // Larger than is sent.
    await main.getByLabel('Prendre une photo').setInputFiles({
      ...{ name: 'photo.png', mimeType: 'image/png', buffer: await largePicture(page) },
    })
    await main.getByText('Photo 1 (').waitFor()
    const minutesAgo = (count: number) => wall.format(Date.now() - count * 60_000)
    // Nobody knows when it began but who did it.
    expect(await main.getByLabel('Début').inputValue()).toBe('')
    const began = minutesAgo(40)
    await main.getByLabel('Début').fill(began)
    await main.getByLabel('Fin').fill(minutesAgo(5))
    await save()
    await bar(page).getByRole('button', { name: 'Noter' }).tap()
    await main.getByLabel('C3 difficile').check()
    await main.getByLabel('Neige fondante').check()
    await save()
    await bar(page).getByRole('button', { name: 'Noter' }).tap()
    await main.getByLabel('Décision').check()
    await main.getByLabel('Surveiller').check()
    await main.getByLabel('Verglas attendu').check()
    await save()
    await page.reload()
    await page.getByRole('heading', { name: 'En attente d’envoi\u202f: 3' }).waitFor()
    // What waits may be changed before it is sent.
    await page.getByRole('button', { name: /^Modifier avant l’envoi ?Constat/ }).tap()
    expect(await main.getByLabel('C3 difficile').isChecked()).toBe(true)
    await main.getByLabel('C4 impossible').check()
    await save()
    await page.getByRole('button', { name: /^Modifier avant l’envoi ?Traitement/ }).tap()
    expect(await main.getByLabel('Début').inputValue()).toBe(began)
    await main.getByText('Photo 1 (').waitFor()
    await main.getByRole('button', { name: '5 g/m² de plus' }).tap()
    await save()
    await page.getByRole('heading', { name: 'En attente d’envoi\u202f: 3' }).waitFor()
    // The answer to the first sending is lost: what is sent again is the same.
    await page.route(
      '**/v1/winter-service/entries',
      async route => {
        await route.fetch()
        await route.abort()
      },
      { times: 1 },
    )
    await restore()
    const kept = () =>
      hub.records.winterRecords({ from: 0, to: NOW + HOUR_MS }).map(([first]) => first!.event)
    await expect.poll(() => kept().length, { timeout: 10_000 }).toBeGreaterThan(0)
    await page.evaluate(`dispatchEvent(new Event('online'))`)
    await expect.poll(() => kept().length, { timeout: 40_000 }).toBe(3)
    const common = { author: 'patrouille-1', received: NOW, circuit: 'circuit-du-col' }
    expect(kept()).toMatchObject([
      {
        ...common,
        kind: 'treatment',
        product: 'wetted-salt',
        dosage: 20,
        sections: ['montee'],
        alert: 'verglas',
      },
      { ...common, kind: 'condition', section: 'montee', condition: 'C4', phenomenon: 'slush' },
      { ...common, kind: 'decision', decision: 'watch', reason: 'Verglas attendu', alert: 'verglas' },
    ])
    const { photos } = kept()[0] as unknown as { photos: string[] }
    const photo = hub.served.photos.read(photos[0]!)!
    expect(photos).toHaveLength(1)
    expect(jpegFault(photo)).toBeUndefined()
    expect(await sizeOf(page, photo)).toEqual([1600, 800])
    const { time, end } = kept()[0] as unknown as { time: number; end: number }
    expect(end - time).toBe(35 * 60_000)
    expect(NOW - end).toBeGreaterThanOrEqual(5 * 60_000)
    expect(NOW - end).toBeLessThan(7 * 60_000)
  })

  it('puts an own entry right without coverage, shows what it replaces, and says when somebody came before', async () => {
    const said: WinterFact = {
      ...{ kind: 'treatment', circuit: 'circuit-du-col', product: 'salt', dosage: 15, sections: ['montee'] },
      ...{ time: NOW - 50 * MINUTE - 7, end: NOW - 20 * MINUTE, alert: 'verglas' },
    }
    const seal = (id: number, author: string, entry: WinterFact | Correction) =>
      hub.records.sealWinterEntry({ ...entry, id: uuid(id), author, received: NOW })
    seal(1, 'patrouille-1', said)
    seal(2, 'administrateur', { ...said, remark: 'Une autre' })
    await hub.tell('fired', ice())
    const { page, cut, restore } = await open({ viewport: { width: 320, height: 700 } })
    const own = page.getByRole('region', { name: 'Mes saisies' })
    const words = '11:09 – 11:40 · Traitement · Sel sec, 15\u00a0g/m² · Montée'
    await own.getByText(words).first().waitFor()
    expect(await own.getByRole('listitem').count()).toBe(1)
    await cut()
    const correct = own.getByRole('button', { name: 'Corriger' })
    await correct.tap()
    const form = page.getByRole('main')
    await form.getByText(`Remplace\u202f: ${words}`).waitFor()
    await form.getByRole('button', { name: '5 g/m² de plus' }).tap()
    // By the clock of the phone, which is not that of the hub.
    const wall = new Intl.DateTimeFormat('fr-FR', { timeStyle: 'short', timeZone: 'Europe/Paris' })
    await form.getByLabel('Fin').fill(wall.format(Date.now() - 15 * MINUTE))
    const save = form.getByRole('button', { name: 'Enregistrer la correction' })
    await save.tap()
    await form.getByText('Choisissez le motif de la correction').waitFor()
    const violations = await axeViolations(page, '.crew-form')
    expect(violations).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    await form.getByLabel('Quantité fausse').check()
    await save.tap()
    await own.getByText('Correction en attente d’envoi.').waitFor()
    await page.reload()
    await own.getByText('Correction en attente d’envoi.').waitFor()
    expect(await correct.count()).toBe(0)
    await restore()
    const record = () => hub.records.winterRecord(uuid(1))!.map(({ event }) => event)
    await expect.poll(() => record().length).toBe(2)
    expect(record()[1]).toMatchObject({
      ...{ kind: 'correction', corrects: uuid(1), author: 'patrouille-1', reason: 'Quantité fausse' },
      // What nobody has touched stays as it was.
      replacement: { ...said, dosage: 20, end: expect.any(Number) },
    })
    const { end } = (record()[1] as Correction).replacement as TreatmentFact
    expect(Math.abs(end - (NOW - 15 * MINUTE))).toBeLessThan(2 * MINUTE)
    await own
      .getByText(/11:09 – 11:4[3-5] · Traitement · Sel sec, 20/)
      .first()
      .waitFor()

    await cut()
    await correct.tap()
    await form.getByLabel('Motif', { exact: true }).fill('Pas fait')
    await form.getByRole('button', { name: 'Retirer la saisie' }).tap()
    const corrects = record()[1]!.id
    seal(3, 'administrateur', { kind: 'correction', corrects, reason: 'Vu', replacement: said, time: NOW })
    await restore()
    await page
      .getByText('Correction\u202f: traitement, Circuit du col\u202f: cette saisie avait déjà été')
      .waitFor()
    await own.waitFor({ state: 'detached' })
    expect(record()).toHaveLength(3)
  })

  const largePicture = async (page: Page) =>
    Buffer.from(
      await page.evaluate<string>(`(() => {
        const canvas = document.createElement('canvas')
        canvas.width = 2000
        canvas.height = 1000
        canvas.getContext('2d').fillRect(10, 10, 500, 500)
        return canvas.toDataURL('image/png').split(',')[1]
      })()`),
      'base64',
    )
  const sizeOf = (page: Page, bytes: Buffer) =>
    page.evaluate(`(async () => {
      const bytes = Uint8Array.from(atob('${bytes.toString('base64')}'), sign => sign.charCodeAt(0))
      const { width, height } = await createImageBitmap(new Blob([bytes], { type: 'image/jpeg' }))
      return [width, height]
    })()`)

  it('says new alerts and changes aloud', async () => {
    const { page } = await open()
    const said = page.locator('[aria-live=polite]')
    await hub.tell('fired', ice())
    await page.evaluate(`dispatchEvent(new Event('online'))`)
    await said.getByText('Nouvelle alerte\u202f: Verglas, Col').waitFor({ state: 'attached' })
    expect(await page.getByRole('banner').count()).toBe(1)
  })

  it('speaks English, is dark at night unless told otherwise, and remembers both', async () => {
    const { page } = await open({ session: null, colorScheme: 'light' })
    const theme = () => page.getAttribute('html', 'data-theme')
    await page.clock.install({ time: Date.parse('2026-11-22T23:00:00Z') })
    await page.reload()
    await expect.poll(theme).toBe('dark')
    await page.getByRole('button', { name: /Apparence/ }).tap()
    await expect.poll(theme).toBe('light')
    await page.getByRole('button', { name: 'English' }).tap()
    await expect.poll(() => page.getAttribute('html', 'lang')).toBe('en')
    await page.reload()
    await page.getByText('No active alert on the roads.').waitFor()
    expect(await theme()).toBe('light')
  })

  it('fits a screen of 320 pixels, with targets for a glove', async () => {
    await hub.tell('fired', ice())
    const { page } = await open({ viewport: { width: 320, height: 640 } })
    await choose(page, /Verglas/)
    await bar(page).getByRole('button', { name: 'Traité' }).waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    const targets = await page.locator('button:visible, a:visible:not(.crew-skip)').all()
    expect(targets.length).toBeGreaterThan(5)
    for (const target of targets)
      expect([await target.innerText(), (await target.boundingBox())!.height >= 56]).toEqual([
        await target.innerText(),
        true,
      ])
    await bar(page).getByRole('button', { name: 'Traité' }).tap()
    await page.getByLabel('Bouillie de sel').check()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    for (const label of await page.locator('.crew-choices label').all())
      expect((await label.boundingBox())!.height).toBeGreaterThanOrEqual(56)
  })

  it.each(['light', 'dark'] as const)('has nothing that axe objects to, in %s', async theme => {
    await hub.tell('fired', ice())
    await hub.tell('fired', roadAlert('suivi'))
    await hub.store(reading('col/meteo/chaussee', NOW - HOUR_MS, -1.2))
    const { page, cut } = await open()
    await page.getByText('Température de chaussée').first().waitFor({ state: 'attached' })
    await page.evaluate(`localStorage.setItem('affluent.theme', '${theme}')`)
    await cut()
    await page.reload()
    await page.getByText('Pas de liaison').waitFor()
    await choose(page, /Verglas/)
    await page.getByText('Température de chaussée\u202f: de').first().waitFor()
    const violations = await axeViolations(page)
    expect(violations.map(({ id, nodes }) => [id, nodes.map(node => node.html)])).toEqual([])
    await bar(page).getByRole('button', { name: 'Traité' }).tap()
    await page.getByLabel('Bouillie de sel').check()
    const form = await axeViolations(page)
    expect(form.map(({ id, nodes }) => [id, nodes.map(node => node.html)])).toEqual([])
  })

  it('has a phone subscribed by the link of a message, once its person has touched the button', async () => {
    await hub.tell('fired', ice())
    const { page } = await open({ session: null }, whole)
    await page.context().addInitScript(pushManager, PUSH_KEYS)
    await page.goto('/k/to-marie')
    await page.getByRole('link', { name: 'Recevoir les alertes sur ce téléphone' }).tap()
    await page.getByRole('button', { name: 'Recevoir les alertes sur ce téléphone' }).waitFor()
    expect(await page.evaluate('Notification.permission')).not.toBe('granted')
    expect(new URL(page.url()).hash).toBe('')
    await page.context().grantPermissions(['notifications'])
    await page.getByRole('button', { name: 'Recevoir les alertes sur ce téléphone' }).tap()
    await page.getByText('Les alertes de marie arrivent sur ce téléphone.').waitFor()
    expect(await page.evaluate('subscribedFor')).toBe(PUSH_KEY)
    expect(hub.records.pushSubscriptions('marie')).toMatchObject([PUSH_KEYS])
    await page.reload()
    await page.getByText('Les alertes de marie arrivent sur ce téléphone.').waitFor()
    await page.getByRole('button', { name: 'Ne plus les recevoir sur ce téléphone' }).tap()
    await page
      .getByText('ouvrez-y le lien d’une alerte')
      .or(page.getByRole('button', { name: /^Recevoir/ }))
      .first()
      .waitFor()
    await expect.poll(() => hub.records.pushSubscriptions('marie')).toEqual([])
  })

  it('shows what is pushed, and opens at the alert that is touched', async () => {
    await hub.tell('fired', ice())
    const { page } = await open({ permissions: ['notifications'] }, whole)
    const push = await openPushes(page)
    const shown = () =>
      page.evaluate(
        `navigator.serviceWorker.ready.then(at => at.getNotifications()).then(all => all.map(
          ({ title, body, tag, silent, data }) => ({ title, body, tag, silent, data })))`,
      )
    await push({ place: 'Col, D 907', what: 'Verglas', advice: 'Patrouiller', since: NOW, alert: 'verglas' })
    const card = { title: 'Col, D 907', tag: 'verglas', data: { alert: 'verglas' } }
    await expect
      .poll(shown)
      .toEqual([{ ...card, body: 'Verglas\nPatrouiller\nDepuis le 22/11/2026 12:00', silent: false }])
    // What is over takes its place, without a noise.
    await push({ place: 'Col, D 907', what: 'Fin', alert: 'verglas' })
    await expect.poll(shown).toEqual([{ ...card, body: 'Fin', silent: true }])
    const [worker] = page.context().serviceWorkers()
    await worker!.evaluate(`registration.getNotifications().then(([notification]) =>
      dispatchEvent(new NotificationEvent('notificationclick', { notification })))`)
    await bar(page)
      .getByRole('button', { name: /Prendre en charge/ })
      .waitFor()
    await page.goto('/crew?alert=salle')
    await page.getByRole('link', { name: /n’est pas celle d’une route/ }).waitFor()
  })

  it('can be installed, and loads little', async () => {
    const { page } = await open({ session: null })
    const manifest = await (await page.request.get('/crew.webmanifest')).json()
    expect(manifest).toMatchObject({ start_url: '/crew', scope: '/crew', display: 'standalone' })
    for (const { src } of manifest.icons) expect((await page.request.get(src)).status()).toBe(200)
    const html = await readFile(join(built.folder, 'crew.html'), 'utf8')
    const names = (await readdir(join(built.folder, 'assets'))).filter(
      name => /\.js$/.test(name) && html.includes(name),
    )
    const sizes = await Promise.all(
      names.map(async name => gzipSync(await readFile(join(built.folder, 'assets', name))).length),
    )
    expect(sizes.length).toBeGreaterThan(0)
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(MOST_JAVASCRIPT)
    const policy = (await page.request.get('/crew')).headers()['content-security-policy']
    expect(policy).toMatch(/^default-src 'self'; style-src 'self'; /)
  })
})
