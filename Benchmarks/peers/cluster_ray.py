"""Ray on this machine with two processors, for remote functions that import the modules beside this file."""
import contextlib
import os

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # must be there before ray is imported
import ray


@contextlib.contextmanager
def cluster():
    path = {"env_vars": {"PYTHONPATH": os.path.dirname(os.path.abspath(__file__))}}
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR", runtime_env=path)
    ready = ray.remote(lambda: None)
    ray.get([ready.remote(), ready.remote()])  # the workers are there when these are answered
    try:
        yield ray
    finally:
        ray.shutdown()
