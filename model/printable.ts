/** What strangers sent must neither speak to the terminal nor, beyond the longest, fill it. */
export function printable(text: string, longest = 80): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}]/gu, '·')
  return plain.length > longest ? `${plain.slice(0, longest)}…` : plain
}
