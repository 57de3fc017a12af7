"""Tokens as an attacker makes them: what is known to have been done to JSON Web Tokens, and more."""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from .clerk_instance import jwk, private_key
from .sessions import base64url

Claims = Mapping[str, Any]
DAY = 86_400


def _part(value: Any) -> str:
    return base64url(json.dumps(value).encode())


def _raw(header: Any, claims: Claims, signature: bytes = b"") -> str:
    return f"{_part(header)}.{_part(claims)}.{base64url(signature)}"


def signed(claims: Claims, key: str = "first", **header: Any) -> str:
    return jwt.PyJWS().encode(
        json.dumps(dict(claims)).encode(),
        private_key(key),
        "RS256",
        headers={"typ": "JWT", "kid": "first", **header},
    )


def _public(key: str) -> dict[str, bytes]:
    public = private_key(key).public_key()
    spki, pkcs1 = (
        serialization.PublicFormat.SubjectPublicKeyInfo,
        serialization.PublicFormat.PKCS1,
    )
    pem, der = serialization.Encoding.PEM, serialization.Encoding.DER
    return {
        "pem": public.public_bytes(pem, spki),
        "pem stripped": public.public_bytes(pem, spki).strip(),
        "pkcs1": public.public_bytes(pem, pkcs1),
        "der": public.public_bytes(der, spki),
        "jwk": json.dumps(jwk(key)).encode(),
        "modulus": jwk(key)["n"].encode(),
        "kid": b"first",
        "empty": b"",
    }


