/** A number read off a display: `12345.6` has the resolution 0.1. */
export interface Shown {
  value: number
  resolution: number
}

/** @throws Error for what is no number. A decimal comma is one. */
export function parseShown(text: string): Shown {
  const [, number, decimals = ''] = /^([+-]?\d+(?:[.,](\d+))?)$/.exec(text.trim()) ?? []
  if (number === undefined)
    throw new Error(`${text} is no number as a display shows it: write it like 12345.6`)
  return { value: Number(number.replace(',', '.')), resolution: 10 ** -decimals.length }
}

/** Whether a display of that resolution, which may round or cut off, shows the value so. */
export function fits(value: number, shown: Shown): boolean {
  return fitsBetween(value, value, shown)
}

/** Whether it does so at some moment while the value goes from one to the other. */
export function fitsBetween(least: number, most: number, { value: shown, resolution }: Shown): boolean {
  // A value in tenths has errors far below, but on either side of, the limits.
  const slack = resolution * 1e-6
  return most >= shown - resolution / 2 - slack && least < shown + resolution - slack
}
