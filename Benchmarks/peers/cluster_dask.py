"""A Dask cluster on this machine: two worker processes of one thread."""
import contextlib
import logging

from dask.distributed import Client, LocalCluster


@contextlib.contextmanager
def cluster():
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=logging.CRITICAL) as workers:
        with Client(workers) as client:
            client.submit(len, ()).result()  # the workers are there when this is answered
            yield client
