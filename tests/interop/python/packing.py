"""Packs the bodies of requests in the ways of the Collector, which the SDK of Python does not know."""

import zlib

import cramjam
import lz4.frame
import requests
import zstandard


def bare(body):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


# For each way its Content-Encoding, and how it is packed.
PACKERS = {
    "zlib": ("zlib", zlib.compress),
    "deflate.bare": ("deflate", bare),
    "snappy": ("snappy", cramjam.snappy.compress_raw),
    # As the Collector did until it followed the name.
    "snappy.framed": ("snappy", cramjam.snappy.compress),
    "x-snappy-framed": ("x-snappy-framed", cramjam.snappy.compress),
    "lz4": ("lz4", lz4.frame.compress),
    "zstd": ("zstd", zstandard.ZstdCompressor().compress),
}


class Session(requests.Session):
    """Packs every body on its way out."""

    def __init__(self, name):
        super().__init__()
        self.encoding, self.pack = PACKERS[name]

    def send(self, request, **options):
        request.body = bytes(self.pack(request.body))
        request.headers["Content-Encoding"] = self.encoding
        request.headers["Content-Length"] = str(len(request.body))
        return super().send(request, **options)
