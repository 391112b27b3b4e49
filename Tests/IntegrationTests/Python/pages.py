"""What the applications of Examples/PageWorker must write into one part: pages.py APPLICATION OPTION FILE..."""

import collections
import re
import sys

application, option, *names = sys.argv[1:]
requests, others = collections.defaultdict(list), 0
for name in names:
    with open(name, "rb") as file:
        text = file.read()
    if application == "file-sizes":
        requests[name.encode()] = [b"%d\t%d" % (len(text), text.count(b"\n"))]
        continue
    for line in text.removesuffix(b"\n").split(b"\n") if text else []:
        page, tab, number = line.partition(b"\t")
        if tab and re.fullmatch(rb"[+-]?[0-9]+", number) and 0 <= int(number) < 1 << 32:
            requests[page].append(int(number))
        else:
            others += 1

results = {
    "page-hits": lambda times: [len(times)],
    "section-hits": lambda times: [len(times)],
    "slowest-request": lambda times: [max(times)],
    "slow-requests": lambda times: [n for n in [sum(time >= int(option or 1000) for time in times)] if n],
    "slowest-first": lambda times: sorted(times, reverse=True)[:int(option or 3)],
    "page-names": lambda times: [b""],
    "file-sizes": lambda sizes: sizes,
}
for page in sorted(requests):
    for result in results[application](requests[page]):
        tail = b"" if application == "page-names" else b"\t" + (result if isinstance(result, bytes) else b"%d" % result)
        sys.stdout.buffer.write(page + tail + b"\n")
print(others, file=sys.stderr)
