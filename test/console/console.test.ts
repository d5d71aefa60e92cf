import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createLoginLink } from '../../api/auth/tokens.ts'
import { periodsBetween, startOfLocalDate } from '../../model/calendar.ts'
import { DAY_MS, HOUR_MS } from '../../model/time.ts'
import { SCENARIO_NAMES } from '../../registry/scenario-schema.ts'
import { type Director, openDirector } from '../../simulators/scenarios/director.ts'
import { alertEvent, frostAlert, type Hub, MINUTE, NOW, reading, startHub } from '../api/hub.ts'
import { findPeer } from '../peers/cache.ts'
import { launchChromium } from '../peers/chromium.ts'
import {
  answerCommands,
  buildConsole,
  publishAlert,
  publishOutbox,
  publishReadings,
  startConsoleHub,
  type Visit,
  visit,
} from './console.ts'

const ZONE = 'Europe/Paris'

describe.runIf(findPeer('chromium'))('the console', () => {
  let folder: string
  let browser: Browser
  let hub: Hub
  const visits: Visit[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'affluent-console-'))
    await buildConsole(folder)
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser.close()
    await rm(folder, { recursive: true })
  })
  beforeEach(async () => {
    hub = await startConsoleHub(folder)
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
    const opened = await visit(browser, hub, path, options)
    visits.push(opened)
    return opened.page
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
    hub = await startConsoleHub(folder)
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
      'Fluide Douze mois Un an avant Évolution sur un an Par m² et par an Par personne',
      // Of the year before, November and December are not known.
      'Électricité 21 900 kWh aucune donnée aucune donnée 4,2 kWh –',
    ])
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(violations).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('region', { name: 'Comparison', exact: true }).waitFor()
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
    const { violations } = await new AxeBuilder({ page }).analyze()
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
      consoleFolder: folder,
      registry: { ...registry, meters: priced, tariffs: new Map([['bleu', tariff]]) },
    })
    // 1,000 kWh in an hour of October, of which three quarters are the site's; the rest of it is not known.
    const start = Date.parse('2026-10-10T10:00:00Z')
    const hour = { start, end: start + HOUR_MS, amount: 100_000, coveredMs: HOUR_MS, readings: 6 }
    await hub.figures.replace(meter.id, 'hour', start, start + HOUR_MS, [hour])
    const page = await open('/sites/college', { viewport: { width: 320, height: 640 } })
    const section = page.getByRole('region', { name: 'Coût', exact: true })
    await section.getByRole('row').first().waitFor()
    const rows = (await section.getByRole('row').allInnerTexts()).map(row => row.replace(/\s+/g, ' '))
    expect(rows).toHaveLength(1 + 14 + 1)
    expect(rows[0]).toBe('Période Consommation Abonnement TVA Total TTC Part connue')
    expect(rows[12]).toMatch(/^septembre 2026 (?:aucune donnée ){4}0 %$/)
    expect(rows[13]).toBe('octobre 2026 150,00 € 30,00 € 36,00 € 216,00 € 0 %')
    expect(rows[14]).toMatch(/^novembre 2026 aucune donnée 30,00 €/)
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(violations).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320)
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('heading', { name: 'Cost', exact: true }).waitFor()
  })

  it('takes an alert in charge once the rules confirm it, and says how to sign in before', async () => {
    hub.keep(alertEvent('fired', frostAlert()), 1)
    const page = await open('/alerts')
    const acknowledge = page.getByRole('button', { name: /^Prendre en charge/ })
    await acknowledge.click()
    await page.getByText('ouvrez d’abord une session').waitFor()

    await page.goto(createLoginLink({ ...hub, baseUrl: hub.url }))
    await page.getByRole('button').click()
    await page.getByText('Session\u202f: administrator').waitFor()
    await page.getByRole('link', { name: /^Alertes/ }).click()
    await answerCommands(hub)
    await acknowledge.click()
    await page.getByText(/Prise en charge par administrator le/).waitFor()
    expect(await acknowledge.count()).toBe(0)
    await page.getByRole('link', { name: 'Risque de gel' }).click()
    await page.locator('.timeline li').nth(2).waitFor()
    expect(await page.locator('.timeline li').allInnerTexts()).toEqual([
      expect.stringContaining('La condition devient vraie'),
      expect.stringContaining('Déclenchée par les règles'),
      expect.stringContaining('Prise en charge par administrator'),
    ])
    await page.getByRole('button', { name: 'Fermer la session' }).click()
    await page.getByText('Session\u202f: administrator').waitFor({ state: 'detached' })
  })

  it('does not pretend: without an answer of the rules the alert stays to be taken in charge', async () => {
    await hub.close()
    hub = await startHub({ consoleFolder: folder, commandTimeoutMs: 100 })
    hub.keep(alertEvent('fired', frostAlert()), 1)
    const page = await open('/alerts')
    await page.goto(createLoginLink({ ...hub, baseUrl: hub.url }))
    await page.getByRole('button').click()
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
    const link = createLoginLink({ ...hub, baseUrl: hub.url })
    await page.goto(link)
    await page.getByRole('button').click()
    const aside = page.getByRole('region', { name: 'Mis de côté' })
    await aside.getByText('1 relevé contredit ce qui est enregistré').waitFor()
    await aside.getByText('another is stored').waitFor()
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(violations).toEqual([])
  })

  it('takes what was read by hand, says which field is wrong, and takes it back, for whoever has a session', async () => {
    const page = await open('/sites/college', { viewport: { width: 320, height: 640 } })
    await page.getByRole('heading', { level: 1 }).waitFor()
    const section = page.getByRole('region', { name: 'Relevés, factures et corrections' })
    expect(await section.count()).toBe(0)
    await page.goto(createLoginLink({ ...hub, baseUrl: hub.url }))
    await page.getByRole('button').click()
    await page.goto('/sites/college')
    await section.getByText('Rien n’est déclaré pour ce compteur.').waitFor()

    await section.getByLabel('Date du relevé').fill('2026-10-01')
    await section.getByLabel('Index (kWh)').fill('1234,567')
    await section.getByRole('button', { name: 'Enregistrer' }).click()
    await section.getByText('finer than the resolution').waitFor()
    expect(await page.evaluate('document.activeElement.name')).toBe('index')
    await section.getByLabel('Index (kWh)').fill('1234,5')
    await section.getByRole('button', { name: 'Enregistrer' }).click()
    await section.getByText('Enregistré. Les chiffres suivent').waitFor()
    await section.getByText('Relevé manuel, 1 octobre 2026').waitFor()
    expect(hub.statements.indexes('college-elec')).toMatchObject([{ value: 1234.5, author: 'administrator' }])

    await section.getByLabel('Origine').selectOption('Correction')
    await section.getByLabel('Consommation (kWh)').waitFor()
    const { violations } = await new AxeBuilder({ page }).analyze()
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
    hub = await startHub({ consoleFolder: folder, director: () => played.director })
    const kept = join(hub.folder, 'scenarios.json')
    const gateways = hub.registry.gateways.keys()
    played.director = await openDirector({ registry: hub.registry, gateways, kept, now: () => NOW })
    const page = await open('/sites/gymnase', { viewport: { width: 320, height: 640 } })
    await page.getByRole('heading', { level: 1 }).waitFor()
    const section = page.getByRole('region', { name: 'Essayer' })
    expect(await section.count()).toBe(0)

    await page.goto(createLoginLink({ ...hub, baseUrl: hub.url }))
    await page.getByRole('button').click()
    await page.goto('/sites/gymnase')
    await section.getByLabel('Ce qui arrive').selectOption('Capteur figé')
    await section.getByLabel('Durée').selectOption('1 heure')
    await section.getByRole('button', { name: 'Démarrer' }).click()
    const end = section.getByRole('button', { name: 'Arrêter\u202f: Capteur figé' })
    await end.waitFor()
    expect(played.director.stage.list()).toMatchObject([
      { scenario: { scenario: 'sensor-stuck', on: 'gymnase', for: HOUR_MS } },
    ])
    const { violations } = await new AxeBuilder({ page }).analyze()
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
    for (const path of ['/', '/sites/college', '/alerts', '/alerts/gel-1']) {
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
    for (const path of ['/', '/sites/college', '/alerts', '/alerts/gel-1']) {
      await page.goto(path)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.getByText('En direct').waitFor()
      if (path === '/sites/college')
        await page.getByRole('button', { name: 'Voir les données' }).first().click()
      const { violations } = await new AxeBuilder({ page }).analyze()
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
