"""A real identity provider on this machine (OpenID Connect): discovery, keys, and a token for a code, which it
gives to whoever proves by PKCE that he asked. Each issuer of it is told how to misbehave."""

import base64
import hashlib
import hmac
import http.server
import itertools
import json
import secrets
import threading
from datetime import datetime
from urllib.parse import parse_qs, unquote, urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

CLIENT, SECRET = "kith at the district", "s3cret+/%: of the client"
numbers = itertools.count(1)


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value, size=None):
    return b64(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


class Key:
    """A private key, and the JWK of its public half."""

    def __init__(self, alg):
        self.alg = alg
        self.kid = f"key {next(numbers)}"
        self.private = (rsa.generate_private_key(65537, 2048) if alg == "RS256"
                        else ec.generate_private_key(ec.SECP256R1()))
        public = self.private.public_key().public_numbers()
        self.jwk = ({"kty": "RSA", "n": number(public.n), "e": number(public.e)} if alg == "RS256" else
                    {"kty": "EC", "crv": "P-256", "x": number(public.x, 32), "y": number(public.y, 32)})
        self.jwk |= {"kid": self.kid, "use": "sig"}

    def pem(self):
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

    def sign(self, text):
        if self.alg == "RS256":
            return self.private.sign(text, padding.PKCS1v15(), hashes.SHA256())
        r, s = decode_dss_signature(self.private.sign(text, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


RSA, EC, STRANGER = Key("RS256"), Key("ES256"), Key("ES256")


class Issuer:
    """claims: what its tokens say besides the usual; None leaves one out. header: the same of their heads."""

    def __init__(self, server, api):
        self.api = api
        self.name = f"i{next(numbers)}"
        self.url = f"{server.url}/{self.name}"
        self.keys = [RSA, EC]
        self.signer = RSA
        self.claims = {}
        self.header = {}
        self.signature = None  # a function of the text that is signed
        self.document = {}
        self.proof = "basic"  # how the client proves itself: or "post", "none"
        self.behave = None  # "down", "slow", "large", "deep", "moved": what it does instead
        self.asked = []
        self.codes = {}
        server.issuers[self.name] = self

    def now(self):
        with open(self.api.clock, encoding="ascii") as file:
            return int(datetime.fromisoformat(file.read().replace("Z", "+00:00")).timestamp())

    def authorize(self, location):
        """What the provider does with a browser that was sent to it: the path of its way back."""
        asked = {name: value[0] for name, value in parse_qs(urlsplit(location).query).items()}
        assert location.startswith(f"{self.url}/authorize?") and asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256" and asked["client_id"] == CLIENT
        code = secrets.token_urlsafe()
        self.codes[code] = asked
        return f"{urlsplit(asked['redirect_uri']).path}?code={code}&state={asked['state']}&session_state=x"

    def token(self, asked):
        now = self.now()
        claims = {"iss": self.url, "aud": CLIENT, "sub": "subject", "iat": now, "exp": now + 300,
                  "nonce": asked["nonce"], "email_verified": True, **self.claims}
        header = {"alg": self.signer.alg, "kid": self.signer.kid, "typ": "JWT", **self.header}
        text = ".".join(b64(json.dumps({n: v for n, v in part.items() if v is not None}).encode())
                        for part in (header, claims)).encode()
        return f"{text.decode()}.{b64((self.signature or self.signer.sign)(text))}"

    def spend(self, form, authorization):
        """400 where the client does not prove itself."""
        asked = self.codes.pop(form["code"], None)
        challenge = b64(hashlib.sha256(form["code_verifier"].encode()).digest())
        user, _, password = base64.b64decode((authorization or "").removeprefix("Basic ")).decode().partition(":")
        said = {"basic": (unquote(user), unquote(password)), "post": (form["client_id"], form.get("client_secret")),
                "none": (form["client_id"], None)}[self.proof]
        others = {"basic": "client_secret" in form, "post": authorization,
                  "none": authorization or "client_secret" in form}[self.proof]
        if (not asked or asked["code_challenge"] != challenge or asked["redirect_uri"] != form["redirect_uri"]
                or said != (CLIENT, None if self.proof == "none" else SECRET) or others):
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self.token(asked)}

    def answer(self, path):
        self.asked.append(path)
        if path == "/jwks":
            return 200, {"keys": [key.jwk for key in self.keys]}
        return 200, {"issuer": self.url, "authorization_endpoint": f"{self.url}/authorize",
                     "token_endpoint": f"{self.url}/token", "jwks_uri": f"{self.url}/jwks",
                     **self.document}


def by_public_key(key):
    """HS256 under what everybody knows: the old trick."""
    return lambda text: hmac.new(key.pem(), text, "sha256").digest()


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def reply(self, status, body, **fields):
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": len(body), **fields}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def serve(self, form=None):
        _, name, path = self.path.split("/", 2)
        issuer = self.server.issuers[name]
        try:
            if issuer.behave == "slow":
                self.server.over.wait(20)
            elif issuer.behave == "large":
                self.reply(200, b'{"issuer":"' + b"x" * 400000 + b'"}')
            elif issuer.behave == "deep":
                self.reply(200, b'{"issuer":' + b"[" * 200000)
            elif issuer.behave == "moved":
                self.reply(302, b"", Location=f"{self.server.url}/{name}/elsewhere")
            elif issuer.behave == "down":
                self.reply(500, b"{}")
            else:
                status, body = (issuer.answer(f"/{path}") if form is None
                                else issuer.spend(form, self.headers["Authorization"]))
                self.reply(status, json.dumps(body).encode())
        except (BrokenPipeError, ConnectionResetError):
            pass  # it was not waited for

    def do_GET(self):
        self.serve()

    def do_POST(self):
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode(), strict_parsing=True)
        self.serve({name: value[0] for name, value in form.items()})


class Provider(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self.server_address[1]}"
        self.issuers = {}
        self.over = threading.Event()

    def __enter__(self):
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.shutdown()
        self.server_close()
