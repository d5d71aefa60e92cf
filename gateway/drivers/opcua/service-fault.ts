import type { ServiceFault, StatusCode } from 'node-opcua'

/** With what a server refused a request as a whole; undefined where it did not answer, or the request never left. */
export function refusalOf(error: Error & { response?: ServiceFault }): StatusCode | undefined {
  return error.response?.responseHeader?.serviceResult
}
