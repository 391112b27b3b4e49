"""Makes `-r mr` known to mrjob, in every Python that has this folder on its PYTHONPATH. Nothing is imported before mrjob itself is."""
import importlib.abc
import importlib.util
import sys


def add_alias(options):
    options._RUNNER_ALIASES.add("mr")


def add_class(runner):
    others = runner._runner_class

    def runner_class(alias):
        if alias != "mr":
            return others(alias)
        import mr_mrjob
        return mr_mrjob.MasterJobRunner

    runner._runner_class = runner_class


class AfterImport(importlib.abc.MetaPathFinder):
    """Changes two modules of mrjob as soon as they are there."""
    changes = {"mrjob.options": add_alias, "mrjob.runner": add_class}

    def find_spec(self, name, path, target=None):
        if name not in self.changes:
            return None
        change = self.changes.pop(name)
        spec = importlib.util.find_spec(name)
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            change(module)

        spec.loader.exec_module = exec_module
        return spec


sys.meta_path.insert(0, AfterImport())
