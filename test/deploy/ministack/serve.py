"""Starts MiniStack the way ministack.ts needs it; run by that module, not by hand.

What MiniStack's own entry point cannot do, and why it matters here:

- The port is opened before MiniStack learns of it, so "any free port" has no race, and every address that
  MiniStack prints (queue URLs, API endpoints, custom resource callbacks) carries the port that clients use.
- With AUTH=true each request counts as having come over TLS, as every request to AWS does. Otherwise the
  TLS-only bucket policies, CDK's own bootstrap bucket first, deny everything. The alternative, USE_SSL=1, breaks
  the JWT authorizer, whose key set address is fixed to http; a reverse proxy in front would do, and costs a
  process and a second port.
- It ends with the process that started it, however that one ended: standard input is a pipe which nobody writes
  to, and its end is the signal to stop. State is saved and functions are ended then too.
- Functions (MiniStack runs them as child processes) are ended and collected; MiniStack leaves them to notice.
"""

import asyncio
import os
import shutil
import signal
import socket
import sys
import threading
from pathlib import Path

HOST = "127.0.0.1"


def open_listener() -> socket.socket:
    wanted = int(os.environ.get("GATEWAY_PORT", "0"))
    try:
        return socket.create_server((HOST, wanted), backlog=512)
    except OSError as error:
        sys.exit(f"cannot listen on {HOST}:{wanted}: {os.strerror(error.errno)}")


def as_if_over_tls(app):
    async def serve_request(scope, receive, send):
        if scope["type"] == "http":
            # Replaced, not added: CloudFront calls the API through here with the one it was called with.
            headers = [header for header in scope["headers"] if header[0].lower() != b"x-forwarded-proto"]
            scope = {**scope, "headers": [*headers, (b"x-forwarded-proto", b"https")]}
        await app(scope, receive, send)

    return serve_request


def end_functions() -> None:
    from ministack.core import lambda_runtime

    lambda_runtime.reset()
    if os.getpgrp() == os.getpid():  # a group of our own: whatever a function started is in it
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.killpg(os.getpgrp(), signal.SIGTERM)


async def serve_until_told(app, config) -> None:
    from hypercorn.asyncio import serve

    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)

    abandoned = threading.Event()

    def wait_for_the_end_of_input() -> None:
        while os.read(0, 4096):
            pass
        abandoned.set()
        loop.call_soon_threadsafe(told.set)

    threading.Thread(target=wait_for_the_end_of_input, daemon=True).start()
    await serve(app, config, shutdown_trigger=told.wait)
    end_functions()
    if abandoned.is_set():  # otherwise ministack.ts does it, after it has read the log
        shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)
    # Not sys.exit: that waits for worker threads, and one may sit in a function that was just ended.
    os._exit(0)


def main() -> None:
    listener = open_listener()
    port = listener.getsockname()[1]
    os.environ["GATEWAY_PORT"] = str(port)
    # Python functions find sitecustomize.py there (it says why); set here, so that only children see it.
    os.environ["PYTHONPATH"] = str(Path(__file__).parent / "function-runtime")
    print(port, flush=True)
    os.dup2(2, 1)  # from here on, everything is log

    from hypercorn.config import Config
    from ministack.app import AUTH, app

    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1
    config.loglevel = "WARNING"
    asyncio.run(serve_until_told(as_if_over_tls(app) if AUTH else app, config))


main()
