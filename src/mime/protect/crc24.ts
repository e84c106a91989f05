/** The checksum of OpenPGP's armour (RFC 9580 section 6.1). */

const GENERATOR = 0x864cfb
const TABLE = Uint32Array.from({ length: 256 }, (_, octet) => {
  let crc = octet << 16
  for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc & 0x800000 ? GENERATOR : 0)
  return crc & 0xffffff
})

export class Crc24 {
  #crc = 0xb704ce

  update(octets: Uint8Array): this {
    let crc = this.#crc
    for (const octet of octets) crc = ((crc << 8) ^ (TABLE[(crc >> 16) ^ octet] ?? 0)) & 0xffffff
    this.#crc = crc
    return this
  }

  /** As it stands behind the armour. */
  line(): string {
    const octets = [this.#crc >> 16, (this.#crc >> 8) & 0xff, this.#crc & 0xff]
    return `=${btoa(String.fromCharCode(...octets))}`
  }
}
