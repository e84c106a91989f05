"""Opens EnvelopedData to an X25519 key (RFC 8418) with asn1crypto and cryptography: open-x25519.py KEY.pem < MESSAGE.der"""

import sys

from asn1crypto import cms, core
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap
from cryptography.hazmat.primitives.serialization import load_pem_private_key

HASHES = {
    '1.2.840.113549.1.9.16.3.19': hashes.SHA256(),
    '1.2.840.113549.1.9.16.3.20': hashes.SHA384(),
    '1.2.840.113549.1.9.16.3.21': hashes.SHA512(),
}


class SharedInfo(core.Sequence):
    """ECC-CMS-SharedInfo (RFC 5753)."""

    _fields = [
        ('key_info', cms.KeyEncryptionAlgorithm),
        ('entity_u_info', core.OctetString, {'explicit': 0, 'optional': True}),
        ('supp_pub_info', core.OctetString, {'explicit': 2}),
    ]


def opened(key, message):
    content = cms.ContentInfo.load(message, strict=True)['content']
    assert content['version'].native == 'v2'
    # The sender's own copy of the key is by key transport.
    (kari,) = [info.chosen for info in content['recipient_infos'] if info.name == 'kari']
    assert kari['version'].native == 'v3'
    assert kari['ukm'].native is None
    originator = kari['originator'].chosen
    scheme = kari['key_encryption_algorithm']
    wrapping = cms.KeyEncryptionAlgorithm.load(scheme['parameters'].dump())
    assert wrapping['algorithm'].native == 'aes256_wrap'
    public = X25519PublicKey.from_public_bytes(originator['public_key'].native)
    shared = SharedInfo({'key_info': wrapping, 'supp_pub_info': (256).to_bytes(4, 'big')})
    kdf = HKDF(HASHES[scheme['algorithm'].dotted], 32, salt=None, info=shared.dump())
    kek = kdf.derive(key.exchange(public))
    encrypted = content['encrypted_content_info']
    cipher = encrypted['content_encryption_algorithm']
    assert cipher['algorithm'].native == 'aes256_cbc'
    cek = aes_key_unwrap(kek, kari['recipient_encrypted_keys'][0]['encrypted_key'].native)
    decryptor = Cipher(algorithms.AES(cek), modes.CBC(cipher['parameters'].native)).decryptor()
    unpadder = padding.PKCS7(128).unpadder()
    octets = decryptor.update(encrypted['encrypted_content'].native) + decryptor.finalize()
    return unpadder.update(octets) + unpadder.finalize()


with open(sys.argv[1], 'rb') as file:
    pem = file.read()
pem = pem[pem.index(b'-----BEGIN PRIVATE KEY') :]
sys.stdout.buffer.write(opened(load_pem_private_key(pem, None), sys.stdin.buffer.read()))
