import { describe, expect, it } from 'vitest'
import { readBatchRequest, readMessageRequest } from '../../src/http/message-request.ts'
import {
  formRequest,
  jsonRequest,
  multipartRequest,
  refusalOf,
  request,
} from './message-requests.ts'

const SOUND = { from: 'ada@example.com', to: 'you@example.net', text: 'It works.' }
const MULTIPART = 'multipart/form-data; boundary=x'

function file(content: string, name: string, type = 'text/plain'): File {
  return new File([content], name, { type })
}

describe('a form', () => {
  it('stands for the JSON of the same fields', async () => {
    const form =
      'from=ada%40example.com&to=you@example.net&text=50%+off%21&expires_in=600&tags[kind]=receipt'
    const { message } = await readMessageRequest(formRequest(form))
    expect(message).toEqual({
      from: 'ada@example.com',
      to: 'you@example.net',
      text: '50% off!',
      expires_in: 600,
      tags: { kind: 'receipt' },
    })
  })

  it.each([
    'to=a@example.net&to=b@example.net',
    'to[]=a@example.net&to[]=b@example.net',
    'to[0]=a@example.net&to[1]=b@example.net',
  ])('repeats a field as in %s', async (form) => {
    const { message } = await readMessageRequest(formRequest(`from=ada@example.com&${form}`))
    expect(message.to).toEqual(['a@example.net', 'b@example.net'])
  })

  it.each([
    ['text=a&text=b', '/text'],
    ['tags[a]=b&tags[a]=c', '/tags/a'],
    ['tags[a]=b&tags=c', '/tags'],
    ['tags=c&tags[a]=b', '/tags'],
    ['headers=&headers[X-A]=b', '/headers'],
    ['unsubscribe=c&unsubscribe[url]=https://example.com/u', '/unsubscribe'],
  ])('refuses a second value where there is one, as in %s', async (form, pointer) => {
    const refusal = await refusalOf(readMessageRequest(formRequest(`from=a@example.com&${form}`)))
    expect(refusal).toMatchObject({
      code: 'request.malformed',
      violations: [{ pointer, code: 'field.duplicate' }],
    })
  })

  it('refuses a field that is none', async () => {
    const refusal = await refusalOf(
      readMessageRequest(formRequest('from=a@example.com&body=x&colour[x]=red')),
    )
    expect(refusal.violations).toMatchObject([{ pointer: '/body' }, { pointer: '/colour[x]' }])
  })

  it('refuses __proto__ and invalid UTF-8', async () => {
    for (const form of ['tags[__proto__]=x', '__proto__=x', 'text=%ff', 'text=%C3']) {
      expect((await refusalOf(readMessageRequest(formRequest(form)))).code).toBe(
        'request.malformed',
      )
    }
  })

  it('makes every file an attachment', async () => {
    const fields: [string, string | File][] = [
      ['from', 'ada@example.com'],
      ['to', 'a@example.net'],
      ['to', 'b@example.net'],
      ['text', 'Zürich\r\n--'],
      ['files', file('one', 'ä "1".txt')],
      ['files', file('two', '2.txt', 'text/csv')],
    ]
    const { message, files } = await readMessageRequest(multipartRequest(fields))
    expect(message).toEqual({
      from: 'ada@example.com',
      to: ['a@example.net', 'b@example.net'],
      text: 'Zürich\r\n--',
      attachments: [{ part: 'files' }, { part: 'files' }],
    })
    expect(
      files.map((one) => [one.filename, one.content_type, new TextDecoder().decode(one.content)]),
    ).toEqual([
      ['ä "1".txt', 'text/plain', 'one'],
      ['2.txt', 'text/csv', 'two'],
    ])
  })

  it('takes no name out of a file name', async () => {
    const body =
      '--x\r\nContent-Disposition: form-data; name="from"\r\n\r\nada@example.com\r\n' +
      '--x\r\nContent-Disposition: form-data; filename="a; name=to; b.txt"; name=doc\r\n\r\nhi\r\n--x--\r\n'
    const { files } = await readMessageRequest(request(body, MULTIPART))
    expect(files).toMatchObject([{ name: 'doc', filename: 'a; name=to; b.txt' }])
  })

  it('passes over a file field that was left empty, as browsers send it', async () => {
    const body =
      '--x\r\nContent-Disposition: form-data; name="from"\r\n\r\nada@example.com\r\n' +
      '--x\r\nContent-Disposition: form-data; name="files"; filename=""\r\n' +
      'Content-Type: application/octet-stream\r\n\r\n\r\n--x--\r\n'
    const { message, files } = await readMessageRequest(request(body, MULTIPART))
    expect(message).toEqual({ from: 'ada@example.com' })
    expect(files).toEqual([])
  })
})

