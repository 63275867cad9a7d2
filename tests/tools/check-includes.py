#!/usr/bin/env python3
"""The house's rules, read off the includes: dependencies point one way, and each library stays where it belongs."""
import os
import re
import sys

TOP = sys.argv[1]
INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', re.MULTILINE)

# Folder, pattern of an include that must not stand there, files that may, why.
RULES = [
    ("engine", r"^(gtk|gdk/|cairo|pango|graphene)", (), "the engine draws nothing"),
    ("engine", r"^(gio/|glib-object|gobject/|gdk-pixbuf)", ("engine/data/image-file.c",), "the engine has no GObject"),
    ("engine", r"^(ui|app|tests)/", (), "the engine knows nobody above it"),
    ("engine", r"^(png\.h|zlib\.h)", ("engine/data/png.c", "engine/data/idx.c"), "one file a format"),
    ("ui", r"^engine/[^/]+/", (), "the window sees the engine's public face only"),
    ("ui", r"^(app|tests)/", (), "the window knows nobody above it"),
    ("ui/plot", r"^(gtk|gdk/|gio/)", (), "plots are drawn without a window"),
    ("ui/plot", r"^ui/(?!plot/)", (), "plots know no widgets"),
    ("app", r"^(gtk|gdk/|cairo)", ("app/main.c",), "the command line runs on a server"),
]


def sources(folder):
    for root, _, names in os.walk(os.path.join(TOP, folder)):
        for name in sorted(names):
            if name.endswith((".c", ".h")):
                yield os.path.relpath(os.path.join(root, name), TOP)


def main():
    problems = []
    checked = 0
    for folder, pattern, allowed, why in RULES:
        for path in sources(folder):
            with open(os.path.join(TOP, path), encoding="utf-8") as file:
                text = file.read()
            checked += 1
            for include in INCLUDE.findall(text):
                if re.search(pattern, include) and path not in allowed:
                    problems.append(f"{path} includes {include}: {why}")
    for folder in ("engine", "ui", "app", "tests"):
        for path in sources(folder):
            if path.endswith(".h") and "#pragma once" not in open(os.path.join(TOP, path), encoding="utf-8").read():
                if not path.endswith("-body.h"):
                    problems.append(f"{path}: no #pragma once")
    if checked < 50:
        problems.append(f"only {checked} files found below {TOP}: wrong folder?")
    print("\n".join(problems))
    return 1 if problems else 0


sys.exit(main())
