import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { htmlToText } from '../../src/mime/html-to-text.ts'

describe('text from HTML', () => {
  test.each<[string, string, string]>([
    ['paragraphs', '<p>a</p><p>b</p>', 'a\n\nb\n'],
    ['blanks', ' a\n  b\t<b> c</b> d ', 'a b c d\n'],
    ['breaks', 'a<br>b<br/><br />c', 'a\nb\n\nc\n'],
    ['blocks', '<div>a<div>b</div></div>c', 'a\nb\nc\n'],
    ['headings', '<h1>Title</h1>text', 'Title\n\ntext\n'],
    ['bullets', '<ul><li>a<li>b<ul><li>c</ul></ul>', '- a\n- b\n  - c\n'],
    ['numbers', '<ol start="9"><li>a</li><li>b</li></ol>', '9. a\n10. b\n'],
    ['quotations', '<blockquote>a<br>b</blockquote>c', '> a\n> b\n\nc\n'],
    ['tables', '<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>', 'a b\nc\n'],
    ['preformatted', '<pre>a\n  b</pre>', 'a\n  b\n'],
    ['images', '<img alt="Logo &amp; name"><img>', 'Logo & name\n'],
    [
      'links',
      '<a href="https://example.com/a?b=1&amp;c">x</a>',
      'x (https://example.com/a?b=1&c)\n',
    ],
    [
      'links that say themselves',
      '<a href="https://example.com/">example.com</a>',
      'example.com\n',
    ],
    ['links without words', '<a href="https://example.com/"><img></a>', 'https://example.com/\n'],
    ['links of other kinds', '<a href="javascript:alert(1)">x</a><a href="#y">y</a>', 'xy\n'],
    [
      'skipped elements',
      '<head><title>t</title></head><style>a{}</style><script>if(a<b)"</p>"</script>c',
      'c\n',
    ],
    ['comments', 'a<!-- <p>b</p> -->c<!doctype html><?x?>d', 'acd\n'],
    [
      'entities',
      '&lt;&amp;&gt;&nbsp;&euro;&#65;&#x1F600;&nosuch;&#0;&#xD800;&amp',
      '<&>\u00a0€A😀&nosuch;\ufffd\ufffd&amp\n',
    ],
    ['stray signs', 'a < b <3 <> </> c', 'a < b <3 <> </> c\n'],
    [
      'quoted brackets',
      '<a title="a > b" href="https://example.com/x">c</a>',
      'c (https://example.com/x)\n',
    ],
    ['an open tag at the end', 'a<p title="', 'a\n'],
    ['nothing', '', ''],
    ['no text', '<p><br></p><div></div>', ''],
  ])('%s', (_, html, text) => {
    expect(htmlToText(html)).toBe(text)
  })

  test('no input throws', () => {
    const piece = fc.constantFrom(
      ...'< > </ " \' = & ; &# a p ul li <li> </ul> <pre> <a href= <!-- --> <script </script <blockquote> <br>'.split(
        ' ',
      ),
    )
    fc.assert(
      fc.property(fc.string({ unit: fc.oneof(piece, fc.string({ maxLength: 3 })) }), (html) => {
        const work = { characters: 0 }
        expect(htmlToText(html, work)).not.toMatch(/^\n|\n\n\n\n/)
        expect(work.characters).toBeLessThanOrEqual(html.length)
      }),
    )
  })
})

describe('hostile HTML', () => {
  test.each<[string, string]>([
    ['deep nesting', '<div>'.repeat(100_000)],
    ['deep inline nesting', `${'<b>'.repeat(100_000)}x`],
    ['deep lists', '<ul><li>'.repeat(100_000)],
    ['deep quotations', '<blockquote>a'.repeat(100_000)],
    ['an endless attribute', `<a href="${'x'.repeat(1_000_000)}`],
    ['many quotation marks', `<a ${'"'.repeat(1_000_000)}>`],
    ['many attributes', `<a ${'href '.repeat(100_000)}>`],
    ['values never closed', "<a b='".repeat(100_000)],
    ['comments never closed', '<!--'.repeat(100_000)],
    ['scripts never closed', '<script>'.repeat(100_000)],
    ['links never closed', '<a href=http://x>y'.repeat(100_000)],
    ['brackets', '<'.repeat(500_000)],
    ['ampersands', '&'.repeat(1_000_000)],
    ['blanks', `<p${' '.repeat(1_000_000)}>`],
  ])('%s is looked at once, and grows by little', (_, html) => {
    const work = { characters: 0 }
    const text = htmlToText(html, work)
    expect(work.characters).toBeLessThanOrEqual(html.length)
    expect(text.length).toBeLessThan(html.length * 4)
  })
})
