import { type Browser, chromium } from 'playwright-core'
import { findPeer, peerProgram } from './cache.ts'

/** A headless Chromium that asks nothing of the network but what the page does. */
export function launchChromium(): Promise<Browser> {
  return launch(peerProgram('chromium'))
}

/**
 * Chromium without all that is around a page, where that is installed: it shows the same for half of the work, but
 * knows no notifications, pushes and background sync.
 */
export function launchShell(): Promise<Browser> {
  return launch(findPeer('chromium-headless-shell') ?? peerProgram('chromium'))
}

function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
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
