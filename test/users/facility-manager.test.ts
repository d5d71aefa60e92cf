import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../e2e/ask.ts'
import { startDemonstration } from '../e2e/demonstration.ts'
import { startTestClock } from '../e2e/test-clock.ts'
import { until } from '../e2e/until.ts'
import { findPeer } from '../peers/cache.ts'
import { launchChromium } from '../peers/chromium.ts'

/** A facility manager comes to the desk on the first of April and looks at the buildings, and at one collège. */

const COLLEGE = 'college-jean-moulin'

describe.runIf(findPeer('chromium'))('a facility manager', () => {
  let data: string
  let hub: Awaited<ReturnType<typeof startDemonstration>>
  let browser: Browser
  let page: Page
  const complaints: string[] = []
  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'affluent-manager-'))
    const clock = startTestClock('2026-04-01T08:30:00+02:00')
    hub = await startDemonstration({ data, simulators: { historyMonths: 2 } }, clock)
    browser = await launchChromium()
    const context = await browser.newContext({ locale: 'fr-FR', viewport: { width: 1440, height: 900 } })
    page = await context.newPage()
    page.setDefaultTimeout(50_000)
    page.on('console', message => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
    })
    page.on('pageerror', error => complaints.push(error.message))
  })
  afterAll(async () => {
    await browser.close()
    await hub.close()
    await rm(data, { recursive: true })
  })

  it('opens the console and sees every site, on the map and in the list', async () => {
    await page.goto(hub.url)
    await page.getByRole('heading', { level: 1, name: "Val-d'Orvanne" }).waitFor()
    const list = page.getByRole('region', { name: 'Sites' })
    const map = page.getByRole('region', { name: /Carte/ })
    for (const { name } of hub.registry.sites.values()) {
      await list.getByRole('link', { name }).waitFor()
      await map.getByRole('link', { name }).waitFor()
    }
    expect(await list.getByRole('listitem').count()).toBe(hub.registry.sites.size)
  })

  it('finds a collège by a part of its name, and opens it', async () => {
    const list = page.getByRole('region', { name: 'Sites' })
    await list.getByRole('searchbox').fill('jean mou')
    await list.getByRole('link', { name: /Collège Jean-Moulin/ }).click()
    await page.getByRole('heading', { level: 1, name: 'Collège Jean-Moulin' }).waitFor()
    expect(new URL(page.url()).pathname).toBe(`/sites/${COLLEGE}`)
    await page.getByText('RNB').waitFor()
  })

  it('sees its values change, as they are read', async () => {
    const power = page
      .getByRole('region', { name: 'Valeurs maintenant' })
      .getByRole('definition')
      .filter({ hasText: /\d\skW(?!h)/ })
      .first()
    const number = async () => /[\d\s,]+kW/.exec(await power.innerText())?.[0]
    const first = await until(number, Boolean)
    await until(number, shown => shown !== undefined && shown !== first)
  })

  it('sees what it consumed in the charts, and the same figures in their tables', async () => {
    const electricity = page.getByRole('figure', { name: 'Électricité (kWh)' })
    await electricity.locator('canvas').first().waitFor()
    const others = page.getByRole('figure', { name: /^(?:Gaz \(kWh\)|Eau \(m³\))$/ })
    await others.nth(1).waitFor()
    expect(await others.count()).toBe(2)

    await electricity.getByRole('button', { name: 'Voir les données' }).click()
    const { fluids } = await ask(`${hub.url}/v1/sites/${COLLEGE}/consumption?fluid=electricite&by=month`)
    const march = fluids[0].periods.find(({ start }: { start: string }) => start.startsWith('2026-03'))
    const row = electricity.getByRole('row', { name: /mars 2026/ })
    expect(await row.getByRole('cell').first().innerText()).toBe(
      new Intl.NumberFormat('fr-FR', { maximumFractionDigits: 3 }).format(march.amount),
    )

    await page.getByRole('region', { name: 'Consommation' }).getByRole('radio', { name: '31 jours' }).check()
    await electricity.getByRole('row', { name: /31 mars/ }).waitFor()
  })

  it('reads the same page in English, and finds it so the next time', async () => {
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('heading', { name: 'Values now' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Values now' }).waitFor()
    expect(await page.getAttribute('html', 'lang')).toBe('en')
    await page.getByRole('figure', { name: 'Electricity (kWh)' }).waitFor()
  })

  it('has met no error on the way', () => {
    expect(complaints).toEqual([])
  })
})
