import type { Theme } from '../preferences.ts'

const DAWN = 7
const DUSK = 19

/** What was chosen; else dark at night, whatever the phone prefers, and by day what it prefers. */
export function themeAt(chosen: Theme, hour: number): Theme {
  return chosen === 'auto' && (hour < DAWN || hour >= DUSK) ? 'dark' : chosen
}
