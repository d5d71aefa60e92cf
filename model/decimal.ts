/** An exact decimal number, `digits` × 10^-`scale`: sums and shares of consumption never go through floats. */
export interface Decimal {
  digits: bigint
  scale: number
}

/** Exactly what a number is written as, or was by {@link formatDecimal}: 0.35 gives 35 × 10^-2. */
export function toDecimal(value: number | string): Decimal {
  const [mantissa, exponent = '0'] = String(value).split('e')
  const [whole, fraction = ''] = mantissa!.split('.')
  return { digits: BigInt(whole + fraction), scale: fraction.length - Number(exponent) }
}

export function addDecimals(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale)
  return { digits: digitsAt(a, scale) + digitsAt(b, scale), scale }
}

export function subtractDecimals(a: Decimal, b: Decimal): Decimal {
  return addDecimals(a, { digits: -b.digits, scale: b.scale })
}

export function multiplyDecimals(a: Decimal, b: Decimal): Decimal {
  return { digits: a.digits * b.digits, scale: a.scale + b.scale }
}

/** The quotient of two decimals that are not negative, to the nearest whole number; a half is rounded up. */
export function divideDecimals(a: Decimal, b: Decimal): bigint {
  const scale = Math.max(a.scale, b.scale)
  const [dividend, divisor] = [digitsAt(a, scale), digitsAt(b, scale)]
  return (2n * dividend + divisor) / (2n * divisor)
}

/** Plain notation to the last digit: a point, no exponent, no zeros at the end. */
export function formatDecimal({ digits, scale }: Decimal): string {
  if (scale <= 0) return String(digits * 10n ** BigInt(-scale))
  const sign = digits < 0n ? '-' : ''
  const padded = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0')
  const fraction = padded.slice(-scale).replace(/0+$/, '')
  return sign + padded.slice(0, -scale) + (fraction && `.${fraction}`)
}

/** The nearest number that JSON holds. */
export function toNumber(value: Decimal): number {
  return Number(formatDecimal(value))
}

function digitsAt(value: Decimal, scale: number): bigint {
  return value.digits * 10n ** BigInt(scale - value.scale)
}
