"""Run scanners over a corpus of `corpus.py`: `python run.py CORPUS [--scanner NAME ...] [--vauban PATH] [--part all|seen|heldout]`.

Peers are imported once and then fork one child per sample, so their start-up (seconds for some) is not in their
figures; ours is one process per sample, start-up included. A child is ended after --timeout seconds: not found.
Prints found (of the malicious) and flagged (of the benign) by family and by technique; writes everything to --out.
"""

import argparse
import contextlib
import importlib.metadata
import json
import os
import signal
import subprocess
import sys
import time
import zlib
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FLAGGED, CLEAN, NOTHING_READ, ERROR, TIMEOUT = "flagged", "clean", "nothing-read", "error", "timeout"


def files_of(path: Path) -> list[Path]:
    return sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]


def picklescan_default(path: Path) -> str:
    """An infected file; a scan error alone is not a verdict."""
    from picklescan import scanner

    result = scanner.scan_directory_path(str(path)) if path.is_dir() else scanner.scan_file_path(str(path))
    return FLAGGED if result.infected_files else (NOTHING_READ if not result.scanned_files else CLEAN)


def picklescan_strict(path: Path) -> str:
    """`--strict` where it exists; else also suspicious globals and scan errors count."""
    from picklescan import scanner

    result = scanner.scan_directory_path(str(path)) if path.is_dir() else scanner.scan_file_path(str(path))
    suspicious = any(g.safety != scanner.SafetyLevel.Innocuous for g in result.globals)
    return FLAGGED if result.infected_files or suspicious or result.scan_err else (NOTHING_READ if not result.scanned_files else CLEAN)


def fickling_cli(path: Path) -> str:
    """`fickling --check-safety FILE`: exit code 1."""
    from fickling import cli

    codes = []
    for file in files_of(path):
        try:
            codes.append(cli.main(["fickling", "--check-safety", str(file)]))
        except SystemExit as stop:
            codes.append(stop.code)
        except Exception:
            codes.append(2)
    return FLAGGED if 1 in codes else (CLEAN if 0 in codes else ERROR)


def fickling_library(path: Path) -> str:
    """`fickling.is_likely_safe`: anything but LIKELY_SAFE, and what raises, is unsafe for the caller."""
    import fickling

    verdicts = []
    for file in files_of(path):
        try:
            verdicts.append(fickling.is_likely_safe(str(file)))
        except Exception:
            verdicts.append(False)
    return CLEAN if all(verdicts) else FLAGGED


def modelscan(path: Path) -> str:
    """Any issue."""
    from modelscan.modelscan import ModelScan

    result = ModelScan().scan(str(path))
    if result["summary"]["total_issues"]:
        return FLAGGED
    return CLEAN if result["summary"]["scanned"]["total_scanned"] else NOTHING_READ


def _modelaudit(path: Path, severities) -> str:
    from modelaudit.core import scan_model_directory_or_file

    result = scan_model_directory_or_file(str(path), cache_enabled=False)
    return FLAGGED if any(str(getattr(i.severity, "value", i.severity)) in severities for i in result.issues) else CLEAN


def modelaudit_any(path: Path) -> str:
    """Issues of warning or critical: what makes its exit code 1."""
    return _modelaudit(path, ("warning", "critical"))


def modelaudit_critical(path: Path) -> str:
    """Critical issues only."""
    return _modelaudit(path, ("critical",))


PEERS = {
    "picklescan": picklescan_default,
    "picklescan-strict": picklescan_strict,
    "fickling-cli": fickling_cli,
    "fickling-library": fickling_library,
    "modelscan": modelscan,
    "modelaudit": modelaudit_any,
    "modelaudit-critical": modelaudit_critical,
}
IMPORTS = {"picklescan": "picklescan.scanner", "fickling": "fickling", "modelscan": "modelscan.modelscan", "modelaudit": "modelaudit.core"}


def reap(pid: int, seconds: float):
    """Wait for a child, end it when its time is over: (exit code or None, wall and CPU seconds, peak MiB).

    The peak is read every two milliseconds: that of `wait4` would count the memory of this process before the exec.
    """
    start = time.monotonic()
    ended, peak = False, 0
    while True:
        with contextlib.suppress(OSError, IndexError):
            peak = int(Path(f"/proc/{pid}/status").read_text().split("VmHWM:")[1].split()[0])
        done, status, usage = os.wait4(pid, os.WNOHANG)
        if done:
            break
        if not ended and time.monotonic() - start > seconds:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            ended = True
        time.sleep(0.002)
    code = None if ended else os.waitstatus_to_exitcode(status)
    return code, time.monotonic() - start, usage.ru_utime + usage.ru_stime, peak / 1024


