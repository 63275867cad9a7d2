#!/usr/bin/python3
"""Kindred beside PyTorch, torchvision and Pillow on this machine, in turn, as ratios.

usage: compare.py KINDRED_CLI [--rounds N] [--only NAME,...]

Wants Debian's python3-torch, python3-torchvision and python3-pil; says so and ends with 77 (skipped) where they are not.
Each pair of commands runs N times, A B A B ...; printed are the medians and the median, least and greatest ratio of the
pairs. The pictures are made by seed in a temporary folder.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.abspath(__file__)
SHAPE = ["--limit", "512"]


# --- PyTorch's side: each is a process of its own and prints one number ---


def torch_encoder(channels, name):
    import torch.nn as nn

    def block(i, o, stride):
        return [nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU()]

    if name == "resnet18":
        import torchvision
        net = torchvision.models.resnet18(num_classes=1)
        net.conv1 = nn.Conv2d(channels, 64, 3, 1, 1, bias=False)
        net.maxpool = net.fc = nn.Identity()
        return net, 512
    layers = block(channels, 32, 1) + block(32, 64, 2) + block(64, 128, 2) + block(128, 256, 2)
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten()), 256


def torch_model(channels, name):
    import torch.nn as nn
    encoder, width = torch_encoder(channels, name)
    return nn.Sequential(encoder, nn.Linear(width, 256), nn.ReLU(), nn.Linear(256, 64))


def torch_loss(model, images, tau=0.5):
    import torch
    import torch.nn.functional as F
    z = F.normalize(model(images))
    s = z @ z.t() / tau
    s.fill_diagonal_(-1e9)
    n = len(z) // 2
    return F.cross_entropy(s, (torch.arange(2 * n) + n) % (2 * n))


def policy(size):
    import torchvision.transforms as T
    steps = [T.RandomResizedCrop(size, scale=(0.2, 1)), T.RandomHorizontalFlip()]
    steps += [T.RandomApply([T.ColorJitter(.4, .4, .4, .1)], p=.8), T.RandomGrayscale(.2)]
    return T.Compose(steps + [T.ToTensor(), T.Normalize([.5] * 3, [.25] * 3)])


def worker_train(file, batch):
    """One epoch of SimCLR, two loader workers: pairs/s."""
    import numpy as np
    import torch
    from PIL import Image
    torch.manual_seed(1)
    torch.set_num_threads(2)
    pixels = np.fromfile(file, np.uint8).reshape(-1, 3073)[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    views = policy(32)

    class Pairs(torch.utils.data.Dataset):
        def __len__(self):
            return len(pixels)

        def __getitem__(self, i):
            image = Image.fromarray(pixels[i])
            return views(image), views(image)

    model = torch_model(3, "conv4")
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
    loader = torch.utils.data.DataLoader(Pairs(), int(batch), shuffle=True, drop_last=True, num_workers=2)
    start, n = time.time(), 0
    for a, b in loader:
        loss = torch_loss(model, torch.cat([a, b]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        n += len(a)
    return n / (time.time() - start)


def worker_alone(name, batches):
    """Forward, loss, backward, AdamW of noise: pairs/s, the best of the batches and of both memory formats."""
    import torch
    torch.set_num_threads(2)
    best = 0
    for batch in map(int, batches.split("+")):
        for layout in (torch.contiguous_format, torch.channels_last):
            model = torch_model(3, name).to(memory_format=layout)
            images = torch.randn(2 * batch, 3, 32, 32).to(memory_format=layout)
            optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
            seconds = []
            for _ in range(6 if name == "conv4" else 4):
                start = time.time()
                optimizer.zero_grad()
                torch_loss(model, images).backward()
                optimizer.step()
                seconds.append(time.time() - start)
            best = max(best, batch / statistics.median(seconds[1:]))
    return best


def worker_views():
    """torchvision's policy on one thread: views/s."""
    import numpy as np
    import torch
    from PIL import Image
    torch.set_num_threads(1)
    views = policy(32)
    random = np.random.RandomState(0)
    images = [Image.fromarray(random.randint(0, 256, (32, 32, 3)).astype(np.uint8)) for _ in range(64)]
    start, n = time.time(), 0
    while time.time() - start < 3:
        for image in images:
            views(image)
        n += len(images)
    return n / (time.time() - start)


def worker_load(folder):
    """Pillow on one thread: images/s."""
    import numpy as np
    from PIL import Image
    start = time.time()
    files = sorted(os.path.join(f, n) for f, _, names in os.walk(folder) for n in names)
    pixels = np.zeros((len(files), 32, 32, 3), np.uint8)
    for i, file in enumerate(files):
        pixels[i] = np.asarray(Image.open(file).convert("RGB"))
    return len(files) / (time.time() - start)


# --- Kindred's side ---


def kindred(cli, *arguments):
    output = subprocess.run([cli, *map(str, arguments), "--json"], check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in output.splitlines()]


def kindred_train(cli, file, batch):
    return kindred(cli, "train", "--dataset", "cifar10:" + file, "--set", "holdout=0", "--set", "eval_images=100",
                   "--batch", batch, "--epochs", 1)[-1]["pairs_per_s"]


