import type { Photo } from './entry.ts'

/** px, of the longer side */
const LARGEST = 1600
const QUALITY = 0.8

/** The hash needs what browsers have over https, and on this device itself, only. */
export const canTakePhotos = globalThis.crypto?.subtle !== undefined

/**
 * A photo made smaller, and encoded anew: nothing but the picture is left, no position and no name of a phone.
 * @throws DOMException where the browser cannot read it
 */
export async function shrinkPhoto(file: Blob): Promise<Photo> {
  const image = await createImageBitmap(file, { imageOrientation: 'from-image' })
  const scale = Math.min(1, LARGEST / Math.max(image.width, image.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(image.width * scale)
  canvas.height = Math.round(image.height * scale)
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height)
  image.close()
  const blob = await new Promise<Blob>((resolve, reject) =>
    canvas.toBlob(
      made => (made ? resolve(made) : reject(new DOMException('no JPEG came of it'))),
      'image/jpeg',
      QUALITY,
    ),
  )
  const digest = await crypto.subtle.digest('SHA-256', await blob.arrayBuffer())
  const hash = Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('')
  return { hash, blob }
}
