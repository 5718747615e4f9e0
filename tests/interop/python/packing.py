"""Compresses request bodies in the formats of the Collector that the Python SDK lacks."""

import zlib

import cramjam
import lz4.frame
import requests
import zstandard


def bare(body):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


# By name: the Content-Encoding and the function that compresses.
PACKERS = {
    "zlib": ("zlib", zlib.compress),
    "deflate.bare": ("deflate", bare),
    "snappy": ("snappy", cramjam.snappy.compress_raw),
    # Older Collectors sent framed snappy under this name.
    "snappy.framed": ("snappy", cramjam.snappy.compress),
    "x-snappy-framed": ("x-snappy-framed", cramjam.snappy.compress),
    "lz4": ("lz4", lz4.frame.compress),
    "zstd": ("zstd", zstandard.ZstdCompressor().compress),
}


class Session(requests.Session):
    """Compresses every body before sending."""

    def __init__(self, name):
        super().__init__()
        self.encoding, self.pack = PACKERS[name]

    def send(self, request, **options):
        request.body = bytes(self.pack(request.body))
        request.headers["Content-Encoding"] = self.encoding
        request.headers["Content-Length"] = str(len(request.body))
        return super().send(request, **options)
