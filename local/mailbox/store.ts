/** Mail the local relay took, one pair of files each: the octets as they came, and the envelope. */

import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface ArrivedMail {
  /** Sorts by arrival. */
  id: string
  received_at: string
  sender: string
  recipients: string[]
  /** The relay's port and how TLS began there. */
  route: string
  size: number
  subject: string
  from: string
  /** How it is signed or encrypted, for people. */
  protection?: string | null | undefined
}

export interface MailStore {
  /** On disk when the promise is kept. */
  add(
    mail: Omit<ArrivedMail, 'id' | 'received_at' | 'size'>,
    octets: Uint8Array,
  ): Promise<ArrivedMail>
  /** Newest first. */
  list(): ArrivedMail[]
  get(id: string): ArrivedMail | undefined
  octets(id: string): Promise<Uint8Array>
}

/** An id begins with the time in base 36. */
const TIME_LENGTH = 9

/** Opens the directory and reads what it holds; files that are no mail are left alone. */
export async function openStore(dir: string): Promise<MailStore> {
  await mkdir(dir, { recursive: true })
  const byId = new Map<string, ArrivedMail>()
  const names = (await readdir(dir)).filter((name) => /^[0-9a-z]+\.json$/.test(name)).sort()
  let lastTime = Number.parseInt(names.at(-1)?.slice(0, TIME_LENGTH) ?? '0', 36)
  for (const name of names) {
    const mail = JSON.parse(await readFile(join(dir, name), 'utf8')) as ArrivedMail
    byId.set(mail.id, mail)
  }

  async function put(name: string, content: Uint8Array | string): Promise<void> {
    const path = join(dir, name)
    await writeFile(`${path}.new`, content, { flush: true })
    await rename(`${path}.new`, path)
  }

  return {
    async add(mail, octets) {
      const now = Date.now()
      lastTime = Math.max(now, lastTime + 1)
      const id = lastTime.toString(36).padStart(TIME_LENGTH, '0') + randomBytes(4).toString('hex')
      const received_at = new Date(now).toISOString()
      const arrived = { id, received_at, size: octets.length, ...mail }
      await put(`${id}.eml`, octets)
      await put(`${id}.json`, `${JSON.stringify(arrived)}\n`)
      byId.set(id, arrived)
      return arrived
    },
    list: () => [...byId.values()].sort((a, b) => (a.id < b.id ? 1 : -1)),
    get: (id) => byId.get(id),
    octets: (id) => {
      if (!byId.has(id)) throw new Error('There is no such mail')
      return readFile(join(dir, `${id}.eml`))
    },
  }
}
