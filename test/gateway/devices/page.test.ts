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

What was looked for without a public register map to be found, so that no file was made up:

- the road surface sensors of Lufft (IRS31Pro, ARS31, NIRS31; their manuals tell of UMB, SDI-12 and ASCII), Boschung and Vaisala (DST111, DSC111);
- whole tables of the pulse concentrators of Legrand (0 046 87) and Socomec, and of the Modbus modules of Kamstrup MULTICAL. Give points of your own after the manual of yours.
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
