"""What servers do wrong, as behaviours of `ChatServer`."""

import json

from tests.servers.chat_server import ANSWER, Behaviour, Exchange, completion, head, piece

HTML = "<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>"


def html(status: int) -> Behaviour:
    """A web page in the place of a reply."""
    return lambda exchange: exchange.respond(HTML, status, "text/html")


def body(data: bytes | str) -> Behaviour:
    """These bytes as a whole reply."""
    return lambda exchange: exchange.respond(data)


def garbage(exchange: Exchange) -> None:
    """Bytes that are no text."""
    exchange.respond(bytes(range(128, 256)) * 8)


def not_http(exchange: Exchange) -> None:
    """Bytes that are no protocol."""
    exchange.send(b"\x16\x03\x01\x02\x00\x01\x00 this is not HTTP\r\n\r\n")
    exchange.close()


def reset_in_answer(exchange: Exchange) -> None:
    """Half of a reply, then a reset."""
    whole = json.dumps(completion()).encode()
    exchange.send(
        head(200, "application/json", {"Content-Length": str(len(whole))}) + whole[: len(whole) // 2]
    )
    exchange.reset()


def silent(exchange: Exchange) -> None:
    """Nothing at all, until the server stops."""
    exchange.stopping.wait()


def drip(seconds: float) -> Behaviour:
    """A reply of one byte at a time."""

    def behave(exchange: Exchange) -> None:
        whole = json.dumps(completion()).encode()
        exchange.send(head(200, "application/json", {"Content-Length": str(len(whole))}))
        for byte in whole:
            exchange.send(bytes([byte]))
            if exchange.stopping.wait(seconds):
                return

    return behave


def drip_head(seconds: float) -> Behaviour:
    """A head of one byte at a time, which never ends."""

    def behave(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while not exchange.stopping.wait(seconds):
            exchange.send(b"x")

    return behave


def drip_stream(seconds: float) -> Behaviour:
    """A stream of one character at a time, which never ends."""

    def behave(exchange: Exchange) -> None:
        exchange.start_stream()
        while not exchange.stopping.wait(seconds):
            exchange.event(piece("x"))

    return behave


def cut_stream(*texts: str) -> Behaviour:
    """A stream that ends in the middle of a text."""

    def behave(exchange: Exchange) -> None:
        exchange.start_stream()
        for text in texts:
            exchange.event(piece(text))
        exchange.close()

    return behave


def stream_without_usage(*texts: str) -> Behaviour:
    """A whole text whose stream is cut before its usage."""

    def behave(exchange: Exchange) -> None:
        exchange.start_stream()
        for text in texts:
            exchange.event(piece(text))
        exchange.event(piece(finish_reason="stop"))
        exchange.close()

    return behave


def stream_with_error(exchange: Exchange) -> None:
    """A stream that ends in an error of the provider."""
    exchange.start_stream()
    exchange.event(piece("The cause "))
    exchange.event({"error": {"message": "overloaded", "code": 503}})
    exchange.close()


def large(size: int) -> Behaviour:
    """A reply of so many bytes."""
    return lambda exchange: exchange.respond(completion("x" * size))


def without_usage(exchange: Exchange) -> None:
    """A reply that does not say what it took."""
    whole = completion()
    del whole["usage"]
    exchange.respond(whole)


def only_with(response_format: str | None) -> Behaviour:
    """Refuses every response format but one; None refuses all."""

    def behave(exchange: Exchange) -> None:
        asked = exchange.body.get("response_format", {}).get("type")
        if asked in (None, response_format):
            exchange.respond(completion())
            return
        message = f"'response_format.type' {asked} is not supported"
        exchange.respond({"error": {"message": message, "param": "response_format"}}, 400)

    return behave


def echoing_key(exchange: Exchange) -> None:
    """A reply that holds the key that came with the request."""
    key = exchange.headers["authorization"].removeprefix("Bearer ")
    exchange.respond(completion(ANSWER.replace("price", key)))


def refusing_key(exchange: Exchange) -> None:
    """An answer to a wrong key that repeats it."""
    key = exchange.headers["authorization"].removeprefix("Bearer ")
    exchange.respond(
        {"error": {"message": f"Incorrect API key provided: {key}", "code": "invalid_api_key"}}, 401
    )
