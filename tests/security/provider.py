"""A small OpenID Connect provider on the loopback: it says what a test tells it to."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

CLIENT, SECRET = "clientela", "a shared secret of thirty-two bytes"
KEY, OTHER_KEY = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())


@dataclass
class Provider:
    """`claims`: what it says of the person; `asked`: what userinfo says instead, where it differs; `wrong`:
    what is the matter with its tokens ("key", "algorithm", "none", "nonce", "old", "missing", "redirect");
    `elsewhere`: addresses it gives other than its own."""

    claims: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, Any] = field(default_factory=dict)
    audience: str = CLIENT
    issuer: str = ""
    wrong: str = ""
    elsewhere: dict[str, str] = field(default_factory=dict)
    nonce: str = ""
    challenges: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.answer(self, {})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                provider.answer(self, {key: values[0] for key, values in parse_qs(body).items()})

            def log_message(self, *arguments: Any) -> None:
                """Silence."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = self.issuer or self.url
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def app(self, **settings: Any) -> dict[str, Any]:
        """This provider as Clientela's settings hold it."""
        return {
            "provider_id": "ebro",
            "name": "Ebro",
            "client_id": CLIENT,
            "secret": SECRET,
            "settings": {"server_url": self.url, "domains": [], "oauth_pkce_enabled": True, **settings},
        }

    def authorise(self, address: str) -> dict[str, str]:
        """The person agrees at the provider: what the browser brings back."""
        asked = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.challenges)}"
        self.challenges[code] = asked["code_challenge"]
        self.nonce = asked["nonce"]
        return {"code": code, "state": asked["state"]}

    def answer(self, handler: BaseHTTPRequestHandler, given: dict[str, str]) -> None:
        status, body = self.route(urlsplit(handler.path).path, given)
        handler.send_response(status)
        if status == 302:
            handler.send_header("Location", f"{self.url}/elsewhere")
        handler.send_header("Content-Type", "application/json")
        handler.end_headers()
        handler.wfile.write(json.dumps(body).encode())

    def route(self, path: str, given: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if path == "/.well-known/openid-configuration":
            return 200, self.configuration()
        if path == "/jwks":
            return (302, {}) if self.wrong == "redirect" else (200, {"keys": [public_key()]})
        if path == "/elsewhere":
            return 200, {"keys": [public_key()]}
        if path == "/userinfo":
            return 200, self.claims | self.asked
        if path == "/token" and self.is_right(given):
            signed = {} if self.wrong == "missing" else {"id_token": self.id_token()}
            return 200, {"access_token": "opaque", "token_type": "Bearer", **signed}
        return 400, {"error": "invalid_grant"}

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            **self.elsewhere,
        }

    def is_right(self, given: dict[str, str]) -> bool:
        """Code known, secret right, and the verifier that of the challenge (RFC 7636); each code once."""
        challenge = self.challenges.pop(given.get("code", ""), None)
        verifier = given.get("code_verifier", "").encode()
        made = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=").decode()
        return challenge == made and given.get("client_secret") == SECRET

    def id_token(self) -> str:
        now = int(time.time())
        ends = now - 600 if self.wrong == "old" else now + 60
        nonce = "of another sign-in" if self.wrong == "nonce" else self.nonce
        claims = {"iss": self.issuer, "aud": self.audience, "iat": now, "exp": ends, "nonce": nonce}
        if self.wrong == "none":
            return jwt.encode(claims | self.claims, "", algorithm="none", headers={"kid": "1"})
        if self.wrong == "algorithm":
            return jwt.encode(claims | self.claims, SECRET, algorithm="HS256", headers={"kid": "1"})
        key = OTHER_KEY if self.wrong == "key" else KEY
        return jwt.encode(claims | self.claims, key, algorithm="ES256", headers={"kid": "1"})


def public_key() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(KEY.public_key()))
    return made | {"kid": "1", "alg": "ES256"}
