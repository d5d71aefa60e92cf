/** What open data is published under. The address is the one by which data.gouv.fr knows the licence. */
export const LICENCE_OUVERTE = {
  id: 'etalab-2.0',
  title: 'Licence Ouverte / Open Licence version 2.0',
  url: 'https://www.etalab.gouv.fr/licence-ouverte-open-licence',
} as const
