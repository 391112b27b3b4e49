"""One fault being tried: a cluster of its own, and the usual ways to run a job to its end."""

import random

import invariants
import reference
from catalogue import Failed, expect
from cluster import Cluster

REDUCES = 2


class Trial:
    """What a fault's body gets."""

    def __init__(self, seed, is_short, say):
        self.seed, self.is_short, self.say = seed, is_short, say
        self.random = random.Random(seed)
        self.clusters = []
        self.after = []

    def cluster(self, lines=240, words=120):
        """A new cluster with one input file."""
        cluster = Cluster(self.random)
        self.clusters.append(cluster)
        if lines:
            cluster.add_text(lines, words)
        return cluster

    def at_end(self, action):
        """Undoes something (a mount, a rule) when the trial is over, whatever its end, the last first."""
        self.after.append(action)

    def counts(self, cluster, reduces=REDUCES):
        """The parts that a word count must give."""
        return reference.word_counts(cluster.texts, reduces)

    def finish(self, cluster, code=0, seconds=40, scratch_is_clean=True, parts=None):
        """Waits for the master, then checks everything."""
        found = cluster.master_child.wait(seconds)
        if found != code:
            raise Failed(f"exit code {found}, not {code}: {cluster.master_child.log[-800:]}")
        cluster.dismiss_strangers()
        invariants.check(cluster, self.counts(cluster) if parts is None else parts, code, scratch_is_clean)

    def restart_until_done(self, cluster, options, seconds=40, starts_max=6):
        """The same command line until it ends with 0; nothing kills it any more."""
        for _ in range(starts_max):
            code = cluster.master(*options).wait(seconds)
            if code == 0:
                return
        raise Failed(f"the same command line ended with {code}: {cluster.master_child.log[-800:]}")

    def expect_told(self, child, *texts):
        """The process must have named each of them on standard error."""
        for text in texts:
            expect(text in child.log, f"{child.name} did not say '{text}' but: {child.log[-800:]}")

    def close(self, keeps):
        """Ends everything. keeps: whether the folders stay for a look at them."""
        for cluster in self.clusters:
            cluster.end()
        for action in reversed(self.after):
            action()
        for cluster in self.clusters:
            if not keeps:
                cluster.remove()
