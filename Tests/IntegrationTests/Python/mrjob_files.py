"""An mrjob script with files in all the ways in which one may have them."""
from mrjob.job import MRJob


class Weighed(MRJob):
    FILES = ["mrjob_stop.txt"]

    def configure_args(self):
        super().configure_args()
        self.add_file_arg("--weights")

    def mapper_init(self):
        with open("mrjob_stop.txt") as file:
            self.stop = set(file.read().split())
        with open(self.options.weights) as file:
            self.weights = dict(line.split() for line in file)
        with open("other.name") as file:
            self.added = int(file.read())
        with open("tables/inner/factor") as file:
            self.factor = int(file.read())

    def mapper(self, _, line):
        for word in line.split():
            if word not in self.stop:
                yield word, int(self.weights.get(word, 1)) * self.factor + self.added

    def reducer(self, word, weights):
        yield word, sum(weights)


if __name__ == "__main__":
    Weighed.run()
