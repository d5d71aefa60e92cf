/** What a building used in a day, and how cold it was. */
export interface SignatureDay {
  /** The day's mean outdoor temperature, °C. */
  temperature: number
  /** In the unit of the meters. */
  consumption: number
}

/** Why a signature should not be relied on. */
export const SIGNATURE_DOUBTS = ['few-days', 'no-heating', 'balance-not-seen', 'poor-fit'] as const
export type SignatureDoubt = (typeof SIGNATURE_DOUBTS)[number]

/** consumption = base + slope · max(0, balance − temperature), a day */
export interface Signature {
  /** In the unit a day: what is used however warm it is. */
  base: number
  /** In the unit a day and °C. */
  slope: number
  /** °C, below which the building is heated. */
  balance: number
  /** Share of the variance that is explained. */
  rSquared: number
  /** Of the days' mean; the balance counts as a fitted parameter. */
  cvRmse: number
  days: number
  /** Empty where the signature can be relied on. */
  doubts: SignatureDoubt[]
}

/** Balance temperatures that are tried: 5 to 25 °C by tenths. */
const BALANCES = Array.from({ length: 201 }, (_, index) => (50 + index) / 10)
const PARAMETERS = 3
/** Ours: a month of days, and three quarters of the variance. */
const ENOUGH_DAYS = 30
const GOOD_R_SQUARED = 0.75

/**
 * The energy signature of heating, a change-point model of three parameters: for each balance temperature a
 * line by ordinary least squares, of which the one with the least squares is taken.
 *
 * @returns undefined where nothing can be fitted: hardly a day, or consumption or temperature never changes
 */
export function fitSignature(days: readonly SignatureDay[]): Signature | undefined {
  const consumption = days.map(day => day.consumption)
  const mean = meanOf(consumption)
  const total = squaresAbout(consumption, mean)
  if (days.length <= PARAMETERS || isConstant(consumption) || mean === 0) return undefined
  const lines = BALANCES.flatMap(balance => fitLine(days, balance) ?? [])
  if (lines.length === 0) return undefined
  const { squares, ...best } = lines.reduce((a, b) => (b.squares < a.squares ? b : a))
  const rSquared = 1 - squares / total
  const cvRmse = Math.sqrt(squares / (days.length - PARAMETERS)) / mean
  const signature = { ...best, rSquared, cvRmse, days: days.length }
  return { ...signature, doubts: doubtsOf(signature, days) }
}

/** Base and slope for one balance temperature, and the squares that are left. */
function fitLine(days: readonly SignatureDay[], balance: number) {
  const cold = days.map(({ temperature }) => Math.max(0, balance - temperature))
  const [coldMean, mean] = [meanOf(cold), meanOf(days.map(day => day.consumption))]
  if (isConstant(cold)) return undefined
  const spread = squaresAbout(cold, coldMean)
  const together = days.reduce((sum, day, i) => sum + (cold[i]! - coldMean) * (day.consumption - mean), 0)
  const slope = together / spread
  const base = mean - slope * coldMean
  const squares = days.reduce((sum, day, i) => sum + (day.consumption - base - slope * cold[i]!) ** 2, 0)
  return { base, slope, balance, squares }
}

function doubtsOf(
  { slope, balance, rSquared }: Omit<Signature, 'doubts'>,
  days: readonly SignatureDay[],
): SignatureDoubt[] {
  const warm = days.filter(({ temperature }) => temperature > balance).length
  const doubts: [SignatureDoubt, boolean][] = [
    ['few-days', days.length < ENOUGH_DAYS],
    ['no-heating', slope <= 0],
    ['balance-not-seen', warm === 0 || balance === BALANCES[0] || balance === BALANCES.at(-1)],
    ['poor-fit', rSquared < GOOD_R_SQUARED],
  ]
  return doubts.filter(([, holds]) => holds).map(([doubt]) => doubt)
}

/** Asked of the values: their squares about a rounded mean need not be 0. */
function isConstant(values: readonly number[]): boolean {
  return values.every(value => value === values[0])
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function squaresAbout(values: readonly number[], mean: number): number {
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
}
