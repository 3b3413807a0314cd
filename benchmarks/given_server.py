"""An embedder as OpenAI serves them that knows its vectors by number; run by benchmarks/ingestion.py, by its path.

A process of its own that answers from what it has spelled before, so that not it is what is measured. The argument is
a file of numpy with float32 (n, d); its first line says its port.
"""

import base64
import json
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

PLACES = [b'{"object":"embedding","index":%d,"embedding":"' % place for place in range(2048)]


class Handler(BaseHTTPRequestHandler):
    """Answers ``POST /v1/embeddings``; each text ends in a blank and the number of its vector."""

    protocol_version = "HTTP/1.1"
    vectors: list[bytes] = []

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["input"]
        vectors = self.vectors
        rows = (PLACES[place] + vectors[int(text[text.rindex(" ") :])] for place, text in enumerate(asked))
        body = b'{"object":"list","data":[%b"}]}' % b'"},'.join(rows)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        """Nobody reads it."""
        return ""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def main() -> None:
    Handler.vectors = [base64.b64encode(row.tobytes()) for row in np.load(sys.argv[1])]
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    print(server.server_port, flush=True)
    server.serve_forever()


main()
