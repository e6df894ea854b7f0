"""Pictures that carry Content Credentials of somebody else's, for stories."""

import c2pa

from runwayweb.assets.certificate import certificate
from tests.pictures import two_colors

CAMERA = "somebody's camera"
CAPTURED = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"


def signed_picture(path, picture=None):
    """A picture that a camera signed, as the bytes of a file; written to `path`, whose suffix says of which kind."""
    plain = path.with_name(f"plain-{path.name}")
    (picture or two_colors()).save(plain)
    return signed_file(plain, path)


def signed_file(plain, path, address=""):
    """The file `plain` as a camera signed it, as bytes; written to `path`. With an address, that is where its
    credentials are said to lie, and the file has none."""
    key = certificate()
    info = c2pa.C2paSignerInfo(alg=b"es256", sign_cert=key.chain, private_key=key.key, ta_url=None)
    actions = [{"action": "c2pa.created", "digitalSourceType": CAPTURED}]
    manifest = {
        "claim_generator_info": [{"name": CAMERA}],
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": actions}}],
    }
    with c2pa.Signer.from_info(info) as signer, c2pa.Builder(manifest) as builder:
        if address:
            builder.set_remote_url(address)
            builder.set_no_embed()
        builder.sign_file(str(plain), str(path), signer)
    return path.read_bytes()
