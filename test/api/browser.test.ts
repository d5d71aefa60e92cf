import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLoginLink } from '../../api/auth/tokens.ts'
import { findPeer } from '../peers/cache.ts'
import { launchShell } from '../peers/chromium.ts'
import { type Hub, startHub } from './hub.ts'

interface Description {
  paths: Record<string, Record<string, { summary: string }>>
}

/** Scrolls on by half of what is in sight, and tells whether there was more once that is drawn. */
const SCROLL = `new Promise(resolve => {
  const before = scrollY
  scrollBy(0, innerHeight / 2)
  requestAnimationFrame(() => requestAnimationFrame(() => resolve(scrollY > before)))
})`

describe.runIf(findPeer('chromium'))('in a browser', () => {
  let hub: Hub
  let browser: Browser
  beforeAll(async () => {
    hub = await startHub()
    browser = await launchShell()
  })
  afterAll(async () => {
    await browser.close()
    await hub.close()
  })

  /** A page and what it did that it should not: requests to elsewhere, errors, things that the policy refused. */
  async function openPage(locale: string): Promise<{ page: Page; faults: string[] }> {
    const page = await (await browser.newContext({ locale })).newPage()
    const faults: string[] = []
    page.on('request', request => {
      const url = request.url()
      if (!/^(data:|blob:)/.test(url) && !url.startsWith(hub.url)) faults.push(url)
    })
    page.on('console', message => {
      const favicon = message.location().url.endsWith('/favicon.ico')
      if (message.type() === 'error' && !favicon) faults.push(message.text())
    })
    page.on('pageerror', error => faults.push(error.message))
    return { page, faults }
  }

  it('the reference shows every operation, with nothing from elsewhere and under the strict policy', async () => {
    const { page, faults } = await openPage('en-GB')
    await page.goto(`${hub.url}/docs`)
    const shown = page.locator('.opblock-summary-description')
    await shown.first().waitFor()
    const { paths } = (await (await fetch(`${hub.url}/openapi.json`)).json()) as Description
    const summaries = Object.values(paths).flatMap(path => Object.values(path).map(({ summary }) => summary))
    // It draws what is in sight only.
    const seen = new Set<string>()
    while (seen.size < summaries.length) {
      for (const summary of await shown.allInnerTexts()) seen.add(summary)
      if (!(await page.evaluate(SCROLL))) break
    }
    expect(seen).toEqual(new Set(summaries))
    expect(faults).toEqual([])
  })

  it('the link shows a button in my language, which opens a session that may write', async () => {
    const { page, faults } = await openPage('fr-FR')
    await page.goto(createLoginLink({ ...hub, baseUrl: hub.url }))
    await page.getByRole('button', { name: 'Ouvrir la session' }).click()
    await page.waitForURL(`${hub.url}/`)
    const session = await page.evaluate("fetch('/v1/session').then(response => response.json())")
    expect(session).toMatchObject({ actor: 'administrator', scope: 'session' })
    expect(
      await page.evaluate("fetch('/v1/logout', { method: 'POST' }).then(response => response.status)"),
    ).toBe(204)
    expect(faults).toEqual([])
  })
})
