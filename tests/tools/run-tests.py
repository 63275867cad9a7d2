#!/usr/bin/env python3
"""Builds and runs every suite in its builds, and closes with one line of counts.

Each test program speaks TAP; what is counted are its test cases, not the programs.
"""
import json
import os
import re
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Folder, options of the build, arguments of `meson test`, environment.
SANITIZED = ["-Db_lundef=false", "-Doptimization=1"]
BUILDS = [
    ("build", [], [], {}),
    ("build-asan", ["-Db_sanitize=address,undefined"] + SANITIZED, [],
     {"UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1"}),
    ("build-tsan", ["-Db_sanitize=thread"] + SANITIZED, ["--suite", "threads"], {"TSAN_OPTIONS": "halt_on_error=1"}),
]


def run(command, **options):
    print("+", " ".join(command), flush=True)
    return subprocess.run(command, cwd=TOP, **options)


def build(folder, options):
    if not os.path.exists(os.path.join(TOP, folder, "build.ninja")):
        if run(["meson", "setup", folder] + options, stdout=subprocess.DEVNULL).returncode != 0:
            return False
    return run(["ninja", "-C", folder, "--quiet"]).returncode == 0


def count(folder):
    """Passed, failed and skipped cases of the newest run in a build folder."""
    passed = failed = skipped = 0
    with open(os.path.join(TOP, folder, "meson-logs", "testlog.json"), encoding="utf-8") as log:
        for line in log:
            test = json.loads(line)
            cases = re.findall(r"^(ok|not ok)\b(.*)$", test.get("stdout", ""), re.MULTILINE)
            bad = sum(1 for result, _ in cases if result == "not ok")
            if test["result"] not in ("OK", "SKIP", "EXPECTEDFAIL") and bad == 0:
                bad = 1  # it died, or ran out of time
            if not cases and test["result"] == "OK":
                passed += 1  # a program that has no cases of its own
            if not cases and test["result"] == "SKIP":
                skipped += 1
            for result, rest in cases:
                if result == "ok" and "# SKIP" in rest.upper():
                    skipped += 1
                    print("skipped:", test["name"], rest.strip())
                elif result == "ok":
                    passed += 1
            failed += bad
            if bad:
                print(f"--- {folder}: {test['name']} ---\n{test.get('stdout', '')[-4000:]}\n{test.get('stderr', '')[-4000:]}")
    return passed, failed, skipped


def main():
    start = time.time()
    totals = [0, 0, 0]
    for folder, options, arguments, environment in BUILDS:
        if not build(folder, options):
            print(f"{folder}: does not build")
            totals[1] += 1
            continue
        run(["meson", "test", "-C", folder, "--no-rebuild", "--print-errorlogs"] + arguments,
            env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
        counts = count(folder)
        totals = [a + b for a, b in zip(totals, counts)]
        print(f"{folder}: {counts[0]} passed, {counts[1]} failed, {counts[2]} skipped, {time.time() - start:.0f} s",
              flush=True)
    print(f"{totals[0]} passed, {totals[1]} failed, {totals[2]} skipped")
    return 1 if totals[1] or not totals[0] else 0


sys.exit(main())