def forgeries(claims: Claims, strangers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each with what was done.

    Args:
        claims: of a token that would be believed.
        strangers: other values of claims, any of which makes the token one for somebody else.
    """
    yield from _unsigned(claims)
    yield from _confused(claims)
    yield from _of_other_keys(claims)
    yield from _altered(claims)
    yield from _about_others(claims, strangers)
    yield from _out_of_time(claims)
    yield from _misshapen(claims)


def _unsigned(claims: Claims) -> Iterator[tuple[str, str]]:
    nothing = ["none", "None", "NONE", "nOnE", "", " none", "none\x00", None, 0, [], ["none"], {}]
    for alg, signature in product(nothing, [b"", b"\x00" * 256]):
        yield f"alg {alg!r}", _raw({"alg": alg, "typ": "JWT", "kid": "first"}, claims, signature)


def _confused(claims: Claims) -> Iterator[tuple[str, str]]:
    digests = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
    for (alg, digest), (form, secret) in product(digests.items(), _public("first").items()):
        for written in (alg, alg.lower(), "RS256"):
            header = {"alg": written, "typ": "JWT", "kid": "first"}
            told = f"{_part(header)}.{_part(claims)}"
            mac = hmac.new(secret, told.encode(), digest).digest()
            yield f"{alg} as {written} with the public key as {form}", f"{told}.{base64url(mac)}"
    body, head = json.dumps(dict(claims)).encode(), {"kid": "first"}
    for alg in ("RS384", "RS512", "PS256", "PS384", "PS512"):
        yield alg, jwt.PyJWS().encode(body, private_key("first"), alg, headers=head)
    curve = ec.generate_private_key(ec.SECP256R1())
    yield "ES256", jwt.PyJWS().encode(body, curve, "ES256", headers=head)
    edwards = ed25519.Ed25519PrivateKey.generate()
    yield "EdDSA", jwt.PyJWS().encode(body, edwards, "EdDSA", headers=head)


def _of_other_keys(claims: Claims) -> Iterator[tuple[str, str]]:
    yield "another key under a known id", signed(claims, "second")
    ids = [
        "second", "FIRST", "first ", " first", "first\x00", "../first", "/dev/null", "first'--",
        "first' UNION SELECT 'x", "https://evil.example/jwks", "", "0", "null", "true",
    ]  # fmt: skip
    for key_id in ids:
        yield f"kid {key_id!r}", signed(claims, "second", kid=key_id)
        yield f"kid {key_id!r} by the right key", signed(claims, "first", kid=key_id)
    for key_id in (None, 1, True, [], ["first"], {"kid": "first"}):
        head = {"alg": "RS256", "typ": "JWT", "kid": key_id}
        yield f"kid {key_id!r}", _raw(head, claims, b"\x00" * 256)
    urls = {"jku": "https://evil.example/jwks.json", "x5u": "https://evil.example/cert.pem"}
    own: dict[str, Any] = {"jwk": jwk("second"), "x5c": ["MIIB"], **urls}
    for name, value in own.items():
        for key_id in ("first", "second"):
            yield (
                f"{name} of one's own, {key_id}",
                signed(claims, "second", kid=key_id, **{name: value}),
            )


def _altered(claims: Claims) -> Iterator[tuple[str, str]]:
    header, payload, signature = signed(claims).split(".")
    other = _part({**claims, "sub": "user_victim"})
    yield "another payload", f"{header}.{other}.{signature}"
    for place in range(0, len(signature) - 1, 12):
        flipped = "A" if signature[place] != "A" else "B"
        yield (
            f"signature at {place}",
            (f"{header}.{payload}.{signature[:place]}{flipped}{signature[place + 1 :]}"),
        )
    for place in range(4, len(payload) - 4, 16):
        flipped = "A" if payload[place] != "A" else "B"
        yield (
            f"payload at {place}",
            (f"{header}.{payload[:place]}{flipped}{payload[place + 1 :]}.{signature}"),
        )
    for kept in (0, 1, 10, 100, 340):
        yield f"signature cut to {kept}", f"{header}.{payload}.{signature[:kept]}"
    crowded = base64url(json.dumps({"alg": "RS256", "kid": "first", "typ": "JWT", "x": 1}).encode())
    yield "another header", f"{crowded}.{payload}.{signature}"


def _about_others(claims: Claims, strangers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    issuer = claims["iss"]
    issuers = [
        f"{issuer}/", issuer.upper(), issuer.replace("https", "http"), f"{issuer}.evil.example",
        f"https://evil.example/{issuer}", f" {issuer}", f"{issuer} ", f"{issuer}\x00", "", "null",
        f"{issuer}#", f"{issuer}?", f"{issuer}:443", f"{issuer}@evil.example", issuer[:-1],
    ]  # fmt: skip
    for each in issuers:
        yield f"issuer {each!r}", signed({**claims, "iss": each})
    for value in (None, 1, [issuer], {"iss": issuer}, True):
        yield f"issuer {value!r}", signed({**claims, "iss": value})
    for name, values in strangers.items():
        for value in values:
            said = {**claims, name: value}
            if value is None:
                del said[name]
            yield f"{name} {value!r}", signed(said)


def _out_of_time(claims: Claims) -> Iterator[tuple[str, str]]:
    issued, ends = claims["iat"], claims["exp"]
    life = ends - issued
    for age in (life + 5, life + 6, 3600, DAY, 365 * DAY, 10 * 365 * DAY):
        old = {"iat": issued - age, "nbf": issued - age, "exp": ends - age}
        yield f"a replay after {age} s", signed({**claims, **old})
    for ahead in (6, 60, 3600, DAY):
        yield f"issued in {ahead} s", signed({**claims, "iat": issued + ahead, "exp": ends + DAY})
        yield f"not before {ahead} s", signed({**claims, "nbf": issued + ahead, "exp": ends + DAY})
    odd = [None, "", str(ends), ends + 0.5, -1, [], {}, 253_402_300_800, 10**30]
    for name, value in product(("exp", "iat", "nbf"), odd):
        yield f"{name} {value!r}", signed({**claims, name: value})
    for value in (0, 1, True):
        yield f"exp {value!r}", signed({**claims, "exp": value})
    for name in ("exp", "iat"):
        yield f"no {name}", signed({key: each for key, each in claims.items() if key != name})


def _misshapen(claims: Claims) -> Iterator[tuple[str, str]]:
    good = signed(claims)
    header, payload, signature = good.split(".")
    texts = [
        "", ".", "..", "...", good + ".", "." + good, f"{good}.{signature}", f"{header}.{payload}",
        f"{header}..{signature}", f".{payload}.{signature}", good + "=", good + " ", " " + good,
        good + "\n", good.replace(".", ". ", 1), f"{payload}.{header}.{signature}", good * 2,
        f"{header}.{payload}.{signature}é", "a" * 20_000, good + "a" * 20_000, "null", "{}",
        f"Bearer {good}", header,
    ]  # fmt: skip
    yield from ((f"text {number}", text) for number, text in enumerate(texts))
    for body in (b"", b"null", b"[]", b'"x"', b"1", b"{", b"\xff", b'{"iss":', b"{}"):
        yield (
            f"claims {body!r}",
            jwt.PyJWS().encode(
                body, private_key("first"), "RS256", headers={"kid": "first", "typ": "JWT"}
            ),
        )
    for kind in ("jwt", "JOSE", "secevent+jwt", "dpop+jwt", "logout+jwt", "", 1, ["JWT"]):
        if isinstance(kind, str) and kind:
            yield f"typ {kind!r}", signed(claims, typ=kind)
        else:
            yield (
                f"typ {kind!r}",
                _raw({"alg": "RS256", "typ": kind, "kid": "first"}, claims, b"\x00" * 256),
            )
    for crit in (["exp"], ["b64"], [], ["x"], "exp"):
        head = {"alg": "RS256", "typ": "JWT", "kid": "first", "crit": crit, "b64": False}
        yield f"crit {crit!r}", _raw(head, claims, b"\x00" * 256)
    for value in (None, "", "a b", "a\n", "é", "x" * 256, 1, [], {}):
        yield f"subject {value!r}", signed({**claims, "sub": value})
