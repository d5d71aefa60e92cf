import { readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createLoginLink } from '../../api/auth/tokens.ts'
import { periodsBetween, startOfLocalDate } from '../../model/calendar.ts'
import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import { SCENARIO_NAMES } from '../../registry/scenario-schema.ts'
import type { Site } from '../../registry/schema.ts'
import { type Director, openDirector } from '../../simulators/scenarios/director.ts'
import { alertEvent, frostAlert, type Hub, MINUTE, NOW, reading, startHub } from '../api/hub.ts'
import { findPeer } from '../peers/cache.ts'
import { axeViolations } from './axe.ts'
import {
  answerCommands,
  publishAlert,
  publishOutbox,
  publishReadings,
  startBrowser,
  startConsoleHub,
  type Visit,
  visit,
} from './console.ts'

const ZONE = 'Europe/Paris'
const PAGES = [
  '/',
  '/sites/college',
  '/sites/college/consumption/year/2026-01-01',
  '/sites/college/consumption/hour/2026-11-22T11:00:00+01:00',
  '/alerts',
  '/alerts/gel-1',
  '/rules',
]

describe.runIf(findPeer('chromium'))('the console', () => {
  let built: Awaited<ReturnType<typeof startBrowser>>
  let hub: Hub
  const visits: Visit[] = []

  beforeAll(async () => {
    built = await startBrowser()
  })
  afterAll(() => built.close())
  beforeEach(async () => {
    hub = await startConsoleHub(built.folder)
    await hub.store(
      reading('college/elec/index', NOW - 5000, 1234.56),
      reading('college/elec/power', NOW - 5000, 12.5),
      reading('gymnase/air/temperature', NOW - MINUTE, 4.2),
    )
  })
  afterEach(async () => {
    await Promise.all(visits.splice(0).map(each => each.close()))
    await hub.close()
  })

  const open = async (path: string, options: Parameters<typeof visit>[3] = {}): Promise<Page> => {
    const opened = await visit(built.browser, hub, path, options)
    visits.push(opened)
    return opened.page
  }

  /** As the link of the server's first start does; what is shown then is the first page. */
  const openSession = async (page: Page): Promise<void> => {
    await page.goto(createLoginLink({ ...hub, baseUrl: hub.url }))
    await page.getByRole('button').click()
    await page.getByText('Session\u202f: administrator').waitFor()
  }

  it('shows every site on the map and in the list, and finds one without its accents', async () => {
    const page = await open('/')
    const map = page.getByRole('region', { name: /Carte/ })
    await map.getByRole('link', { name: "Gymnase d'essai, Bâtiment, Normal" }).waitFor()
    await map.getByRole('link', { name: "Collège d'essai, Bâtiment, Normal" }).waitFor()
    const list = page.getByRole('region', { name: 'Sites' })
    expect(await list.getByRole('listitem').count()).toBe(2)
    await list.getByRole('searchbox').fill('college')
    await list.getByText('1 site', { exact: true }).waitFor()
    expect(await list.getByRole('listitem').count()).toBe(1)
  })

  it('leads by the keyboard alone from the skip link to a site and back', async () => {
    const page = await open('/')
    await page.getByRole('heading', { level: 2, name: 'Sites' }).waitFor()
    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe('Aller au contenu')
    await page.keyboard.press('Enter')
    for (
      let presses = 0;
      (await focused(page)) !== 'Passer la carte, aller à la liste des sites';
      presses++
    ) {
      expect(presses).toBeLessThan(5)
      await page.keyboard.press('Tab')
    }
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: "Collège d'essai" }).waitFor()
    expect(await page.evaluate('document.activeElement.id')).toBe('main')
    expect(await page.title()).toBe("Collège d'essai · Affluent")
    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe('Territoire')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: "Territoire d'essai" }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/')
  })

  it('where reading needs an account, says how to come in, and shows what a reader may see', async () => {
    await hub.close()
    hub = await startConsoleHub(built.folder, { reads: 'accounts' })
    const context = await built.browser.newContext({ locale: 'fr-FR', baseURL: hub.url })
    const page = await context.newPage()
    await page.goto('/')
    const closed = page.getByRole('heading', { level: 1, name: 'Réservé aux comptes' })
    await closed.waitFor()
    expect(await axeViolations(page)).toEqual([])
    const linkOf = (actor: string) =>
      createLoginLink({ ...hub, baseUrl: hub.url, holder: { actor, role: 'reader' } })
    await page.goto('/crew')
    await page.getByText('ne se lisent qu’avec une session').waitFor()
    await page.getByRole('button', { name: 'Ouvrir une session' }).click()
    await page.getByLabel('Lien à usage unique').fill(linkOf('Claire'))
    await page.getByRole('button', { name: 'Ouvrir une session' }).last().click()
    await page.getByRole('heading', { level: 2, name: /Alertes/ }).waitFor()
    await page.goto('/')
    await page.getByRole('heading', { level: 2, name: 'Sites' }).waitFor()
    await page.getByRole('button', { name: 'Fermer la session' }).click()
    await closed.waitFor()
    await context.close()
  })

  it('speaks French and English, remembers which, and writes each as its readers do', async () => {
    const page = await open('/sites/college')
    expect(await page.getAttribute('html', 'lang')).toBe('fr')
    await page.getByText('1\u202f234,56\u00a0kWh').waitFor()
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByText('1,234.56\u00a0kWh').waitFor()
    expect(await page.getAttribute('html', 'lang')).toBe('en')
    await page.reload()
    await page.getByRole('heading', { name: 'Values now' }).waitFor()
  })

  it('shows a bad, a silent and a missing value as unknown with the reason, never as the old number', async () => {
    await hub.store(
      reading('college/elec/power', NOW - 1000, null, 'bad:timeout'),
      reading('gymnase/air/temperature', NOW - 40 * MINUTE, 21.5),
    )
    const page = await open('/sites/college')
    const power = page.locator('.value', { hasText: 'Puissance active' })
    await power.getByText('inconnu', { exact: true }).waitFor()
    expect(await power.innerText()).toContain('l’appareil ne répond pas à temps')
    expect(await power.innerText()).not.toContain('12,5')
    await publishReadings(hub, reading('college/elec/power', NOW, 13.1))
    await power.getByText('13,1\u00a0kW').waitFor()
  })

  it('calls a value unknown when its sensor falls silent', async () => {
    await hub.close()
    hub = await startConsoleHub(built.folder)
    await hub.store(reading('gymnase/air/temperature', NOW - 40 * MINUTE, 21.5))
    const page = await open('/sites/gymnase')
    const temperature = page.locator('.value')
    await temperature.getByText('inconnu', { exact: true }).waitFor()
    expect(await temperature.innerText()).toContain('dernier relevé il y a 40')
    expect(await temperature.innerText()).not.toContain('21,5')
  })

  it('gives the data of a chart as a table, in which nothing is not zero', async () => {
    const page = await open('/sites/college')
    const chart = page.getByRole('figure', { name: 'Électricité (kWh)' })
    await chart.getByText(/^Octobre 2026\s: 12\s366\skWh, \+0,3\s% par rapport à octobre 2025/).waitFor()
    await chart.getByRole('button', { name: 'Voir les données' }).click()
    const rows = await chart.getByRole('row').allInnerTexts()
    expect(rows).toHaveLength(1 + 14)
    expect(rows[4]).toMatch(/janvier 2026\s+12\s339,3\s+50\s%, donnée incomplète/)
    expect(rows[5]).toMatch(/février 2026\s+aucune donnée\s+0\s%, donnée incomplète/)
    expect(rows[14]).toMatch(/novembre 2026\s.*période en cours/s)
  })

  it('opens a figure by the keyboard from a month down to the readings of an hour, each with an address of its own', async () => {
    const hour = { start: Date.parse('2026-10-25T01:00:00Z'), end: Date.parse('2026-10-25T02:00:00Z') }
    const stated = [{ origin: 'hand', known: 'day', amount: 100, ms: HOUR_MS / 2 }] as const
    const figure = { ...hour, amount: 400, coveredMs: HOUR_MS / 2, readings: 2, stated }
    await hub.figures.replace('college-elec', 'hour', hour.start, hour.end, [figure])
    await hub.store(
      reading('college/elec/index', hour.start - 5 * MINUTE, 100),
      reading('college/elec/index', hour.start + 5 * MINUTE, 101.5),
      reading('college/elec/index', hour.start + 6 * MINUTE, null, 'bad:timeout'),
      reading('college/elec/index', hour.end + 5 * MINUTE, 104.2),
    )
    const page = await open('/sites/college', { viewport: { width: 320, height: 640 } })
    const openRow = async (label: RegExp) => {
      const chart = page.getByRole('figure', { name: 'Électricité (kWh)' })
      await chart.getByRole('button', { name: 'Voir les données' }).press('Enter')
      await chart.getByRole('link', { name: label }).press('Enter')
      await page.locator('#main:focus').waitFor()
    }
    await openRow(/^octobre 2026/)
    await page.getByRole('heading', { level: 1, name: 'Consommation\u202f: octobre 2026' }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/sites/college/consumption/month/2026-10-01')
    await openRow(/^dimanche 25 octobre/)
    await page.getByRole('heading', { level: 1, name: 'Consommation\u202f: dimanche 25 octobre' }).waitFor()
    const chart = page.getByRole('figure', { name: 'Électricité (kWh)' })
    await chart.getByText('déclarée, non mesurée').waitFor()
    await chart.getByText(/Dont 0,8\skWh déclarés, non mesurés/).waitFor()
    await chart.getByRole('button', { name: 'Voir les données' }).press('Enter')
    const rows = (await chart.getByRole('row').allInnerTexts()).map(row => row.replace(/\s+/g, ' '))
    expect(rows).toHaveLength(1 + 25)
    expect(rows[0]).toBe('Période kWh Couverture Dont déclaré (kWh)')
    expect(rows[4]).toMatch(/ 3 50 %, donnée incomplète Relevé manuel 0,75$/)
    // The second of two hours at 2 o'clock.
    await chart.locator('tbody tr:nth-child(4) a').press('Enter')
    const section = page.getByRole('region', { name: 'Électricité, compteur college-elec' })
    await section.getByText('4\u00a0kWh, soit 400 pas de 0,01\u00a0kWh').waitFor()
    expect(decodeURIComponent(new URL(page.url()).pathname)).toBe(
      '/sites/college/consumption/hour/2026-10-25T02:00:00+01:00',
    )
    // What a colleague opens who was sent the address.
    await page.reload()
    await section.getByText('ce site, 75\u00a0% : 3\u00a0kWh').waitFor()
    await section.getByText('50\u00a0%, 2 bons relevés dans l’heure').waitFor()
    await section.getByText('Relevé manuel 1\u00a0kWh', { exact: true }).waitFor()
    const readings = (await section.getByRole('row').allInnerTexts()).map(row => row.replace(/\s+/g, ' '))
    expect(readings.slice(1)).toEqual([
      '25 oct., 02:55:00 100 bonne retenu',
      '25 oct., 02:05:00 101,5 bonne retenu',
      '25 oct., 02:06:00 – mauvaise, l’appareil ne répond pas à temps non retenu, qualité',
      '25 oct., 03:05:00 104,2 bonne retenu',
    ])
    const violations = await axeViolations(page)
    expect(violations).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    await page.getByRole('button', { name: 'English' }).press('Enter')
    await page.getByText('4\u00a0kWh, that is 400 steps of 0.01\u00a0kWh').waitFor()
    await page
      .getByRole('navigation', { name: 'Longer periods' })
      .getByRole('link', { name: '2026', exact: true })
      .click()
    await page.getByRole('heading', { level: 1, name: 'Consumption: 2026' }).waitFor()
    await page.getByRole('figure', { name: 'Electricity (kWh)' }).waitFor()
  })

  it('opens a period by its bar, and says so where an address is of none', async () => {
    const page = await open('/sites/college')
    const plot = page.getByRole('figure', { name: 'Électricité (kWh)' }).locator('.u-over')
    const box = (await plot.boundingBox())!
    await plot.click({ position: { x: box.width * (13 / 14.2), y: box.height / 2 } })
    await page.getByRole('heading', { level: 1, name: 'Consommation\u202f: octobre 2026' }).waitFor()
    for (const path of ['hour/2026-10-25', 'month/2026-13-01', 'century/2026-01-01']) {
      await page.goto(`/sites/college/consumption/${path}`)
      await page.getByText('Cette adresse ne mène à rien ici.').waitFor()
    }
    expect(visits[0]!.complaints).toEqual([])
  })

  it('holds the last twelve months of a site against the year before', async () => {
    const [from, to] = [startOfLocalDate('2025-01-01', 'Europe/Paris'), NOW]
    const turn = startOfLocalDate('2025-11-01', 'Europe/Paris')
    const days = periodsBetween('day', from, to, 'Europe/Paris').map(({ start, end }) => {
      return { start, end, amount: start < turn ? 10_000 : 8000, coveredMs: end - start, readings: 144 }
    })
    await hub.figures.replace('college-elec', 'day', from, to, days)
    const page = await open('/sites/college', { viewport: { width: 320, height: 640 } })
    const section = page.getByRole('region', { name: 'Comparaison', exact: true })
    await section.getByText('De novembre 2025 à octobre 2026, mois complets').waitFor()
    const rows = (await section.getByRole('row').allInnerTexts()).map(row => row.replace(/\s+/g, ' '))
    expect(rows).toEqual([
      'Fluide Douze mois Un an avant Évolution sur un an Par m² et par an Énergie primaire par m² et par an Par personne',
      // Of the year before, November and December are not known.
      'Électricité 21 900 kWh aucune donnée aucune donnée 4,2 kWh 8,0 kWh –',
    ])
    const violations = await axeViolations(page)
    expect(violations).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('region', { name: 'Comparison', exact: true }).waitFor()
  })

  it('tells what looks like waste at a site, and which sites waste most', async () => {
    const [from, to] = [startOfLocalDate('2026-07-31', ZONE), startOfLocalDate('2026-11-22', ZONE)]
    const turn = startOfLocalDate('2026-11-02', ZONE)
    const hours = periodsBetween('hour', from, to, ZONE).map(({ start, end }) => {
      return { start, end, amount: start < turn ? 400 : 800, coveredMs: end - start, readings: 6 }
    })
    await hub.figures.replace('college-elec', 'hour', from, to, hours)
    const page = await open('/sites/college', { viewport: { width: 320, height: 640 } })
    const section = page.getByRole('region', { name: 'Gaspillages', exact: true })
    await section.getByText('Ouvrez d’abord une session').waitFor()
    await openSession(page)
    await page.goto('/sites/college')
    await section.getByText('Du 23 octobre 2026 au 21 novembre 2026').waitFor()
    const textsOf = async (rows: Locator) => (await rows.allInnerTexts()).map(row => row.replace(/\s+/g, ' '))
    expect(await textsOf(section.getByRole('row'))).toEqual([
      'Constat Compteurs Depuis Jusqu’à Quantité Coût Mesuré',
      // Three quarters of 4 kWh in each of 480 hours.
      'Talon en hausse college-elec 2 novembre 2026 à 00:00 en cours 1 440 kWh aucune donnée 100 %',
    ])
    const unknown = 'Consommation hors ouverture : pas d’heures d’ouverture dans le registre (college-elec)'
    await section.getByText(unknown).waitFor()
    expect(await axeViolations(page)).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)

    await page.getByRole('link', { name: 'Territoire' }).first().click()
    const ranking = page.getByRole('region', { name: 'Les plus gros gaspillages', exact: true })
    await ranking.getByText("Collège d'essai").waitFor()
    expect(await textsOf(ranking.getByRole('row'))).toEqual([
      'Site Au moins Coût Pourquoi',
      "Collège d'essai 1 440 kWh aucune donnée Talon en hausse",
      "Gymnase d'essai 480 kWh aucune donnée Talon en hausse",
    ])
    expect(await axeViolations(page)).toEqual([])
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('region', { name: 'Greatest waste', exact: true }).waitFor()
  })

  it('shows the hours of a week by day and by clock, and as a table, of a day with two hours at 2 as well', async () => {
    const [from, to] = [startOfLocalDate('2026-10-25', ZONE), startOfLocalDate('2026-11-22', ZONE)]
    // Of the site's share, three quarters: 3 kWh, 6 in the second hour at 2 o'clock, nothing known at 4.
    const hours = periodsBetween('hour', from, to, ZONE).flatMap(({ start, end }, at) => {
      const coveredMs = (end - start) * (at === 1 ? 0.5 : 1)
      return at === 5 ? [] : [{ start, end, amount: at === 3 ? 800 : 400, coveredMs, readings: 6 }]
    })
    await hub.figures.replace('college-elec', 'hour', from, to, hours)
    const page = await open('/sites/college', { viewport: { width: 320, height: 640 } })
    const section = page.getByRole('region', { name: 'Courbe de charge de la semaine' })
    await section.getByText('Du 15 novembre 2026 au 21 novembre 2026').waitFor()
    expect(await section.getByRole('button', { name: 'Semaine suivante' }).isDisabled()).toBe(true)
    await section.getByRole('button', { name: 'Semaine précédente' }).press('Enter')
    await section.getByRole('button', { name: 'Semaine précédente' }).press('Enter')
    await section.getByRole('button', { name: 'Semaine précédente' }).press('Enter')
    await section.getByText('Du 25 octobre 2026 au 31 octobre 2026').waitFor()
    const map = section.getByRole('img', { name: /^Électricité par heure \(kWh\)\. Total : 507 kWh/ })
    const drawn = map.locator('.week-hour')
    expect(await drawn.count()).toBe(7 * 24)
    expect(await map.locator('.week-none').count()).toBe(1)
    expect(await map.locator('.week-striped').count()).toBe(1)
    const shares = (await drawn.all()).slice(0, 5).map(span => span.getAttribute('style'))
    // The two hours at 2 o'clock have their mean.
    expect(await Promise.all(shares)).toEqual([
      ...[0.5, 0.5, 0.75, 0.5].map(share => `--share: ${share};`),
      null,
    ])
    await section.getByRole('button', { name: 'Voir les données' }).press('Enter')
    const rows = (await section.getByRole('row').allInnerTexts()).map(row => row.replace(/\s+/g, ' '))
    expect(rows).toHaveLength(1 + 24)
    expect(rows[0]).toBe('Heure 25 oct. 26 oct. 27 oct. 28 oct. 29 oct. 30 oct. 31 oct.')
    expect(rows.slice(2, 6)).toEqual([
      '01:00 3, donnée incomplète 3 3 3 3 3 3',
      '02:00 3 + 6 3 3 3 3 3 3',
      '03:00 3 3 3 3 3 3 3',
      '04:00 aucune donnée 3 3 3 3 3 3',
    ])
    const violations = await axeViolations(page)
    expect(violations).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('region', { name: 'Load curve of the week' }).waitFor()
  })

  it('tells what a site costs by month, and of how much nothing is known', async () => {
    const { registry } = hub
    await hub.close()
    const meter = registry.meters.get('college-elec')!
    const prices = [{ name: 'base', price: 0.2 }]
    const tariff = {
      id: 'bleu',
      name: 'Bleu',
      fluid: meter.fluid,
      prices,
      taxes: [],
      fixedPerMonth: 40,
      vat: 20,
    }
    const priced = new Map([[meter.id, { ...meter, tariffs: [{ tariff: 'bleu', from: '2026-10-01' }] }]])
    hub = await startHub({
      consoleFolder: built.folder,
      registry: { ...registry, meters: priced, tariffs: new Map([['bleu', tariff]]) },
    })
    // 1,000 kWh in an hour of October, of which three quarters are the site's; the rest of it is not known.
    const start = Date.parse('2026-10-10T10:00:00Z')
    const hour = { start, end: start + HOUR_MS, amount: 100_000, coveredMs: HOUR_MS, readings: 6 }
    await hub.figures.replace(meter.id, 'hour', start, start + HOUR_MS, [hour])
    const page = await open('/sites/college', { viewport: { width: 320, height: 640 } })
    await openSession(page)
    await page.goto('/sites/college')
    const section = page.getByRole('region', { name: 'Coût', exact: true })
    await section.getByRole('row').first().waitFor()
    const rows = (await section.getByRole('row').allInnerTexts()).map(row => row.replace(/\s+/g, ' '))
    expect(rows).toHaveLength(1 + 14 + 1)
    expect(rows[0]).toBe('Période Consommation Abonnement TVA Total TTC Part connue')
    expect(rows[12]).toMatch(/^septembre 2026 (?:aucune donnée ){4}0 %$/)
    expect(rows[13]).toBe('octobre 2026 150,00 € 30,00 € 36,00 € 216,00 € 0 %')
    expect(rows[14]).toMatch(/^novembre 2026 aucune donnée 30,00 €/)
    const violations = await axeViolations(page)
    expect(violations).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('heading', { name: 'Cost', exact: true }).waitFor()
  })

  it('shows what water meters count at night, and nothing of a night with a gap', async () => {
    const { registry } = hub
    await hub.close()
    const elec = registry.meters.get('college-elec')!
    const water = {
      ...elec,
      id: 'college-eau',
      fluid: 'eau',
      unit: 'm3',
      resolution: 0.01,
      point: undefined,
    } as const
    const meters = new Map([...registry.meters, [water.id, water]])
    hub = await startHub({ consoleFolder: built.folder, registry: { ...registry, meters } })
    const [from, to] = [startOfLocalDate('2026-11-08', ZONE), startOfLocalDate('2026-11-22', ZONE)]
    const hours = periodsBetween('hour', from, to, ZONE)
      .map(({ start, end }) => ({ start, end, amount: 12, coveredMs: end - start, readings: 6 }))
      .filter((_, at) => at !== 24 * 13 + 2)
    await hub.figures.replace(water.id, 'hour', from, to, hours)
    const page = await open('/sites/college', { viewport: { width: 320, height: 640 } })
    const section = page.getByRole('region', { name: 'Eau la nuit' })
    await section.getByText(/^Nuit du 20 novembre 2026.: 0,12\sm³\/h coulent presque chaque nuit/).waitFor()
    const rows = (await section.getByRole('row').allInnerTexts()).map(row => row.replace(/\s+/g, ' '))
    expect(rows.slice(0, 4)).toEqual([
      'Nuit jusqu’au matin du Minimum Habituel (sept nuits) Au-delà de l’usage normal',
      '22 novembre 2026 aucune donnée aucune donnée aucune donnée',
      '21 novembre 2026 aucune donnée aucune donnée aucune donnée',
      '20 novembre 2026 0,12 0,12 0,12',
    ])
    const violations = await axeViolations(page)
    expect(violations.map(({ id, nodes }) => [id, nodes.map(node => node.html)])).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    await page.getByRole('button', { name: 'English' }).click()
    await page
      .getByRole('region', { name: 'Water at night' })
      .getByText(/flow nearly every night/)
      .waitFor()
  })

  it('shows what a site declares under the décret tertiaire, on screen and on paper, to whoever has a session', async () => {
    const { registry } = hub
    await hub.close()
    const college: Site = {
      ...registry.sites.get('college')!,
      tertiary: {
        case: '1a',
        perimeter: 'own',
        referenceYear: 2019,
        activities: [{ name: 'Enseignement', floorArea: 5000 }],
        declarant: '12345678900012',
        buildings: ['ABCD1234EFGH'],
        vehicleCharging: [],
      },
      yearly: [
        { year: 2019, energy: 'electricite', amount: 30_000 },
        { year: 2019, energy: 'gaz', amount: 20_000 },
        { year: 2025, energy: 'electricite', amount: 27_000 },
        { year: 2025, energy: 'gaz', amount: 10_000 },
      ],
    }
    const sites = new Map([...registry.sites, ['college', college]])
    hub = await startHub({ consoleFolder: built.folder, registry: { ...registry, sites } })
    const page = await open('/sites/college/tertiary', { viewport: { width: 320, height: 640 } })
    await page.getByText('Ces valeurs sont réservées aux comptes.').waitFor()
    await openSession(page)
    await page.goto('/sites/college')
    await page.getByRole('link', { name: 'Décret tertiaire' }).press('Enter')
    await page
      .getByRole('heading', { level: 1, name: "Décret tertiaire 2025\u202f: Collège d'essai" })
      .waitFor()
    const standing = page.getByRole('region', { name: 'Référence, année et objectifs', exact: true })
    // 48,000 kWh, less 40 % after eleven years; six of them have gone by.
    await standing
      .getByText(/^En 2025, −25\s% par rapport à 2019\. 1\s527\skWh sous la trajectoire\.$/)
      .waitFor()
    const rows = (await standing.getByRole('row').allInnerTexts()).map(row => row.replace(/\s+/g, ' '))
    expect(rows).toEqual([
      'Valeur Énergie finale (PCI) Par m² et par an Écart à la référence',
      'Référence 2019 48 000 kWh 9,6 kWh/m² 0 %',
      'Année 2025 36 000 kWh 7,2 kWh/m² −25 %',
      'Trajectoire 2025 37 527 kWh 7,5 kWh/m² −21,8 %',
      'Objectif 2030 28 800 kWh 5,8 kWh/m² −40 %',
      'Objectif 2040 24 000 kWh 4,8 kWh/m² −50 %',
      'Objectif 2050 19 200 kWh 3,8 kWh/m² −60 %',
    ])
    await page.getByText('0,8\u00a0kgCO2e/m²').waitFor()
    const missing = page.getByRole('region', { name: 'Ce qui manque' })
    expect(await missing.getByRole('listitem').allInnerTexts()).toEqual([
      'La station météo n’est pas renseignée.',
    ])
    const violations = await axeViolations(page)
    expect(violations.map(({ id, nodes }) => [id, nodes.map(node => node.html)])).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    await page.emulateMedia({ media: 'print' })
    for (const role of ['banner', 'contentinfo', 'navigation', 'button'] as const)
      expect([role, await page.getByRole(role).count()]).toEqual([role, 0])
    expect(await standing.getByRole('row').last().isVisible()).toBe(true)
    await page.emulateMedia({ media: 'screen' })
    await page.getByRole('link', { name: '2024' }).click()
    await page.getByText('2024, Électricité : la consommation n’est pas connue en entier').waitFor()
    await page.getByText('L’année ou la référence n’est pas connue, donc pas d’écart.').waitFor()
    await page.goto('/sites/gymnase/tertiary')
    await page.getByText('Le registre ne déclare pas ce site').waitFor()
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByText('The registry does not declare this site').waitFor()
  })

  it('takes an alert in charge once the rules confirm it, and says how to sign in before', async () => {
    hub.keep(alertEvent('fired', frostAlert()), 1)
    const page = await open('/alerts')
    const acknowledge = page.getByRole('button', { name: /^Prendre en charge/ })
    await acknowledge.click()
    await page.getByText('ouvrez d’abord une session').waitFor()

    await openSession(page)
    await page.getByRole('link', { name: /^Alertes/ }).click()
    await answerCommands(hub)
    await acknowledge.click()
    await page.getByText(/Prise en charge par administrator le/).waitFor()
    expect(await acknowledge.count()).toBe(0)
    await page.getByRole('link', { name: 'Risque de gel' }).click()
    await page.locator('.timeline li').nth(2).waitFor()
    await page.getByText("À faire\u202f: Purger l'eau <ici>").waitFor()
    expect(await page.locator('.timeline li').allInnerTexts()).toEqual([
      expect.stringContaining('La condition devient vraie'),
      expect.stringContaining('Déclenchée par les règles'),
      expect.stringContaining('Prise en charge par administrator'),
    ])
    await page.getByRole('button', { name: 'Fermer la session' }).click()
    await page.getByText('Session\u202f: administrator').waitFor({ state: 'detached' })
  })

  it('shows what is out of service beside the alerts', async () => {
    const page = await open('/alerts')
    await page.getByRole('heading', { name: 'Hors service' }).waitFor()
    await page.getByText(/gymnase\/air\/temperature du .* – Remplacement de la sonde/).waitFor()
  })

  it('shelves an alert for a while, and tells it again before', async () => {
    hub.keep(alertEvent('fired', frostAlert()), 1)
    await answerCommands(hub)
    const page = await open('/alerts/gel-1')
    await page.getByRole('heading', { name: 'Déroulement' }).waitFor()
    expect(await page.getByRole('button', { name: 'Mettre en attente' }).count()).toBe(0)
    await openSession(page)
    await page.clock.setFixedTime(NOW)
    await page.goto('/alerts/gel-1')
    await page.getByLabel('Pendant').selectOption('4 h')
    await page.getByLabel('Raison').fill('Essai de la sonde')
    await page.getByRole('button', { name: 'Mettre en attente' }).click()
    const back = page.getByRole('button', { name: 'Annoncer de nouveau' })
    await back.waitFor()
    await page.getByText(/En attente jusqu’au .*15:59, par administrator – Essai de la sonde/).waitFor()
    const violations = await axeViolations(page)
    expect(violations.map(({ id }) => id)).toEqual([])
    await back.click()
    await page.locator('.timeline').getByText('De nouveau annoncée').waitFor()
    expect(await back.count()).toBe(0)
  })

  it('changes a rule: what is wrong is said while it is written, and what is saved is in force', async () => {
    const page = await open('/rules')
    await page.getByRole('heading', { name: 'Risque de gel' }).waitFor()
    expect(await page.getByRole('link', { name: 'Risque de gel' }).count()).toBe(0)
    await openSession(page)
    await page.getByRole('link', { name: 'Règles' }).click()
    await page.getByRole('link', { name: 'Risque de gel' }).click()
    const editor = page.getByLabel('La règle, en YAML')
    const written = await editor.inputValue()
    await editor.fill(written.replace('severity', 'severty'))
    await page.getByText('clé inconnue').waitFor()
    expect(await editor.getAttribute('aria-invalid')).toBe('true')
    await page.getByRole('button', { name: /^ligne [2-9]/ }).focus()
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement.id')).toBe('rule-text')
    const violations = await axeViolations(page)
    expect(violations.map(({ id }) => id)).toEqual([])

    await page.getByRole('button', { name: 'Enregistrer' }).click()
    await page.getByText('Celle d’avant reste en vigueur').waitFor()
    await editor.fill(written.replace('below: 5', 'below: 6'))
    await page.getByText('Rien à redire').waitFor()
    await page.getByRole('button', { name: 'Essayer' }).click()
    await page.getByText('Se serait déclenchée 0 fois').waitFor()
    await page.getByRole('button', { name: 'Enregistrer' }).click()
    await page.getByText('enregistrée et en vigueur').waitFor()
    expect(hub.registry.rules.get('gel')!.condition).toMatchObject({ below: 6 })

    await writeFile(`${hub.territory}.new`, `${readFileSync(hub.territory, 'utf8')}# by hand\n`)
    await rename(`${hub.territory}.new`, hub.territory)
    await editor.fill(written.replace('below: 5', 'below: 7'))
    await page.getByRole('button', { name: 'Enregistrer' }).click()
    await page.getByRole('button', { name: 'Relire le fichier' }).click()
    await expect.poll(() => editor.inputValue()).toContain('below: 6')
    await page.setViewportSize({ width: 320, height: 640 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)

    await page.getByRole('button', { name: 'Supprimer la règle' }).click()
    await page.getByRole('button', { name: 'Supprimer', exact: true }).click()
    // Something else names it.
    await page.getByText('il n’y a pas de gel parmi').waitFor()
    expect(hub.registry.rules.has('gel')).toBe(true)
  })

  it('does not pretend: without an answer of the rules the alert stays to be taken in charge', async () => {
    await hub.close()
    hub = await startHub({ consoleFolder: built.folder, commandTimeoutMs: 100 })
    hub.keep(alertEvent('fired', frostAlert()), 1)
    const page = await open('/alerts')
    await openSession(page)
    await page.getByRole('link', { name: /^Alertes/ }).click()
    const acknowledge = page.getByRole('button', { name: /^Prendre en charge/ })
    await acknowledge.click()
    await page.getByText('Le moteur de règles n’a pas répondu').waitFor()
    expect(await acknowledge.count()).toBe(1)
    expect(await page.getByText('À prendre en charge', { exact: true }).count()).toBe(1)
  })

  it('announces a new alert and shows it without a reload', async () => {
    const page = await open('/alerts')
    await page.getByText('Aucune alerte active.').waitFor()
    await publishAlert(hub, alertEvent('fired', frostAlert()))
    await page.getByRole('link', { name: 'Risque de gel' }).waitFor()
    const announced = await page.locator('[role=status][aria-live=polite]').innerText()
    expect(announced).toBe("Nouvelle alerte\u202f: Risque de gel, Gymnase d'essai")
    await page.getByRole('link', { name: 'Alertes (1 active)' }).waitFor()
  })

  it('keeps the last data on screen when the hub is away, and says that it reconnects', async () => {
    const page = await open('/sites/college')
    await page.getByText('12,5\u00a0kW', { exact: true }).waitFor()
    await page.context().setOffline(true)
    await page.getByText(/^Reconnexion en cours depuis \d/).waitFor()
    expect(await page.getByText('1\u202f234,56\u00a0kWh').count()).toBe(1)
    await page.context().setOffline(false)
    await page.getByText('En direct').waitFor()
  })

  it('shows how full the journal of a gateway is, and warns in words when it fills up', async () => {
    const page = await open('/')
    const gateways = page.getByRole('region', { name: 'Passerelles' })
    await publishOutbox(hub, 0.12, 20 * DAY_MS)
    await gateways
      .getByText('journal plein à 12\u00a0%, suffit 20\u00a0j sans le serveur', { exact: true })
      .waitFor()
    expect(await gateways.getByText('Attention').count()).toBe(0)
    await publishOutbox(hub, 0.12, 20 * DAY_MS, 3 * HOUR_MS)
    await gateways.getByText(/Son horloge retarde de 3.h.*marqué incertain/).waitFor()
    await publishOutbox(hub, 0.8, 3 * HOUR_MS)
    await gateways
      .getByText(
        'journal plein à 80\u00a0%, suffit 3\u00a0h sans le serveur. Il se remplit tant que le serveur',
      )
      .waitFor()
    await publishOutbox(hub, 1, 0)
    await gateways.getByText('Les relevés les plus anciens sont abandonnés').waitFor()
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('region', { name: 'Gateways' }).getByText('journal 100% full').waitFor()
  })

  it('shows what was set aside to whoever has a session, and to nobody else', async () => {
    const page = await open('/')
    await page.getByRole('region', { name: 'Passerelles' }).waitFor()
    expect(await page.getByRole('region', { name: 'Mis de côté' }).count()).toBe(0)
    await hub.quarantine.append([
      { kind: 'conflict', reason: 'another is stored', time: NOW, sender: 'gw-essai', payload: null },
    ])
    await openSession(page)
    const aside = page.getByRole('region', { name: 'Mis de côté' })
    await aside.getByText('1 relevé contredit ce qui est enregistré').waitFor()
    await aside.getByText('another is stored').waitFor()
    const violations = await axeViolations(page)
    expect(violations).toEqual([])
  })

  it('takes what was read by hand, says which field is wrong, and takes it back, for whoever has a session', async () => {
    const page = await open('/sites/college', { viewport: { width: 320, height: 640 } })
    await page.getByRole('heading', { level: 1 }).waitFor()
    const section = page.getByRole('region', { name: 'Relevés, factures et corrections' })
    expect(await section.count()).toBe(0)
    await openSession(page)
    await page.goto('/sites/college')
    await section.getByText('Rien n’est déclaré pour ce compteur.').waitFor()

    await section.getByLabel('Date du relevé').fill('2026-10-01')
    await section.getByLabel('Index (kWh)').fill('1234,567')
    await section.getByRole('button', { name: 'Enregistrer' }).click()
    await section
      .getByText('Rien n’est enregistré\u202f: ce nombre est plus fin que le pas du compteur, 0,01\u00a0kWh.')
      .waitFor()
    expect(await page.evaluate('document.activeElement.name')).toBe('index')
    await section.getByLabel('Index (kWh)').fill('1234,5')
    await section.getByRole('button', { name: 'Enregistrer' }).click()
    await section.getByText('Enregistré. Les chiffres suivent').waitFor()
    await section.getByText('Relevé manuel, 1 octobre 2026').waitFor()
    expect(hub.statements.indexes('college-elec')).toMatchObject([{ value: 1234.5, author: 'administrator' }])

    await section.getByLabel('Origine').selectOption('Correction')
    await section.getByRole('textbox', { name: 'Consommation' }).waitFor()
    expect(await section.getByLabel('Unité').locator('option').allTextContents()).toEqual([
      ...['kWh', 'MWh', 'Wh'],
    ])
    const violations = await axeViolations(page)
    expect(violations).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)

    await section.getByLabel(/^Retirer.: Relevé manuel/).click()
    await section.getByLabel('Pourquoi').fill('autre compteur')
    await section.getByRole('button', { name: 'Retirer' }).click()
    await section.getByText('retiré par administrator\u202f: autre compteur').waitFor()
    expect(hub.statements.indexes('college-elec')).toEqual([])
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('region', { name: 'Readings by hand' }).getByText('no longer counts').waitFor()
  })

  it('has simulated devices play what happens in the field, for whoever has a session', async () => {
    await hub.close()
    const played: { director?: Director } = {}
    hub = await startHub({ consoleFolder: built.folder, director: () => played.director })
    const kept = join(hub.folder, 'scenarios.json')
    const gateways = hub.registry.gateways.keys()
    played.director = await openDirector({ registry: hub.registry, gateways, kept, now: () => NOW })
    const page = await open('/sites/gymnase', { viewport: { width: 320, height: 640 } })
    await page.getByRole('heading', { level: 1 }).waitFor()
    const section = page.getByRole('region', { name: 'Essayer' })
    expect(await section.count()).toBe(0)

    await openSession(page)
    await page.goto('/sites/gymnase')
    await section.getByLabel('Ce qui arrive').selectOption('Capteur figé')
    await section.getByLabel('Durée').selectOption('1 heure')
    await section.getByRole('button', { name: 'Démarrer' }).click()
    const end = section.getByRole('button', { name: 'Arrêter\u202f: Capteur figé' })
    await end.waitFor()
    expect(played.director.stage.list()).toMatchObject([
      { scenario: { scenario: 'sensor-stuck', on: 'gymnase', for: HOUR_MS } },
    ])
    const violations = await axeViolations(page)
    expect(violations).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    await end.click()
    await end.waitFor({ state: 'detached' })
    for (const [site, name] of [
      ['gymnase', 'Passerelle sans courant'],
      ['gymnase', 'Connexion refusée'],
      ['college', 'Compteur au bout de ses chiffres'],
    ]) {
      await page.goto(`/sites/${site}`)
      await section.getByLabel('Ce qui arrive').selectOption(name!)
      await section.getByRole('button', { name: 'Démarrer' }).click()
      await section.getByRole('button', { name: `Arrêter\u202f: ${name}` }).waitFor()
    }
    const [gateway] = [...hub.registry.points.values()].filter(({ site }) => site === 'gymnase')
    expect(played.director.stage.playingIn('power-cut', gateway!.gateway, NOW)).toBeDefined()
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('region', { name: 'Try it out' }).getByLabel('What happens').waitFor()
  })

  it('names every scenario in both languages', () => {
    for (const language of ['fr', 'en']) {
      const file = new URL(`../../dashboards/console/src/i18n/${language}.ts`, import.meta.url)
      const [, names = ''] =
        /scenarios: \{[\s\S]*? names: \{([\s\S]*?)\}/.exec(readFileSync(file, 'utf8')) ?? []
      const named = [...names.matchAll(/^ *'?([a-z-]+)'?:/gm)].map(([, name]) => name)
      expect(named.sort()).toEqual([...SCENARIO_NAMES].sort())
    }
  })

  it('fits a screen of 320 pixels', async () => {
    hub.keep(alertEvent('fired', frostAlert()), 1)
    const page = await open('/', { viewport: { width: 320, height: 640 } })
    for (const path of PAGES) {
      await page.goto(path)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.getByText('En direct').waitFor()
      expect([path, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([path, 320])
    }
  })

  it.each(['light', 'dark'] as const)('has nothing that axe objects to, in %s', async colorScheme => {
    hub.keep(alertEvent('fired', frostAlert()), 1)
    await hub.store(reading('college/elec/power', NOW - 1000, null, 'bad:timeout'))
    const page = await open('/', { colorScheme })
    for (const path of PAGES) {
      await page.goto(path)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.getByText('En direct').waitFor()
      if (path === '/sites/college')
        await page.getByRole('button', { name: 'Voir les données' }).first().click()
      const violations = await axeViolations(page)
      expect([path, violations.map(({ id, nodes }) => [id, nodes.map(node => node.html)])]).toEqual([
        path,
        [],
      ])
    }
  })

  it('keeps to the content security policy and asks no other host', async () => {
    const page = await open('/')
    await page
      .getByRole('region', { name: 'Sites' })
      .getByRole('link', { name: /^Collège d'essai/ })
      .click()
    await page.getByRole('figure').first().waitFor()
    await page.getByRole('link', { name: 'Alertes' }).click()
    await page.getByText('Aucune alerte active.').waitFor()
    expect(visits[0]!.complaints).toEqual([])
  })

  it('says so where an address leads nowhere', async () => {
    const page = await open('/sites/nulle-part')
    await page.getByText('Ce site n’existe pas dans le registre.').waitFor()
    await page.getByRole('main').getByRole('link').click()
    await page.getByRole('heading', { level: 1, name: "Territoire d'essai" }).waitFor()
  })
})

function focused(page: Page): Promise<string> {
  return page.evaluate('document.activeElement.textContent.trim()')
}
