/** What the bundler sets (local/bundle.ts): a provider that is left out isn't even uploaded. Undefined where nothing is bundled. */
interface ImportMeta {
  readonly WITHOUT_SMIME?: boolean
  readonly WITHOUT_PGP?: boolean
}
