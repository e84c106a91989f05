/** What README.md says of webhooks, run as it stands there: the trigger is made, and an issue on GitHub becomes a mail. */

import { readFile } from 'node:fs/promises'
import { sign } from '@octokit/webhooks-methods'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ExampleGateway, hasPrograms, startExampleGateway } from './example-gateway.ts'

const readme = await readFile('README.md', 'utf8')
const section = readme.split('## Webhooks that become mail')[1] ?? ''
const commands = /```sh\n(.*?)```/s.exec(section)?.[1] ?? ''
const payload = await readFile('test/fixtures/webhooks/github-issues-opened.json', 'utf8')

test('it takes five lines', () => {
  expect(commands.trim().split('\n')).toHaveLength(5)
})

describe.runIf(hasPrograms('curl'))('from GitHub to the mailbox', () => {
  let gateway: ExampleGateway

  beforeAll(async () => {
    gateway = await startExampleGateway()
  })
  afterAll(() => gateway.stop())

  test('by what the README says', async () => {
    const { POSTERN_URL: POSTERN = '', POSTERN_KEY: KEY = '' } = gateway.env
    const ran = await gateway.run('sh', ['-euc', commands.replaceAll('curl ', 'curl -sS ')], {
      env: { POSTERN, KEY },
    })
    const { url, secret, setup } = JSON.parse(ran.said)
    expect(url).toBe(`${POSTERN}/t/github-issue`)
    expect(setup.join('\n')).toContain(url)
    const answer = await fetch(url, {
      method: 'POST',
      body: payload,
      headers: {
        'Content-Type': 'application/json',
        'X-GitHub-Event': 'issues',
        'X-Hub-Signature-256': await sign(secret, payload),
      },
    })
    expect(answer.status).toBe(202)
    const { envelope, content } = await gateway.arrival()
    expect(envelope.recipients).toEqual(['team@example.com'])
    expect([content.from?.name, content.subject]).toEqual([
      'GitHub',
      '[Codertocat/Hello-World] Spelling error in the README file (#1)',
    ])
  })
})
