/** The one way out for requests whose host somebody else names. What is asked for is checked here, whoever checked it before. */

import { readOutsideUrl } from '../domain/outside-url.ts'
import type { RelayReach } from '../domain/relay-host-guard.ts'
import type { Outside, OutsideProblem } from '../ports/outside.ts'
import { type BoundedReply, boundedFetch } from './bounded-fetch.ts'

/** `reach`: other ports than 443, and names of private networks, only where relays may be there too. */
export function outsideFetch(reach: RelayReach): Outside {
  return async ({ method, url, headers = {}, body, maxBytes, timeoutMs, abort }) => {
    const read = readOutsideUrl(url, reach)
    if ('problem' in read) return { problem: 'refused', detail: `the URL ${read.problem}` }
    const reply = await boundedFetch(
      read.url,
      {
        method,
        headers: { 'user-agent': 'Postern', ...headers },
        ...(body !== undefined && { body }),
      },
      { maxBytes, timeoutMs, abort },
    )
    const problem = problemOf(reply)
    if (problem === null) return reply as Exclude<BoundedReply, { problem: string }>
    const { host } = new URL(read.url)
    return { problem, detail: `${host} ${wordsFor(problem, { maxBytes, timeoutMs })}` }
  }
}

function problemOf(reply: BoundedReply): OutsideProblem | null {
  if ('problem' in reply) return reply.problem
  return reply.status >= 300 && reply.status < 400 ? 'redirect' : null
}

function wordsFor(
  problem: OutsideProblem,
  { maxBytes, timeoutMs }: { maxBytes: number; timeoutMs: number },
): string {
  switch (problem) {
    case 'timeout':
      return `did not answer within ${timeoutMs / 1000} s`
    case 'too_large':
      return `answers with more than ${maxBytes} octets`
    case 'redirect':
      return 'redirects, and no redirect is followed'
    case 'stopped':
      return 'was not waited for'
    default:
      return 'could not be reached, or its certificate does not prove its name'
  }
}
