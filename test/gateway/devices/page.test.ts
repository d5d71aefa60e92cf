import { expect, it } from 'vitest'
import { QUANTITIES } from '../../../model/quantity.ts'
import { shippedDevices } from './shipped.ts'

const INTRODUCTION = `# Device library

Register maps that come with the hub, as \`model: <maker>/<model>\` of a device. Each file names its source. What has been checked, and how:

- **frame**: words that the device answered, or that its maker prints with their value, decode to that value;
- **manual**: addresses, types and scales were compared with the maker's table, and words written by hand after it decode to their value;
- **sources**: two independent public descriptions agree;
- **nothing**: written from one description. Compare each point with the display of the device when you commission it.

The models under \`generic/\` are made up, for the demonstration.
`

it('the page of the library lists every device, what it measures and how it was checked', async () => {
  const rows = (await shippedDevices())
    .filter(({ model }) => !model.startsWith('generic/'))
    .map(({ model, file }) => {
      const measured = new Set(
        Object.values(file.points).map(({ quantity }) => QUANTITIES[quantity].label.en.toLowerCase()),
      )
      return `| [${model}](../gateway/devices/${model}.yaml) | ${file.name} | ${[...measured].join(', ')} | ${file.checked} |`
    })
  const table = ['| Model | Device | Measures | Checked by |', '|---|---|---|---|', ...rows].join('\n')
  await expect(`${INTRODUCTION}\n${table}\n`, 'npx vitest run -u writes it anew').toMatchFileSnapshot(
    '../../../docs/devices.md',
  )
})
