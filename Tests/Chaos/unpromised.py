"""Faults of the catalogue that nothing is promised under yet, and those that are tried elsewhere."""

NOT_PROMISED_YET = {}

TRIED_ELSEWHERE = {
    "N9": "messages in another order: by make simulate, from seeds",
}
