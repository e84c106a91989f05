import { mkdtemp, rm, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type MailboxPage, startPage } from '../../local/mailbox/page.ts'
import { type MailStore, openStore } from '../../local/mailbox/store.ts'

let dir = ''
let store: MailStore
let page: MailboxPage
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'postern-store-'))
  store = await openStore(dir)
  page = await startPage(0, store)
})
afterEach(async () => {
  vi.restoreAllMocks()
  await page.stop()
  await rm(dir, { recursive: true, force: true })
})

const arrive = (subject: string) =>
  store.add(
    { sender: '', recipients: ['you@example.net'], route: '465/implicit', subject, from: '' },
    Buffer.from(`Subject: ${subject}\r\n\r\n`),
  )

test('mail that arrives at once keeps its order, over a new start too', async () => {
  const arrived = await Promise.all(Array.from({ length: 50 }, (_, i) => arrive(`No. ${i}`)))
  const ids = arrived.map(({ id }) => id)
  expect(ids).toEqual(ids.toSorted())
  const again = await openStore(dir)
  expect(again.list().map(({ id }) => id)).toEqual(ids.toReversed())
  vi.spyOn(Date, 'now').mockReturnValue(0)
  const later = await again.add(
    { sender: '', recipients: [], route: '465/implicit', subject: 'Later', from: '' },
    Buffer.from(''),
  )
  expect(again.list()[0]?.id).toBe(later.id)
  expect(later.id > (ids.at(-1) ?? '')).toBe(true)
})

test('a hundred mails fill a page, and the older ones have one of their own', async () => {
  for (let i = 0; i < 102; i++) await arrive(`No. ${i}!`)
  const read = async (path: string) => (await fetch(page.url + path)).text()
  const first = await read('/')
  expect(first).toContain('No. 101!')
  expect(first).toContain('No. 2!')
  expect(first).not.toContain('No. 1!')
  const [, older = ''] = /href="(\/\?before=\w+)">Older mail/.exec(first) ?? []
  const second = await read(older)
  expect(second.match(/No\. \d+!/g)).toEqual(['No. 1!', 'No. 0!'])
  expect(second).not.toContain('Older mail')
})

test('what cannot be shown is answered so, and says why on the console', async () => {
  const { id } = await arrive('Gone')
  await unlink(join(dir, `${id}.eml`))
  const said = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const response = await fetch(`${page.url}/mail/${id}`)
  expect(response.status).toBe(500)
  expect(await response.text()).toBe('This mail can’t be shown.\n')
  expect(String(said.mock.calls[0]?.[0])).toContain('ENOENT')
})
