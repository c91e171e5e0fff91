"""A school's OpenID Connect provider on this machine, which knows one person."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "alexnet-lab", "a secret of the client"
SCOPES = "openid email profile"


@dataclass
class Provider:
    """Who signs in, and how honest the answer is. All may be changed at any time."""

    claims: dict[str, Any] = field(default_factory=dict)
    forged: bool = False  # whether the token is signed by a key of somebody else
    url: str = ""
    asked: list[str] = field(default_factory=list)  # paths, in order
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    _key: RSAKey = field(
        default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
    )
    _other: RSAKey = field(
        default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
    )

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "end_session_endpoint": f"{self.url}/logout",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser goes with its code."""
        assert query["client_id"] == CLIENT
        assert set(SCOPES.split()) <= set(query["scope"].split())
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe()
        self._codes[code] = query
        answer = urlencode({"code": code, "state": query["state"]})
        return f"{query['redirect_uri']}?{answer}"

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any]:
        """The tokens for a code, which is good once."""
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        quoted = base64.b64encode(
            f"{CLIENT}:{SECRET.replace(' ', '+')}".encode()
        ).decode()
        by_post = (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)
        assert by_post or authorization in (f"Basic {basic}", f"Basic {quoted}")
        query = self._codes.pop(form["code"])
        assert form["redirect_uri"] == query["redirect_uri"]
        challenge = hashlib.sha256(form["code_verifier"].encode()).digest()
        given = base64.urlsafe_b64encode(challenge).rstrip(b"=").decode()
        assert given == query["code_challenge"]
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT,
            "nonce": query["nonce"],
            "iat": now,
            "exp": now + 300,
        } | self.claims
        key = self._other if self.forged else self._key
        return {
            "token_type": "Bearer",
            "access_token": secrets.token_urlsafe(),
            "expires_in": 300,
            "id_token": jwt.encode({"alg": "RS256", "kid": "one"}, claims, key),
        }

    def jwks(self) -> Any:
        return KeySet([self._key]).as_dict(private=False)


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def _send(self, answer: Any) -> None:
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _redirect(self, where: str) -> None:
            self.send_response(302)
            self.send_header("Location", where)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            at = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(at.query).items()}
            provider.asked.append(at.path)
            match at.path:
                case "/.well-known/openid-configuration":
                    self._send(provider.metadata())
                case "/jwks":
                    self._send(provider.jwks())
                case "/authorize":
                    self._redirect(provider.authorize(query))
                case "/logout":
                    self._redirect(query["post_logout_redirect_uri"])
                case _:
                    self.send_error(404)

        def do_POST(self) -> None:
            provider.asked.append(urlsplit(self.path).path)
            length = int(self.headers["Content-Length"])
            form = parse_qs(self.rfile.read(length).decode())
            values = {name: found[0] for name, found in form.items()}
            self._send(provider.token(values, self.headers.get("Authorization", "")))

    return Handler


@contextmanager
def providing() -> Iterator[Provider]:
    """Serves on a free port of this machine until the end of the block."""
    provider = Provider()
    http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(provider))
    http.daemon_threads = True
    provider.url = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield provider
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


def settings(provider: Provider) -> str:
    """What .streamlit/secrets.toml says to use it."""
    return f"""
[auth]
redirect_uri = "http://127.0.0.1:{{port}}/oauth2callback"
cookie_secret = "{secrets.token_urlsafe(32)}"
client_id = "{CLIENT}"
client_secret = "{SECRET}"
server_metadata_url = "{provider.url}/.well-known/openid-configuration"
"""
