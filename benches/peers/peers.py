#!/usr/bin/env python3
"""The same questions to Custodia, notmuch and mu, on the same messages, in one run.

    python3 benches/peers/peers.py ARCHIVE [--custodia BIN] [--runs N] [--work DIR]

Makes a Maildir of hard links to every file of the archive's vault, lets notmuch and mu index it (a tool that is not
installed is left out), and asks each question of each tool in turn, N times, in a fresh process each, on a warm cache.
Prints a table in Markdown: medians in milliseconds, and the counts that each tool gives. The tools do not mean quite
the same by a question: notmuch and mu look into headers too and stem words, mu has no NEAR and no count of its own,
and neither prints a part of the text with a hit, nor who holds it.
"""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

# Name; Custodia's KQL; notmuch; mu (None: it cannot be asked).
QUESTIONS = [
    ("rare word", "3718", "3718", "3718"),
    ("common word", "on", "on", "on"),
    ("AND", "on AND friday", "on and friday", "on and friday"),
    ("phrase", '"on friday"', '"on friday"', '"on friday"'),
    ("prefix", "transf*", "transf*", "transf*"),
    (
        "sender and dates",
        "from:447700900101 sent:2025-06-01..2025-07-31",
        "from:447700900101 date:2025-06-01..2025-07-31",
        "from:447700900101 date:20250601..20250731",
    ),
    ("NEAR(5)", "on NEAR(5) friday", "on NEAR/6 friday", None),
]


def ask(command, env):
    """Runs a command; how long it took in milliseconds, and what it printed."""
    begun = time.perf_counter()
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return (time.perf_counter() - begun) * 1000, done.stdout


class Custodia:
    name = "Custodia"

    def __init__(self, binary, archive):
        self.base = [binary, "-A", str(archive), "search"]

    def first(self, question):
        return self.base + [question[1], "--limit", "20"]

    def count(self, question):
        return self.base + [question[1], "--count"]


class Notmuch:
    name = "notmuch"

    def __init__(self, work, maildir):
        config = work / "notmuch-config"
        config.write_text(f"[database]\npath={maildir}\nmail_root={maildir}\n[new]\ntags=\n[search]\nexclude_tags=\n")
        self.base = ["notmuch", f"--config={config}"]
        subprocess.run(self.base + ["new", "--quiet"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def first(self, question):
        return self.base + ["search", "--output=summary", "--limit=20", "--sort=newest-first", question[2]]

    def count(self, question):
        return self.base + ["count", "--output=messages", question[2]]


class Mu:
    name = "mu"

    def __init__(self, work, maildir):
        self.home = ["--muhome", str(work / "mu")]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(["mu", "init", *self.home, "--maildir", str(maildir)], check=True, **quiet)
        subprocess.run(["mu", "index", *self.home, "--quiet"], check=True, **quiet)

    def first(self, question):
        if question[3] is None:
            return None
        return ["mu", "find", *self.home, "--maxnum", "20", "--sortfield=date", "--reverse", question[3]]

    def count(self, _question):
        return None


def links(archive, maildir):
    """One Maildir with every message once."""
    for folder in ("cur", "new", "tmp"):
        (maildir / folder).mkdir(parents=True)
    for file in (archive / "vault").glob("*/*.eml"):
        os.link(file, maildir / "cur" / f"{file.stem[:32]}:2,S")


def table(title, tools, question_rows):
    print(f"\n| {title} | " + " | ".join(tool.name for tool in tools) + " |")
    print("|---|" + "---|" * len(tools))
    for row in question_rows:
        print("| " + " | ".join(row) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=pathlib.Path)
    parser.add_argument("--custodia", default="target/release/custodia")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--work", type=pathlib.Path, help="where to put the other tools' indexes; the archive's file system")
    args = parser.parse_args()
    archive = args.archive.resolve()
    work = pathlib.Path(tempfile.mkdtemp(prefix="peers-", dir=args.work or archive.parent))
    env = {"HOME": str(work), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    try:
        links(archive, work / "mail")
        tools = [Custodia(os.path.abspath(args.custodia), archive)]
        tools += [tool(work, work / "mail") for tool in (Notmuch, Mu) if shutil.which(tool.__name__.lower())]
        firsts, counts = [], []
        for question in QUESTIONS:
            times = {(tool.name, kind): [] for tool in tools for kind in ("first", "count")}
            said = {}
            for _ in range(args.runs):
                for tool in tools:
                    for kind in ("first", "count"):
                        command = getattr(tool, kind)(question)
                        if command is not None:
                            took, out = ask(command, env)
                            times[tool.name, kind].append(took)
                            said[tool.name, kind] = out.decode(errors="replace").strip()

            def cell(tool, kind):
                taken = times[tool.name, kind]
                return f"{statistics.median(taken):.1f}" if taken else "–"

            def counted(tool):
                number = said.get((tool.name, "count"))
                return f"{cell(tool, 'count')} ({number})" if number else "–"

            firsts.append([question[0]] + [cell(tool, "first") for tool in tools])
            counts.append([question[0]] + [counted(tool) for tool in tools])
        table("first 20, ms", tools, firsts)
        table("count, ms (messages)", tools, counts)
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
