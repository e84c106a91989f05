/** A Worker that protects what it is told to with the real providers: the entity streams back below its own header. */

import { openPgpSigner } from '../../src/e2ee/pgp/local-key.ts'
import { pgpProvider } from '../../src/e2ee/pgp/provider.ts'
import { smimeLocalKeys } from '../../src/e2ee/smime/local-key.ts'
import { smimeProvider } from '../../src/e2ee/smime/provider.ts'
import type { KeyRecord, ProtectJob, Signer } from '../../src/ports/e2ee-provider.ts'

export interface WorkerJob {
  provider: 'pgp' | 'smime'
  operation: ProtectJob['operation']
  /** The sender's secret key, and its certificate where that doesn't come with it: armour or PEM. */
  secret: string
  passphrase: string | null
  /** Certificates of the recipients, armour or PEM. */
  recipients: string[]
  /** Octets of the payload. */
  size: number
  /** Octets of a chunk of it, about; 64 KiB where nothing is said. */
  chunk?: number
}

/** One that nothing has to be done to. */
const LINE = `${'0123456789abcdef'.repeat(4)}\r\n`
const HEADER = Buffer.from('Content-Type: text/plain; charset=us-ascii\r\n\r\n', 'latin1')
const CR = Buffer.from('\r\n', 'latin1')

async function* payload(size: number, chunk = 65_536) {
  const lines = Buffer.from(LINE.repeat(chunk / LINE.length), 'latin1')
  yield HEADER
  for (let left = size; left > 0; left -= lines.length)
    yield left < lines.length ? Buffer.concat([lines.subarray(0, left), CR]) : lines
}

export default {
  async fetch(request: Request): Promise<Response> {
    const job = (await request.json()) as WorkerJob
    const provider = job.provider === 'pgp' ? pgpProvider() : smimeProvider()
    const { signer, certificate } = await senderOf(job)
    const record = async (material: Uint8Array): Promise<KeyRecord> => {
      const [facts] = await provider.inspect(material)
      if (!facts) throw new Error('no key')
      const kept = { bound_to: null, source: 'upload', trust: 'verified', version: 1 } as const
      return { ...facts, ...kept, ref: 'key', first_seen: 0, refreshed_at: 0 }
    }
    const address = 'ada@example.com'
    const publicKey = await record(certificate)
    const recipients = await Promise.all(
      job.recipients.map(async (text, index) => ({
        address: `reader-${index}@example.net`,
        keys: [await record(Buffer.from(text))],
      })),
    )
    const made = await provider.protect(
      {
        operation: job.operation,
        payload: { size: null, open: () => payload(job.size, job.chunk) },
        signer: { address, signer, publicKey, chain: [] },
        recipients,
        selfKeys: [],
        hideKeyIds: false,
        preferences: { profile: 'compatible', gossip: false },
        now: Date.now(),
        random: (octets) => crypto.getRandomValues(new Uint8Array(octets)),
        abort: new AbortController().signal,
      },
      {} as never,
    )
    const header = made.contentHeaders.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    return new Response(streamOf(Buffer.from(`${header}\r\n`, 'latin1'), made.body))
  },
}

async function senderOf({ provider, secret, passphrase }: WorkerJob) {
  const material = Buffer.from(secret)
  if (provider === 'pgp') return openPgpSigner(material, passphrase)
  const key = await smimeLocalKeys.read(material, passphrase)
  const certificate = key.certificate.material
  const signer: Signer = await smimeLocalKeys.open(key.secret, certificate, 'key')
  return { signer, certificate }
}

function streamOf(header: Uint8Array, body: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = body[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(header),
      async pull(controller) {
        const { done, value } = await iterator.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
    },
    { highWaterMark: 0 },
  )
}
