"""Tickets for other partitions, fetchers, holders and times at a worker's data port."""

import base64

import tickets
import wire
from attack_trial import fault_both_ways
from catalogue import expect
from child import until
from evil_worker import EvilWorker


def fetch(target, ticket, path=b"/intermediate/1-map-0-1/0"):
    """The status that a fetcher is answered with."""
    answer = wire.exchange(target.data_port, wire.request(b"GET", path, ticket))
    return wire.status(answer), answer.partition(b"\r\n\r\n")[2]


def spoiled(ticket):
    """Like the ticket, and not it."""
    reduce, fetcher, ends, code = ticket.split(".")
    yield from (f"{reduce}.{fetcher}.{int(ends) + 1}.{code}", f"{reduce}.{int(fetcher) + 1}.{ends}.{code}")
    yield from (f"1-reduce-1-1.{fetcher}.{ends}.{code}", f"{reduce}.0{fetcher}.{ends}.{code}", f"{reduce}.+{fetcher}.{ends}.{code}")
    yield from (f"{reduce}.{fetcher}.{ends}.{code[:-1]}", f"{reduce}.{fetcher}.{ends}.{code}A", f"{reduce}.{fetcher}.{ends}.")
    yield from (f"{reduce}.{fetcher}.{ends}", f"{ticket}.{code}", f".{ticket}", f"1-map-0-1.{fetcher}.{ends}.{code}")
    yield from ("A" * 52, "." * 3, f"{reduce}.{fetcher}.{'9' * 30}.{code}", f"{reduce}.{fetcher}.{ends}.{'A' * 60_000}")
    yield from (f"{reduce}.{fetcher}.-1.{code}", f"{reduce}.{fetcher}.{ends}.{'A' * 52}")


@fault_both_ways("H12a", "tickets that are for others, forged or over, and other secrets, at a worker's data port", short=False, short_over_tls=True)
def false_tickets(trial):
    target = trial.target(lines=400)
    good = target.number("good")
    target.cluster.hold("before-reduce")
    target.cluster.let_go("before-map-0")
    target.cluster.until_event("before", "reduce")
    evil = EvilWorker(target.port, target.secret, name="evil")
    answer = evil.register()
    right = target.ticket(reduce="1-reduce-0-1", fetcher=evil.number)
    status, partition = fetch(target, right)
    expect(status == 200 and partition, f"the right ticket is answered {status}")
    key = tickets.ticket_key(target.session_key, good)
    other_key = tickets.ticket_key(target.session_key, evil.number)
    expect(answer["ticket_key"].data == other_key, "ticket keys are made otherwise than this says")
    refused = {
        "over": tickets.ticket(key, ends_in=-5), "of another holder": tickets.ticket(other_key), "of no key": tickets.ticket(bytes(32)),
        "the session": evil.session, "the holder's session": target.session("good"), "the join secret": target.secret,
        "the owner's token": target.token, "the ticket key": base64.b32encode(other_key).decode(), "of another job": target.ticket(reduce="2-reduce-0-1"),
    } | {text[:80]: text for text in spoiled(right)}
    answers = wire.at_once(fetch, ((target, text) for text in refused.values()))
    for name, (status, body) in zip(refused, answers):
        expect(status in (0, 401, 403, 429, 431) and partition not in body, f"{name} is answered {status} {body[:100]!r}")
    for path in (b"/intermediate/1-map-0-1/1", b"/intermediate/2-map-0-1/0", b"/intermediate/1-map-1-1/1"):
        status, body = fetch(target, right, path)
        expect(status == 403, f"the ticket of partition 0 at {path.decode()} is answered {status} {body[:100]!r}")
    # What others guess keeps nobody out who has a ticket.
    status, body = fetch(target, right)
    expect(status == 200 and body == partition, f"the right ticket is answered {status} after that")
    target.cluster.hold("before-map-0")
    check_hand_out(target, evil)
    target.cluster.let_go("before-reduce")
    target.finish(says=[])


def check_hand_out(target, evil):
    """What a reduce attempt is given opens its own partition for itself, and none of the others."""
    given = until("the other worker to get a reduce task", lambda: evil.poll(capacity=1)["assignments"], 20)
    attempt, sources = given[0]["attempt"], given[0]["sources"]
    partition = int(attempt.split("-")[2])
    for source in sources:
        expect(source["name"] == "good" and source["ticket"].startswith(f"{attempt}.{evil.number}."), f"{source}")
        status, _ = fetch(target, source["ticket"], b"/intermediate/1-map-0-1/%d" % partition)
        expect(status == 200, f"the ticket that was given is answered {status}")
        status, _ = fetch(target, source["ticket"], b"/intermediate/1-map-0-1/%d" % (1 - partition))
        expect(status == 403, f"for another partition it is answered {status}")
        expect(not target.tls or len(source["pin"]) == 32, f"no pin: {source}")
    evil.poll(reports=[{"attempt": attempt, "outcome": "handed_back"}])
    evil.leave()
