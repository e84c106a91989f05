/** The pages of examples/contact-form in a real browser: another site's gateway takes the post, and the mail arrives. */

import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { ROOT } from '../../local/paths.ts'
import { type ExampleGateway, startExampleGateway } from '../examples/example-gateway.ts'
import { CHROMIUM } from './packages.ts'

const PLACEHOLDER = 'https://postern.example.workers.dev/t/contact-form'

interface Site {
  origin: string
  close(): void
}

let gateway: ExampleGateway
let browser: Browser
let own: Site
let foreign: Site
let page: Page
/** The trigger of one test: how often one address may post is counted for each. */
let trigger: string
let tests = 0

beforeAll(async () => {
  gateway = await startExampleGateway()
  browser = await chromium.launch({ executablePath: CHROMIUM })
  own = await startSite()
  foreign = await startSite()
})
afterAll(async () => {
  await browser?.close()
  own?.close()
  foreign?.close()
  await gateway?.stop()
})
beforeEach(async () => {
  const id = `contact-${++tests}`
  trigger = `${gateway.env.POSTERN_URL}/t/${id}`
  const made = await fetch(`${gateway.env.POSTERN_URL}/v1/triggers`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${gateway.env.POSTERN_KEY}`,
      'Content-Type': 'application/json',
    },
    body: JSON.stringify({
      recipe: 'contact-form',
      id,
      from: 'Website <website@example.com>',
      to: 'desk@example.com',
      origins: [own.origin],
      redirect: `${own.origin}/thanks`,
    }),
  })
  expect(made.status).toBe(201)
  page = await browser.newPage()
})
afterEach(() => page.close())

/** The pages as they are, but for the trigger's URL. */
async function startSite(): Promise<Site> {
  const server = createServer(async (request, response) => {
    const name = request.url?.slice(1) ?? ''
    response.setHeader('Content-Type', 'text/html; charset=utf-8')
    if (name === 'thanks') return response.end('<h1>Thank you.</h1>')
    if (!/^\w+\.html$/.test(name)) return response.writeHead(404).end()
    const html = await readFile(join(ROOT, 'examples', 'contact-form', name), 'utf8')
    response.end(html.replace(PLACEHOLDER, trigger))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Fills the form in as a person would; `website` is what only robots see. */
async function fill(url: string, message: string, website = ''): Promise<void> {
  await page.goto(url)
  await page.fill('[name=name]', 'Ada Lovelace')
  await page.fill('[name=email]', 'ada@example.org')
  await page.fill('[name=message]', message)
  if (website === '') return
  expect(await page.isVisible('[name=website]')).toBe(false)
  await page.$eval('[name=website]', (field, value) => field.setAttribute('value', value), website)
}

const send = () => page.click('button')

test('a post becomes a mail to the desk, with the visitor to answer to, and the browser goes on', async () => {
  await fill(`${own.origin}/index.html`, 'Größe?\n<b>Hello</b>')
  await send()
  await page.waitForURL(`${own.origin}/thanks`)
  expect(await page.textContent('h1')).toBe('Thank you.')
  const { envelope, content } = await gateway.arrival()
  expect(envelope).toMatchObject({
    sender: 'website@example.com',
    recipients: ['desk@example.com'],
  })
  expect(content.replyTo).toMatchObject([{ address: 'ada@example.org' }])
  expect(content.subject).toBe('Message from Ada Lovelace')
  expect(content.text).toBe(
    `Größe?\n<b>Hello</b>\n\n-- \nAda Lovelace <ada@example.org>, by the form on ${own.origin}\n`,
  )
})

test('a robot that fills in all fields sees the same, and no mail comes', async () => {
  await fill(`${own.origin}/index.html`, 'Buy this', 'https://spam.example')
  await send()
  await page.waitForURL(`${own.origin}/thanks`)
  await fill(`${own.origin}/index.html`, 'A person after the robot')
  await send()
  await page.waitForURL(`${own.origin}/thanks`)
  expect((await gateway.arrival()).content.text).toMatch(/^A person after the robot\n/)
})

test('a page of somebody else may not post', async () => {
  await fill(`${foreign.origin}/index.html`, 'From elsewhere')
  const answer = page.waitForResponse(trigger)
  await send()
  expect((await answer).status()).toBe(403)
  await fill(`${own.origin}/index.html`, 'From here')
  await send()
  await page.waitForURL(`${own.origin}/thanks`)
  expect((await gateway.arrival()).content.text).toMatch(/^From here\n/)
})

test('a script posts JSON, after the browser has asked whether it may, and reads the answer', async () => {
  const network = await page.context().newCDPSession(page)
  const methods: string[] = []
  network.on('Network.requestWillBeSent', ({ request }) => {
    if (request.url === trigger) methods.push(request.method)
  })
  await network.send('Network.enable')
  await fill(`${own.origin}/script.html`, 'By script')
  await send()
  await page.waitForSelector('output:text("Thank you.")')
  expect(methods.sort()).toEqual(['OPTIONS', 'POST'])
  expect(page.url()).toBe(`${own.origin}/script.html`)
  expect((await gateway.arrival()).content.text).toMatch(/^By script\n/)
})

test("a script of somebody else's page is stopped by the browser", async () => {
  await fill(`${foreign.origin}/script.html`, 'By a script from elsewhere')
  await send()
  await page.waitForSelector('output:text("Not sent")')
  await fill(`${own.origin}/script.html`, 'By a script from here')
  await send()
  await page.waitForSelector('output:text("Thank you.")')
  expect((await gateway.arrival()).content.text).toMatch(/^By a script from here\n/)
})
