"""Certificates that authorities should not be believed for, and keys that decide where nobody vouches."""

import ssl

import wire
from between import MiddleMan
from catalogue import expect, fault
from certificates import Authority, pin, self_signed
from child import until
from cluster import PROGRAMS

KINDS = {
    "expired": (dict(begin=-10, end=-2), "expired on"),
    "early": (dict(begin=2, end=10), "not valid before"),
    "elsewhere": (dict(names="DNS:head.example.org,IP:198.51.100.7"), "other names"),
    "self-made": (None, "no trusted authority"),
    "wildcard": (dict(names="DNS:*"), "other names"),
}


def files(folder, name):
    """A fresh folder for certificates beside what the trial looks through for changes."""
    place = folder / "state" / name
    place.mkdir()
    return place


@fault("H16", "certificates that are expired, not valid yet, for others, or vouched for by nobody", short=True)
def doubtful(trial):
    kinds = dict(trial.random.sample(sorted(KINDS.items()), 2)) if trial.is_short else KINDS
    for kind, (wanted, reason) in kinds.items():
        cluster = trial.cluster(lines=0)
        place = files(cluster.folder, "made")
        authority = Authority(place)
        certificate, key = authority.sign(kind, **wanted) if wanted else self_signed(place, kind)
        target = trial.target(tls=True, worker=False, options=("--tls-cert", str(certificate), "--tls-key", str(key)))
        line = f"mr1.ca.{target.secret}@127.0.0.1:{target.port:d}"
        doubter = target.join("doubter", line, ["--tls-ca", str(authority.certificate)])
        code = doubter.wait(20)
        expect(code == 1, f"{kind}: the worker ended with {code}: {doubter.log[-500:]}")
        trial.expect_told(doubter, "certificate", reason)
        expect(target.pin == pin(certificate), f"{kind}: the pin is {target.pin}")
        # Where there is a pin nobody asks for dates and names.
        believer = target.join("believer", target.join_line())
        believer.wait_for("joined")
        # Who does not like the names in it finds out when all else is done.
        target.finish(says=[] if reason == "other names" else ["no TLS with a client"])
    trial.say(f"{', '.join(kinds)}")


@fault("H16c", "a server in the middle whose certificate a trusted authority has signed, for other names", short=True)
def misplaced(trial):
    target = trial.target(tls=True)
    authority = Authority(files(target.cluster.folder, "made"))
    certificate, key = authority.sign("elsewhere", **KINDS["elsewhere"][0])
    man = MiddleMan(certificate, key)
    trial.at_end(man.close)
    line = f"mr1.ca.{target.secret}@127.0.0.1:{man.port}"
    worker = target.join("led", line, ["--tls-ca", str(authority.certificate)])
    code = worker.wait(20)
    expect(code == 1 and "other names" in worker.log, f"the worker ended with {code}: {worker.log[-500:]}")
    expect(man.count >= 1 and not man.received, f"the man in the middle was told {bytes(man.received[:200])!r}")
    target.finish()


@fault("H16a", "a certificate that an authority vouches for, one of another authority, and none, on both sides")
def both_sides(trial):
    cluster = trial.cluster(lines=0)
    place = files(cluster.folder, "made")
    authority, other = Authority(place), Authority(place, "other")
    certificate, key = authority.sign("head")
    mine, its = authority.sign("worker"), other.sign("worker")
    trust = ssl.create_default_context(cafile=authority.certificate)
    trust.load_cert_chain(*mine)
    options = ("--tls-cert", str(certificate), "--tls-key", str(key), "--tls-client-ca", str(authority.certificate))
    target = trial.target(tls=True, worker=False, options=options, trust=trust)
    for name, shown, reason in (("bare", None, "asks for a certificate"), ("foreign", its, "does not accept the certificate")):
        words = ["--tls-cert", str(shown[0]), "--tls-key", str(shown[1])] if shown else []
        worker = target.join(name, target.join_line(), words)
        until(f"{name} to be told why", lambda: reason in worker.log, 20)
        expect("joined" not in worker.log, f"{name} has joined")
        worker.kill()
        context = wire.careless()
        if shown:
            context.load_cert_chain(*shown)
        answer = b""
        try:
            answer = wire.exchange(wire.Door(target.port, context), wire.post(target.token, wire.call(b"job.status")))
        except ssl.SSLError:
            pass  # As it should be.
        expect(not answer, f"{name} was answered {answer[:200]!r}")
    words = ["--tls-cert", str(mine[0]), "--tls-key", str(mine[1])]
    stranger = target.join("stranger", f"mr1.ca.{target.secret}@127.0.0.1:{target.port:d}", [*words, "--tls-ca", str(other.certificate)])
    code = stranger.wait(20)
    expect(code == 1 and "no trusted authority" in stranger.log, f"it ended with {code}: {stranger.log[-500:]}")
    right = f"mr1.ca.{target.secret}@127.0.0.1:{target.port:d}"
    target.join("good", right, [*words, "--tls-ca", str(authority.certificate)]).wait_for("joined")
    target.finish(says=["no TLS with a client"])


@fault("H16b", "certificates and keys that don't belong together, are missing, or are none", short=True)
def mismatched(trial):
    cluster = trial.cluster()
    place = files(cluster.folder, "made")
    (mine, my_key), (other, other_key) = self_signed(place, "mine"), self_signed(place, "other")
    nothing = place / "nothing"
    nothing.write_text("none\n")
    wrong = {
        "mismatched": (mine, other_key, "does not belong to the certificate"),
        "swapped": (my_key, mine, "no certificate"),
        "missing": (mine, place / "missing", "can't be read"),
        "empty": (nothing, my_key, "no certificate"),
        "keyless": (mine, nothing, "no private key"),
    }
    for name, (certificate, key, text) in wrong.items():
        child = cluster.start(name, [
            str(PROGRAMS / "mr-master"), "--listen", ":0", "--output", "elsewhere", "--tls-cert", str(certificate),
            "--tls-key", str(key), *cluster.inputs])
        code = child.wait(20)
        expect(code == 64, f"{name} ended with {code}: {child.log[-500:]}")
        trial.expect_told(child, text)
        expect("PRIVATE KEY-----\nM" not in child.log, f"{name} printed a key")
