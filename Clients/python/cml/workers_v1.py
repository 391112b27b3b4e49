"""The functions of cdsw under the name that CML has for them: launch_workers, list_workers, stop_workers, await_workers."""
from cdsw import (
    Message, await_workers, launch_workers, list_workers, receive_message, send_message, stop_workers)

__all__ = [
    "launch_workers", "list_workers", "stop_workers", "await_workers", "send_message", "receive_message", "Message"]