describe('multipart with a message part', () => {
  const message = JSON.stringify({ ...SOUND, attachments: [{ part: 'a' }] })

  it('takes the JSON and the files', async () => {
    const read = await readMessageRequest(
      multipartRequest([
        ['message', message],
        ['a', file('hi', 'a.txt')],
      ]),
    )
    expect(read.message.attachments).toEqual([{ part: 'a' }])
    expect(read.files).toMatchObject([{ name: 'a', filename: 'a.txt' }])
  })

  it('refuses fields beside it', async () => {
    const refusal = await refusalOf(
      readMessageRequest(
        multipartRequest([
          ['message', message],
          ['subject', 'x'],
        ]),
      ),
    )
    expect(refusal).toMatchObject({
      code: 'request.invalid',
      violations: [{ pointer: '/subject', code: 'field.unknown' }],
    })
  })

  it('names the flag that mends JSON cut at a semicolon', async () => {
    const cut = message.slice(0, message.indexOf('works'))
    const refusal = await refusalOf(readMessageRequest(multipartRequest([['message', cut]])))
    expect(refusal.code).toBe('request.malformed')
    expect(refusal.message).toContain('--form-string')
  })
})

describe('a body that cannot be read', () => {
  it.each<[string, Request, string, RegExp]>([
    [
      'JSON as a form',
      formRequest(JSON.stringify(SOUND)),
      'request.malformed',
      /-H 'Content-Type: application\/json'/,
    ],
    ['plain text', request('hi', 'text/plain'), 'request.media_type', /application\/json/],
    ['no type', request(new Uint8Array(2)), 'request.media_type', /application\/json/],
    [
      'invalid UTF-8',
      request(new Uint8Array([0x22, 0xff, 0x22]), 'application/json'),
      'request.malformed',
      /UTF-8/,
    ],
    [
      'an overlong NUL',
      request(new Uint8Array([0x22, 0xc0, 0x80, 0x22]), 'application/json'),
      'request.malformed',
      /UTF-8/,
    ],
    ['nothing', jsonRequest(''), 'request.malformed', /ends before/],
    ['no boundary', request('x', 'multipart/form-data'), 'request.malformed', /boundary/],
    ['another boundary', request('--y\r\n', MULTIPART), 'request.malformed', /boundary/],
    [
      'no last boundary',
      request('--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb', MULTIPART),
      'request.malformed',
      /last boundary/,
    ],
    [
      'a part without a name',
      request('--x\r\nContent-Disposition: form-data\r\n\r\nb\r\n--x--', MULTIPART),
      'request.malformed',
      /with a name/,
    ],
    [
      'an encoded part',
      request(
        '--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\nb\r\n--x--',
        MULTIPART,
      ),
      'request.malformed',
      /as they are/,
    ],
  ])('is refused: %s', async (_, request, code, message) => {
    const refusal = await refusalOf(readMessageRequest(request))
    expect(refusal.code).toBe(code)
    expect(refusal.message).toMatch(message)
  })
})

describe('the hash of a request', () => {
  const hashOf = async (request: Request) => (await readMessageRequest(request)).hash
  const [one, two] = [file('same', 'a.txt'), file('diff', 'a.txt')]
  const withFile = (content: File) =>
    multipartRequest([
      ['from', SOUND.from],
      ['a', content],
    ])

  it('is the same however the request was written down', async () => {
    const hash = await hashOf(jsonRequest(SOUND))
    const { from, to, text } = SOUND
    expect(
      await hashOf(
        jsonRequest(`{ "text": "It w\\u006frks.", "to": "${to}",\n "from": "${from}" }`),
      ),
    ).toBe(hash)
    expect(await hashOf(formRequest(`to=${to}&text=${text}&from=${from}`))).toBe(hash)
    expect(await hashOf(jsonRequest({ ...SOUND, idempotency_key: 'k' }))).toBe(hash)
    expect(await hashOf(withFile(one))).toBe(await hashOf(withFile(one)))
  })

  it('is another for another request', async () => {
    const changed = [
      { ...SOUND, text: 'x' },
      { ...SOUND, cc: [] },
      { ...SOUND, to: [SOUND.to] },
    ]
    const hashes = [SOUND, ...changed].map((body) => hashOf(jsonRequest(body)))
    hashes.push(hashOf(withFile(one)), hashOf(withFile(two)))
    expect(new Set(await Promise.all(hashes)).size).toBe(6)
  })
})

describe('a batch', () => {
  it('judges each item by itself', async () => {
    const items = await readBatchRequest(jsonRequest({ messages: [SOUND, { to: 1 }, SOUND, null] }))
    expect(items).toMatchObject([
      { message: SOUND },
      {
        violations: [
          { pointer: '/from', code: 'field.required' },
          { pointer: '/to', code: 'field.wrong_type' },
        ],
      },
      { message: SOUND },
      { violations: [{ pointer: '', code: 'field.wrong_type' }] },
    ])
  })

  it.each<[unknown, string, string]>([
    [{}, '/messages', 'field.required'],
    [[], '', 'field.wrong_type'],
    [{ messages: [] }, '/messages', 'field.too_few'],
    [{ messages: Array(101).fill(SOUND) }, '/messages', 'field.too_many'],
    [{ messages: [SOUND], mesages: 1 }, '/mesages', 'field.unknown'],
    [{ messages: { 0: SOUND } }, '/messages', 'field.wrong_type'],
  ])('is refused as a whole for its outline (%#)', async (body, pointer, code) => {
    const refusal = await refusalOf(readBatchRequest(jsonRequest(body)))
    expect(refusal.violations).toMatchObject([{ pointer, code }])
  })
})
