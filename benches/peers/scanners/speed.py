"""Speed and memory beside the peers and the digests: `python speed.py FOLDER [--vauban PATH] [--peers] [--gigabytes 2]`.

Makes 5,000 small pickles, a benign pickle of 2.4 million opcodes (8.8 MB) and a torch zip and a safetensors of some
gigabytes in FOLDER, then times whole processes, start-up included: wall and CPU seconds and peak memory, best of three.
The digests run on the same files in the same session, after one read that fills the page cache for all.
"""

import argparse
import importlib.util
import json
import pickle
import random
import shutil
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

from run import reap


# Command-line arguments before the target.
PEERS = {"picklescan": ["-p"], "modelscan": ["-p"], "modelaudit": ["scan", "--no-cache"], "fickling": ["--check-safety"]}
BLAKE3 = "import blake3, sys; print(blake3.blake3(max_threads=blake3.blake3.AUTO).update_mmap(sys.argv[1]).hexdigest())"


def small_pickles(folder: Path, count=5000):
    """Plain values and a few standard library objects, 60 to 4,000 bytes each."""
    from collections import OrderedDict

    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(0)
    for index in range(count):
        value = OrderedDict(name=f"model-{index}", weights=[chance.random() for _ in range(chance.randrange(4, 400))], labels=["a", "b"])
        (folder / f"{index}.pkl").write_bytes(pickle.dumps(value, 2 + index % 4))


def many_opcodes(path: Path):
    """2.4 million opcodes in 8.6 MB: a list of small tuples."""
    value = [(index + 70_000, index + 70_001, None) for index in range(480_000)]
    path.write_bytes(pickle.dumps(value, 2))


def big_files(folder: Path, gigabytes: float):
    """A safetensors and a torch zip with tensors of normally distributed numbers."""
    size = int(gigabytes * 1e9) // 4 * 4
    chance = random.Random(0)
    block = struct.pack("<4000000f", *(chance.gauss(0, 0.05) for _ in range(4_000_000)))
    header = json.dumps({"w": {"dtype": "F32", "shape": [size // 4], "data_offsets": [0, size]}}).encode()
    with open(folder / "big.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        for at in range(0, size, len(block)):
            file.write(block[: size - at])
    with zipfile.ZipFile(folder / "big.pt", "w", zipfile.ZIP_STORED, allowZip64=True) as file:
        file.writestr("big/data.pkl", b"\x80\x02}q\x00.")
        with file.open("big/data/0", "w", force_zip64=True) as member:
            for at in range(0, size, len(block)):
                member.write(block[: size - at])
        file.writestr("big/version", b"3\n")


def timed(command, runs=3):
    """(wall, CPU, peak MiB, exit code) of the best run."""
    best = None
    for _ in range(runs):
        child = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        child.returncode, wall, cpu, peak = reap(child.pid, 3600)
        run = (wall, cpu, peak, child.returncode)
        best = min(best or run, run)
    return best


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--vauban", default="vauban")
    arguments.add_argument("--peers", nargs="*", choices=PEERS, help="which peers, installed beside this Python; all when none is named")
    arguments.add_argument("--gigabytes", type=float, default=2.0)
    arguments.add_argument("--runs", type=int, default=3)
    options = arguments.parse_args()
    folder = options.folder
    small, opcodes = folder / "small", folder / "opcodes.pkl"
    if not small.exists():
        small_pickles(small)
    if not opcodes.exists():
        many_opcodes(opcodes)
    if options.gigabytes and not (folder / "big.pt").exists():
        big_files(folder, options.gigabytes)
    ours = [options.vauban, "scan", "--fail-on", "medium", "--no-cache"]
    bins = Path(sys.executable).parent
    jobs = [("5,000 small pickles", "vauban", [*ours, small]), ("2.4 million opcodes", "vauban", [*ours, opcodes])]
    for peer in PEERS if options.peers == [] else options.peers or ():
        jobs += [(task, peer, [bins / peer, *PEERS[peer], target]) for task, target in (("5,000 small pickles", small), ("2.4 million opcodes", opcodes)) if peer != "fickling" or target.is_file()]
    if options.gigabytes:
        for name in ("big.safetensors", "big.pt"):
            subprocess.run(["cat", folder / name], stdout=subprocess.DEVNULL)
            jobs.append((name, "vauban", [*ours, folder / name]))
            jobs.append((name, "sha256sum", ["sha256sum", folder / name]))
            if shutil.which("b3sum"):
                jobs.append((name, "b3sum", ["b3sum", folder / name]))
            elif importlib.util.find_spec("blake3"):
                jobs.append((name, "blake3 of Python, all threads", [sys.executable, "-c", BLAKE3, folder / name]))
    print("| task | scanner | wall s | CPU s | peak MiB | exit |\n|---|---|---|---|---|---|")
    for task, scanner, command in jobs:
        wall, cpu, peak, code = timed(command, 1 if scanner in ("modelaudit", "fickling") else options.runs)
        print(f"| {task} | {scanner} | {wall:.2f} | {cpu:.2f} | {peak:.0f} | {code} |", flush=True)


if __name__ == "__main__":
    main()
