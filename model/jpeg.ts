/** Start of image, start of scan, end of image; and what an encoder writes of itself, of colour and of nothing else. */
const [SOI, SOS] = [0xd8, 0xda]
const ALLOWED_APPLICATIONS: ReadonlySet<number> = new Set([0xe0, 0xe2, 0xee])

/**
 * What is wrong with the bytes of a photo; undefined where they are a JPEG (ISO/IEC 10918-1) that tells nothing beside
 * its picture: Exif, XMP and IPTC, which hold positions and serial numbers, stand in other application segments than
 * those of JFIF, of colour profiles and of Adobe's transform.
 */
export function jpegFault(bytes: Uint8Array): 'no-jpeg' | 'more-than-a-picture' | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) return 'no-jpeg'
  let at = 2
  while (at + 4 <= bytes.length) {
    const marker = bytes[at + 1]!
    if (bytes[at] !== 0xff) return 'no-jpeg'
    if (marker === SOS) return undefined
    if (marker >= 0xe0 && marker <= 0xef && !ALLOWED_APPLICATIONS.has(marker)) return 'more-than-a-picture'
    const length = bytes[at + 2]! * 256 + bytes[at + 3]!
    if (length < 2) return 'no-jpeg'
    at += 2 + length
  }
  return 'no-jpeg'
}
