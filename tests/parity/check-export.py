#!/usr/bin/python3
"""Exported weights give PyTorch the same h for the same pixels. Speaks TAP; $1 is kindred-cli.

Trains each encoder for an epoch, exports it, loads the file into torch's own Conv2d, BatchNorm2d and Linear with
load_state_dict (strict), and compares h with what `kindred-cli embed` writes.
"""
import json
import os
import struct
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import torch
    from torch import nn
except ImportError as error:
    print(f"1..0 # SKIP {error}: Debian's python3-torch is not installed")
    sys.exit(0)

CLI = sys.argv[1]
SIZE = 16
TOLERANCE = 1e-4
DTYPES = {"F32": "<f4", "I64": "<i8"}


def read_safetensors(path):
    with open(path, "rb") as file:
        length = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(length))
        data = file.read()
    metadata = header.pop("__metadata__")
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        array = np.frombuffer(data[begin:end], DTYPES[entry["dtype"]]).reshape(entry["shape"])
        tensors[name] = torch.from_numpy(array.copy())
    return tensors, metadata


class Block(nn.Module):
    """A convolution and a norm under Kindred's names."""

    def __init__(self, channels_in, channels, kernel, stride):
        super().__init__()
        self.conv = nn.Conv2d(channels_in, channels, kernel, stride, kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x):
        return self.norm(self.conv(x))


class Conv4(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.ModuleList([Block(3, 32, 3, 1), Block(32, 64, 3, 2), Block(64, 128, 3, 2), Block(128, 256, 3, 2)])

    def forward(self, x):
        for block in self.enc:
            x = torch.relu(block(x))
        return x.mean((2, 3))


class Residual(nn.Module):
    def __init__(self, channels_in, channels, stride):
        super().__init__()
        self.add_module("0", Block(channels_in, channels, 3, stride))
        self.add_module("1", Block(channels, channels, 3, 1))
        self.shortcut = Block(channels_in, channels, 1, stride) if stride != 1 or channels_in != channels else None

    def forward(self, x):
        main = getattr(self, "1")(torch.relu(getattr(self, "0")(x)))
        return torch.relu(main + (x if self.shortcut is None else self.shortcut(x)))


class ResNet(nn.Module):
    def __init__(self, channels, n_blocks):
        super().__init__()
        enc = {"stem": Block(3, channels[0], 3, 1)}
        before = channels[0]
        for stage, width in enumerate(channels):
            blocks = []
            for block in range(n_blocks):
                blocks.append(Residual(before, width, 2 if stage > 0 and block == 0 else 1))
                before = width
            enc[str(stage)] = nn.ModuleList(blocks)
        self.enc = nn.ModuleDict(enc)

    def forward(self, x):
        x = torch.relu(self.enc["stem"](x))
        for stage in range(len(self.enc) - 1):
            for block in self.enc[str(stage)]:
                x = block(x)
        return x.mean((2, 3))


def run(*arguments):
    subprocess.run([CLI, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def largest_difference(folder, encoder, net):
    out = os.path.join(folder, encoder)
    data = ["--dataset", "shapes", "--limit", "48"]
    run("train", *data, "--size", str(SIZE), "--batch", "16", "--epochs", "1", "--encoder", encoder, "--out", out)
    run("export", out, "--out", out + ".safetensors")
    for space in ("h", "pixels"):
        run("embed", out, *data, "--space", space, "--out", f"{out}-{space}.npy")
    tensors, _ = read_safetensors(out + ".safetensors")
    net.load_state_dict({name: value for name, value in tensors.items() if name.startswith("enc.")}, strict=True)
    head = nn.Linear(tensors["head.0.weight"].shape[1], tensors["head.0.weight"].shape[0])
    head.load_state_dict({name: tensors["head.0." + name] for name in ("weight", "bias")}, strict=True)
    net.eval()
    pixels = torch.from_numpy(np.load(out + "-pixels.npy")).reshape(-1, SIZE, SIZE, 3).permute(0, 3, 1, 2)
    with torch.no_grad():
        h = net((pixels - 0.5) / 0.25).numpy()
    return np.abs(h - np.load(out + "-h.npy")).max()


def main():
    encoders = {"conv4": Conv4(), "resnet8": ResNet((16, 32, 64), 1), "resnet18": ResNet((64, 128, 256, 512), 2)}
    failed = 0
    print(f"1..{len(encoders)}")
    with tempfile.TemporaryDirectory() as folder:
        for number, (encoder, net) in enumerate(encoders.items(), 1):
            difference = largest_difference(folder, encoder, net)
            good = bool(difference <= TOLERANCE)
            failed += not good
            print(f"{'ok' if good else 'not ok'} {number} {encoder}: h differs by {difference:.2g} at most", flush=True)
    return 1 if failed else 0


sys.exit(main())
