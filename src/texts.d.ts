/** What the bundler's Text rule makes of these files (wrangler.toml). */

declare module '*.yaml' {
  const text: string
  export default text
}

declare module '*.html' {
  const text: string
  export default text
}