CODES = {0: CLEAN, 1: FLAGGED, 3: NOTHING_READ}


def run_peer(judge, path: Path, seconds: float) -> dict:
    pid = os.fork()
    if pid == 0:
        code = 2
        try:
            null = os.open(os.devnull, os.O_RDWR)
            os.dup2(null, 1), os.dup2(null, 2)
            code = {verdict: code for code, verdict in CODES.items()}.get(judge(path), 2)
        except BaseException:
            code = 2
        os._exit(code)
    code, wall, cpu, peak = reap(pid, seconds)
    return dict(verdict=TIMEOUT if code is None else CODES.get(code, ERROR), wall=wall, cpu=cpu, peak_mib=peak)


def run_ours(binary: str, path: Path, seconds: float) -> dict:
    child = subprocess.Popen([binary, "scan", str(path), "--fail-on", "medium", "--no-cache"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    code, wall, cpu, peak = reap(child.pid, seconds)
    child.returncode = code if code is not None else -9
    return dict(verdict=TIMEOUT if code is None else CODES.get(code, ERROR), wall=wall, cpu=cpu, peak_mib=peak)


def share(rows, scanner):
    hit = sum(row["results"][scanner]["verdict"] == FLAGGED for row in rows)
    return f"{100 * hit / len(rows):.1f} % ({hit}/{len(rows)})" if rows else "-"


def table(rows, scanners, key):
    """Markdown: one line per value of `key` with found and flagged of each scanner."""
    groups = defaultdict(list)
    for row in rows:
        groups[row[key] if key else "all"].append(row)
    print("| " + (key or "corpus") + " | " + " | ".join(f"{s} found | {s} flagged" for s in scanners) + " |")
    print("|---|" + "---|---|" * len(scanners))
    for name in sorted(groups):
        bad = [row for row in groups[name] if row["label"] == "malicious"]
        good = [row for row in groups[name] if row["label"] == "benign"]
        print(f"| {name} | " + " | ".join(f"{share(bad, s)} | {share(good, s)}" for s in scanners) + " |")
    print()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("corpus", type=Path)
    arguments.add_argument("--scanner", action="append", choices=["vauban", *PEERS])
    arguments.add_argument("--vauban", default="vauban")
    arguments.add_argument("--part", choices=["all", "seen", "heldout"], default="all")
    arguments.add_argument("--family", action="append")
    arguments.add_argument("--every", type=int, default=1, help="only one sample in so many, chosen by a hash of its path (for slow peers)")
    arguments.add_argument("--timeout", type=float, default=240)
    arguments.add_argument("--jobs", type=int, default=2, help="samples at once, for our scanner")
    arguments.add_argument("--out", type=Path)
    options = arguments.parse_args()
    scanners = options.scanner or ["vauban", *PEERS]
    rows = json.loads((options.corpus / "manifest.json").read_text())
    rows = [row for row in rows if options.part == "all" or row["held_out"] == (options.part == "heldout")]
    rows = [row for row in rows if not options.family or row["family"] in options.family]
    rows = [row for row in rows if zlib.crc32(row["path"].encode()) % options.every == 0]
    for row in rows:
        row["results"] = {}
    versions = {}
    for scanner in scanners:
        start = time.monotonic()
        if scanner == "vauban":
            versions[scanner] = subprocess.run([options.vauban, "--version"], capture_output=True, text=True).stdout.strip()
            with ThreadPoolExecutor(options.jobs) as pool:
                done = pool.map(lambda row: run_ours(options.vauban, options.corpus / row["path"], options.timeout), rows)
                for row, result in zip(rows, done):
                    row["results"][scanner] = result
        else:
            package = scanner.split("-")[0]
            versions[scanner] = importlib.metadata.version(package)
            importlib.import_module(IMPORTS[package])
            for row in rows:
                row["results"][scanner] = run_peer(PEERS[scanner], options.corpus / row["path"], options.timeout)
        results = [row["results"][scanner] for row in rows]
        bad = [result["verdict"] for result in results if result["verdict"] in (ERROR, TIMEOUT)]
        print(f"{scanner} {versions[scanner]}: {len(rows)} samples in {time.monotonic() - start:.0f} s (CPU {sum(r['cpu'] for r in results):.0f} s), peak {max(r['peak_mib'] for r in results):.0f} MiB, {bad.count(ERROR)} errors, {bad.count(TIMEOUT)} timeouts", file=sys.stderr)
        if options.out:
            options.out.write_text(json.dumps(dict(versions=versions, rows=rows), indent=1))
    table(rows, scanners, None)
    table(rows, scanners, "family")
    table(rows, scanners, "technique")


if __name__ == "__main__":
    main()
