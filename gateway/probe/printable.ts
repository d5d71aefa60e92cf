const LONGEST = 80

/** What a device says must neither speak to the terminal nor fill it. */
export function printable(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}]/gu, '·')
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST)}…` : plain
}
