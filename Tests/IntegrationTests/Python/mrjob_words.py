"""An mrjob script as anybody would write it: it knows nothing of this project."""
from mrjob.job import MRJob


class Words(MRJob):
    def mapper(self, _, line):
        self.increment_counter("lines", "all")
        for word in line.split():
            yield word, 1

    def combiner(self, word, counts):
        yield word, sum(counts)

    def reducer(self, word, counts):
        self.increment_counter("words", "different, all parts")
        self.set_status("at " + word)
        yield word, sum(counts)


if __name__ == "__main__":
    Words.run()
