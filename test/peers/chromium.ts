import { type Browser, chromium } from 'playwright-core'
import { peerProgram } from './cache.ts'

/** A headless Chromium that asks nothing of the network but what the page does. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: peerProgram('chromium'),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
