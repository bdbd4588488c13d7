"""The HTTP client an adapter is handed: it paces, retries, limits and redacts, so that adapters needn't."""

from __future__ import annotations

import binascii
import logging
import random
import zlib
from base64 import b64decode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.request import getproxies, proxy_bypass

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from kolbench import __version__
from kolbench.domain.errors import Denied, Gone, RateLimited, SourceError, Transient, UsageError
from kolbench.domain.lang import _
from kolbench.sync import budgets
from kolbench.sync.budgets import Budgets
from kolbench.sync.secrets import Redactor
from kolbench.sync.stop import Patience

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kolbench.adapters.protocol import RateLimit

E = TypeVar("E", bound=SourceError)

MB = 1_000_000
_MAX_ANSWER = 65_536


@dataclass(frozen=True)
class Rules:
    """How much the client puts up with; times in seconds.

    ``attempts`` counts the first one. ``longest_wait`` is the longest wait a server may ask for.
    ``whole_answer`` is the time for one answer, however slowly it drips.
    """

    attempts: int = 6
    longest_backoff: float = 60.0
    longest_wait: float = budgets.LONGEST_WAIT_S
    connect: float = 10.0
    idle: float = 30.0
    whole_answer: float = 180.0
    max_bytes: int = 32 * MB


def client(
    limit: RateLimit,
    redact: Redactor | None = None,
    *,
    shared: Budgets = budgets.SHARED,
    patience: Patience | None = None,
    rules: Rules = Rules(),
    inner: httpx.BaseTransport | None = None,
) -> httpx.Client:
    """A client that asks within ``limit`` and the ``shared`` budgets of all sources.

    It retries 429, 5xx, timeouts and broken answers; follows redirects on the same host only; sends a secret
    that ``redact`` knows to no other host than the first that got it. Answers come whole. What it raises:
    ``Transient`` or ``RateLimited`` after the last attempt, ``Gone`` for 404, 410 and 451, ``Denied`` for 403,
    ``SourceError`` for every other answer from 400 on, all with ``status``. ``inner`` replaces the network.
    """
    if not (limit.requests >= 1 and limit.seconds >= 0):
        raise SourceError(_("The adapter declares a rate limit that allows nothing: {limit}.").format(limit=limit))
    # httpx logs every URL, query and all, at INFO: secrets must not depend on somebody's log level.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    redact = Redactor() if redact is None else redact  # one without a secret may learn one later
    network = inner or Network()
    return _Client(
        redact,
        transport=Transport(network, limit, redact, shared, patience or Patience(), rules),
        follow_redirects=True,
        max_redirects=5,
        timeout=httpx.Timeout(rules.idle, connect=rules.connect),
        headers={"User-Agent": f"kolbench/{__version__}", "Accept-Encoding": "gzip"},
    )


class _Client(httpx.Client):
    """httpx.Client whose own failures are ours too."""

    def __init__(self, redact: Redactor, **options: Any) -> None:
        super().__init__(**options)
        self._redact = redact

    def build_request(self, method: str, url: httpx.URL | str, **options: Any) -> httpx.Request:
        try:
            return super().build_request(method, url, **options)
        except httpx.InvalidURL as error:  # an address that an answer told
            raise SourceError(self._redact(_("An address can't be used: {reason}.").format(reason=error))) from error

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        try:
            answer = super().send(request, **options)
            # httpx binds stream and answer to each other; until a collection, that would hold every body read.
            answer.stream = httpx.ByteStream(b"")
            return answer
        except httpx.TooManyRedirects as error:
            reason = _("the server redirects in circles")
            raise _failure(SourceError, request, reason, None, self._redact) from error