def kindred_bench(cli, name, *arguments):
    return next(r["median"] for r in kindred(cli, "bench", "--rounds", 3, *arguments) if r.get("name") == name)


# --- What is compared ---


def make_pictures(folder, n_train, n_files):
    """Coloured Fashion-like blobs: smooth, with some noise, so that they compress as photographs do."""
    import numpy as np
    from PIL import Image
    random = np.random.RandomState(1)
    rows = np.zeros((n_train, 3073), np.uint8)
    rows[:, 0] = random.randint(0, 10, n_train)
    coarse = random.randint(0, 230, (n_train, 3, 8, 8))
    smooth = np.kron(coarse, np.ones((1, 1, 4, 4), int)) + random.randint(0, 24, (n_train, 3, 32, 32))
    rows[:, 1:] = smooth.reshape(n_train, -1)
    file = os.path.join(folder, "train.bin")
    rows.tofile(file)
    pictures = os.path.join(folder, "pictures")
    for i in range(n_files):
        below = os.path.join(pictures, str(i % 10))
        os.makedirs(below, exist_ok=True)
        Image.fromarray(smooth[i % n_train].transpose(1, 2, 0).astype(np.uint8)).save(f"{below}/{i:05d}.png")
    return file, pictures


def comparisons(cli, folder):
    file, pictures = make_pictures(folder, 4096, 10000)

    def other(*arguments):
        command = ["/usr/bin/python3", HERE, "--worker", *map(str, arguments)]
        return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    return {
        "train": ("conv4, 32x32x3, batch 256, views included, pairs/s",
                  lambda: kindred_train(cli, file, 256), lambda: other("train", file, 256)),
        "alone": ("conv4 without views, batch 256, pairs/s; PyTorch's best batch and format",
                  lambda: kindred_bench(cli, "step without views"), lambda: other("alone", "conv4", "64+128+256")),
        "resnet18": ("resnet18 without views, batch 32, pairs/s",
                     lambda: kindred_bench(cli, "step without views", "--encoder", "resnet18", "--batch", 32, *SHAPE),
                     lambda: other("alone", "resnet18", "32")),
        "views": ("SimCLR's policy at 32 px, one thread, views/s",
                  lambda: kindred_bench(cli, "preset: simclr", *SHAPE), lambda: other("views")),
        "load": ("10,000 PNG files of 32 px, images/s; Pillow on one thread",
                 lambda: kindred_bench(cli, "load", "--dataset", pictures, "--limit", 10000, "--batch", 64),
                 lambda: other("load", pictures)),
    }


def compare(title, ours, theirs, rounds):
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    ratios = sorted(a / b for a, b in pairs)
    print(f"{title}\n    {statistics.median(a for a, _ in pairs):.6g} against "
          f"{statistics.median(b for _, b in pairs):.6g}: {statistics.median(ratios):.2f} "
          f"({ratios[0]:.2f} to {ratios[-1]:.2f})", flush=True)


def growth(cli, rounds):
    """Seconds of an epoch for each image, as the set grows."""
    print("epoch time, drawn shapes of 32 px, microseconds an image")
    times = {}
    for _ in range(rounds):
        for n in (2000, 10000, 30000, 60000):
            epochs = max(1, 30000 // n)
            rows = kindred(cli, "train", "--dataset", "shapes", "--limit", n, "--set", "holdout=0", "--set",
                           "eval_images=100", "--batch", 250, "--epochs", epochs)
            times.setdefault(n, []).append(1e6 * rows[-1]["seconds"] / (n * epochs))
    for n, seconds in times.items():
        print(f"    {n:6d}: {statistics.median(seconds):.1f}", flush=True)


def threads(cli):
    """Both in one process, in turn: the machine's mood is the same for both."""
    rates = {r["name"]: r["median"] for r in kindred(cli, "bench", "--rounds", 15) if r["event"] == "bench"}
    print(f"conv4, views included, all threads beside one: {rates['step']:.0f} against {rates['step, 1 thread']:.0f} "
          f"pairs/s: {rates['step'] / rates['step, 1 thread']:.2f}", flush=True)


def opening(cli):
    start = time.time()
    kindred(cli, "augment", "--dataset", "fashion-mnist", "--image", 0)
    print(f"Fashion-MNIST opened from its gz files and one image augmented: {time.time() - start:.2f} s", flush=True)


def main():
    if len(sys.argv) > 2 and sys.argv[1] == "--worker":
        print(globals()["worker_" + sys.argv[2]](*sys.argv[3:]))
        return 0
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cli")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    probe = "import torch, torchvision, PIL, numpy"
    if subprocess.run(["/usr/bin/python3", "-c", probe], stderr=subprocess.DEVNULL).returncode != 0:
        print("skipped: python3-torch, python3-torchvision and python3-pil are not installed")
        return 77
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    only = arguments.only.split(",") if arguments.only else []
    with tempfile.TemporaryDirectory() as folder:
        table = comparisons(arguments.cli, folder)
        for name, row in table.items():
            if not only or name in only:
                compare(*row, arguments.rounds)
    if not only or "growth" in only:
        growth(arguments.cli, arguments.rounds)
    if not only or "threads" in only:
        threads(arguments.cli)
    if not only or "opening" in only:
        opening(arguments.cli)
    return 0


sys.exit(main())
