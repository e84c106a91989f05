/** A small forgiving tokenizer: every branch moves forward and never looks at a character again, so it is linear on any input. */

export type HtmlToken =
  | { kind: 'text'; text: string }
  | { kind: 'open'; name: string; attributes: string }
  | { kind: 'close'; name: string }

/** Characters looked at, each time they are. */
export interface Work {
  characters: number
}

/** Elements whose content is no text of the message. */
const SKIPPED = new Set(
  'head iframe noscript object script select style svg template textarea title video audio canvas math'.split(
    ' ',
  ),
)

export function* tokenizeHtml(html: string, work: Work = { characters: 0 }): Generator<HtmlToken> {
  let at = 0
  const counted = (from: number, to: number) => {
    work.characters += to - from
    return to
  }
  const find = (needle: string, from: number) => {
    const found = html.indexOf(needle, from)
    return counted(from, found < 0 ? html.length : found)
  }
  while (at < html.length) {
    if (html.charAt(at) !== '<') {
      const end = find('<', at)
      yield { kind: 'text', text: html.slice(at, end) }
      at = end
    } else if (html.startsWith('<!--', at)) {
      at = Math.min(find('-->', at + 2) + 3, html.length)
    } else if (/[!?]/.test(html.charAt(at + 1))) {
      at = Math.min(find('>', at) + 1, html.length)
    } else if (/^<\/?[A-Za-z]/.test(html.slice(at, at + 3))) {
      const start = at
      const end = counted(at, tagEnd(html, at))
      at = end
      const tag = html.slice(start, end)
      const name = /^<\/?([^\s/>]{1,32})/.exec(tag)?.[1]?.toLowerCase() ?? ''
      if (tag.charAt(1) === '/') {
        yield { kind: 'close', name }
      } else if (SKIPPED.has(name) && !tag.endsWith('/>')) {
        at = counted(at, elementEnd(html, at, name))
      } else {
        yield { kind: 'open', name, attributes: tag.slice(1 + name.length, -1) }
      }
    } else {
      yield { kind: 'text', text: '<' }
      at = at + 1
    }
  }
}

/** The offset after the `>` that is in no quoted attribute value; the end of the input where there is none. */
function tagEnd(html: string, start: number): number {
  const stop = /[>"']/g
  stop.lastIndex = start
  for (;;) {
    const found = stop.exec(html)
    if (!found) return html.length
    if (found[0] === '>') return stop.lastIndex
    // A quotation mark counts only where a value begins.
    if (!/=\s{0,8}$/.test(html.slice(Math.max(start, found.index - 9), found.index))) continue
    const close = html.indexOf(found[0], stop.lastIndex)
    if (close < 0) return html.length
    stop.lastIndex = close + 1
  }
}

function elementEnd(html: string, from: number, name: string): number {
  const close = new RegExp(`</${name}(?=[\\s/>])`, 'gi')
  close.lastIndex = from
  return close.exec(html)?.index ?? html.length
}

/** The value of an attribute, entities decoded. */
export function attributeOf(attributes: string, name: string): string | undefined {
  const pattern = new RegExp(
    `(?:^|[\\s"'/])${name}\\s{0,8}=\\s{0,8}(?:"([^"]{0,4096})"|'([^']{0,4096})'|([^\\s"'>]{1,4096}))`,
    'i',
  )
  const found = pattern.exec(attributes.slice(0, 16384))
  const value = found?.[1] ?? found?.[2] ?? found?.[3]
  return value === undefined ? undefined : decodeEntities(value)
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  apos: "'",
  bull: '•',
  cent: '¢',
  copy: '©',
  deg: '°',
  euro: '€',
  gt: '>',
  hellip: '…',
  laquo: '«',
  larr: '←',
  ldquo: '“',
  lsquo: '‘',
  lt: '<',
  mdash: '—',
  middot: '·',
  nbsp: '\u00a0',
  ndash: '–',
  pound: '£',
  quot: '"',
  raquo: '»',
  rarr: '→',
  rdquo: '”',
  reg: '®',
  rsquo: '’',
  sect: '§',
  shy: '',
  times: '×',
  trade: '™',
  yen: '¥',
  zwj: '',
  zwnj: '',
  Auml: 'Ä',
  Ouml: 'Ö',
  Uuml: 'Ü',
  auml: 'ä',
  ouml: 'ö',
  uuml: 'ü',
  szlig: 'ß',
  agrave: 'à',
  aacute: 'á',
  acirc: 'â',
  ccedil: 'ç',
  egrave: 'è',
  eacute: 'é',
  ecirc: 'ê',
  iacute: 'í',
  ntilde: 'ñ',
  oacute: 'ó',
  ocirc: 'ô',
  uacute: 'ú',
}

/** Decodes numeric entities and the named ones that mail uses; others stay as written. */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|([a-z]{2,8}));/gi,
    (whole, hex, dec, name) => {
      if (name) return Object.hasOwn(ENTITIES, name) ? (ENTITIES[name] ?? whole) : whole
      const code = Number.parseInt(hex ?? dec, hex ? 16 : 10)
      const control = code < 0x20 && code !== 0x09 && code !== 0x0a
      const invalid = code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) || control
      return invalid ? '\ufffd' : String.fromCodePoint(code)
    },
  )
}