class Transport(httpx.BaseTransport):
    """Puts pacing, retries, limits and redaction around ``inner``."""

    def __init__(
        self,
        inner: httpx.BaseTransport,
        limit: RateLimit,
        redact: Redactor,
        shared: Budgets,
        patience: Patience,
        rules: Rules,
    ) -> None:
        self._inner = inner
        self._limit = limit
        self._redact = redact
        self._budgets = shared
        self._patience = patience
        self._rules = rules
        self._trusted: dict[str, str] = {}
        self._reason = ""
        self._backoff = wait_random_exponential(multiplier=1, max=rules.longest_backoff)
        self._retrying = Retrying(
            stop=stop_after_attempt(rules.attempts),
            retry=retry_if_exception(self._may_pass),
            wait=self._pause,
            sleep=self._sleep,
            reraise=True,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send ``request`` as often as it takes and is allowed, and return the whole answer."""
        request.read()
        self._guard_secrets(request)
        self._cap_timeouts(request)
        try:
            return self._retrying(self._attempt, request)
        except Transient as error:
            error.retried = True
            if self._may_pass(error):
                error.args = (_("{error} Tried {n} times.").format(error=error, n=self._rules.attempts),)
            raise

    def close(self) -> None:
        """Close the network below."""
        self._inner.close()

    def _attempt(self, request: httpx.Request) -> httpx.Response:
        self._wait_for_turn(request)
        try:
            answer = self._inner.handle_request(request)
            try:
                body = self._body(request, answer)
            finally:
                answer.close()
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError) as error:
            raise self._failure(SourceError, request, str(error)) from error
        except httpx.TimeoutException as error:
            raise self._failure(Transient, request, _("no answer in time")) from error
        except httpx.TransportError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise self._failure(SourceError, request, str(error)) from error
            reason = str(error) or type(error).__name__
            if isinstance(error, httpx.ConnectError):
                text = _("the host can't be reached ({reason}): check its address and the network")
                reason = text.format(reason=reason)
            raise self._failure(Transient, request, reason) from error
        try:
            self._judge(request, answer)
        except SourceError as error:
            error.answer = body[:_MAX_ANSWER]
            raise
        dropped = (b"content-encoding", b"content-length", b"transfer-encoding")
        return httpx.Response(
            answer.status_code,
            headers=[(name, value) for name, value in answer.headers.raw if name.lower() not in dropped],
            content=body,
            extensions={k: v for k, v in answer.extensions.items() if k in ("http_version", "reason_phrase")},
            request=request,
        )

    def _wait_for_turn(self, request: httpx.Request) -> None:
        self._patience.check()
        host = _host(request.url)
        while seconds := self._budgets.take(host, self._limit):
            if seconds > self._rules.longest_wait:
                raise self._limited(request, None, seconds)
            self._patience.wait(seconds, _("the rate limit of {host}").format(host=host))

    def _body(self, request: httpx.Request, answer: httpx.Response) -> bytes:
        """The decoded body, never more than allowed in memory, not even for an instant."""
        most = self._rules.max_bytes
        declared = answer.headers.get("content-length", "")
        if request.method != "HEAD" and declared.isdigit() and int(declared[:18]) > most:
            raise self._too_large(request, answer)
        unzip = self._decoder(request, answer)
        deadline = self._patience.monotonic() + self._rules.whole_answer
        body: list[bytes] = []
        size = 0
        received = False
        stream = answer.stream
        assert isinstance(stream, httpx.SyncByteStream)
        for chunk in stream:
            received = received or bool(chunk)
            try:
                body.append(unzip.decompress(chunk, most + 1 - size) if unzip else chunk)
            except zlib.error as error:
                raise self._failure(Transient, request, _("the answer arrived garbled"), answer) from error
            size += len(body[-1])
            if size > most:
                raise self._too_large(request, answer)
            if self._patience.monotonic() > deadline:
                raise self._failure(Transient, request, _("no answer in time"), answer)
        if unzip and received and not unzip.eof:
            raise self._failure(Transient, request, _("the answer arrived incomplete"), answer)
        return b"".join(body)

    def _decoder(self, request: httpx.Request, answer: httpx.Response) -> zlib._Decompress | None:
        coding = answer.headers.get("content-encoding", "identity").strip().lower()
        if coding in ("", "identity"):
            return None
        if coding in ("gzip", "x-gzip", "deflate"):
            return zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
        reason = _("the answer is packed as '{coding}', which nobody asked for").format(coding=coding)
        raise self._failure(SourceError, request, reason, answer)

    def _judge(self, request: httpx.Request, answer: httpx.Response) -> None:
        """Raise for every answer an adapter should not have to look at."""
        status, headers = answer.status_code, answer.headers
        window = budgets.spent(headers)
        told = budgets.retry_after(headers) if status >= 400 else None
        if status == 429 or (status == 403 and (told is not None or window is not None)):
            raise self._limited(request, answer, told if told is not None else window)
        if status == 503 and told is not None:
            raise self._limited(request, answer, told)
        if window is not None:
            self._budgets.close(_host(request.url), window)
        if status in (408, 425) or (status >= 500 and status not in (501, 505)):
            raise self._failure(Transient, request, _answered(answer), answer)
        if status in (401, 403):
            reason = _("{answer}: check the source's secrets and what they allow").format(answer=_answered(answer))
            raise self._failure(Denied if status == 403 else SourceError, request, reason, answer)
        if status >= 400:
            kind = Gone if status in (404, 410, 451) else SourceError
            raise self._failure(kind, request, _answered(answer), answer)
        if answer.has_redirect_location:
            self._check_redirect(request, answer)

    def _check_redirect(self, request: httpx.Request, answer: httpx.Response) -> None:
        here = request.url
        try:
            there = here.join(answer.headers["location"])
        except httpx.InvalidURL as error:
            raise self._failure(SourceError, request, _("the server redirects to no address"), answer) from error
        upgraded = here.scheme == "http" and there.scheme == "https" and here.host == there.host
        if not upgraded and (here.scheme, _host(here)) != (there.scheme, _host(there)):
            reason = _("the server redirects to another host ({host}), which is not followed").format(
                host=f"{there.scheme}://{_host(there)}"
            )
            raise self._failure(SourceError, request, reason, answer)

    def _guard_secrets(self, request: httpx.Request) -> None:
        """Bind each secret to the first host that gets it; a link in an answer can't lead it away."""
        if not self._redact:
            return
        host = _host(request.url)
        for secret in set().union(*map(self._redact.secrets_in, _texts(request))):
            trusted = self._trusted.setdefault(secret, host)
            if host != trusted:
                reason = _("the source's secrets belong to {host} and are not sent elsewhere").format(host=trusted)
                raise self._failure(SourceError, request, reason)

    def _cap_timeouts(self, request: httpx.Request) -> None:
        asked: Mapping[str, float | None] = request.extensions.get("timeout", {})
        caps = {"connect": self._rules.connect, **dict.fromkeys(("read", "write", "pool"), self._rules.idle)}
        request.extensions = {
            **request.extensions,
            "timeout": {name: min(asked.get(name) or cap, cap) for name, cap in caps.items()},
        }

    def _too_large(self, request: httpx.Request, answer: httpx.Response) -> SourceError:
        reason = _("the answer is larger than {mb} MB").format(mb=self._rules.max_bytes // MB)
        return self._failure(SourceError, request, reason, answer)

    def _limited(self, request: httpx.Request, answer: httpx.Response | None, seconds: float | None) -> RateLimited:
        if seconds is not None:
            self._budgets.close(_host(request.url), seconds)
        if seconds is None or seconds <= self._rules.longest_wait:
            reason = _("the server asks us to slow down")
        else:
            reason = _("the server asks us to wait {n} minutes; run this again then").format(n=round(seconds / 60))
        error = self._failure(RateLimited, request, reason, answer)
        error.retry_after = seconds
        return error

    def _failure(self, kind: type[E], request: httpx.Request, reason: str, answer: httpx.Response | None = None) -> E:
        return _failure(kind, request, reason, answer, self._redact)

    def _may_pass(self, error: BaseException) -> bool:
        if isinstance(error, RateLimited):
            return error.retry_after is None or error.retry_after <= self._rules.longest_wait
        return isinstance(error, Transient)

    def _pause(self, state: RetryCallState) -> float:
        """Seconds before the next attempt: a growing random wait, or what the server asked for and a little."""
        backoff: float = self._backoff(state)
        error = state.outcome.exception() if state.outcome else None
        self._reason = str(error)
        told = error.retry_after if isinstance(error, RateLimited) else None
        return backoff if told is None else max(backoff, told + random.uniform(0, 1))  # noqa: S311

    def _sleep(self, seconds: float) -> None:
        self._patience.wait(seconds, self._reason)


class Network(httpx.BaseTransport):
    """The real network, through the proxies that the environment names."""

    def __init__(self) -> None:
        self._routes: dict[tuple[str, str], httpx.HTTPTransport] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send ``request`` directly, or through the proxy for its scheme and host."""
        target = (request.url.scheme, request.url.host)
        route = self._routes.get(target) or self._routes.setdefault(target, self._route(*target))
        return route.handle_request(request)

    def close(self) -> None:
        """Close every connection."""
        for route in self._routes.values():
            route.close()

    def _route(self, scheme: str, host: str) -> httpx.HTTPTransport:
        proxies = {} if proxy_bypass(host) else getproxies()
        try:
            return httpx.HTTPTransport(proxy=proxies.get(scheme) or proxies.get("all"))
        except (ValueError, ImportError, httpx.InvalidURL) as error:
            # Without the address, which may hold a password.
            raise UsageError(_("The proxy that the environment names can't be used.")) from error


def _failure(kind: type[E], request: httpx.Request, reason: str, answer: httpx.Response | None, redact: Redactor) -> E:
    """An error that says which request failed and why, without query, body or secrets."""
    url = request.url.copy_with(query=None, fragment=None, userinfo=b"")
    error = kind(redact(f"{request.method} {url}: {reason}."))
    error.status = answer.status_code if answer else None
    return error


def _answered(answer: httpx.Response) -> str:
    return _("the server answered {status}").format(status=f"{answer.status_code} {answer.reason_phrase}".strip())


def _host(url: httpx.URL) -> str:
    return url.netloc.decode("ascii")


def _texts(request: httpx.Request) -> Iterator[str]:
    """Every place of a request in which a secret can stand."""
    yield str(request.url)
    for value in request.headers.values():
        yield value
        if value.startswith("Basic "):
            try:
                yield b64decode(value[6:]).decode(errors="replace")
            except binascii.Error:
                continue
    yield request.content.decode(errors="replace")
