/**
 * Web Key Directory (draft-koch-openpgp-webkey-service). The direct method is tried only where DNS says that the host of the
 * advanced one has no address: not where it fails, since a key that its owner moved there must not be passed by. A domain's web
 * site that knows nothing of the directory redirects, or answers any path with a page: proven by its certificate, that is a no.
 */

import { webKeyPlaces } from '../domain/web-key.ts'
import type { KeyDiscovery, LookupOutcome } from '../ports/key-discovery.ts'
import type { Outside } from '../ports/outside.ts'
import { dnsOverHttps, type HostAddress } from './dns-over-https.ts'

const MOST_BYTES = 64 * 1024
const MOST_MS = 5000
/** Statuses that Cloudflare makes up where it can't reach an origin (530: not in DNS); the runtime throws instead when local. */
const UNREACHED_FROM = 520

/** @param resolver null: DNS is not asked, and the direct method never tried, since nothing says that it may be. */
export function webKeyDirectory(outside: Outside, resolver: string | null): KeyDiscovery {
  const addressOf = resolver === null ? null : dnsOverHttps(outside, resolver)
  const ask = async (url: string, host: string, abort: AbortSignal): Promise<Asked> => {
    const reply = await outside({
      method: 'GET',
      url,
      maxBytes: MOST_BYTES,
      timeoutMs: MOST_MS,
      abort,
    })
    if ('problem' in reply) {
      const { problem, detail } = reply
      return {
        unavailable: problem === 'refused' ? `${host} was not asked: ${detail}` : detail,
        unreached: problem === 'unreachable',
        otherwise: problem === 'redirect',
      }
    }
    const { status, body } = reply
    if (status === 200) {
      return isOpenPgpKey(body)
        ? { found: [body] }
        : {
            unavailable: `${host} answers with something that is no OpenPGP key`,
            unreached: false,
            otherwise: isPage(reply.headers),
          }
    }
    if (status === 404 || status === 410) return { absent: true }
    return {
      unavailable: `${host} answers ${status}`,
      unreached: status >= UNREACHED_FROM,
      otherwise: false,
    }
  }
  const resolve = async (host: string, abort: AbortSignal): Promise<HostAddress> =>
    addressOf === null ? 'unknown' : addressOf(host, abort)

  return {
    id: 'wkd',
    async lookup(address, abort) {
      const { advanced, direct } = await webKeyPlaces(address)
      const first = await ask(advanced.url, advanced.host, abort)
      if (!isUnreached(first)) return outcome(first)
      const sub = await resolve(advanced.host, abort)
      if (typeof sub === 'string') return unavailable(first.unavailable, sub, addressOf !== null)
      const second = await ask(direct.url, direct.host, abort)
      if ('otherwise' in second && second.otherwise) return { absent: true }
      if (!isUnreached(second)) return outcome(second)
      const own = await resolve(direct.host, abort)
      if (typeof own === 'string') return unavailable(second.unavailable, own, true)
      // The domain is there and has no host that could publish a key. One that isn't there at all has lost its DNS.
      return own.none.exists
        ? { absent: true }
        : { unavailable: `${direct.host} does not exist in DNS` }
    },
  }
}

interface Unanswered {
  unavailable: string
  unreached: boolean
  /** By a web site that is no key directory. */
  otherwise: boolean
}
type Asked = Exclude<LookupOutcome, { unavailable: string }> | Unanswered

function isUnreached(asked: Asked): asked is Unanswered {
  return 'unreached' in asked && asked.unreached
}

function outcome(asked: Asked): LookupOutcome {
  return 'unavailable' in asked ? { unavailable: asked.unavailable } : asked
}

function unavailable(why: string, address: 'some' | 'unknown', asked: boolean): LookupOutcome {
  if (address === 'some') return { unavailable: why }
  const dns = asked ? 'DNS over HTTPS did not say' : 'DNS over HTTPS is off, so nothing says'
  return { unavailable: `${why}; ${dns} whether it exists` }
}

function isPage(headers: Headers): boolean {
  return /^(?:text\/html|application\/xhtml\+xml)\b/i.test(headers.get('content-type') ?? '')
}

/** Begins with a public key packet (RFC 9580 section 4.2), or is armoured, which the draft forbids and some do. */
function isOpenPgpKey(body: Uint8Array): boolean {
  const first = body[0] ?? 0
  if (first === 0xc6 || (first & 0xfc) === 0x98) return true
  const start = new TextDecoder('latin1').decode(body.subarray(0, 64))
  return start.trimStart().startsWith('-----BEGIN PGP PUBLIC KEY BLOCK-----')
}
