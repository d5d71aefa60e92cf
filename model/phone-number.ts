/** ITU-T E.164: a plus sign, and up to 15 digits of which the first is no 0. */
export const PHONE_NUMBER = /^\+[1-9]\d{6,14}$/

/**
 * The number that a gateway names a sender by, as E.164: with or without its plus sign or 00, or of metropolitan
 * France as it is dialled there; undefined for what is none, such as a sender's name.
 */
export function toPhoneNumber(text: string): string | undefined {
  const compact = text.replace(/[\s.()\-\u2010-\u2015]/g, '')
  const number = compact
    .replace(/^00/, '+')
    .replace(/^0(?=[1-9]\d{8}$)/, '+33')
    .replace(/^(?=[1-9])/, '+')
  return PHONE_NUMBER.test(number) ? number : undefined
}
