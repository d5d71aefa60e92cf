import { useState } from 'preact/hooks'
import type { Photo } from './entry.ts'
import { canTakePhotos, shrinkPhoto } from './photo.ts'
import { useSpeech } from './speech.ts'

const MOST = 3

/** Photos of what was done, up to three. */
export function PhotoField({
  photos,
  onPhotos,
}: {
  photos: readonly Photo[]
  onPhotos(photos: Photo[]): void
}) {
  const { t, format } = useSpeech()
  const [failed, setFailed] = useState(false)
  if (!canTakePhotos) return null
  const take = async (input: HTMLInputElement) => {
    const [file] = input.files ?? []
    if (!file) return
    try {
      const photo = await shrinkPhoto(file)
      setFailed(false)
      onPhotos([...photos.filter(({ hash }) => hash !== photo.hash), photo])
    } catch {
      setFailed(true)
    }
    input.value = ''
  }
  return (
    <div class="crew-photos">
      {photos.length < MOST && (
        <label class="button crew-wide">
          {t.record.photo}
          <input
            class="visually-hidden"
            type="file"
            accept="image/*"
            capture="environment"
            onChange={({ currentTarget }) => void take(currentTarget)}
          />
        </label>
      )}
      <div role="status">
        {failed && <p>{t.record.noPhoto}</p>}
        {photos.map(({ hash, blob }, index) => (
          <p key={hash}>
            {t.record.photoTaken(
              index + 1,
              blob ? format.amount(blob.size / 1000, 'ko') : t.record.photoSent,
            )}{' '}
            <button
              type="button"
              class="button"
              onClick={() => onPhotos(photos.filter(each => each.hash !== hash))}
            >
              {t.record.dropPhoto(index + 1)}
            </button>
          </p>
        ))}
      </div>
    </div>
  )
}
