"""Faults of the catalogue that nothing is promised under yet, and those that are tried elsewhere."""

NOT_PROMISED_YET = {
    "N6": "a slow line of 1 Mbit/s: nothing but loopback addresses is served",
}

TRIED_ELSEWHERE = {
    "N9": "messages in another order: by make simulate, from seeds",
}
